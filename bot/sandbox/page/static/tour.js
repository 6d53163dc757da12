/** The tour tab: paths through the process, played step by step or as a whole. */

import { showMessage } from "./conversation.js";
import { button, el } from "./dom.js";

export class Tour {
  constructor(page, again) {
    Object.assign(this, { page, again, follows: true, code: null, paths: [], last: null, position: null });
  }

  async told() {
    return this.ask({ op: "state" });
  }

  async ask(wanted) {
    const told = await this.page.ask("tour", wanted);
    this.paths = told.paths ?? this.paths;
    return told.run;
  }

  parts(run) {
    const { page } = this;
    const language = page.language === "en" ? "en" : "zh";
    this.code ??= run.code ?? this.paths[0].code;
    const path = this.paths.find((one) => one.code === this.code);
    const mine = run.code === this.code ? run : null;
    this.strip(mine, language);
    return [
      ["about", null, () => el("p", { class: "about" }, page.t("tour_about"))],
      ["choice", [this.code, run.playing], () => this.choice(run, language)],
      ["path", this.code, () => el("p", {}, path.about[language])],
      ["follow", null, () => this.follow()],
      ["now", [run, this.code], () => el("div", { class: "staying" }, this.buttons(mine, run.playing), this.left(run, language),
        mine && this.progress(mine, language))],
      ["acts", [this.code, mine?.position], () => el("ol", { class: "acts" },
        path.acts.map((act, at) => this.act(act, at, mine?.position ?? -1, language)))],
    ];
  }

  /** Scroll to the next step when the tour advances, and only then, so that people can scroll in between. */
  drawn(run) {
    const position = run && `${run.code} ${run.position}`;
    if (position !== this.position) document.querySelector("#tools .acts [aria-current]")?.scrollIntoView({ block: "nearest" });
    this.position = position;
  }

  choice(run, language) {
    const choose = (event) => { this.code = event.target.value; this.again(); };
    const options = this.paths.map((one) => el("option", { value: one.code, selected: one.code === this.code }, one.title[language]));
    return el("div", {}, el("label", { for: "path" }, this.page.t("path")),
      el("select", { id: "path", "data-key": "path", disabled: run.playing, onchange: choose }, options));
  }

  follow() {
    const change = (event) => { this.follows = event.target.checked; };
    const box = el("input", { type: "checkbox", checked: this.follows, "data-key": "follow", onchange: change });
    return el("label", { class: "check" }, box, this.page.t("follow"));
  }

  buttons(run, playing) {
    const { t } = this.page;
    const over = !run || run.done;
    return el("div", { class: "buttons" },
      button(t("start"), () => this.play("start"), { "data-key": "start", disabled: playing }),
      button(t("next_step"), () => this.play("step"), { class: "primary", "data-key": "step", disabled: playing || over }),
      playing ? button(t("stop"), () => this.play("stop"), { "data-key": "stop" })
        : button(t("play_all"), () => this.play("play"), { "data-key": "play" }));
  }

  /** Return a note about a path that was left before its end, for another one or because the sandbox was restarted. */
  left(run, language) {
    const before = run.code ? run : this.last;
    this.last = before;
    if (!before || before.done || before.playing || (run.code && before.code === this.code)) return null;
    const path = this.paths.find((one) => one.code === before.code).title[language];
    return el("p", { class: "about" }, this.page.t("left_at", { path, n: before.position, of: before.of }));
  }

  progress(run, language) {
    const { t } = this.page;
    const { last } = run;
    return el("div", { class: "progress", role: "status", "data-position": String(run.position) },
      el("p", {}, el("b", {}, t(run.playing ? "playing" : "step_of", { n: run.position, of: run.of })), run.case ? ` · ${run.case}` : ""),
      last ? el("p", {}, last.caption[language]) : null,
      last?.refused ? el("blockquote", {}, last.refused) : null,
      run.failed ? el("p", { class: "error" }, language === "zh" ? run.failed_zh : run.failed) : null,
      run.done && !run.failed ? el("p", {}, t("tour_done")) : null);
  }

  /** While a modal covers the page, show the caption of the last step and the button for the next one at its foot. */
  strip(run, language) {
    const before = this.foot?.isConnected;
    this.foot?.remove();
    if (!run || run.done || run.playing || !this.page.dialog.open) return;
    const next = button(this.page.t("next_step"), () => this.play("step"), { class: "primary", "data-key": "strip-step" });
    this.foot = el("aside", { class: "strip", "aria-label": this.page.t("tour") },
      el("p", {}, run.last?.caption[language] ?? ""), el("div", { class: "buttons" }, next));
    this.page.dialog.append(this.foot);
    // The strip takes room from the form, so the focused field is scrolled back into view.
    if (!before) this.page.dialog.querySelector(":focus")?.closest(".bk-input")?.scrollIntoView({ block: "nearest" });
  }

  act(act, at, position, language) {
    const state = at < position ? "done" : at === position ? "next" : "ahead";
    return el("li", { class: state, "aria-current": state === "next" ? "step" : false }, act.caption[language]);
  }

  async play(op) {
    const { page } = this;
    const before = page.who();
    const playing = page.attempt(() => this.ask({ op, code: this.code }));
    // Playing a whole path is answered at its end, so its beginning is drawn at once.
    if (op === "play") this.again();
    const last = (await playing)?.last;
    // If another person was selected meanwhile, that selection is kept.
    const led = [before, this.led].includes(page.who());
    if (this.follows && last && op !== "stop" && led) await this.look(last);
    await this.again();
  }

  /** Select the person who acted or was notified, and show the result. */
  look({ viewer, channel, ts }) {
    this.led = viewer;
    return this.page.go({ user: viewer, ...(channel ? { channel } : {}) }, () => ts && showMessage(ts));
  }
}
