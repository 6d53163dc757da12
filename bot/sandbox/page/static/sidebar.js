/** The left columns: the people, and the conversations of the selected person. */

import { avatar, button, el, keep } from "./dom.js";
import { languageSwitch } from "./language.js";

/** Draw the people who can be selected, with the numbers of their unread direct messages. */
export function drawPeople(page) {
  const { screen, t } = page;
  const nav = document.getElementById("people");
  const players = screen.people.filter((one) => !one.is_bot && !one.deleted);
  nav.setAttribute("aria-label", t("i_am"));
  keep(nav, [
    ["head", page.language, () => el("h2", {}, t("i_am"))],
    ...players.map((person) => [person.id, [person, person.id === screen.me.id, page.language], () => entryOf(page, person)]),
    ["language", page.language, () => languageSwitch(page)],
  ]);
}

function entryOf(page, person) {
  const { screen, t } = page;
  const title = titleOf(person, page.language);
  return button([
    avatar(person),
    el("span", { class: "who" }, person.shown, el("small", {}, title)),
    badge(person.unread, t(person.unread === 1 ? "told_one" : "told", { n: person.unread })),
  ], () => page.go({ user: person.id }), {
    class: "person",
    "data-key": person.id,
    "aria-current": person.id === screen.me.id ? "true" : false,
    title: `${person.shown} – ${title}\n${person.tz}, ${person.locale}`,
  });
}

function badge(count, label) {
  return count ? el("span", { class: "badge", role: "img", "aria-label": label, title: label }, String(count)) : null;
}

/** Return a person's title in one language. Titles are written in both, English first. */
function titleOf(person, language) {
  const [english, chinese] = person.title.split(" · ");
  return language === "en" ? english : chinese ?? english;
}

/** Draw the channels and direct conversations, with the numbers of unread messages. */
export function drawSidebar(page) {
  const { screen, t } = page;
  const nav = document.getElementById("sidebar");
  const direct = screen.channels.filter((one) => one.kind === "im" || one.kind === "mpim");
  const rooms = screen.channels.filter((one) => !direct.includes(one));
  nav.setAttribute("aria-label", t("channels"));
  const heading = (key) => [key, page.language, () => el("h2", {}, t(key))];
  const entries = (channels) => channels.map((one) =>
    [one.id, [one, screen.me, one.id === page.channel, page.language], () => entry(page, one)]);
  keep(nav, [
    ["head", [screen.me, page.language], () => el("h1", {}, t("workspace"), el("small", {}, screen.me.shown))],
    heading("channels"), ...entries(rooms),
    heading("direct"), ...entries(direct),
  ]);
}

/** Return the name of a conversation: the channel's, or those of the other members. */
export function nameOf(page, channel) {
  if (channel.name) return `#${channel.name}`;
  const { screen } = page;
  const others = channel.members.filter((id) => id !== screen.me.id);
  return others.map((id) => screen.people.find((one) => one.id === id)?.shown ?? id).join(", ");
}

function entry(page, channel) {
  const { t } = page;
  const shared = channel.shared ? el("small", { title: t("shared") }, "⇄") : null;
  return button([el("span", {}, nameOf(page, channel)), shared, badge(channel.unread, t("unread", { n: channel.unread }))],
    () => page.go({ channel: channel.id }, () => page.write()),
    {
      class: channel.unread ? "place unread" : "place",
      "data-key": channel.id,
      "data-channel": channel.id,
      "aria-current": channel.id === page.channel ? "page" : false,
    });
}
