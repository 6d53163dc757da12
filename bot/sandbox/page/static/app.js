/** The page: the selected person and conversation, and the loop that draws the state of the stand-in workspace. */

import { ask, follow, Refused, withToken } from "./api.js";
import { drawConversation, drawThread } from "./conversation.js";
import { el, holdFocus } from "./dom.js";
import { chosenLanguage } from "./language.js";
import { Modals } from "./modal.js";
import { drawPeople, drawSidebar } from "./sidebar.js";
import { toast } from "./toasts.js";
import { Tools } from "./tools.js";
import { languageOf, wordsOf } from "./words.js";

/** The person who is selected at first: one who reads the browser's language. */
const FIRST = { en: "U0ZHOU", "zh-CN": "U0CHEN" };
const HUES = 8;
/** The person and conversation in the page's address, such as /#U0CHEN/C0DESK, so that a reload keeps them. */
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

/** Return a text of the page in its language. */
page.t = (key, values) => wordsOf(page.language)(key, values);

/** Send a request to one endpoint. Throws Refused with a message in the page's language. */
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

/** Run `act` and return its result. An error is shown as a note, and the result is undefined. */
page.attempt = async (act) => {
  try {
    return await act();
  } catch (problem) {
    if (!(problem instanceof Refused)) console.warn(problem);
    toast(problem instanceof Refused ? problem.message : page.t("action_failed"));
    return undefined;
  }
};

/** Act as the selected person through one endpoint, and redraw the page. Throws Refused. */
async function tell(desk, what) {
  const answer = await page.ask(desk, { user: page.user, at_once: true, ...what });
  await look();
  return answer;
}

/** The same, but an error is shown as a note. */
page.act = (desk, what) => page.attempt(() => tell(desk, what));

const here = ({ user, channel, tab, thread }) => ({ user, channel, tab, thread });

/** Return the selected person, or the one who is about to be selected. */
page.who = () => (aim ?? page).user;

/** Select another person or place, and call `arrived` once it is drawn. The page stays as it is until the answer comes. */
page.go = async (changes, arrived = () => null) => {
  const from = aim ?? here(page);
  const differs = (name) => changes[name] && changes[name] !== from[name];
  const anew = differs("user") ? { channel: null, thread: null, tab: "messages" } : differs("channel") ? { thread: null, tab: "messages" } : {};
  aim = { ...from, ...anew, ...changes, arrived };
  document.body.classList.remove("menu-open");
  await page.attempt(look);
};

/** Focus the composer, unless another control is in use or a touch screen would open its keyboard. */
page.write = (where = "#main") => {
  const busy = page.dialog.open || document.activeElement.closest("[popover], #tools, input, select");
  if (!busy && !matchMedia("(pointer: coarse)").matches) composerIn(where)?.focus();
};

const composerIn = (where) => document.querySelector(`${where} .composer textarea`);

/** Return what drawing needs: names, time zone, language, handlers. `place` is the message or view with the controls. */
page.ctx = (place, view = null) => {
  const { screen } = page;
  return {
    me: screen.me,
    people: new Map(screen.people.map((one) => [one.id, one])),
    channelNames: screen.channel_names,
    channels: new Map(screen.channels.map((one) => [one.id, one])),
    groups: new Map(screen.groups.map((one) => [one.id, one])),
    now: () => new Date(new Date(screen.now).getTime() + (performance.now() - screen.at)),
    t: page.t,
    state: view?.state?.values,
    errors: view?.errors,
    fileUrl: (file) => withToken(`/page/files/${encodeURIComponent(file.id)}`),
    onAction: (action) => page.act("press", { ...place, ...action }),
    onInput: (block, _element, value) => tell("fill", { values: { [block.block_id]: value } }),
    suggest: async (block, element, typed) => {
      const answer = await page.attempt(() => page.ask("suggest", { user: page.user, block_id: block.block_id, text: typed }));
      return answer?.options ?? [];
    },
  };
};

/** The same for the page's own texts: the page's language, with the person's time zone. */
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

/** Fetch the selected person's screen and draw it. Calls that arrive meanwhile are combined into one further round. */
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

/** Set the page's language: the person's, unless another one was chosen. */
function speak() {
  const { me } = page.screen;
  page.locale = chosenLanguage() ?? me.locale;
  page.language = languageOf(page.locale);
  document.documentElement.lang = page.language;
  document.title = `${me.shown} – Faultdesk sandbox`;
}

/** Return the ts of the first unread message, which the list marks; null if all messages or none are unread. */
function firstUnread() {
  const { screen, user } = page;
  const { unread } = screen.channels.find((one) => one.id === screen.channel);
  const others = screen.messages.filter((one) => one.user !== user);
  return unread && unread < others.length ? others.at(-unread).ts : null;
}

/** Mark the shown messages as read. The workspace keeps the counts; the page sets its copy to zero until they arrive. */
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
let problem = null;
follow(() => look().catch(() => null), (key) => {
  if (key === problem) return;
  problem = key;
  away?.remove();
  away = key && el("p", { class: "away", role: "status" }, page.t(key));
  if (away) document.body.prepend(away);
});
