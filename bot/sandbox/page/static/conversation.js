/** Middle: the messages of one conversation, the thread beside them, and the composer below. */

import { renderBlocks, renderMessageBody } from "./blocks.js";
import { composer } from "./composer.js";
import { clockTime, dayLabel } from "./dates.js";
import { avatar, button, el, refill } from "./dom.js";
import { otherOf } from "./sidebar.js";

const shown = { main: null, thread: null };
const dismissed = new Set();

/** The conversation, or the app's home. */
export function drawConversation(page) {
  const main = document.getElementById("main");
  const place = `${page.user} ${page.channel} ${page.tab} ${document.documentElement.lang}`;
  if (shown.main?.place !== place) {
    shown.main = { place, list: null };
    refill(main, head(page), ...(page.tab === "home" ? [home(page)] : [list(page, shown.main), composer(page, {})]));
  }
  if (page.tab === "home") return void main.querySelector(".home").replaceWith(home(page));
  const roots = page.screen.messages.filter((one) => !one.thread_ts || one.thread_ts === one.ts);
  fill(page, shown.main, roots.filter((one) => !dismissed.has(one.ts)), true);
}

/** The thread that is open, if one is. */
export function drawThread(page) {
  const aside = document.getElementById("thread");
  aside.hidden = !page.thread;
  document.body.classList.toggle("thread-open", Boolean(page.thread));
  if (!page.thread) return void (shown.thread = null);
  const place = `${page.user} ${page.channel} ${page.thread}`;
  if (shown.thread?.place !== place) {
    shown.thread = { place, list: null };
    const top = el("header", {}, el("h2", {}, page.t("thread")), closing(page));
    aside.setAttribute("aria-label", page.t("thread"));
    refill(aside, top, list(page, shown.thread), composer(page, { thread: page.thread }));
  }
  const told = page.screen.messages.filter((one) => [one.ts, one.thread_ts].includes(page.thread));
  fill(page, shown.thread, told, false);
}

function closing(page) {
  return button("✕", () => page.go({ thread: null }), { class: "icon", "aria-label": page.t("close") });
}

function head(page) {
  const channel = page.screen.channels.find((one) => one.id === page.channel);
  const direct = channel.kind === "im";
  const menu = button("☰", () => document.body.classList.toggle("menu-open"), {
    class: "icon menu", "aria-label": page.t("menu"),
  });
  const tabs = direct && page.screen.home_enabled ? el("div", { class: "tabs", role: "tablist" }, ["home", "messages"].map((tab) =>
    button(page.t(tab), () => openTab(page, tab), { role: "tab", "aria-selected": String(page.tab === tab) }))) : null;
  return el("header", {}, menu, el("h2", {}, direct ? otherOf(page, channel) : `# ${channel.name}`), tabs);
}

async function openTab(page, tab) {
  if (tab === "home") await page.act("home", {});
  await page.go({ tab });
}

function home(page) {
  const view = page.screen.home;
  const inside = view ? renderBlocks(view.blocks, page.ctx({ view: view.id }, view)) : el("p", { class: "empty" }, page.t("home_empty"));
  return el("div", { class: "home", role: "tabpanel" }, inside);
}

function list(page, on) {
  on.list = el("ol", { class: "messages", "aria-live": "polite", "aria-label": page.t("messages"), tabindex: "0" });
  on.kept = new Map();
  return on.list;
}

/** Draw the messages; one that did not change keeps its element, and with it focus and open menus. */
function fill(page, on, messages, withReplies) {
  const atEnd = on.list.scrollHeight - on.list.scrollTop - on.list.clientHeight < 80;
  const kept = new Map();
  const before = [...on.kept.keys()].at(-1);
  let day = null;
  const items = [];
  for (const message of messages) {
    const date = new Date(Number(message.ts) * 1000);
    const label = dayLabel(date, page.ctx({}));
    if (label !== day) items.push(kept.get(`day ${label}`) ?? keep(kept, `day ${label}`, label, on, () => el("li", { class: "day" }, label)));
    day = label;
    const replies = withReplies ? page.screen.messages.filter((one) => one.thread_ts === message.ts && one.ts !== message.ts) : [];
    const looks = JSON.stringify([message, replies.length, page.screen.me]);
    items.push(keep(kept, message.ts, looks, on, () => item(page, message, replies.length)));
  }
  if (!messages.length) items.push(el("li", { class: "empty" }, page.t("nothing_here")));
  place(on.list, items);
  on.kept = kept;
  if (atEnd || before === undefined) on.list.scrollTop = on.list.scrollHeight;
}

/** Put the items into the list, moving none that is where it belongs. */
function place(parent, items) {
  items.forEach((child, at) => parent.children[at] === child || parent.insertBefore(child, parent.children[at] ?? null));
  while (parent.children.length > items.length) parent.lastElementChild.remove();
}

function keep(kept, key, looks, on, make) {
  const old = on.kept.get(key);
  const now = old?.looks === looks ? old : { looks, node: make() };
  kept.set(key, now);
  return now.node;
}

function item(page, message, replies) {
  const { t } = page;
  const ctx = page.ctx({ ts: message.ts, channel: message.channel });
  const writer = ctx.people.get(message.user) ?? { id: message.user, shown: message.user };
  const notes = [
    message.bot_id ? el("span", { class: "app" }, t("app")) : null,
    el("time", { datetime: new Date(Number(message.ts) * 1000).toISOString() }, clockTime(new Date(Number(message.ts) * 1000), ctx)),
    message.edited ? el("small", {}, `(${t("edited")})`) : null,
  ];
  return el("li", { class: message.ephemeral ? "message only-you" : "message", "data-ts": message.ts },
    avatar(writer),
    el("div", { class: "said" },
      message.ephemeral ? el("p", { class: "note" }, t("only_you"), " ", dismissing(page, message)) : null,
      el("p", { class: "writer" }, el("b", {}, writer.shown), notes),
      el("div", { class: "body" }, renderMessageBody(message, ctx)),
      replies ? button(replies === 1 ? t("reply") : t("replies", { n: replies }), () => page.go({ thread: message.ts }), { class: "replies" }) : null),
    message.ephemeral ? null : actions(page, message));
}

function dismissing(page, message) {
  return button(page.t("dismiss"), () => { dismissed.add(message.ts); drawConversation(page); }, { class: "link" });
}

/** The message's menu: its thread, and the app's message shortcuts. */
function actions(page, message) {
  const own = page.screen.shortcuts.filter((one) => one.type === "message");
  const start = message.thread_ts ?? message.ts;
  const list = el("ul", {},
    el("li", {}, button(page.t("thread"), () => page.go({ thread: start }))),
    own.map((one) => el("li", {}, button(one.name, () =>
      page.act("shortcut", { callback_id: one.callback_id, channel: message.channel, ts: message.ts })))));
  const menu = el("details", { class: "menu" },
    el("summary", { "aria-label": page.t("more_actions") }, "⋯"), list);
  list.addEventListener("click", () => { menu.open = false; });
  menu.addEventListener("keydown", (event) => { if (event.key === "Escape") menu.open = false; });
  return menu;
}
