/** The page: who I am, where I look, and the one loop that draws what the stand-in workspace holds. */

import { ask, follow, Refused } from "./api.js";
import { drawConversation, drawThread } from "./conversation.js";
import { el, holdFocus } from "./dom.js";
import { chosenLanguage } from "./language.js";
import { Modals } from "./modal.js";
import { drawPeople, drawSidebar } from "./sidebar.js";
import { toast } from "./toasts.js";
import { Tools } from "./tools.js";
import { languageOf, wordsOf } from "./words.js";

/** Who one is at first: somebody who reads as the browser does. */
const FIRST = { en: "U0ZHOU", "zh-CN": "U0CHEN" };
const HUES = 8;
/** Where the page starts, also after a reload: /#U0CHEN/C0DESK. */
const place = () => location.hash.slice(1).split("/").map(decodeURIComponent);

const page = {
  user: place()[0] || FIRST[languageOf(navigator.language)],
  channel: place()[1] || null,
  tab: "messages",
  thread: null,
  screen: null,
  language: chosenLanguage() ?? languageOf(navigator.language),
};
let aim = null;
let drawn = null;
let wanted = false;

/** The page's own words. */
page.t = (key, values) => wordsOf(page.language)(key, values);

/** Ask one desk; what it refuses is said in the page's language. */
page.ask = async (desk, what) => {
  try {
    return await ask(desk, what);
  } catch (problem) {
    if (problem instanceof Refused) problem.message = why(problem);
    throw problem;
  }
};

function why({ key, message }) {
  const said = key && page.t(key);
  return said && said !== key ? said : page.t("not_done", { why: message });
}

page.note = toast;

/** Do something; a refusal becomes a note. Returns what `act` returns. */
page.attempt = async (act) => {
  try {
    return await act();
  } catch (problem) {
    if (!(problem instanceof Refused)) console.warn(problem);
    toast(problem instanceof Refused ? problem.message : page.t("trouble"));
    return undefined;
  }
};

/** Let this page's person use one desk, and draw what came of it; throws what the desk refuses. */
async function tell(desk, what) {
  const answer = await page.ask(desk, { user: page.user, at_once: true, ...what });
  await look();
  return answer;
}

/** The same, a refusal becoming a note. */
page.act = (desk, what) => page.attempt(() => tell(desk, what));

const here = ({ user, channel, tab, thread }) => ({ user, channel, tab, thread });

/** Who one is, or is about to be. */
page.who = () => (aim ?? page).user;

/** Become somebody else, or look elsewhere, and do `arrived` once it is drawn. Nothing changes while nobody answers. */
page.go = async (changes, arrived = () => null) => {
  const from = aim ?? here(page);
  const differs = (name) => changes[name] && changes[name] !== from[name];
  const anew = differs("user") ? { channel: null, thread: null, tab: "messages" } : differs("channel") ? { thread: null, tab: "messages" } : {};
  aim = { ...from, ...anew, ...changes, arrived };
  document.body.classList.remove("menu-open");
  await page.attempt(look);
};

/** The composer takes the focus, unless somebody has begun something else or it would bring a keyboard onto the screen. */
page.write = (where = "#main") => {
  const busy = page.dialog.open || document.activeElement.closest("[popover], #tools, input, select");
  if (!busy && !matchMedia("(pointer: coarse)").matches) composerIn(where)?.focus();
};

const composerIn = (where) => document.querySelector(`${where} .composer textarea`);

/** What drawers need: names, zone, language, and the ways to answer. `place` says where a pressed control is. */
page.ctx = (place, view = null) => {
  const { screen } = page;
  return {
    me: screen.me,
    people: new Map(screen.people.map((one) => [one.id, one])),
    channels: new Map(screen.channels.map((one) => [one.id, one])),
    groups: new Map(screen.groups.map((one) => [one.id, one])),
    now: () => new Date(new Date(screen.now).getTime() + (performance.now() - screen.at)),
    t: page.t,
    state: view?.state?.values,
    errors: view?.errors,
    fileUrl: (file) => `/page/files/${encodeURIComponent(file.id)}`,
    onAction: (action) => page.act("press", { ...place, ...action }),
    onInput: (block, _element, value) => tell("fill", { values: { [block.block_id]: value } }),
    suggest: async (block, element, typed) => {
      const answer = await page.attempt(() => page.ask("suggest", { user: page.user, block_id: block.block_id, text: typed }));
      return answer?.options ?? [];
    },
  };
};

