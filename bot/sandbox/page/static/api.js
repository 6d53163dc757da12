/** What the page asks of the stand-in workspace: JSON desks under /sandbox/, and the stream of changes. */

/** A desk refused; the message is its sentence. */
export class Refused extends Error {}

/** Ask one desk; throws Refused with what it says. */
export async function ask(desk, wanted = {}) {
  const answer = await fetch(`/sandbox/${desk}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(wanted),
  });
  const said = await answer.json();
  if (!said.ok) throw new Refused(said.detail || said.error);
  if (typeof said.shown === "string" && said.shown.startsWith("failed:")) throw new Refused(said.shown);
  return said;
}

/** Call `changed` whenever the workspace changed, and `lost(true)` while the server is away. */
export function follow(changed, lost) {
  const stream = new EventSource("/page/stream");
  stream.onmessage = () => { lost(false); changed(); };
  stream.onerror = () => lost(true);
  return stream;
}
