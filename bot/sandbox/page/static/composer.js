/** The composer: messages, slash commands with hints, and the app's global shortcuts. */

import { el, newId } from "./dom.js";
import { Hints } from "./hints.js";
import { menuButton } from "./menu.js";
import { nameOf } from "./sidebar.js";

/** Unsent texts, by person, conversation and thread. */
const drafts = new Map();

/** Return a composer for the conversation, or for a thread in it. */
export function composer(page, { thread = null }) {
  const { t, screen } = page;
  const channel = screen.channels.find((one) => one.id === page.channel);
  const label = thread ? t("reply_here") : t("write_to", { where: nameOf(page, channel) });
  const place = `${page.user} ${channel.id} ${thread}`;
  const box = el("textarea", { rows: "1", "aria-label": label, placeholder: label, "data-key": thread ? "reply" : "write" });
  box.value = drafts.get(place) ?? "";
  const hints = new Hints(screen.commands, box, newId("hints"));
  const form = el("form", { class: "composer" }, hints.list,
    el("div", { class: "row" }, thread ? null : shortcuts(page), box, el("button", { class: "send", "aria-label": t("send") }, "➤")));
  const keepDraft = () => drafts.set(place, box.value);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    hints.close();
    await send(page, box, thread);
    keepDraft();
  });
  box.addEventListener("input", keepDraft);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || hints.take(event) || event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    form.requestSubmit();
  });
  return form;
}

async function send(page, box, thread) {
  const text = box.value.trim();
  if (!text || box.readOnly) return;
  box.readOnly = true;
  const where = { channel: page.channel, ...(thread ? { thread_ts: thread } : {}) };
  const said = known(page, text) && await page.act("say", { text, ...where });
  box.readOnly = false;
  if (said) box.value = "";
  if (!page.dialog.open) box.focus();
}

/** Whether a text may be sent. Slack itself refuses a command that no app declares. */
function known(page, text) {
  const [command] = text.split(/\s/);
  const { commands } = page.screen;
  if (!commands.length || !command.startsWith("/") || commands.some((one) => one.command === command)) return true;
  page.note(page.t("no_command", { command }));
  return false;
}

function shortcuts(page) {
  const own = page.screen.shortcuts.filter((one) => one.type === "global");
  return menuButton("⚡", () => own.map((one) => ({
    label: one.name, about: one.description, act: () => page.act("shortcut", { callback_id: one.callback_id }),
  })), { class: "icon", "aria-label": page.t("shortcuts"), "data-key": "shortcuts" });
}
