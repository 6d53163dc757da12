/** The page: who I am, where I look, and the one loop that draws what the stand-in workspace holds. */

import { ask, follow, Refused } from "./api.js";
import { drawConversation, drawThread } from "./conversation.js";
import { el } from "./dom.js";
import { Modals } from "./modal.js";
import { markRead } from "./read.js";
import { drawPeople, drawSidebar } from "./sidebar.js";
import { Tools } from "./tools.js";
import { languageOf, wordsOf } from "./words.js";

const FIRST = "U0CHEN";
/** Where the page starts, also after a reload: /#U0CHEN/C0DESK. */
const place = () => location.hash.slice(1).split("/").map(decodeURIComponent);

const page = {
  user: place()[0] || FIRST,
  channel: place()[1] || null,
  tab: "messages",
  thread: null,
  screen: null,
  t: wordsOf("en"),
};
let drawn = null;
let wanted = false;

/** Show what goes wrong, for a while; read out by screen readers. */
function toast(text) {
  const note = el("p", { class: "toast" }, text);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 8000);
}

/** Do something; a refusal becomes a note. Returns what `act` returns. */
page.attempt = async (act) => {
  try {
    return await act();
  } catch (problem) {
    if (!(problem instanceof Refused)) console.warn(problem);
    toast(page.t("not_delivered", { why: problem.message }));
    return undefined;
  }
};

/** Let this page's person use one desk, and draw what came of it; throws what the desk refuses. */
async function tell(desk, what) {
  const answer = await ask(desk, { user: page.user, at_once: true, ...what });
  await look();
  return answer;
}

/** The same, a refusal becoming a note. */
page.act = (desk, what) => page.attempt(() => tell(desk, what));

/** Become somebody else, or look elsewhere. */
page.go = async (changes) => {
  if (changes.user && changes.user !== page.user) Object.assign(page, { channel: null, thread: null, tab: "messages" });
  if (changes.channel && changes.channel !== page.channel) Object.assign(page, { thread: null, tab: "messages" });
  Object.assign(page, changes);
  document.body.classList.remove("menu-open");
  await look();
};

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
      const answer = await page.attempt(() => ask("suggest", { user: page.user, block_id: block.block_id, text: typed }));
      return answer?.options ?? [];
    },
  };
};

const modals = new Modals((view) => page.ctx({ view: view.id }, view), {
  onSubmit: async (_view, values) => {
    if (Object.keys(values).length) await ask("fill", { user: page.user, values });
    const { errors } = await tell("submit", {});
    return { errors };
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
        await draw(page.user, page.channel);
      }
    } finally {
      drawn = null;
    }
  })();
  return drawn;
}

async function draw(user, channel) {
  const screen = await ask("screen", channel ? { user, channel } : { user });
  if (user !== page.user || (channel && channel !== page.channel)) return;
  page.screen = Object.assign(screen, { at: performance.now() });
  page.channel = screen.channel;
  const language = languageOf(screen.me.locale);
  page.t = wordsOf(language);
  document.documentElement.lang = language;
  document.title = `${screen.me.shown} – Faultdesk sandbox`;
  history.replaceState(null, "", `#${encodeURIComponent(user)}/${encodeURIComponent(page.channel)}`);
  if (page.tab === "messages" && !document.hidden) markRead(user, screen);
  drawPeople(page);
  drawSidebar(page);
  drawConversation(page);
  drawThread(page);
  modals.update(screen.views);
  tools.update();
}

document.addEventListener("visibilitychange", () => document.hidden || look());
addEventListener("hashchange", () => {
  const [user, channel] = place();
  if (user !== page.user || channel !== page.channel) page.go({ user, channel: channel || null });
});

let away = null;
follow(look, (lost) => {
  if (!lost && away) away.remove();
  away = lost ? (away ?? el("p", { class: "away" }, page.t("lost"))) : null;
  if (away) document.body.prepend(away);
});
