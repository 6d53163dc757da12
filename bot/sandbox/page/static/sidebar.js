/** Left: whose Slack this is, and the conversations of that person. */

import { avatar, button, el, whenChanged } from "./dom.js";
import { unread } from "./read.js";
import { languageOf } from "./words.js";

/** The people one can be, one click each. */
export function drawPeople(page) {
  const { screen, t } = page;
  const players = screen.people.filter((one) => !one.is_bot && !one.deleted);
  const list = () => players.map((person) =>
    el("li", {}, button([
      avatar(person),
      el("span", { class: "who" }, person.shown, el("small", {}, titleOf(person, screen.me))),
    ], () => page.go({ user: person.id }), {
      class: "person",
      "data-key": person.id,
      "aria-current": person.id === screen.me.id ? "true" : false,
      title: `${person.tz}, ${person.locale}`,
    })));
  const nav = document.getElementById("people");
  nav.setAttribute("aria-label", t("i_am"));
  whenChanged(nav, [players, screen.me], () => [el("h2", {}, t("i_am")), el("ul", {}, list())]);
}

/** Titles are written in both languages, English first. */
function titleOf(person, me) {
  const [english, chinese] = person.title.split(" · ");
  return languageOf(me.locale) === "en" ? english : chinese ?? english;
}

/** Channels, direct messages and the app's home, with what is unread. */
export function drawSidebar(page) {
  const { screen, t } = page;
  const nav = document.getElementById("sidebar");
  const direct = screen.channels.filter((one) => one.kind === "im" || one.kind === "mpim");
  const rooms = screen.channels.filter((one) => !direct.includes(one));
  nav.setAttribute("aria-label", t("channels"));
  const shown = screen.channels.map((one) => [one.id, one.name, unread(screen.me.id, one)]);
  whenChanged(nav, [shown, screen.me, page.channel], () => [
    el("h1", {}, t("workspace"), el("small", {}, screen.me.shown)),
    section(t("channels"), rooms.map((one) => entry(page, one, `# ${one.name}`))),
    section(t("direct"), direct.map((one) => entry(page, one, otherOf(page, one)))),
  ]);
}

/** Whom a direct conversation is with. */
export function otherOf(page, channel) {
  const { screen } = page;
  const others = channel.members.filter((id) => id !== screen.me.id);
  return others.map((id) => screen.people.find((one) => one.id === id)?.shown ?? id).join(", ");
}

function section(title, entries) {
  return el("section", {}, el("h2", {}, title), el("ul", {}, entries));
}

function entry(page, channel, name) {
  const { screen, t } = page;
  const count = unread(screen.me.id, channel);
  const badge = count ? el("span", { class: "badge", "aria-label": t("unread", { n: count }) }, String(count)) : null;
  const shared = channel.shared ? el("small", { title: t("shared") }, "⇄") : null;
  return el("li", {}, button([el("span", {}, name), shared, badge], () => page.go({ channel: channel.id }), {
    class: count ? "place unread" : "place",
    "data-key": channel.id,
    "data-channel": channel.id,
    "aria-current": channel.id === page.channel ? "page" : false,
  }));
}
