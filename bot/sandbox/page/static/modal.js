/** The stack of modals, drawn as one dialog. A redraw keeps the focus and text that is being typed. */

import { renderBlocks } from "./blocks.js";
import { el, newId } from "./dom.js";
import { carryOver, fieldsIn, focusable, follow, markReported, pendingValues, retire, settled, showError } from "./inputs.js";
import { plain } from "./mrkdwn.js";

/** The open modals of one person, drawn as one dialog that shows the top of the stack. */
export class Modals {
  constructor(ctxOf, handlers) {
    Object.assign(this, { ctxOf, handlers, entries: new Map(), top: null });
    this.dialog = el("dialog", { class: "bk-modal", onkeydown: (event) => this.#onKey(event), oncancel: (event) => this.#onCancel(event),
      onclose: (event) => event.target === this.dialog && this.top && this.#close(this.top, false) });
  }

  /** Show these views, the top one last. An empty list closes the dialog. */
  update(views) {
    const active = document.activeElement;
    const stack = (views ?? []).map((view) => this.#entry(view));
    for (const [id, entry] of this.entries) {
      if (stack.includes(entry)) continue;
      retire(entry.form);
      entry.form.remove();
      this.entries.delete(id);
    }
    this.#show(stack.at(-1) ?? null, active);
  }

  #entry(view) {
    const entry = this.entries.get(view.id) ?? this.#make(view);
    entry.view = view;
    Object.assign(entry.ctx, this.ctxOf(view));
    const drawn = JSON.stringify([view.hash, view.errors ?? {}]);
    if (entry.drawn === drawn) return entry;
    entry.drawn = drawn;
    draw(entry);
    if (Object.entries(view.errors ?? {}).some(([block, text]) => entry.known?.[block] !== text)) leadToErrors(entry);
    return entry;
  }

  #make(view) {
    const entry = { view, ctx: {}, nodes: new Map() };
    const { t } = this.ctxOf(view);
    const leave = (everything) => () => this.#close(entry, everything && this.entries.size > 1);
    entry.title = el("h2", { class: "bk-modal-title", id: newId("title") });
    entry.back = el("button", { type: "button", class: "bk-icon", "aria-label": t("back"), onclick: leave(false) }, "‹");
    entry.body = el("div", { class: "bk-modal-body" });
    entry.alert = el("div", { class: "bk-error", role: "alert" });
    entry.cancel = el("button", { type: "button", class: "bk-button", onclick: leave(false) });
    entry.submit = el("button", { type: "submit", class: "bk-button bk-primary" });
    const cross = el("button", { type: "button", class: "bk-icon", "aria-label": t("close"), onclick: leave(true) }, "×");
    const submit = (event) => { event.preventDefault(); this.#send(entry); };
    entry.form = el("form", { class: "bk-modal-form", novalidate: true, "data-view-id": view.id, onsubmit: submit },
      el("header", { class: "bk-modal-head" }, entry.back, entry.title, cross), entry.body,
      el("footer", { class: "bk-modal-foot" }, entry.alert, entry.cancel, entry.submit));
    this.entries.set(view.id, entry);
    this.dialog.append(entry.form);
    return entry;
  }

  #show(top, active) {
    const before = this.top;
    this.top = top;
    if (before?.form.contains(active)) before.last = active;
    for (const entry of this.entries.values()) entry.form.hidden = entry !== top;
    if (!top) { if (this.dialog.open) this.dialog.close(); return; }
    this.dialog.setAttribute("aria-labelledby", top.title.id);
    if (!this.dialog.isConnected) document.body.append(this.dialog);
    if (!this.dialog.open) this.dialog.showModal();
    if (before === top) return;
    if (top.last?.isConnected) top.last.focus();
    else if (!focusFirstError(top)) focusFirst(top);
  }

  #onKey(event) {
    if (event.isComposing || event.defaultPrevented || !this.top) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.#send(this.top);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.#close(this.top, false);
    }
  }

  #onCancel(event) {
    if (event.target !== this.dialog) return; // a file chooser was cancelled
    event.preventDefault();
    if (this.top) this.#close(this.top, false);
  }

  async #send(entry) {
    if (entry.sending || !entry.view.submit) return;
    setSending(entry, true);
    entry.alert.textContent = "";
    // New errors arrive with the answer or with an update, whichever comes first.
    Object.assign(entry, { awaiting: true, sentFrom: document.activeElement, known: entry.view.errors ?? {} });
    try {
      await settled(entry.form);
      const values = pendingValues(entry.form);
      await this.handlers.onSubmit(entry.view, values);
      markReported(entry.form, values);
      leadToErrors(entry);
    } catch (problem) {
      entry.awaiting = false;
      entry.alert.textContent = problem?.message || entry.ctx.t("action_failed");
    } finally {
      setSending(entry, false);
    }
  }

  async #close(entry, everything) {
    if (entry.closing) return;
    entry.closing = true;
    try {
      await this.handlers.onClose(entry.view, everything);
    } catch (problem) {
      entry.alert.textContent = problem?.message || entry.ctx.t("action_failed");
    } finally {
      entry.closing = false;
    }
  }
}

