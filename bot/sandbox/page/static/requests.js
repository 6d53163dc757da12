/** The requests tab: the requests between Slack and the bot, newest first. */

import { dateText } from "./dates.js";
import { el } from "./dom.js";

const LATEST = 60;
/** How many of the latest requests a search covers. */
const SEARCHED = 1000;

export class Requests {
  constructor(page, again) {
    Object.assign(this, { page, again, wanted: "" });
  }

  async told() {
    const { entries } = await this.page.ask("log", { limit: this.wanted ? SEARCHED : LATEST });
    return entries.reverse();
  }

  parts(entries) {
    const { t } = this.page;
    const lines = entries.map((entry) => ({ ...entry, person: this.person(entry), key: `${entry.at} ${entry.name} ${entry.seconds}` }))
      .filter((entry) => this.fits(entry)).slice(0, LATEST);
    return [
      ["about", null, () => el("p", { class: "about" }, t("requests_about"))],
      ["search", null, () => el("input", { type: "search", class: "search", "data-key": "search", value: this.wanted,
        placeholder: t("search"), "aria-label": t("search"), oninput: (event) => this.search(event.target.value) })],
      ...lines.map((entry) => [entry.key, this.page.screen.me.tz, () => this.line(entry)]),
      ...(lines.length ? [] : [["none", null, () => el("p", {}, t("nothing_found"))]]),
    ];
  }

  search(text) {
    this.wanted = text.trim().toLowerCase();
    this.again();
  }

  fits({ name, person, direction }) {
    return [name, person, this.page.t(direction)].some((text) => text.toLowerCase().includes(this.wanted));
  }

  /** Return the name of the person or channel that a request concerns. */
  person({ request }) {
    const id = request?.user?.id ?? request?.user_id ?? request?.event?.user ?? request?.user ?? request?.channel;
    const { people, channels } = this.page.screen;
    return people.find((one) => one.id === id)?.shown ?? channels.find((one) => one.id === id && one.name)?.name ?? "";
  }

  line(entry) {
    const { t } = this.page;
    const failed = entry.status !== 200 || entry.answer?.ok === false;
    const time = dateText(Math.floor(new Date(entry.at) / 1000), "{time_secs}", this.page.own());
    const body = el("pre", { tabindex: "0" });
    const made = el("details", { class: "request" },
      el("summary", { class: failed ? "failed" : "" }, el("small", {}, t(entry.direction)), ` ${entry.name} `,
        el("small", {}, [time, entry.person, entry.status ?? "–", `${Math.round(entry.seconds * 1000)} ms`].filter(Boolean).join(" · "))), body);
    made.addEventListener("toggle", () => {
      body.textContent = made.open ? JSON.stringify({ request: entry.request, answer: entry.answer }, null, 2) : "";
    });
    return made;
  }
}
