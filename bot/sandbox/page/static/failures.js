/** The failures tab: calls that fail or are slow, and requests that are delivered twice. */

import { button, el } from "./dom.js";

const FAILURES = [
  ["rate_limited", { trouble: "rate_limit", times: 3, retry_after: 2 }],
  ["broken", { trouble: "outage", times: 3, status: 500 }],
  ["slow", { trouble: "slow", seconds: 2 }],
  ["down", { trouble: "outage", times: null }],
];

export class Failures {
  constructor(page, again) {
    Object.assign(this, { page, again, redelivered: null });
  }

  told() {
    return this.page.screen?.troubles;
  }

  parts(troubles) {
    const { t } = this.page;
    const what = troubles.map((one) => this.words(one)).join(t("and_then"));
    return [
      ["about", null, () => el("p", { class: "about" }, t("weather_about"))],
      ["now", what, () => el("p", { role: "status" }, what ? t("weather_now", { what }) : t("weather_good"))],
      ["buttons", null, () => el("div", { class: "buttons" }, FAILURES.map(([key, wanted]) => this.button(key, "bad-days", wanted)),
        this.button("well", "bad-days", { trouble: "clear" }, "primary"))],
      ["again", null, () => el("div", { class: "buttons" }, button(t("redeliver"), () => this.redeliver(), { "data-key": "redeliver" }))],
      ["redelivered", this.redelivered, () => el("p", { role: "status" }, this.redelivered && t("redelivered", this.redelivered))],
    ];
  }

  words({ kind, seconds, times }) {
    const { t } = this.page;
    if (kind === "slow") return t("weather_slow", { n: seconds });
    return t(times === null ? "every_call" : times === 1 ? "next_call" : "next_calls", { what: t(`weather_${kind}`), n: times });
  }

  button(key, desk, wanted, kind = null) {
    return button(this.page.t(key), () => this.use(desk, wanted), { class: kind, "data-key": key });
  }

  async use(desk, wanted) {
    await this.page.attempt(() => this.page.ask(desk, wanted));
    await this.page.go({});
  }

  async redeliver() {
    this.redelivered = await this.page.attempt(() => this.page.ask("redeliver"));
    await this.again();
  }
}
