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

/** Put these children in the place of what an element holds, keeping the focus where a like element comes back. */
export function refill(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  parent.replaceChildren(...children.flat().filter(Boolean));
  if (focused) parent.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

const LOOKS = new WeakMap();

/** Fill a part of the page anew only if what it shows changed: what one is about to click stays where it is. */
export function whenChanged(parent, shown, fill) {
  const looks = JSON.stringify(shown);
  if (LOOKS.get(parent) === looks) return;
  LOOKS.set(parent, looks);
  refill(parent, ...fill());
}

/** The letters that stand for somebody, and a color that stays theirs. */
export function avatar(person) {
  const letters = person.shown.split(/\s+/).slice(0, 2).map((part) => part[0]).join("").toUpperCase();
  const hue = [...person.id].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 360, 7);
  return el("span", { class: "avatar", "aria-hidden": "true", "data-hue": String(Math.floor(hue / 45)) }, letters);
}
