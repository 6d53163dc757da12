/** The failures tab: calls that fail or are slow, and requests that are delivered twice. */

import { button, el } from "./dom.js";

const FAILURES = [
  ["rate_limited", { failure: "rate_limit", times: 3, retry_after: 2 }],
  ["broken", { failure: "outage", times: 3, status: 500 }],
  ["slow", { failure: "slow", seconds: 2 }],
  ["down", { failure: "outage", times: null }],
];

export class Failures {
  constructor(page, again) {
    Object.assign(this, { page, again, redelivered: null });
  }

  told() {
    return this.page.screen?.failures;
  }

  parts(failures) {
    const { t } = this.page;
    const what = failures.map((one) => this.words(one)).join(t("and_then"));
    return [
      ["about", null, () => el("p", { class: "about" }, t("failure_about"))],
      ["now", what, () => el("p", { role: "status" }, what ? t("failure_now", { what }) : t("failure_good"))],
      ["buttons", null, () => el("div", { class: "buttons" }, FAILURES.map(([key, wanted]) => this.button(key, "inject-failure", wanted)),
        this.button("well", "inject-failure", { failure: "clear" }, "primary"))],
      ["again", null, () => el("div", { class: "buttons" }, button(t("redeliver"), () => this.redeliver(), { "data-key": "redeliver" }))],
      ["redelivered", this.redelivered, () => el("p", { role: "status" }, this.redelivered && t("redelivered", this.redelivered))],
    ];
  }

  words({ kind, seconds, times }) {
    const { t } = this.page;
    if (kind === "slow") return t("failure_slow", { n: seconds });
    return t(times === null ? "every_call" : times === 1 ? "next_call" : "next_calls", { what: t(`failure_${kind}`), n: times });
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
