/** Short notes at the top of the page, above everything else, including an open modal. */

import { el } from "./dom.js";

const SHOWN = 8000;

/** Show a note for a few seconds. Screen readers read it out. */
export function toast(text) {
  const all = document.getElementById("toasts");
  const note = el("p", { class: "toast" }, text);
  all.append(note);
  if (all.matches(":popover-open")) all.hidePopover();
  // Everything outside an open modal is inert. The popover that was opened last is on top.
  (document.querySelector("dialog:modal") ?? document.body).append(all);
  all.showPopover();
  setTimeout(() => {
    note.remove();
    if (!all.children.length) all.hidePopover();
  }, SHOWN);
}
