/** The clock tab: shows the workspace's clock, which the bot uses as well, and moves it forward. */

import { dateText } from "./dates.js";
import { button, el } from "./dom.js";

const JUMPS = [["plus_quarter", { by: 900 }], ["plus_hour", { by: 3600 }], ["plus_day", { by: 86400 }]];

export class Clock {
  constructor(page) {
    this.page = page;
  }

  told() {
    return this.page.ask("clock");
  }

  parts(told) {
    const { page } = this;
    const { t } = page;
    const written = (moment) => dateText(Math.floor(new Date(moment) / 1000), "{date} {time}", page.own(), moment);
    const [now, due] = [written(told.now), told.next_reminder && written(told.next_reminder)];
    const key = [page.screen.me.tz, page.locale];
    return [
      ["about", null, () => el("p", { class: "about" }, t("clock_about"))],
      ["now", [now, key], () => el("p", { class: "now" }, t("now"), el("b", {}, now))],
      ["jumps", null, () => el("div", { class: "buttons" }, JUMPS.map(([name, wanted]) => this.jump(name, wanted)))],
      ["to", Boolean(due), () => el("div", { class: "buttons" }, this.jump("to_reminder", { to: "next_reminder" }, !due))],
      ["due", [due, key], () => el("p", {}, due ? t("next_reminder", { when: due }) : t("no_reminder"))],
    ];
  }

  jump(name, wanted, disabled = false) {
    return button(this.page.t(name), () => this.move(wanted), { "data-key": name, disabled });
  }

  async move(wanted) {
    await this.page.attempt(() => this.page.ask("clock", wanted));
    await this.page.go({});
  }
}