/** The same for what the page itself says: its language, in the person's zone. */
page.own = () => ({ ...page.ctx({}), me: { ...page.screen.me, locale: page.locale } });

const modals = new Modals((view) => page.ctx({ view: view.id }, view), {
  onSubmit: async (_view, values) => {
    if (Object.keys(values).length) await page.ask("fill", { user: page.user, values });
    await tell("submit", {});
  },
  onClose: (_view, everything) => tell("close", { everything }),
});

page.dialog = modals.dialog;
const tools = new Tools(page);

/** Fetch this person's screen and draw it; many calls at once become two. */
async function look() {
  wanted = true;
  drawn ??= (async () => {
    try {
      while (wanted) {
        wanted = false;
        await draw();
      }
    } finally {
      drawn = null;
    }
  })();
  return drawn;
}

async function draw() {
  const to = aim ?? here(page);
  const screen = await asked(to);
  if (aim && aim !== to) return;
  aim = null;
  const arriving = !page.screen || to.user !== page.user || to.channel !== page.channel;
  Object.assign(page, here(to), { screen, channel: screen.channel });
  speak();
  screen.at = performance.now();
  screen.people.forEach((one, at) => { one.hue = at % HUES; });
  history.replaceState(null, "", `#${encodeURIComponent(page.user)}/${encodeURIComponent(page.channel)}`);
  if (arriving) page.newFrom = firstUnread();
  if (page.tab === "messages" && !document.hidden) markSeen();
  const giveBack = holdFocus();
  drawPeople(page);
  drawSidebar(page);
  drawConversation(page);
  drawThread(page);
  modals.update(screen.views);
  giveBack(() => (page.dialog.open ? null : composerIn("#main")));
  to.arrived?.();
  tools.update().catch(console.warn);
}

async function asked(to) {
  try {
    return await page.ask("screen", to.channel ? { user: to.user, channel: to.channel } : { user: to.user });
  } catch (problem) {
    if (aim === to) aim = null;
    throw problem;
  }
}

/** The page speaks as its person reads, unless another language was chosen for it. */
function speak() {
  const { me } = page.screen;
  page.locale = chosenLanguage() ?? me.locale;
  page.language = languageOf(page.locale);
  document.documentElement.lang = page.language;
  document.title = `${me.shown} – Faultdesk sandbox`;
}

/** The first of the messages that are unread, if all before it are not: there, the list is marked. */
function firstUnread() {
  const { screen, user } = page;
  const { unread } = screen.channels.find((one) => one.id === screen.channel);
  const others = screen.messages.filter((one) => one.user !== user);
  return unread && unread < others.length ? others.at(-unread).ts : null;
}

/** What is on the screen is seen. The workspace counts; here it is only not shown for the moment until it has. */
function markSeen() {
  const { screen, user } = page;
  const channel = screen.channels.find((one) => one.id === screen.channel);
  if (!channel.unread) return;
  if (channel.kind === "im") screen.people.find((one) => one.id === user).unread -= channel.unread;
  channel.unread = 0;
  ask("look", { user, channel: channel.id, ts: screen.messages.at(-1).ts }).catch(() => null);
}

document.addEventListener("visibilitychange", () => document.hidden || look().catch(() => null));
addEventListener("hashchange", () => {
  const [user, channel] = place();
  if (user !== page.user || channel !== page.channel) page.go({ user, channel: channel || null });
});

let away = null;
follow(() => look().catch(() => null), (lost) => {
  if (!lost && away) away.remove();
  away = lost ? (away ?? el("p", { class: "away", role: "status" }, page.t("lost"))) : null;
  if (away) document.body.prepend(away);
});
