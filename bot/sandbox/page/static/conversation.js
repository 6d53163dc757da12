/** The middle column: the messages of one conversation with its composer, and the open thread beside them. */

import { renderBlocks, renderMessageBody } from "./blocks.js";
import { composer } from "./composer.js";
import { clockTime, dayLabel, toZoned } from "./dates.js";
import { avatar, button, el, keep, onTabKey } from "./dom.js";
import { menuButton } from "./menu.js";
import { nameOf } from "./sidebar.js";

const DISMISSED = "faultdesk-dismissed";
/** What the two parts of the page show: the place, and the element that lists its messages. */
const shown = { main: null, thread: null };
const dismissed = new Set(JSON.parse(sessionStorage.getItem(DISMISSED) ?? "[]"));

/** Draw the conversation, or the App Home. */
export function drawConversation(page) {
  const main = document.getElementById("main");
  const home = page.tab === "home";
  const place = `${page.user} ${page.channel} ${page.tab} ${page.language}`;
  if (shown.main?.place !== place) {
    shown.main = { place, list: home ? el("div", { class: "home", role: "tabpanel" }) : list(page) };
    main.replaceChildren(head(page), ...(home ? [shown.main.list] : [skip(page), shown.main.list, composer(page, {})]));
  }
  if (home) return drawHome(page, shown.main.list);
  const roots = page.screen.messages.filter((one) => !one.thread_ts || one.thread_ts === one.ts);
  return fill(page, shown.main, roots.filter((one) => !dismissed.has(one.ts)), true);
}

/** Draw the open thread, or hide its column. */
export function drawThread(page) {
  const aside = document.getElementById("thread");
  aside.hidden = !page.thread;
  document.body.classList.toggle("thread-open", Boolean(page.thread));
  if (!page.thread) {
    shown.thread = null;
    return aside.replaceChildren();
  }
  const place = `${page.user} ${page.channel} ${page.thread}`;
  if (shown.thread?.place !== place) {
    shown.thread = { place, list: list(page) };
    aside.setAttribute("aria-label", page.t("thread"));
    aside.onkeydown = (event) => { if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) closeThread(page); };
    aside.replaceChildren(el("header", {}, el("h2", {}, page.t("thread")),
      button("✕", () => closeThread(page), { class: "icon", "aria-label": page.t("close") })),
    shown.thread.list, composer(page, { thread: page.thread }));
  }
  const told = page.screen.messages.filter((one) => [one.ts, one.thread_ts].includes(page.thread));
  return fill(page, shown.thread, told, false);
}

/** Scroll to a message, to its beginning if it is taller than the list. */
export function showMessage(ts) {
  const item = shown.main?.list.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  const fits = item && item.offsetHeight < shown.main.list.clientHeight;
  item?.scrollIntoView({ block: fits ? "nearest" : "start" });
}

function openThread(page, ts) {
  return page.go({ thread: ts }, () => page.write("#thread"));
}

function closeThread(page) {
  const opener = `#main [data-ts="${CSS.escape(page.thread)}"] .replies`;
  return page.go({ thread: null }, () => document.querySelector(opener)?.focus());
}

function head(page) {
  const channel = page.screen.channels.find((one) => one.id === page.channel);
  const menu = button("☰", () => document.body.classList.toggle("menu-open"), {
    class: "icon menu", "aria-label": page.t("menu"),
  });
  const tabs = channel.kind === "im" && page.screen.home_enabled ? el("div", { class: "tabs", role: "tablist", onkeydown: onTabKey }, ["home", "messages"].map((tab) =>
    button(page.t(tab), () => openTab(page, tab), {
      role: "tab", "data-key": `show-${tab}`, "aria-selected": String(page.tab === tab), tabindex: page.tab === tab ? "0" : "-1",
    }))) : null;
  return el("header", {}, menu, el("h2", {}, nameOf(page, channel)), tabs);
}

async function openTab(page, tab) {
  if (tab === "home") await page.act("home", {});
  await page.go({ tab });
}

function drawHome(page, parent) {
  const view = page.screen.home;
  const blocks = () => el("div", {}, renderBlocks(view.blocks, page.ctx({ view: view.id }, view)));
  const empty = () => el("p", { class: "empty" }, page.t("home_empty"));
  keep(parent, [["home", [view, momentOf(page, view)], view ? blocks : empty]]);
}

