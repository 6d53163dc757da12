/** The right column: the guided tour, the clock, injected failures, and the log of requests. */

import { Refused } from "./api.js";
import { Clock } from "./clock.js";
import { button, el, holdFocus, keep, onTabKey } from "./dom.js";
import { Requests } from "./requests.js";
import { Tour } from "./tour.js";
import { Failures } from "./failures.js";

/**
 * The panel of tools. Each tab has `told()`, which fetches its data, and `parts(told)`, which returns the items to draw.
 * `keep` draws them, so that unchanged items stay in place while somebody reads or clicks.
 */
export class Tools {
  constructor(page) {
    this.page = page;
    const again = () => this.update();
    this.tabs = { tour: new Tour(page, again), clock: new Clock(page, again), failures: new Failures(page, again), requests: new Requests(page, again) };
    this.tab = "tour";
    this.asked = 0;
    this.aside = document.getElementById("tools");
    document.body.classList.toggle("tools-closed", innerWidth < 1100);
  }

  /** Draw what has changed. An answer to an outdated request is dropped, because it may belong to another tab. */
  async update() {
    const { page, tab } = this;
    const mine = (this.asked += 1);
    const told = await this.told();
    if (mine !== this.asked || !page.screen) return;
    const giveBack = holdFocus();
    this.aside.setAttribute("aria-label", page.t("tools"));
    keep(this.aside, [
      ["head", [tab, page.language], () => this.head()],
      [`panel ${tab}`, page.language, () => el("div", { class: "panel", role: "tabpanel", id: "panel", tabindex: "0", "aria-label": page.t(tab) })],
    ]);
    const panel = this.aside.lastElementChild;
    const read = panel.querySelector("details[open]");
    const top = read?.getBoundingClientRect().top;
    keep(panel, told === null ? [["none", null, () => el("p", { class: "about" }, page.t("nothing_here"))]]
      : this.tabs[tab].parts(told));
    // An open entry keeps its position on the screen when new entries appear above it.
    if (read?.isConnected) panel.scrollTop += read.getBoundingClientRect().top - top;
    this.tabs[tab].drawn?.(told);
    giveBack();
  }

  /** Return the data of the tab, or null if it is refused, for example because the server has no such endpoint. */
  async told() {
    try {
      return await this.tabs[this.tab].told();
    } catch (problem) {
      if (problem instanceof Refused) return null;
      throw problem;
    }
  }

  head() {
    const { t } = this.page;
    const toggle = button(t("tools"), () => document.body.classList.toggle("tools-closed"), {
      class: "toggle", "data-key": "toggle", "aria-controls": "panel",
    });
    const tabs = Object.keys(this.tabs).map((tab) => button(t(tab), () => this.show(tab), {
      role: "tab", "data-key": `tab-${tab}`, "aria-selected": String(tab === this.tab), "aria-controls": "panel",
      tabindex: tab === this.tab ? "0" : "-1",
    }));
    return el("header", {}, toggle,
      el("div", { class: "tabs", role: "tablist", "aria-label": t("tools"), onkeydown: onTabKey }, tabs));
  }

  async show(tab) {
    this.tab = tab;
    await this.update();
  }
}
