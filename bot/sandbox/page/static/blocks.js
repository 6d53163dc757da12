/** Blocks, the buttons in them, and whole messages, as DOM nodes. */

import { confirmed } from "./confirm.js";
import { el } from "./dom.js";
import { inputBlock, valueElement, holding } from "./inputs.js";
import { menuButton } from "./menu.js";
import { markdown, mrkdwn, outLink, plain, richText, safeUrl, textObject } from "./mrkdwn.js";

const IMAGES = new Set(["png", "jpg", "jpeg", "gif", "webp"]);
const ICONS = { trash: "🗑" };
const COLORS = { good: "#2eb67d", warning: "#ecb22e", danger: "#e01e5a" };
const PLACES_OF_TEXT = ["title", "subtitle", "text", "body", "subtext"];

const RENDERERS = {
  section,
  header: (block) => el(`h${Math.min((block.level ?? 1) + 2, 6)}`, { class: "bk-header" }, plain(block.text?.text)),
  divider: () => el("hr", { class: "bk-divider" }),
  context: (block, ctx) => el("div", { class: "bk-context" }, (block.elements ?? []).map((part) => el("span", {}, element(block, part, ctx)))),
  actions: row,
  context_actions: row,
  image: figure,
  input: inputBlock,
  rich_text: richText,
  markdown: (block, ctx) => el("div", { class: "bk-markdown" }, markdown(block.text, ctx)),
  table,
  data_table: table,
  file: (block, ctx) => fileCard(block.file ?? { name: block.external_id }, ctx),
  video,
  alert: (block, ctx) => el("div", { class: `bk-alert bk-alert-${block.level ?? "default"}`, role: "note" }, textObject(block.text, ctx)),
  card: composite,
  carousel: composite,
  container: composite,
};

/** Return blocks as nodes, one element per block, marked with its block_id. */
export function renderBlocks(blocks, ctx) {
  const made = document.createDocumentFragment();
  for (const block of blocks ?? []) {
    const node = known(block, ctx) ?? unknown(block, ctx);
    node.classList.add("bk-block");
    if (block.block_id) node.dataset.blockId = block.block_id;
    made.append(node);
  }
  return made;
}

/** Return what a message shows: its blocks, or its text if it has none, then attachments and files. */
export function renderMessageBody(message, ctx) {
  const made = document.createDocumentFragment();
  if (message.blocks?.length) made.append(renderBlocks(message.blocks, ctx));
  else if (message.text) made.append(el("div", { class: "bk-block bk-text-only" }, mrkdwn(message.text, ctx)));
  for (const attachment of message.attachments ?? []) made.append(attached(attachment, ctx));
  for (const file of message.files ?? []) made.append(fileCard(file, ctx));
  return made;
}

function known(block, ctx) {
  return Object.hasOwn(RENDERERS, block.type) ? RENDERERS[block.type](block, ctx) : null;
}

function unknown(block, ctx) {
  const said = PLACES_OF_TEXT.map((place) => block[place]?.text).filter((text) => typeof text === "string").join(" · ");
  return el("div", { class: "bk-unknown" }, `${ctx.t("unknown_block")} (${block.type})`, said && `: ${said}`);
}

function section(block, ctx) {
  const fields = (block.fields ?? []).map((field) => el("div", { class: "bk-grid-field" }, textObject(field, ctx)));
  const text = el("div", { class: "bk-section-text" }, block.text && el("div", {}, textObject(block.text, ctx)),
    fields.length > 0 && el("div", { class: "bk-grid" }, fields));
  return el("div", { class: "bk-section" }, text, block.accessory && el("div", { class: "bk-accessory" }, element(block, block.accessory, ctx)));
}

function row(block, ctx) {
  return el("div", { class: "bk-actions" }, (block.elements ?? []).map((part) => element(block, part, ctx)));
}

function figure(block, ctx) {
  const caption = block.title && el("figcaption", { class: "bk-caption" }, plain(block.title.text));
  return el("figure", { class: "bk-figure" }, caption, picture(block, ctx, "bk-image"));
}

function picture(part, ctx, kind) {
  const file = part.slack_file;
  const source = part.image_url ? safeUrl(part.image_url) : file && (file.id ? ctx.fileUrl(file) : safeUrl(file.url));
  return el("img", { class: kind, src: source, alt: part.alt_text ?? "", loading: "lazy", referrerpolicy: "no-referrer" });
}

