// Dates in the reader's zone and language; and what one picks from: dates, times and long lists.

import { place } from "./blocks.js";
import { optionsOf } from "./inputs.js";
import { el, newId, plain } from "./mrkdwn.js";

const DAY = 86_400_000;
const WAIT_FOR_TYPING = 250;
const LISTED = 100;
const TOKEN = /\{(\w+)\}/g;
const DAY_STYLES = {
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
};
const CLOCK = { timeStyle: "short" };
const PARTS = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" };
const AGES = [["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];
const formats = new Map();

/** What a date token shows to this reader; the fallback if it cannot be understood. */
export function dateText(unix, pattern, ctx, fallback = "") {
  const seconds = Number(unix);
  if (!/^-?\d+$/.test(String(unix)) || !pattern || Number.isNaN(new Date(seconds * 1000).getTime())) return fallback;
  return pattern.replace(TOKEN, (typed, name) => part(name, new Date(seconds * 1000), ctx) ?? typed);
}

/** The time of day, without seconds. */
export function clockTime(date, ctx) {
  return shown(date, CLOCK, ctx);
}

/** The day as a heading between messages: today, yesterday, else the date. */
export function dayLabel(date, ctx) {
  const away = daysAway(date, ctx);
  if (away === 0) return ctx.t("today");
  return away === -1 ? ctx.t("yesterday") : shown(date, DAY_STYLES.date_long, ctx);
}

/** A moment as the local text that a `datetime-local` input holds. */
export function toZoned(unix, tz) {
  const wall = new Date(Math.floor(unix) * 1000 + offset(unix * 1000, tz));
  return wall.toISOString().slice(0, 16);
}

/** The unix seconds of a local text; an hour that occurs twice is its first, one that is skipped moves on. */
export function fromZoned(text, tz) {
  const wall = Date.parse(`${text.slice(0, 16)}:00Z`);
  const before = wall - offset(wall - DAY, tz);
  const after = wall - offset(wall + DAY, tz);
  const fits = (moment) => toZoned(moment / 1000, tz) === text.slice(0, 16);
  return (fits(before) || !fits(after) ? before : after) / 1000;
}

/** The control of a date, time or datetime picker: its node, and how to read and write what it holds. */
export function picker(element, ctx) {
  const type = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" }[element.type];
  const input = el("input", { type, class: "bk-text", max: type === "date" ? "9999-12-31" : type === "time" ? null : "9999-12-31T23:59" });
  const tz = zoneOf(ctx);
  const unixOf = () => (type === "datetime-local" ? fromZoned(input.value, tz) : input.value);
  const zone = element.type === "datetimepicker" ? tz : element.timezone;
  return {
    node: zone ? el("span", { class: "bk-picker" }, input, el("span", { class: "bk-zone" }, zone)) : input,
    target: input,
    read: () => (input.value ? unixOf() : null),
    write: (held) => { input.value = held == null ? "" : type === "datetime-local" ? toZoned(held, tz) : held; },
    // While the digits of a year are typed the browser reports the years 0002, 0020, 0202 on the way.
    ready: () => type === "time" || !/^0/.test(input.value),
  };
}

function part(name, date, ctx) {
  if (name === "date_num") return toZoned(date / 1000, zoneOf(ctx)).slice(0, 10);
  if (name === "time") return clockTime(date, ctx);
  if (name === "time_secs") return shown(date, { timeStyle: "medium" }, ctx);
  if (name === "ago") return ago(date, ctx);
  const style = DAY_STYLES[name.replace("_pretty", "")];
  if (!style) return null;
  return (name.endsWith("_pretty") && nearDay(date, ctx)) || shown(date, style, ctx);
}

function nearDay(date, ctx) {
  const away = daysAway(date, ctx);
  return Math.abs(away) <= 1 ? relative(ctx).format(away, "day") : null;
}

function ago(date, ctx) {
  const seconds = Math.round((date - ctx.now()) / 1000);
  const [unit, length] = AGES.find(([, size]) => Math.abs(seconds) >= size) ?? AGES.at(-1);
  return relative(ctx).format(Math.trunc(seconds / length), unit);
}

/** How many days lie between now and the date, on the reader's calendar: -1 is yesterday. */
function daysAway(date, ctx) {
  const dayOf = (moment) => Date.parse(toZoned(moment / 1000, zoneOf(ctx)).slice(0, 10));
  return Math.round((dayOf(date) - dayOf(ctx.now())) / DAY);
}

function relative(ctx) {
  return new Intl.RelativeTimeFormat(localeOf(ctx), { numeric: "auto" });
}

function shown(date, style, ctx) {
  return format(localeOf(ctx), { ...style, timeZone: zoneOf(ctx) }).format(date);
}

function offset(milliseconds, tz) {
  const whole = Math.floor(milliseconds / 1000) * 1000;
  const parts = format("en-US", { ...PARTS, hourCycle: "h23", calendar: "gregory", timeZone: tz || "UTC" }).formatToParts(whole);
  const at = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second) - whole;
}

function format(locale, style) {
  const key = locale + JSON.stringify(style);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, style));
  return formats.get(key);
}

function zoneOf(ctx) {
  return ctx.me?.tz || "UTC";
}

function localeOf(ctx) {
  return ctx.me?.locale?.replace("_", "-") || "en-US";
}

/** The control of a menu with a filter, for one value or (with chips) for several. */
export function combobox(block, element, ctx, report) {
  const box = new Combobox(block, element, ctx, report);
  return { node: box.node, target: box.input, read: () => box.read(), write: (held) => box.write(held) };
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

  /** What can be chosen without asking the app. */
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
      return mine === this.asked ? this.show(problem?.message || this.ctx.t("trouble")) : null;
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
    this.asked += 1; // an answer that is still under way comes too late
    if (this.panel.matches(":popover-open")) this.panel.hidePopover();
    window.removeEventListener("scroll", this.follow, true);
    window.removeEventListener("resize", this.follow);
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  leave() {
    this.close();
    if (!this.many && !this.input.value.trim()) this.chosen = [];
    // The chips stay as they are: one of them may be what is pressed right now.
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

  /** Adds the entry to several, or removes it. */
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
