/** Slack's texts as DOM nodes: mrkdwn, rich text and Markdown. Nothing here parses HTML. */

import { dateText } from "./dates.js";
import { el } from "./dom.js";

// A finished node (a link, a mention) is replaced by its number between two marks while the styles around it are parsed.
const MARK = "\uFFFC";
const TOKEN = /<([^<>]*)>/g;
const ATOM = /\uFFFC(\d+)\uFFFC/;
const BARE_URL = /https?:\/\/[^\s<>|\uFFFC\u3000-\u303F\uFF00-\uFFEF]+/g;
const URL_TAIL = /[.,;:!?'")\]}*_~`]+$/;
const BROADCAST = /(?<![\p{L}\p{N}_@])@(here|channel|everyone)\b/gu;
const EMOJI_NAME = /:([a-z0-9_+'-]+):(?::skin-tone-[2-6]:)?/g;
const STYLES = { "*": "strong", _: "em", "~": "s" };
const STYLED = /(?<![\p{L}\p{N}_*~])([*_~])(?=\S)((?:(?!\1).)+?)(?<=\S)\1(?![\p{L}\p{N}_*~])/u;
const SAFE = new Set(["http:", "https:", "mailto:"]);

const EMOJI = Object.fromEntries(
  `+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|tada 🎉|white_check_mark ✅|heavy_check_mark ✔️|x ❌|warning ⚠️|bell 🔔|eyes 👀|fire 🔥
  rocket 🚀|smile 😄|slightly_smiling_face 🙂|grinning 😀|joy 😂|wink 😉|thinking_face 🤔|sob 😭|cry 😢|pray 🙏|clap 👏|wave 👋|ok_hand 👌
  raised_hands 🙌|muscle 💪|point_right 👉|point_left 👈|point_up ☝️|point_down 👇|heart ❤️|100 💯|star ⭐|sparkles ✨|bulb 💡|memo 📝
  pencil2 ✏️|paperclip 📎|link 🔗|lock 🔒|unlock 🔓|key 🔑|hammer 🔨|wrench 🔧|gear ⚙️|bug 🐛|calendar 📆|date 📅|clock1 🕐
  hourglass ⌛|hourglass_flowing_sand ⏳|alarm_clock ⏰|stopwatch ⏱️|phone 📞|email 📧|envelope ✉️|inbox_tray 📥|outbox_tray 📤|package 📦
  file_folder 📁|open_file_folder 📂|page_facing_up 📄|clipboard 📋|bar_chart 📊|chart_with_upwards_trend 📈|computer 💻|floppy_disk 💾
  rotating_light 🚨|no_entry ⛔|no_entry_sign 🚫|question ❓|exclamation ❗|information_source ℹ️|red_circle 🔴|large_blue_circle 🔵
  large_green_circle 🟢|large_yellow_circle 🟡|large_orange_circle 🟠|white_circle ⚪|black_circle ⚫|arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️
  arrow_down ⬇️|repeat 🔁|recycle ♻️|robot_face 🤖|speech_balloon 💬|loudspeaker 📢|mega 📣|mag 🔍|house 🏠|coffee ☕|checkered_flag 🏁`
    .split(/[|\n]/).map((pair) => pair.trim().split(" ")),
);

/** Return the address if it may be opened from a message, else null. */
export function safeUrl(address) {
  try {
    const url = new URL(address);
    return SAFE.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** Return an external link, or plain text if the address may not be opened. */
export function outLink(address, ...label) {
  const href = safeUrl(address);
  const shown = label.length ? label : [address];
  if (!href) return el("span", {}, ...shown);
  // The tooltip shows the address, so that a label cannot disguise it.
  return el("a", { href, target: "_blank", rel: "noopener noreferrer", title: href, class: "bk-link" }, ...shown);
}

/** Return a mention of a person, channel, group or broadcast as a chip with its name. */
export function mention(kind, id, ctx, label = "") {
  if (kind === "user") return chip("@" + (ctx.people.get(id)?.shown || label || id), id === ctx.me?.id);
  if (kind === "channel") return chip("#" + (ctx.channelNames[id] || label || id));
  if (kind === "group") return chip("@" + (ctx.groups.get(id)?.handle || label || id).replace(/^@/, ""));
  return chip("@" + id, true);
}

function chip(text, me = false) {
  return el("span", { class: me ? "bk-mention bk-mention-me" : "bk-mention" }, text);
}

/** Return escaped text as it is shown, with the three entities resolved. */
export function unescape(text) {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

/** Return mrkdwn as nodes. With `verbatim`, bare addresses and plain broadcasts stay text. */
export function mrkdwn(text, ctx, { verbatim = false } = {}) {
  const made = document.createDocumentFragment();
  const [marked, scene] = withAtoms(text, ctx, verbatim);
  marked.split(/```([\s\S]+?)```/).forEach((part, index) => {
    if (index % 2) made.append(el("pre", { class: "bk-pre" }, leaf(part.replace(/^\n|\n$/g, ""), scene, false)));
    else made.append(lines(index ? part.replace(/^\n/, "") : part, scene));
  });
  return made;
}

function withAtoms(text, ctx, verbatim) {
  const atoms = [];
  const keep = (node) => MARK + (atoms.push(node) - 1) + MARK;
  const marked = String(text ?? "").replaceAll(MARK, "\uFFFD").replace(TOKEN, (_, token) => keep(tokenNode(token, ctx)));
  return [unescape(marked), { atoms, keep, verbatim }];
}

/** Return text without markup as nodes. Only emoji names are replaced. */
export function plain(text) {
  const made = document.createDocumentFragment();
  let rest = 0;
  for (const found of String(text ?? "").matchAll(EMOJI_NAME)) {
    if (!Object.hasOwn(EMOJI, found[1])) continue;
    made.append(text.slice(rest, found.index), emoji(found[1]));
    rest = found.index + found[0].length;
  }
  made.append(String(text ?? "").slice(rest));
  return made;
}

/** Return a text object of Block Kit (`plain_text`, `mrkdwn`) as nodes. */
export function textObject(object, ctx) {
  if (object?.type === "mrkdwn") return mrkdwn(object.text, ctx, { verbatim: object.verbatim });
  return plain(typeof object === "string" ? object : object?.text);
}

function emoji(name) {
  const shown = Object.hasOwn(EMOJI, name) ? EMOJI[name] : `:${name}:`;
  return el("span", { class: "bk-emoji", role: "img", "aria-label": name.replaceAll("_", " ") }, shown);
}

function tokenNode(token, ctx) {
  const [target, ...more] = token.split("|");
  const label = unescape(more.join("|"));
  if (target.startsWith("!date^")) return dateNode(target, label, ctx);
  if (target.startsWith("!subteam^")) return mention("group", target.slice(9), ctx, label);
  if (target.startsWith("!")) return /^!(here|channel|everyone)$/.test(target) ? mention("", target.slice(1), ctx) : chip(label || target.slice(1));
  if (target.startsWith("@")) return mention("user", target.slice(1), ctx, label);
  if (target.startsWith("#")) return mention("channel", target.slice(1), ctx, label);
  const address = unescape(target);
  return outLink(address, label ? plain(label) : address.replace(/^mailto:/, ""));
}

function dateNode(target, fallback, ctx) {
  const [, unix, pattern, link] = target.split("^");
  const shown = dateText(unix, unescape(pattern ?? ""), ctx, fallback);
  if (link) return outLink(unescape(link), shown);
  return el("span", { class: "bk-date", title: fallback || null }, shown);
}

function lines(text, scene) {
  const made = document.createDocumentFragment();
  for (const run of text.match(/(?:^>.*(?:\n|$))+|(?:^(?!>).*(?:\n|$))+/gm) ?? []) {
    const quote = run.startsWith(">");
    const shown = quote ? run.replace(/^> ?/gm, "").replace(/\n$/, "") : run.replace(/\n$/, "");
    if (quote) made.append(el("blockquote", { class: "bk-quote" }, styled(shown, scene)));
    else if (run) made.append(el("span", { class: "bk-run" }, styled(shown, scene)));
  }
  return made;
}

function styled(text, scene) {
  const made = document.createDocumentFragment();
  text.split(/`([^`\n]+)`/).forEach((part, index) => {
    if (index % 2) made.append(el("code", { class: "bk-code" }, leaf(part, scene, false)));
    else made.append(emphasized(scene.verbatim ? part : withLinks(part, scene), scene));
  });
  return made;
}

function withLinks(text, { keep }) {
  const linked = text.replace(BARE_URL, (found) => {
    const tail = URL_TAIL.exec(found)?.[0] ?? "";
    const address = found.slice(0, found.length - tail.length);
    return safeUrl(address) ? keep(outLink(address)) + tail : found;
  });
  return linked.replace(BROADCAST, (_, name) => keep(chip("@" + name, true)));
}

function emphasized(text, scene) {
  const made = document.createDocumentFragment();
  let rest = text;
  for (let found = STYLED.exec(rest); found; found = STYLED.exec(rest)) {
    made.append(leaf(rest.slice(0, found.index), scene), el(STYLES[found[1]], {}, emphasized(found[2], scene)));
    rest = rest.slice(found.index + found[0].length);
  }
  made.append(leaf(rest, scene));
  return made;
}

function leaf(text, { atoms }, emojis = true) {
  const made = document.createDocumentFragment();
  text.split(ATOM).forEach((part, index) => {
    if (index % 2) made.append(atoms[part]);
    else made.append(emojis ? plain(part) : part);
  });
  return made;
}

/** Return one part of rich text as nodes: the block, a section, list, quote or code, or an inline element. */
export function richText(part, ctx) {
  const inner = () => (part.elements ?? []).map((child) => richText(child, ctx));
  switch (part.type) {
    case "rich_text": return el("div", { class: "bk-rich" }, inner());
    case "rich_text_section": return el("div", { class: "bk-run" }, inner());
    case "rich_text_quote": return el("blockquote", { class: "bk-quote bk-run" }, inner());
    case "rich_text_preformatted": return el("pre", { class: "bk-pre" }, inner());
    case "rich_text_list": return richList(part, inner());
    default: return withStyle(richLeaf(part, ctx), part.style ?? {});
  }
}

/** Return the text of rich text, without its styles. */
export function plainOf(part) {
  const inner = (part?.elements ?? []).map(plainOf).join(part?.type === "rich_text" ? "\n" : "");
  return inner || part?.text || part?.url || "";
}

function richList(part, items) {
  const ordered = part.style === "ordered";
  const indent = Math.min(Number(part.indent) || 0, 8);
  const kind = (ordered ? ["decimal", "lower-alpha", "lower-roman"] : ["disc", "circle", "square"])[indent % 3];
  const made = el(ordered ? "ol" : "ul", { class: part.border ? "bk-list bk-bordered" : "bk-list", start: ordered && (part.offset ?? 0) + 1 });
  made.style.marginInlineStart = `${indent * 1.75}rem`;
  made.style.listStyleType = kind;
  made.append(...items.map((item) => el("li", {}, item)));
  return made;
}

function richLeaf(part, ctx) {
  switch (part.type) {
    case "text": return document.createTextNode(part.text ?? "");
    case "link": return outLink(part.url, part.text || part.url);
    case "user": return mention("user", part.user_id, ctx);
    case "usergroup": return mention("group", part.usergroup_id, ctx);
    case "channel": return mention("channel", part.channel_id, ctx);
    case "broadcast": return mention("", part.range, ctx);
    case "emoji": return emoji(part.name);
    case "date": return richDate(part, ctx);
    case "color": return el("span", {}, swatch(part.value), part.value);
    default: return document.createTextNode(part.text ?? part.team_id ?? "");
  }
}

function richDate(part, ctx) {
  const shown = dateText(part.timestamp, part.format, ctx, part.fallback ?? "");
  return part.url ? outLink(part.url, shown) : el("span", { class: "bk-date", title: part.fallback }, shown);
}

function swatch(value) {
  const made = el("span", { class: "bk-swatch", "aria-hidden": "true" });
  made.style.backgroundColor = value;
  return made;
}

function withStyle(node, style) {
  const tags = { code: "code", strike: "s", italic: "em", bold: "strong", underline: "u", highlight: "mark" };
  return Object.entries(tags).reduce(
    (inner, [name, tag]) => (style[name] ? el(tag, { class: tag === "code" ? "bk-code" : null }, inner) : inner), node);
}

/** Return standard Markdown (the `markdown` block) as nodes: headings, lists, quotes, code, rules and inline styles. */
export function markdown(text, ctx) {
  const made = document.createDocumentFragment();
  String(text ?? "").split(/^```[^\n]*\n([\s\S]*?)\n?^```\s*$/m).forEach((part, index) => {
    if (index % 2) made.append(el("pre", { class: "bk-pre" }, part));
    else made.append(...part.split("\n").filter((line) => line.trim()).map((line) => markdownLine(line, ctx)));
  });
  return made;
}

function markdownLine(line, ctx) {
  const [, mark, rest] = /^(#{1,6}|>|\s*[-*+](?! ?[-*]{2})|\s*\d+[.)])\s+(.*)$/.exec(line) ?? [];
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return el("hr", { class: "bk-divider" });
  if (!mark) return el("div", { class: "bk-run" }, markdownInline(line, ctx));
  if (mark[0] === "#") return el(`h${Math.min(mark.length + 2, 6)}`, { class: "bk-header" }, markdownInline(rest, ctx));
  if (mark === ">") return el("blockquote", { class: "bk-quote" }, markdownInline(rest, ctx));
  const made = el("div", { class: "bk-run bk-item" }, /\d/.test(mark) ? `${mark.trim()} ` : "• ", markdownInline(rest, ctx));
  made.style.marginInlineStart = `${(mark.length - mark.trim().length) * 0.6}rem`;
  return made;
}

const MARKDOWN_INLINE = /`([^`]+)`|!?\[([^\]]*)\]\(([^\s)]+)\)|\*\*(.+?)\*\*|__(.+?)__|~~(.+?)~~|(?<![\p{L}\p{N}*])\*([^*]+)\*|(?<![\p{L}\p{N}_])_([^_]+)_(?![\p{L}\p{N}])/u;

function markdownInline(text, ctx) {
  const found = MARKDOWN_INLINE.exec(text);
  if (!found) return unstyled(text, ctx);
  const [whole, code, label, address, ...emphases] = found;
  const position = emphases.findIndex((inner) => inner !== undefined);
  const middle = code !== undefined ? el("code", { class: "bk-code" }, code)
    : address ? outLink(address, markdownInline(label || address, ctx))
      : el(["strong", "strong", "s", "em", "em"][position], {}, markdownInline(emphases[position], ctx));
  return [markdownInline(text.slice(0, found.index), ctx), middle, markdownInline(text.slice(found.index + whole.length), ctx)];
}

function unstyled(text, ctx) {
  const [marked, scene] = withAtoms(text, ctx, false);
  return leaf(withLinks(marked, scene), scene);
}