function table(block, ctx) {
  const settings = block.column_settings ?? [];
  const cell = (tag) => (content, column) => {
    const made = el(tag, { scope: tag === "th" && "col" }, cellContent(content, ctx));
    made.style.textAlign = { center: "center", right: "end" }[settings[column]?.align] ?? (content?.type === "raw_number" ? "end" : "start");
    made.style.whiteSpace = settings[column]?.is_wrapped ? "pre-wrap" : "";
    return made;
  };
  const [first = [], ...rest] = block.rows ?? [];
  const made = el("table", { class: "bk-table" }, block.caption && el("caption", {}, String(block.caption.text ?? block.caption)),
    el("thead", {}, el("tr", {}, first.map(cell("th")))), el("tbody", {}, rest.map((cells) => el("tr", {}, cells.map(cell("td"))))));
  return el("div", { class: "bk-scroll", tabindex: "0", role: "region", "aria-label": ctx.t("table") }, made);
}

function cellContent(cell, ctx) {
  if (cell?.type === "rich_text") return richText(cell, ctx);
  return String(cell?.text ?? cell?.value ?? "");
}

function video(block, ctx) {
  const title = outLink(block.title_url ?? block.video_url, plain(block.title?.text));
  const about = [block.provider_name, block.author_name].filter(Boolean).join(" · ");
  return el("div", { class: "bk-card" }, picture({ image_url: block.thumbnail_url, alt_text: block.alt_text }, ctx, "bk-thumb"),
    el("div", {}, el("div", { class: "bk-strong" }, "▶ ", title), about && el("div", { class: "bk-description" }, about),
      block.description && el("div", {}, plain(block.description.text))));
}

/** Return a card, carousel or container: its image, texts, inner blocks and buttons. */
function composite(block, ctx) {
  const texts = PLACES_OF_TEXT.filter((place) => block[place]).map((place) => el("div", { class: `bk-${place}` }, textObject(block[place], ctx)));
  const image = block.hero_image && picture(block.hero_image, ctx, "bk-image");
  const inner = renderBlocks([...(block.child_blocks ?? []), ...(block.cards ?? []).map((card) => ({ type: "card", ...card }))], ctx);
  const buttons = block.actions && row({ ...block, elements: block.actions }, ctx);
  return el("div", { class: block.type === "carousel" ? "bk-carousel" : "bk-composite" }, image, texts, inner, buttons);
}

function element(block, part, ctx) {
  switch (part.type) {
    case "mrkdwn": case "plain_text": return textObject(part, ctx);
    case "image": return picture(part, ctx, block.type === "context" ? "bk-icon-image" : "bk-thumb");
    case "button": case "workflow_button": return button(block, part, ctx);
    case "icon_button": return iconButton(block, part, ctx);
    case "feedback_buttons": return ["positive_button", "negative_button"].map((side) => feedback(block, part, part[side], ctx));
    case "overflow": return overflow(block, part, ctx);
    default: return holding(part.type) ? valueElement(block, part, ctx) : unknown(part, ctx);
  }
}

function button(block, part, ctx, label = plain(part.text?.text)) {
  const action = { action_id: part.action_id, block_id: block.block_id, value: part.value, choice: undefined };
  const made = el("button", {
    type: "button", class: part.style ? `bk-button bk-${part.style}` : "bk-button", "data-action-id": part.action_id,
    "aria-label": part.accessibility_label, onclick: () => act(made, part, part.url, action, ctx),
  }, label);
  return made;
}

/** Run the action of a button or menu. The control ignores further presses until the action is done. */
async function act(control, part, url, action, ctx) {
  if (control.getAttribute("aria-disabled") === "true") return;
  // `disabled` would take the keyboard focus from the control.
  control.setAttribute("aria-disabled", "true");
  control.nextElementSibling?.matches(".bk-action-error") && control.nextElementSibling.remove();
  try {
    if (part.confirm && !(await confirmed(part.confirm, ctx))) return;
    if (url && safeUrl(url)) window.open(safeUrl(url), "_blank", "noopener,noreferrer");
    await ctx.onAction(action);
  } catch (problem) {
    control.after(el("span", { class: "bk-error bk-action-error", role: "alert" }, problem?.message || ctx.t("action_failed")));
  } finally {
    control.removeAttribute("aria-disabled");
  }
}

