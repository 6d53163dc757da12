/** Input blocks and all elements that hold a value: their controls, their values, and when a value is reported. */

import { combobox, optionsOf } from "./combobox.js";
import { confirmed } from "./confirm.js";
import { picker } from "./dates.js";
import { el, newId } from "./dom.js";
import { plain, plainOf, textObject } from "./mrkdwn.js";

const LONG_LIST = 15;
const BIGGEST_FILE = 10 * 1024 * 1024;
const TEXT_TYPES = { email_text_input: "email", url_text_input: "url", number_input: "text", plain_text_input: "text" };
const PLURAL = { user: "users", channel: "channels", conversation: "conversations", option: "options" };
/** All fields on the page, by the target node of their control. */
const FIELDS = new WeakMap();

/** Return the keys of an element's value and initial value in its state, or null if this type holds no value. */
export function holding(type) {
  if (TEXT_TYPES[type]) return ["value", "initial_value"];
  if (type === "rich_text_input") return ["rich_text_value", "initial_value"];
  if (type === "radio_buttons") return ["selected_option", "initial_option"];
  if (type === "checkboxes") return ["selected_options", "initial_options"];
  if (type === "file_input") return ["files", "initial_files"];
  const picked = /^(date|time|datetime)picker$/.exec(type)?.[1].replace("datetime", "date_time");
  if (picked) return [`selected_${picked}`, `initial_${picked}`];
  const [, many, kind] = /^(multi_)?(static|external|user|channel|conversation)s?_select$/.exec(type) ?? [];
  const name = PLURAL[kind] ? kind : "option";
  return kind ? [`selected_${many ? PLURAL[name] : name}`, `initial_${many ? PLURAL[name] : name}`] : null;
}

/** Return a select, group of boxes or picker outside an input block. It reports its choice at once. */
export function valueElement(block, element, ctx) {
  const field = makeField(block, element, ctx);
  const name = element.placeholder?.text || block.text?.text || ctx.t("choose");
  field.control.target.setAttribute("aria-label", name);
  return el("div", { class: "bk-value" }, field.control.node, errorLine(field));
}

/** Return an input block: label, control, hint, and the line for its error. */
export function inputBlock(block, ctx) {
  const { element } = block;
  if (!holding(element.type)) return null;
  const field = makeField(block, element, ctx);
  const { target, node } = field.control;
  const group = target.matches("fieldset");
  target.id ||= newId("field");
  const label = el(group ? "div" : "label", { class: "bk-label", id: newId("label"), for: group ? null : target.id }, plain(block.label?.text),
    block.optional && el("span", { class: "bk-optional" }, ` (${ctx.t("optional")})`));
  target.setAttribute("aria-labelledby", label.id);
  if (!block.optional && !group && target.type !== "file") target.setAttribute("aria-required", "true");
  const hint = block.hint && el("div", { class: "bk-hint", id: newId("hint") }, plain(block.hint.text));
  field.hintId = hint?.id;
  const wrapper = el("div", { class: "bk-input", "data-block-id": block.block_id }, label, node, hint, errorLine(field));
  showError(wrapper, ctx.errors?.[block.block_id]);
  return wrapper;
}

/** Return the fields in a part of the page, in document order. */
export function fieldsIn(root) {
  return [...root.querySelectorAll("[data-action-id]")].map((node) => FIELDS.get(node)).filter(Boolean);
}

/** Show the error of the first field in the wrapper, or remove it if there is no text. */
export function showError(wrapper, text) {
  const field = fieldsIn(wrapper)[0];
  if (!field) return;
  field.error.textContent = text ?? "";
  field.error.hidden = !text;
  const { target } = field.control;
  const described = [text && field.error.id, field.hintId].filter(Boolean).join(" ");
  if (described) target.setAttribute("aria-describedby", described);
  else target.removeAttribute("aria-describedby");
  if (text) target.setAttribute("aria-invalid", "true");
  else target.removeAttribute("aria-invalid");
}

/** Return the values of fields in input blocks that were not reported yet, by block_id. */
export function pendingValues(formElement) {
  const waiting = fieldsIn(formElement).filter((field) => field.block.type === "input" && isPending(field));
  return Object.fromEntries(waiting.map((field) => [field.block.block_id, field.control.read()]));
}

/** Wait until all pending reports have arrived. */
export function settled(formElement) {
  return Promise.all(fieldsIn(formElement).map((field) => field.busy));
}

/** Return whether the field holds a value that was not reported. */
export function isPending(field) {
  return JSON.stringify(field.control.read()) !== field.reported;
}