/** Return a button for keyboard users that skips the messages and focuses the composer. */
function skip(page) {
  return button(page.t("skip"), () => document.querySelector("#main .composer textarea").focus(), { class: "skip" });
}

function list(page) {
  return el("ol", { class: "messages", "aria-live": "polite", "aria-label": page.t("messages"), tabindex: "0" });
}

/** Draw the messages. The list scrolls to the end at first, if its end was visible, and for the person's new message. */
function fill(page, { list }, messages, withReplies) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const items = [];
  let day = null;
  for (const message of messages) {
    const label = dayLabel(dateOf(message), page.own());
    if (label !== day) items.push([`day ${label}`, label, () => el("li", { class: "day" }, label)]);
    day = label;
    if (message.ts === page.newFrom) items.push(["new", null, () => el("li", { class: "new" }, page.t("new"))]);
    const replies = withReplies ? page.screen.messages.filter((one) => one.thread_ts === message.ts && one.ts !== message.ts).length : 0;
    items.push([message.ts, [message, replies, page.screen.me.id, momentOf(page, message)], () => item(page, message, replies)]);
  }
  if (!messages.length) items.push(["empty", null, () => welcome(page)]);
  const before = keep(list, items);
  const last = messages.at(-1);
  const mine = last?.user === page.user && !before.has(last.ts);
  if (atEnd || mine || !before.size) list.scrollTop = list.scrollHeight;
}

const dateOf = (message) => new Date(Number(message.ts) * 1000);

/** Return the time on which dates in the content depend: the reader's day, or the minute if it contains `{ago}`. */
function momentOf(page, content) {
  const ctx = page.ctx({});
  return toZoned(ctx.now() / 1000, ctx.me.tz).slice(0, JSON.stringify(content).includes("{ago}") ? 16 : 10);
}

/** Return the text of an empty conversation, which says how to begin. */
function welcome(page) {
  const { screen, t } = page;
  const channel = screen.channels.find((one) => one.id === page.channel);
  const command = screen.commands[0]?.command;
  const lines = channel.kind === "im" || !command ? [t("nothing_here")]
    : [t("welcome_what"), t("welcome_command", { command }), t("welcome_tour")];
  return el("li", { class: "empty" }, lines.map((line) => el("p", {}, line)));
}

function item(page, message, replies) {
  const { t } = page;
  const ctx = page.ctx({ ts: message.ts, channel: message.channel });
  const writer = ctx.people.get(message.user) ?? { id: message.user, shown: message.user };
  const notes = [
    message.bot_id ? el("span", { class: "app" }, t("app")) : null,
    el("time", { datetime: dateOf(message).toISOString() }, clockTime(dateOf(message), page.own())),
    message.edited ? el("small", {}, `(${t("edited")})`) : null,
  ];
  return el("li", { class: message.ephemeral ? "message only-you" : "message", "data-ts": message.ts },
    avatar(writer),
    el("div", { class: "said" },
      message.ephemeral ? el("p", { class: "note" }, t("only_you"), " ", dismissing(page, message)) : null,
      el("p", { class: "writer" }, el("b", {}, writer.shown), notes),
      el("div", { class: "body" }, renderMessageBody(message, ctx)),
      replies ? button(replies === 1 ? t("reply") : t("replies", { n: replies }), () => openThread(page, message.ts), { class: "replies", "data-key": "replies" }) : null),
    message.ephemeral ? null : actions(page, message));
}

function dismissing(page, message) {
  const dismiss = () => {
    dismissed.add(message.ts);
    sessionStorage.setItem(DISMISSED, JSON.stringify([...dismissed]));
    drawConversation(page);
    page.write();
  };
  return button(page.t("dismiss"), dismiss, { class: "link" });
}

/** Return the menu of a message: its thread, and the app's message shortcuts. */
function actions(page, message) {
  const own = page.screen.shortcuts.filter((one) => one.type === "message");
  return menuButton("⋯", () => [
    { label: page.t("thread"), act: () => openThread(page, message.thread_ts ?? message.ts) },
    ...own.map((one) => ({
      label: one.name,
      act: () => page.act("shortcut", { callback_id: one.callback_id, channel: message.channel, ts: message.ts }),
    })),
  ], { class: "more", "aria-label": page.t("more_actions"), "data-key": "more" });
}
