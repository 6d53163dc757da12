/** A menu with a filter for one value, or for several shown as chips: people, channels, long lists, external lists. */

import { el, newId } from "./dom.js";
import { place } from "./menu.js";
import { plain } from "./mrkdwn.js";

const WAIT_FOR_TYPING = 250;
const LISTED = 100;

/** Return the control of a menu with a filter. */
export function combobox(block, element, ctx, report) {
  const box = new Combobox(block, element, ctx, report);
  return { node: box.node, target: box.input, read: () => box.read(), write: (held) => box.write(held) };
}

/** Return all options of a static select, each with the label of its group. */
export function optionsOf(element) {
  const grouped = (element.option_groups ?? []).flatMap((group) => group.options.map((option) => ({ ...option, group: group.label?.text })));
  return [...(element.options ?? []), ...grouped];
}

class Combobox {
  constructor(block, element, ctx, report) {
    Object.assign(this, { block, element, ctx, report, many: element.type.startsWith("multi_"), chosen: [], found: [], active: -1, asked: 0 });
    const listId = newId("list");
    this.list = el("ul", { role: "listbox", id: listId, class: "bk-options", "aria-label": ctx.t("choose") });
    if (this.many) this.list.setAttribute("aria-multiselectable", "true");
    this.note = el("div", { class: "bk-note", role: "status" });
    this.panel = el("div", { class: "bk-popover", popover: "manual", onmousedown: (event) => event.preventDefault() }, this.list, this.note);
    this.chips = el("span", { class: "bk-chips" });
    this.input = el("input", {
      type: "text", role: "combobox", class: "bk-combo-text", autocomplete: "off", "aria-autocomplete": "list",
      "aria-expanded": "false", "aria-controls": listId, oninput: () => this.open(true), onclick: () => this.open(),
      onkeydown: (event) => this.onKey(event), onblur: () => this.leave(),
    });
    this.node = el("div", { class: this.many ? "bk-combo" : "bk-combo bk-combo-one" }, this.chips, this.input, this.panel);
    this.follow = () => (this.node.isConnected ? place(this.panel, this.node) : this.close());
  }

  read() {
    const values = this.chosen.map(({ value }) => value);
    return this.many ? (values.length ? values : null) : values[0] ?? null;
  }

  write(held) {
    const known = new Map(this.offered().map((entry) => [entry.value, entry]));
    this.chosen = [held ?? []].flat().map((item) => (item.value === undefined ? known.get(item) ?? { value: item, label: item } : entryOf(item)));
    this.draw();
  }

  /** Return the entries that can be chosen without asking the app. */
  offered() {
    const { people, channels } = this.ctx;
    const kind = this.element.type.replace(/^multi_|_select$/g, "");
    if (kind === "static") return optionsOf(this.element).map(entryOf);
    if (kind === "users") return [...people.values()].map(({ id, shown, name }) => ({ value: id, label: shown, about: name && `@${name}` }));
    const kinds = kind === "channels" ? ["public"] : this.element.filter?.include;
    return kind === "external" ? [] : [...channels.values()].filter((channel) => !kinds || !channel.kind || kinds.includes(channel.kind))
      .map(({ id, name }) => ({ value: id, label: name ? `#${name}` : id }));
  }

  draw() {
    const chip = (entry) => el("span", { class: "bk-chip" }, plain(entry.label), el("button", { type: "button", class: "bk-chip-remove",
      "aria-label": `${this.ctx.t("remove")} ${entry.label}`, onclick: () => { this.take(entry); this.input.focus(); } }, "×"));
    this.chips.replaceChildren(...(this.many ? this.chosen.map(chip) : []));
    this.input.value = this.many ? "" : this.chosen[0]?.label ?? "";
    this.input.placeholder = this.many && this.chosen.length ? "" : this.element.placeholder?.text ?? this.ctx.t("choose");
  }

  async open(typing = false) {
    this.typed = typing || this.many ? this.input.value.trim() : "";
    if (!typing && !this.many) this.input.select();
    this.list.replaceChildren();
    this.show("");
    this.asked += 1;
    const mine = this.asked;
    const found = this.element.type.endsWith("external_select") ? await this.ask(mine) : this.offered().filter((entry) => matches(entry, this.typed));
    if (mine === this.asked && found && this.panel.matches(":popover-open")) this.fill(found);
  }

