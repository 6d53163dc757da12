/** What the page asks of the stand-in workspace: JSON desks under /sandbox/, and the stream of changes. */

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
  try {
    const answer = await fetch(`/sandbox/${desk}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(wanted),
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
