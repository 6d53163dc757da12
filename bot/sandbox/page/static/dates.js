/** Dates and times in the reader's time zone and language, and the pickers for them. */

import { el } from "./dom.js";

const DAY = 86_400_000;
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

/** Return what a date token shows to this reader, or the fallback if the token is invalid. */
export function dateText(unix, pattern, ctx, fallback = "") {
  const seconds = Number(unix);
  if (!/^-?\d+$/.test(String(unix)) || !pattern || Number.isNaN(new Date(seconds * 1000).getTime())) return fallback;
  return pattern.replace(TOKEN, (typed, name) => part(name, new Date(seconds * 1000), ctx) ?? typed);
}

/** Return the time of day, without seconds. */
export function clockTime(date, ctx) {
  return shown(date, CLOCK, ctx);
}

/** Return the heading of a day between messages: today, yesterday, or the date. */
export function dayLabel(date, ctx) {
  const away = daysAway(date, ctx);
  if (away === 0) return ctx.t("today");
  return away === -1 ? ctx.t("yesterday") : shown(date, DAY_STYLES.date_long, ctx);
}

/** Return Unix seconds as the local text that a `datetime-local` input holds. */
export function toZoned(unix, tz) {
  const wall = new Date(Math.floor(unix) * 1000 + offset(unix * 1000, tz));
  return wall.toISOString().slice(0, 16);
}

/** Return the Unix seconds of a local text. In a repeated hour the first one counts; a skipped hour moves forward. */
export function fromZoned(text, tz) {
  const wall = Date.parse(`${text.slice(0, 16)}:00Z`);
  const before = wall - offset(wall - DAY, tz);
  const after = wall - offset(wall + DAY, tz);
  const fits = (moment) => toZoned(moment / 1000, tz) === text.slice(0, 16);
  return (fits(before) || !fits(after) ? before : after) / 1000;
}

/** Return the control of a date, time or datetime picker: its node, and functions that read and write its value. */
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
    // While a year is being typed, the browser reports the intermediate years 0002, 0020 and 0202.
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

/** Return the number of days from today to the date, in the reader's time zone: -1 is yesterday. */
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