/** Mark the values that were sent with a submission as reported. */
export function markReported(formElement, values) {
  for (const field of fieldsIn(formElement)) {
    if (field.block.block_id in values) field.reported = JSON.stringify(values[field.block.block_id]);
  }
}

/** Copy an unreported value from the same field before a redraw into the new one. */
export function carryOver(field, old) {
  const same = old.find(({ block, element }) => block.block_id === field.block.block_id
    && element.action_id === field.element.action_id && element.type === field.element.type);
  if (same && (same.busy || isPending(same))) field.control.restore?.(same.control.read());
}

/** Keep fields that are being removed from reporting when their removal takes the focus from them. */
export function retire(root) {
  for (const field of fieldsIn(root)) field.retired = true;
}

/** Return the node of a field that takes the focus. */
export function focusable({ control: { target } }) {
  return target.matches("fieldset") ? target.querySelector("input:checked") ?? target.querySelector("input") : target;
}

/** Write the workspace's value into a field, unless the field is in use or holds an unreported value. */
export function follow(field, ctx) {
  if (field.busy || isPending(field) || field.control.node.contains(document.activeElement)) return;
  write(field, heldBy(field.block, field.element, ctx));
}

function write(field, held) {
  field.control.write(held);
  field.reported = JSON.stringify(field.control.read());
}

function heldBy(block, element, ctx) {
  const [key, initial] = holding(element.type);
  const held = ctx.state?.[block.block_id]?.[element.action_id];
  return held && key in held ? held[key] : element[initial] ?? null;
}

function makeField(block, element, ctx) {
  const field = { block, element, busy: null };
  const report = () => reportNow(field, ctx);
  field.control = control(block, element, ctx, report);
  const { node, target } = field.control;
  target.dataset.actionId = element.action_id;
  FIELDS.set(target, field);
  write(field, heldBy(block, element, ctx));
  node.addEventListener("change", () => field.control.ready?.() !== false && report());
  node.addEventListener("focusout", (event) => node.contains(event.relatedTarget) || report());
  return field;
}

function errorLine(field) {
  field.error = el("div", { class: "bk-error", id: newId("error"), role: "alert", hidden: true });
  return field.error;
}

async function reportNow(field, ctx) {
  const value = field.control.read();
  const before = field.reported;
  if (!isPending(field) || field.asking || field.retired) return;
  if (field.element.confirm && !(await agreed(field, ctx))) {
    field.control.write(field.last ?? heldBy(field.block, field.element, ctx));
    return;
  }
  field.reported = JSON.stringify(value);
  const sent = Promise.resolve(field.busy).then(() => send(field, value, ctx)).catch((problem) => {
    // The report failed, so the value is sent when the form is submitted.
    field.reported = before;
    showError(field.error.parentElement, problem?.message || ctx.t("action_failed"));
  });
  field.busy = sent;
  await sent;
  if (field.busy === sent) field.busy = null;
}

async function agreed(field, ctx) {
  field.asking = true;
  const answer = await confirmed(field.element.confirm, ctx);
  field.asking = false;
  return answer;
}

function send({ block, element }, value, ctx) {
  // Only a view holds values. In a message, a choice is an action.
  const held = ctx.state?.[block.block_id]?.[element.action_id];
  if (block.type === "input" || held) return ctx.onInput(block, element, value);
  return ctx.onAction({ action_id: element.action_id, block_id: block.block_id, value: undefined, choice: value ?? undefined });
}

function control(block, element, ctx, report) {
  const { type } = element;
  if (TEXT_TYPES[type] || type === "rich_text_input") return textControl(block, element, ctx, report);
  if (type.endsWith("picker")) return picker(element, ctx);
  if (type === "radio_buttons" || type === "checkboxes") return boxes(element, ctx);
  if (type === "file_input") return fileControl(element, ctx, report);
  if (type === "static_select" && optionsOf(element).length <= LONG_LIST) return nativeSelect(element, ctx);
  return combobox(block, element, ctx, report);
}

