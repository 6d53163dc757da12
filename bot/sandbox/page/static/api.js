/** What the page asks of the stand-in workspace: JSON desks under /sandbox/, and the stream of changes. */

/** Characters of a request below which it outlives the page; a browser allows 64 KiB of them at once. */
const SENT_ANYWAY = 4_000;

/** A desk refused, or nobody answered. `key` names it among the page's words, if it is there; the message is a sentence. */
export class Refused extends Error {
  constructor(message, key) {
    super(message);
    this.key = key;
  }
}

/** Ask one desk; throws Refused with what it says. */
export async function ask(desk, wanted = {}) {
  const said = await answerOf(desk, wanted);
  if (!said.ok) throw new Refused(said.detail || said.error, said.error);
  const [, failed] = /^failed: (\w+)/.exec(said.shown) ?? [];
  if (failed) throw new Refused(said.shown, failed);
  return said;
}

async function answerOf(desk, wanted) {
  const body = JSON.stringify(wanted);
  try {
    const answer = await fetch(`/sandbox/${desk}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      keepalive: body.length < SENT_ANYWAY, // also when the page is reloaded at this moment
    });
    return await answer.json();
  } catch (problem) {
    throw new Refused(problem.message, "lost_now");
  }
}

/** Call `changed` whenever the workspace changed, and `lost(true)` while the server is away. */
export function follow(changed, lost) {
  const stream = new EventSource("/page/stream");
  stream.onmessage = () => { lost(false); changed(); };
  stream.onerror = () => lost(true);
  return stream;
}
