/** Hints while a command is typed: matching commands and their usage. Arrow keys choose; Enter and Tab complete. */

import { el } from "./dom.js";

export class Hints {
  constructor(commands, box, id) {
    Object.assign(this, { commands, box, fitting: [], at: 0 });
    this.list = el("ul", { class: "hints", id, role: "listbox", "aria-label": "/", hidden: true, onmousedown: (event) => event.preventDefault() });
    for (const [name, value] of Object.entries({ "aria-controls": id, "aria-autocomplete": "list" })) box.setAttribute(name, value);
    box.addEventListener("input", () => this.open());
    box.addEventListener("blur", () => this.close());
  }

  open() {
    const typed = this.box.value;
    const [word] = typed.split(" ");
    this.fitting = typed.startsWith("/") ? this.commands.filter((one) => one.command.startsWith(word)) : [];
    this.at = 0;
    this.draw();
  }

  close() {
    this.fitting = [];
    this.draw();
  }

  draw() {
    this.list.hidden = !this.fitting.length;
    this.list.replaceChildren(...this.fitting.map((one, index) =>
      el("li", { role: "option", id: `${this.list.id}-${index}`, "aria-selected": String(index === this.at), onclick: () => this.complete(one) },
        el("b", {}, one.command), ` ${one.usage_hint ?? ""}`, el("small", {}, one.description ?? ""))));
    if (this.fitting.length) this.box.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  /** Handle a key, and return whether it was for the hints. Enter sends a command that is typed in full. */
  take(event) {
    if (!this.fitting.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = this.fitting[this.at];
    const whole = this.box.value.split(" ")[0] === chosen.command;
    if (step && this.fitting.length > 1) this.move(step);
    else if (event.key === "Escape") this.close();
    else if (["Enter", "Tab"].includes(event.key) && !event.shiftKey && !whole) this.complete(chosen);
    else return false;
    event.preventDefault();
    return true;
  }

  move(step) {
    this.at = (this.at + step + this.fitting.length) % this.fitting.length;
    this.draw();
  }

  complete(command) {
    if (!this.box.value.includes(" ")) this.box.value = `${command.command} `;
    this.box.dispatchEvent(new Event("input"));
    this.box.focus();
  }
}
