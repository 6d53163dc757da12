/** Where one writes: messages, slash commands with what they take, and the app's global shortcuts. */

import { button, el, newId } from "./dom.js";
import { otherOf } from "./sidebar.js";

/** A composer for the conversation, or for a thread of it. */
export function composer(page, { thread = null }) {
  const { t, screen } = page;
  const channel = screen.channels.find((one) => one.id === page.channel);
  const where = channel.kind === "im" ? otherOf(page, channel) : `#${channel.name}`;
  const hints = el("ul", { class: "hints", id: newId("hints"), hidden: true });
  const box = el("textarea", {
    rows: "1",
    "aria-label": thread ? t("reply_here") : t("write_to", { where }),
    placeholder: thread ? t("reply_here") : t("write_to", { where }),
    "aria-describedby": hints.id,
  });
  const form = el("form", { class: "composer" }, hints,
    el("div", { class: "row" }, thread ? null : shortcuts(page), box, el("button", { class: "send", "aria-label": t("send") }, "➤")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(page, box, hints, thread);
  });
  box.addEventListener("input", () => suggest(page, box, hints));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hints.hidden = true;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  return form;
}

async function send(page, box, hints, thread) {
  const text = box.value.trim();
  if (!text || box.readOnly) return;
  box.readOnly = true;
  hints.hidden = true;
  const said = await page.act("say", { text, channel: page.channel, ...(thread ? { thread_ts: thread } : {}) });
  box.readOnly = false;
  if (said) box.value = "";
  if (!document.querySelector("dialog[open]")) box.focus();
}

/** While a command is typed: the app's commands and what they take. */
function suggest(page, box, hints) {
  const typed = box.value;
  const fitting = page.screen.commands.filter((one) => typed.startsWith("/") && one.command.startsWith(typed.split(" ")[0]));
  hints.hidden = !fitting.length;
  hints.replaceChildren(...fitting.map((one) =>
    el("li", {}, button([el("b", {}, one.command), ` ${one.usage_hint ?? ""}`, el("small", {}, one.description ?? "")], () => {
      if (!typed.includes(" ")) box.value = `${one.command} `;
      box.focus();
    }))));
}

function shortcuts(page) {
  const own = page.screen.shortcuts.filter((one) => one.type === "global");
  const list = el("ul", {}, own.map((one) => el("li", {}, button([el("b", {}, one.name), el("small", {}, one.description)], () =>
    page.act("shortcut", { callback_id: one.callback_id })))));
  const menu = el("details", { class: "menu up" }, el("summary", { "aria-label": page.t("shortcuts") }, "⚡"), list);
  list.addEventListener("click", () => { menu.open = false; });
  menu.addEventListener("keydown", (event) => { if (event.key === "Escape") menu.open = false; });
  return menu;
}
