/** DOM elements, made without innerHTML, so that typed text is never parsed as HTML. */

/** Create an element. `on…` attributes become listeners; attributes that are false or null are left out. */
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

/** Return an id that no other element of the page has. */
export function newId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/** Return a button that runs `act` and ignores further presses until it is done. */
export function button(label, act, attributes = {}) {
  const made = el("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", async () => {
    if (made.getAttribute("aria-busy") === "true") return;
    made.setAttribute("aria-busy", "true");
    try { await act(); } finally { made.removeAttribute("aria-busy"); }
  });
  return made;
}

/** Handle the arrow keys in a list of tabs. */
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
 * Fill `parent` with items, each `[key, looks, make]`. An item whose `looks` are unchanged keeps its element in place,
 * and with it the focus, the scroll position, what is open in it, and the target of a click. Returns the previous items.
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

/** Remember the focused element. The returned function focuses it again, or its replacement, or else `otherwise()`. */
export function holdFocus() {
  const held = document.activeElement;
  return (otherwise = () => null) => {
    if (document.activeElement !== document.body) return;
    if (held.isConnected) return void held.focus({ preventScroll: true });  // it lost the focus because it was moved
    const name = ["data-key", "data-action-id"].find((one) => held.hasAttribute(one));
    const message = held.closest("[data-ts]")?.dataset.ts;
    const within = message ? `[data-ts="${CSS.escape(message)}"] ` : "";
    const like = name && document.querySelector(`${within}[${name}="${CSS.escape(held.getAttribute(name))}"]`);
    (like ?? otherwise())?.focus();
  };
}

/** Return a person's initials, in a color that depends on the person's position in the list. */
export function avatar(person) {
  const letters = person.shown.split(/\s+/).slice(0, 2).map((part) => part[0]).join("").toUpperCase();
  return el("span", { class: "avatar", "aria-hidden": "true", "data-hue": String(person.hue ?? 0) }, letters);
}
