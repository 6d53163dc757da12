/** Elements without innerHTML: what people typed is always text. */

/** Make an element; `on…` attributes are listeners, others are set as attributes, false and null are left out. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return made;
}

let lastId = 0;

/** An id that no other element of the page has. */
export function newId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/** A button that runs `act` and cannot be pressed twice meanwhile. */
export function button(label, act, attributes = {}) {
  const made = el("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", async () => {
    if (made.getAttribute("aria-busy") === "true") return;
    made.setAttribute("aria-busy", "true");
    try { await act(); } finally { made.removeAttribute("aria-busy"); }
  });
  return made;
}

/** Arrow keys in a list of tabs. */
export function onTabKey(event) {
  const tabs = [...event.currentTarget.querySelectorAll("[role=tab]")];
  const step = { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const next = tabs[(tabs.indexOf(document.activeElement) + step) % tabs.length];
  next.focus();
  next.click();
}

const KEPT = new WeakMap();

/**
 * Fill a part of the page with items, each `[key, looks, make]`. One that looks as it did keeps its element, where it
 * stands: with it focus, scrolling, what is open in it, and what somebody is about to click.
 */
export function keep(parent, items) {
  const before = KEPT.get(parent) ?? new Map();
  const now = new Map(items.map(([key, looks, make]) => {
    const old = before.get(key);
    const text = JSON.stringify(looks) ?? "";
    return [key, old?.text === text ? old : { text, node: make() }];
  }));
  KEPT.set(parent, now);
  const nodes = [...now.values()].map(({ node }) => node);
  const staying = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!staying.has(child)) child.remove();
  nodes.forEach((node, at) => parent.childNodes[at] === node || parent.insertBefore(node, parent.childNodes[at] ?? null));
  return before;
}

/** Remembers what has the focus; the returned function gives it to what came in its place, else to `otherwise()`. */
export function holdFocus() {
  const held = document.activeElement;
  return (otherwise = () => null) => {
    if (document.activeElement !== document.body) return;
    if (held.isConnected) return void held.focus();  // it was moved, which takes the focus from it
    const name = ["data-key", "data-action-id"].find((one) => held.hasAttribute(one));
    const message = held.closest("[data-ts]")?.dataset.ts;
    const within = message ? `[data-ts="${CSS.escape(message)}"] ` : "";
    const like = name && document.querySelector(`${within}[${name}="${CSS.escape(held.getAttribute(name))}"]`);
    (like ?? otherwise())?.focus();
  };
}

/** The letters that stand for somebody, in the color of their place in the list. */
export function avatar(person) {
  const letters = person.shown.split(/\s+/).slice(0, 2).map((part) => part[0]).join("").toUpperCase();
  return el("span", { class: "avatar", "aria-hidden": "true", "data-hue": String(person.hue ?? 0) }, letters);
}
