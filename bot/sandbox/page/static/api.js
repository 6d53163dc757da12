/** Requests of the page to the stand-in: the control endpoints under /sandbox/, and the stream of changes. */

/** A request with fewer characters is sent even if the page is left. Browsers allow 64 KiB of such requests at once. */
const SENT_ANYWAY = 4_000;

/** The token of this start of the sandbox, from the address of the page. */
const TOKEN = new URLSearchParams(location.search).get("token") ?? "";

/** Return an address of the stand-in that needs the token. */
export const withToken = (path) => `${path}?token=${encodeURIComponent(TOKEN)}`;

/** The request was refused, or there was no answer. `key` may name a text of words.js; the message is a sentence. */
export class Refused extends Error {
  constructor(message, key) {
    super(message);
    this.key = key;
  }
}

/** Send a request to one endpoint. Throws Refused if it is refused, or if the app's acknowledgement failed. */
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
      headers: { "Content-Type": "application/json", "X-Sandbox-Token": TOKEN },
      body,
      keepalive: body.length < SENT_ANYWAY, // so that it is sent even if the page is reloaded now
    });
    return await answer.json();
  } catch (problem) {
    throw new Refused(problem.message, "lost_now");
  }
}

/**
 * Call `changed` after every change of the workspace, and `lost` with the key of a text that says why the connection is
 * lost, or with null when it is there. One that is refused is not made again.
 */
export function follow(changed, lost) {
  const stream = new EventSource(withToken("/page/stream"));
  stream.onmessage = () => { lost(null); changed(); };
  stream.onerror = () => lost(stream.readyState === EventSource.CLOSED ? "WrongToken" : "lost");
  return stream;
}
