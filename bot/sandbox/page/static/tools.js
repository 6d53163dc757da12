/** Right: the guided tour, the clock, Slack's bad days, and the requests that pass. */

import { ask, Refused } from "./api.js";
import { dateText } from "./dates.js";
import { button, el, refill } from "./dom.js";
import { languageOf } from "./words.js";

const TABS = ["tour", "clock", "weather", "requests"];
const TROUBLES = [
  ["rate_limited", { trouble: "rate_limit", times: 3, retry_after: 2 }],
  ["broken", { trouble: "outage", times: 3, status: 500 }],
  ["slow", { trouble: "slow", seconds: 2 }],
  ["down", { trouble: "outage", times: null }],
];
const LATEST = 60;

/** The panel of tools. */
export class Tools {
  constructor(page) {
    this.page = page;
    this.tab = "tour";
    this.follows = true;
    this.code = null;
    this.paths = null;
    this.looks = "";
    this.asked = 0;
    this.opened = new Set();
    document.body.classList.toggle("tools-closed", innerWidth < 1100);
  }

  /** Draw what changed since. An answer that a newer question has overtaken is dropped: it may be of another tab. */
  async update() {
    const { page } = this;
    const mine = (this.asked += 1);
    const [told, entries] = await Promise.all([this.told(), this.tab === "requests" ? this.requests() : null]);
    if (mine !== this.asked) return;
    const looks = JSON.stringify([this.tab, page.user, told, entries?.length, entries?.[0]?.at, page.screen.troubles, this.code, page.dialog.open]);
    if (looks === this.looks || !page.screen) return;
    this.looks = looks;
    const aside = document.getElementById("tools");
    aside.setAttribute("aria-label", page.t("tools"));
    refill(aside, this.head(), el("div", { class: "panel", role: "tabpanel", id: "panel", tabindex: "0" }, this[`draw_${this.tab}`](told, entries)));
  }

  /** What the tab's desk tells; null where whoever runs the workspace gave it no such desk. */
  async told() {
    try {
      if (this.tab === "tour") return await this.tour({ op: "state" });
      return this.tab === "clock" ? await ask("clock") : null;
    } catch (problem) {
      if (problem instanceof Refused) return null;
      throw problem;
    }
  }

  async tour(wanted) {
    const told = await ask("tour", wanted);
    this.paths = told.paths ?? this.paths;
    return told.run;
  }

  async requests() {
    return (await ask("log", { limit: LATEST })).entries.reverse();
  }

  head() {
    const { t } = this.page;
    const toggle = button(t("tools"), () => document.body.classList.toggle("tools-closed"), {
      class: "toggle", "data-key": "toggle", "aria-controls": "panel",
    });
    const tabs = TABS.map((tab) => button(t(tab), () => this.show(tab), {
      role: "tab", "data-key": `tab-${tab}`, "aria-selected": String(tab === this.tab), "aria-controls": "panel",
    }));
    return el("header", {}, toggle, el("div", { class: "tabs", role: "tablist", "aria-label": t("tools") }, tabs));
  }

  /** Use a desk of the workspace itself. */
  async do(desk, wanted) {
    await this.page.attempt(() => ask(desk, wanted));
    await this.page.go({});
  }

  async show(tab) {
    this.tab = tab;
    await this.update();
  }

  draw_tour(run) {
    const { page } = this;
    if (!run) return el("p", { class: "about" }, page.t("nothing_here"));
    const language = languageOf(page.screen.me.locale) === "en" ? "en" : "zh";
    this.code ??= run.code ?? this.paths[0].code;
    const path = this.paths.find((one) => one.code === this.code);
    const choice = el("select", { id: "path", "data-key": "path", onchange: (event) => { this.code = event.target.value; this.update(); } },
      this.paths.map((one) => el("option", { value: one.code, selected: one.code === this.code }, one.title[language])));
    const playing = run.code === this.code;
    const follow = el("input", { type: "checkbox", checked: this.follows, "data-key": "follow", onchange: (event) => { this.follows = event.target.checked; } });
    return [
      el("p", { class: "about" }, page.t("tour_about")),
      el("label", { for: "path" }, page.t("path")), choice,
      el("p", {}, path.about[language]),
      el("label", { class: "check" }, follow, page.t("follow")),
      el("div", { class: "buttons" },
        button(page.t("start"), () => this.play("start"), { "data-key": "start" }),
        button(page.t("next_step"), () => this.play("step"), { class: "primary", "data-key": "step", disabled: !playing || run.done }),
        button(page.t("play_all"), () => this.play("play"), { "data-key": "play" })),
      playing ? this.progress(run, language) : null,
      this.strip(playing ? run : null, language),
      el("ol", { class: "acts" }, path.acts.map((act, at) => this.act(act, at, playing ? run.position : -1, language))),
    ];
  }