function iconButton(block, part, ctx) {
  if (part.visible_to_user_ids && !part.visible_to_user_ids.includes(ctx.me?.id)) return null;
  const label = part.accessibility_label ?? part.text?.text;
  const made = button(block, { ...part, accessibility_label: label }, ctx, ICONS[part.icon] ?? plain(part.text?.text));
  made.title = label ?? "";
  return made;
}

function feedback(block, part, side, ctx) {
  return side && button(block, { ...side, action_id: part.action_id }, ctx);
}

function overflow(block, part, ctx) {
  const item = (option) => ({
    label: plain(option.text?.text),
    about: option.description && plain(option.description.text),
    act: (opener) => act(opener, part, option.url,
      { action_id: part.action_id, block_id: block.block_id, value: undefined, choice: option.value }, ctx),
  });
  const made = menuButton("⋯", () => (part.options ?? []).map(item), {
    class: "bk-button bk-overflow", "data-action-id": part.action_id, "aria-label": ctx.t("more_actions"),
  });
  made.classList.add("bk-value");
  return made;
}

function attached(attachment, ctx) {
  const text = (content, kind) => content && el("div", { class: kind }, mrkdwn(content, ctx));
  const parts = [
    attachment.author_name && el("div", { class: "bk-description" }, plain(attachment.author_name)),
    attachedTitle(attachment),
    text(attachment.text),
    attachment.fields?.length && el("div", { class: "bk-grid" }, attachment.fields.map((field) => attachedField(field, ctx))),
    attachment.image_url && picture({ image_url: attachment.image_url, alt_text: attachment.fallback }, ctx, "bk-image"),
    attachment.blocks && renderBlocks(attachment.blocks, ctx),
    text(attachment.footer, "bk-description"),
  ].filter(Boolean);
  const made = el("div", { class: "bk-attachment" }, parts.length ? parts : mrkdwn(attachment.fallback, ctx));
  const color = COLORS[attachment.color] ?? (attachment.color && `#${attachment.color.replace("#", "")}`);
  if (color) made.style.borderInlineStartColor = color;
  return el("div", { class: "bk-block" }, text(attachment.pretext), made);
}

function attachedTitle({ title, title_link: link }) {
  return title && el("div", { class: "bk-strong" }, link ? outLink(link, plain(title)) : plain(title));
}

function attachedField(field, ctx) {
  const title = el("div", { class: "bk-strong" }, plain(field.title));
  return el("div", { class: field.short ? "bk-grid-field" : "bk-grid-field bk-wide" }, title, mrkdwn(field.value, ctx));
}

function fileCard(file, ctx) {
  const name = file.title || file.name || file.id || "";
  const href = ctx.fileUrl(file);
  if (file.mimetype?.startsWith("image/") || IMAGES.has(file.filetype)) {
    const shown = el("img", { class: "bk-image", src: href, alt: name, loading: "lazy" });
    const large = el("a", { class: "bk-link", href, target: "_blank", rel: "noopener" }, shown);
    return el("figure", { class: "bk-block bk-figure" }, el("figcaption", { class: "bk-caption" }, name), large);
  }
  const label = `${ctx.t("download")} ${name}`;
  const link = el("a", { class: "bk-link", href, download: file.name ?? name, "aria-label": label }, ctx.t("download"));
  const about = [file.name !== name && file.name, file.size && sizeText(file.size)].filter(Boolean);
  const told = about.length > 0 && el("span", { class: "bk-description" }, ` · ${about.join(" · ")}`);
  return el("div", { class: "bk-block bk-card" }, el("span", { "aria-hidden": "true", class: "bk-file-icon" }, "📄"),
    el("div", {}, el("div", { class: "bk-strong" }, name), link, told));
}

function sizeText(bytes) {
  const unit = bytes >= 1_048_576 ? [1_048_576, "MB"] : bytes >= 1024 ? [1024, "kB"] : [1, "B"];
  return `${Math.round((bytes / unit[0]) * 10) / 10} ${unit[1]}`;
}