function setSending(entry, sending) {
  entry.sending = sending;
  entry.form.setAttribute("aria-busy", String(sending));
  // `disabled` would take the focus from the button.
  entry.submit.setAttribute("aria-disabled", String(sending));
  entry.submit.replaceChildren(sending ? entry.ctx.t("sending") : plain(entry.view.submit?.text));
}

function draw(entry) {
  const { view, ctx } = entry;
  const held = focusOf(entry.body);
  entry.title.replaceChildren(plain(view.title?.text));
  entry.back.hidden = !view.previous_view_id;
  entry.cancel.replaceChildren(plain(view.close?.text ?? ctx.t(view.submit ? "cancel" : "close")));
  entry.submit.hidden = !view.submit;
  setSending(entry, Boolean(entry.sending));
  reconcile(entry, view.blocks ?? []);
  showErrors(entry, view.errors ?? {});
  restoreFocus(entry.body, held);
}

/** Keep the nodes of unchanged blocks in place, so that a redraw does not interrupt typing. */
function reconcile(entry, blocks) {
  const { body, ctx } = entry;
  const before = entry.nodes;
  const old = fieldsIn(body);
  const wanted = blocks.map((block) => [JSON.stringify(block), block]);
  entry.nodes = new Map(wanted.map(([key, block]) => [key, before.get(key) ?? renderBlocks([block], ctx).firstElementChild]));
  for (const [key, node] of before) {
    if (entry.nodes.has(key)) continue;
    retire(node);
    node.remove();
  }
  wanted.forEach(([key], index) => {
    const node = entry.nodes.get(key);
    if (body.children[index] !== node) body.insertBefore(node, body.children[index] ?? null);
  });
  for (const field of fieldsIn(body)) if (old.includes(field)) follow(field, ctx); else carryOver(field, old);
  if (old.length || fieldsIn(body).length) body.removeAttribute("tabindex"); else body.tabIndex = 0;
}

function focusOf(body) {
  const node = document.activeElement;
  if (!body.contains(node) || node === body) return null;
  const place = node.closest("[data-block-id]");
  const action = node.closest("[data-action-id]")?.dataset.actionId;
  const typed = node.matches("input:not([type=radio], [type=checkbox], [type=file]), textarea");
  const [from, to] = typed ? [node.selectionStart, node.selectionEnd] : [null, null];
  return { node, block: place?.dataset.blockId, action, value: node.value, typed, from, to };
}

function restoreFocus(body, held) {
  if (!held || held.node.isConnected) return;
  const found = [...body.querySelectorAll("[data-action-id]")].filter((node) => node.dataset.actionId === held.action);
  const same = found.find((node) => node.closest("[data-block-id]")?.dataset.blockId === held.block) ?? found[0];
  const choices = [...(same?.querySelectorAll("input") ?? [])];
  const node = choices.find((choice) => choice.value === held.value) ?? choices[0] ?? same;
  if (!node) return;
  node.focus({ preventScroll: true });
  if (held.typed && node.value !== held.value && node.role === "combobox") node.value = held.value;
  if (held.from != null && node.setSelectionRange) node.setSelectionRange(held.from, held.to);
}

function focusFirst(entry) {
  const fields = fieldsIn(entry.body);
  const field = fields.find(({ element }) => element.focus_on_load) ?? fields[0];
  // Nothing scrolls, so that the text above the first field can be read.
  (field ? focusable(field) : entry.body.tabIndex === 0 ? entry.body : entry.cancel).focus({ preventScroll: true });
}

function showErrors(entry, errors) {
  const wrappers = [...entry.body.querySelectorAll(".bk-input")];
  for (const wrapper of wrappers) showError(wrapper, errors[wrapper.dataset.blockId]);
  const shown = new Set(wrappers.map((wrapper) => wrapper.dataset.blockId));
  const homeless = Object.entries(errors).filter(([block]) => !shown.has(block));
  entry.alert.textContent = homeless.map(([, text]) => text).join(" ");
}

/** Focus the first error, once after a submission and only if the focus has not moved since. */
function leadToErrors(entry) {
  if (!entry.awaiting) return;
  if (document.activeElement !== entry.sentFrom || focusFirstError(entry)) entry.awaiting = false;
}

function focusFirstError(entry) {
  const field = fieldsIn(entry.body).find(({ error }) => !error.hidden);
  if (!field) return false;
  focusable(field).focus({ preventScroll: true });
  field.error.parentElement.scrollIntoView({ block: "center" });
  return true;
}