  progress(run, language) {
    const { t } = this.page;
    const { last } = run;
    return el("div", { class: "progress", role: "status", "data-position": String(run.position) },
      el("p", {}, el("b", {}, t("step_of", { n: run.position, of: run.of })), run.case ? ` · ${run.case}` : ""),
      last ? el("p", {}, last.caption[language]) : null,
      last?.refused ? el("blockquote", {}, last.refused) : null,
      run.failed ? el("p", { class: "error" }, language === "zh" ? run.failed_zh : run.failed) : null,
      run.done && !run.failed ? el("p", {}, t("tour_done")) : null);
  }

  /** A form that the tour opened lies over the page: there, the tour goes on at its foot. */
  strip(run, language) {
    this.foot?.remove();
    if (!run || run.done || !this.page.dialog.open) return;
    const next = button(this.page.t("next_step"), () => this.play("step"), { class: "primary", "data-key": "strip-step" });
    this.foot = el("aside", { class: "strip", "aria-label": this.page.t("tour") },
      el("p", {}, run.last?.caption[language] ?? ""), el("div", { class: "buttons" }, next));
    this.page.dialog.append(this.foot);
  }

  act(act, at, position, language) {
    const state = at < position ? "done" : at === position ? "next" : "ahead";
    return el("li", { class: state, "aria-current": state === "next" ? "step" : false }, act.caption[language]);
  }

  async play(op) {
    const { page } = this;
    const run = await page.attempt(() => this.tour({ op, code: this.code }));
    const last = run?.last;
    if (this.follows && last?.who) await page.go({ user: last.who, ...(last.channel ? { channel: last.channel } : {}) });
    await this.update();
  }

  draw_clock(told) {
    const { page } = this;
    if (!told) return el("p", { class: "about" }, page.t("nothing_here"));
    const ctx = page.ctx({});
    const written = (moment) => dateText(Math.floor(new Date(moment) / 1000), "{date} {time}", ctx, moment);
    const move = (key, wanted) => button(page.t(key), () => this.do("clock", wanted), {
      "data-key": key, disabled: wanted.to && !told.next_reminder,
    });
    return [
      el("p", { class: "about" }, page.t("clock_about")),
      el("p", { class: "now" }, `${page.t("now")}: `, el("b", {}, written(told.now))),
      el("div", { class: "buttons" }, move("plus_quarter", { by: 900 }), move("plus_hour", { by: 3600 }),
        move("plus_day", { by: 86400 }), move("to_reminder", { to: "next_reminder" })),
      el("p", {}, told.next_reminder ? page.t("next_reminder", { when: written(told.next_reminder) }) : page.t("no_reminder")),
    ];
  }

  draw_weather() {
    const { page } = this;
    const { troubles } = page.screen;
    const trouble = ([key, wanted]) => button(page.t(key), () => this.do("bad-days", wanted), { "data-key": key });
    return [
      el("p", { class: "about" }, page.t("weather_about")),
      el("p", { role: "status" }, troubles.length ? page.t("weather_now", { what: troubles.join(", ") }) : page.t("weather_good")),
      el("div", { class: "buttons" }, TROUBLES.map(trouble),
        button(page.t("redeliver"), () => this.do("redeliver", {}), { "data-key": "redeliver" }),
        button(page.t("well"), () => this.do("bad-days", { trouble: "clear" }), { class: "primary", "data-key": "well" })),
    ];
  }

  draw_requests(_told, entries) {
    const { t } = this.page;
    return [el("p", { class: "about" }, t("requests_about")), el("ul", { class: "requests" }, entries.map((entry) => this.entry(entry)))];
  }

  entry(entry) {
    const { t } = this.page;
    const key = `${entry.at} ${entry.name} ${entry.seconds}`;
    const failed = entry.status !== 200 || entry.answer?.ok === false;
    const body = el("pre", { tabindex: "0" });
    const drawn = el("details", { open: this.opened.has(key) },
      el("summary", { class: failed ? "failed" : "" }, el("small", {}, t(entry.direction)), ` ${entry.name} `,
        el("small", {}, `${entry.status ?? "–"} · ${Math.round(entry.seconds * 1000)} ms`)), body);
    const fill = () => { body.textContent = JSON.stringify({ request: entry.request, answer: entry.answer }, null, 2); };
    drawn.addEventListener("toggle", () => {
      this.opened[drawn.open ? "add" : "delete"](key);
      if (drawn.open) fill();
    });
    if (drawn.open) fill();
    return el("li", {}, drawn);
  }
}
