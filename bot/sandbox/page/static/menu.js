/** A button with a menu, and the placement of popovers. */

import { el } from "./dom.js";

/**
 * Return a button that opens a menu. `items()` returns the entries: `label` and optionally `about` as nodes, and `act`.
 * The menu is a popover: it is above everything else, and closes on Escape and on a click elsewhere.
 */
export function menuButton(label, items, attributes = {}) {
  const menu = el("div", { class: "bk-popover bk-menu", role: "menu", popover: "auto", onkeydown: (event) => onKey(event, menu, opener) });
  const opener = el("button", { type: "button", "aria-haspopup": "menu", "aria-expanded": "false", ...attributes }, label);
  opener.popoverTargetElement = menu;
  menu.addEventListener("toggle", (event) => {
    const open = event.newState === "open";
    opener.setAttribute("aria-expanded", String(open));
    if (!open) return;
    menu.replaceChildren(...items().map((item) => entry(item, menu, opener)));
    place(menu, opener);
    menu.firstElementChild?.focus();
  });
  return el("span", { class: "menu-button" }, opener, menu);
}

function entry({ label, about, act }, menu, opener) {
  // The opener takes the focus first, so that a dialog which `act` opens returns the focus to it.
  const choose = () => { menu.hidePopover(); opener.focus(); act(opener); };
  return el("button", { type: "button", role: "menuitem", tabindex: "-1", class: "bk-option", onclick: choose },
    el("span", {}, label), about && el("span", { class: "bk-description" }, about));
}

function onKey(event, menu, opener) {
  const items = [...menu.children];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") menu.hidePopover();
  if (event.key === "Escape") {
    // The browser would focus the element that was focused before, which a redraw may have replaced.
    opener.focus();
    // This Escape closes the menu only, not a dialog below it.
    event.preventDefault();
  }
  if (to === undefined) return;
  event.preventDefault();
  items[to % items.length]?.focus();
}

/** Place an open popover below its anchor, or above it if there is too little room below. */
export function place(panel, anchor) {
  const at = anchor.getBoundingClientRect();
  const below = window.innerHeight - at.bottom - 12;
  const under = below >= Math.min(panel.scrollHeight, 240) || below >= at.top - 12;
  panel.style.minWidth = `${Math.min(at.width, window.innerWidth - 16)}px`;
  panel.style.maxHeight = `${Math.max(Math.min(288, under ? below : at.top - 12), 80)}px`;
  const start = at.left > window.innerWidth / 2 ? at.right - panel.offsetWidth : at.left;
  panel.style.left = `${Math.max(Math.min(start, window.innerWidth - panel.offsetWidth - 8), 8)}px`;
  panel.style.top = under ? `${at.bottom + 4}px` : "auto";
  panel.style.bottom = under ? "auto" : `${window.innerHeight - at.top + 4}px`;
}