  async ask(mine) {
    const least = this.element.min_query_length ?? 3;
    if (this.typed.length < least) return this.show(this.ctx.t("type_more", { n: least }).replace("{n}", least));
    this.show(this.ctx.t("searching"));
    await new Promise((resolve) => { setTimeout(resolve, WAIT_FOR_TYPING); });
    if (mine !== this.asked) return null;
    try {
      return (await this.ctx.suggest(this.block, this.element, this.typed)).map(entryOf);
    } catch (problem) {
      return mine === this.asked ? this.show(problem?.message || this.ctx.t("action_failed")) : null;
    }
  }

  fill(found) {
    this.found = found.slice(0, LISTED);
    const is = (entry) => String(this.chosen.some(({ value }) => value === entry.value));
    this.list.replaceChildren(...this.found.flatMap((entry, index) => [
      entry.group && entry.group !== this.found[index - 1]?.group && el("li", { role: "presentation", class: "bk-group" }, entry.group),
      el("li", { role: "option", id: `${this.list.id}-${index}`, class: "bk-option", "aria-selected": is(entry), onclick: () => this.pick(entry) },
        el("span", {}, plain(entry.label)), entry.about && el("span", { class: "bk-description" }, plain(entry.about))),
    ]).filter(Boolean));
    this.show(found.length ? "" : this.ctx.t("nothing_found"));
    this.move(this.typed && found.length ? 0 : this.found.findIndex((entry) => is(entry) === "true" && !this.many));
  }

  show(note) {
    this.note.textContent = note;
    this.found = this.list.children.length ? this.found : [];
    if (!this.panel.matches(":popover-open")) {
      this.panel.showPopover();
      window.addEventListener("scroll", this.follow, true);
      window.addEventListener("resize", this.follow);
    }
    this.input.setAttribute("aria-expanded", "true");
    this.move(-1);
    this.follow();
  }

  close() {
    this.asked += 1; // an answer that is still pending is ignored
    if (this.panel.matches(":popover-open")) this.panel.hidePopover();
    window.removeEventListener("scroll", this.follow, true);
    window.removeEventListener("resize", this.follow);
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  leave() {
    this.close();
    if (!this.many && !this.input.value.trim()) this.chosen = [];
    // The chips are not redrawn: one of them may be what is being clicked.
    this.input.value = this.many ? "" : this.chosen[0]?.label ?? "";
  }

  move(to) {
    const options = [...this.list.querySelectorAll("[role=option]")];
    this.active = to;
    options.forEach((option, index) => option.classList.toggle("bk-active", index === to));
    options[to]?.scrollIntoView({ block: "nearest" });
    if (options[to]) this.input.setAttribute("aria-activedescendant", options[to].id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  pick(entry) {
    if (this.many) this.take(entry);
    else { this.chosen = [entry]; this.draw(); this.close(); this.report(); }
  }

  /** Add the entry to the chosen ones, or remove it. */
  take(entry) {
    const rest = this.chosen.filter(({ value }) => value !== entry.value);
    const most = this.element.max_selected_items ?? Infinity;
    if (rest.length === this.chosen.length && rest.length >= most) return;
    this.chosen = rest.length < this.chosen.length ? rest : [...rest, entry];
    this.draw();
    this.close();
    this.report();
  }

  onKey(event) {
    if (event.isComposing) return;
    const open = this.panel.matches(":popover-open");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Backspace" && this.many && !this.input.value && this.chosen.length) this.take(this.chosen.at(-1));
    if (!step && event.key !== "Enter" && !(event.key === "Escape" && open)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (event.key === "Escape") { this.close(); this.draw(); }
    else if (!open) this.open();
    else if (step) this.move((this.active + step + this.found.length + (this.active < 0 && step < 0 ? 1 : 0)) % (this.found.length || 1));
    else if (this.found[this.active]) this.pick(this.found[this.active]);
  }
}

function entryOf(option) {
  return { value: option.value, label: option.text?.text ?? option.value, about: option.description?.text, group: option.group };
}

function matches({ label, about, value }, typed) {
  const wanted = typed.toLowerCase();
  return [label, about, value].some((text) => String(text ?? "").toLowerCase().includes(wanted));
}