function textControl(block, element, ctx, report) {
  const many = element.multiline || element.type === "rich_text_input";
  const input = el(many ? "textarea" : "input", {
    class: "bk-text", type: many ? null : TEXT_TYPES[element.type], rows: many ? element.min_lines ?? 4 : null,
    placeholder: element.placeholder?.text, minlength: element.min_length, maxlength: element.max_length, autocomplete: "off",
    inputmode: element.type === "number_input" ? (element.is_decimal_allowed ? "decimal" : "numeric") : null,
  });
  const counter = element.max_length && el("span", { class: "bk-counter", "aria-hidden": "true" });
  const count = () => { if (counter) counter.textContent = leftOf(element.max_length, input.value.length); };
  const dispatch = block.dispatch_action ? element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"] : [];
  let timer = 0;
  input.addEventListener("input", () => {
    count();
    clearTimeout(timer);
    if (dispatch.includes("on_character_entered")) timer = setTimeout(report, 400);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || many || !dispatch.includes("on_enter_pressed")) return;
    event.preventDefault();
    report();
  });
  return {
    node: el("div", { class: "bk-field" }, input, counter), target: input, read: () => input.value || null,
    write: (held) => { input.value = typeof held === "object" ? plainOf(held) : held ?? ""; count(); },
    // Used by a redraw to carry over unreported text.
    restore: (value) => { input.value = value ?? ""; count(); },
  };
}

function leftOf(most, length) {
  return length > most * 0.8 || most <= 100 ? `${length} / ${most}` : "";
}

function nativeSelect(element, ctx) {
  const choice = (option) => el("option", { value: option.value }, option.text?.text ?? option.value);
  const groups = (element.option_groups ?? []).map((group) => el("optgroup", { label: group.label?.text }, group.options.map(choice)));
  const none = el("option", { value: "" }, element.placeholder?.text || ctx.t("choose"));
  const select = el("select", { class: "bk-select" }, none, (element.options ?? []).map(choice), groups);
  return {
    node: select, target: select, read: () => select.value || null,
    write: (held) => { select.value = held?.value ?? ""; }, restore: (value) => { select.value = value ?? ""; },
  };
}

function boxes(element, ctx) {
  const many = element.type === "checkboxes";
  const name = newId("choice");
  const inputs = (element.options ?? []).map(({ value }) => el("input", { type: many ? "checkbox" : "radio", name, value, class: "bk-box" }));
  const rows = (element.options ?? []).map((option, index) => el("label", { class: "bk-choice" }, inputs[index],
    el("span", {}, textObject(option.text, ctx),
      option.description && el("span", { class: "bk-description" }, textObject(option.description, ctx)))));
  const group = el("fieldset", { class: "bk-choices", role: many ? "group" : "radiogroup" }, rows);
  const checked = () => inputs.filter((input) => input.checked).map((input) => input.value);
  const check = (values) => inputs.forEach((input) => { input.checked = values.includes(input.value); });
  return {
    node: group, target: group,
    // Without a checked box the value is null, which the workspace treats like an empty list.
    read: () => (many ? (checked().length ? checked() : null) : checked()[0] ?? null),
    write: (held) => check([held].flat().map((option) => option?.value)), restore: (value) => check([value].flat()),
  };
}

function fileControl(element, ctx, report) {
  const most = element.max_files ?? 10;
  const types = (element.filetypes ?? []).map((type) => `.${type}`).join(",");
  const input = el("input", { type: "file", class: "bk-file-input", multiple: most > 1, accept: types || null });
  const names = el("ul", { class: "bk-file-names" });
  const clear = el("button", { type: "button", class: "bk-button", onclick: () => { input.value = ""; keep([]); report(); input.focus(); } }, ctx.t("remove"));
  let files = [];
  const keep = (list) => {
    files = list;
    names.replaceChildren(...list.map((file) => el("li", {}, file.name)));
    clear.hidden = !list.length;
  };
  input.addEventListener("change", async (event) => {
    event.stopPropagation();
    const chosen = [...input.files];
    const problem = fileProblem(chosen, element, most, ctx);
    showError(input.closest(".bk-input") ?? input.parentElement, problem);
    if (problem) { input.value = ""; return; }
    keep(await Promise.all(chosen.map(contentOf)));
    report();
  });
  return { node: el("div", { class: "bk-files" }, input, names, clear), target: input, read: () => (files.length ? files : null), write: (held) => keep(held ?? []) };
}

function fileProblem(files, element, most, ctx) {
  if (files.length > most) return ctx.t("file_too_many", { n: most }).replace("{n}", most);
  if (files.some((file) => file.size > BIGGEST_FILE)) return ctx.t("file_too_big");
  const types = element.filetypes ?? [];
  const fits = (file) => !types.length || types.includes(file.name.split(".").pop().toLowerCase());
  return files.every(fits) ? "" : ctx.t("file_wrong_type", { types: types.join(", ") }).replace("{types}", types.join(", "));
}

async function contentOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  // In slices, because the number of arguments of a call is limited.
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return { name: file.name, content: btoa(text) };
}
