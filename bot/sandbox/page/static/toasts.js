/** Short notes at the top of the page, above everything else: also above an open form. */

import { el } from "./dom.js";

const SHOWN = 8000;

/** Show what happened, for a while; read out by screen readers. */
export function toast(text) {
  const all = document.getElementById("toasts");
  const note = el("p", { class: "toast" }, text);
  all.append(note);
  if (all.matches(":popover-open")) all.hidePopover();
  // Beside an open form everything is out of reach; and what was opened last lies on top.
  (document.querySelector("dialog:modal") ?? document.body).append(all);
  all.showPopover();
  setTimeout(() => {
    note.remove();
    if (!all.children.length) all.hidePopover();
  }, SHOWN);
}
