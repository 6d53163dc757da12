"""The stand-in at a terminal: what a person sees, as text, and one function for each action of a person."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import urllib3

from bot.sandbox.blocks import plain_text
from bot.sandbox.blocks.mrkdwn import Reader
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.deliveries import Answer, Submission
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.views import View

#: Seconds to wait for an answer; a whole path of the tour takes a while to play.
ANSWER_TIMEOUT_SECONDS = 120.0
#: The header with the token of the stand-in's page.
TOKEN_HEADER = "X-Sandbox-Token"

# -- rendering


def message_text(message: Message, reader: Reader) -> str:
    """Return a message as terminal text. A button reads `[Sign](sign_sheet)`: label and action_id."""
    who, where = reader.name_of(message.user), reader.name_of(message.channel)
    notes = ["only you see this"] if message.ephemeral_to else []
    notes += ["in a thread"] if message.thread_ts else []
    notes += [f"file {file['name']}" for file in message.files]
    head = f"{who} {where} {message.ts}" + (f" ({', '.join(notes)})" if notes else "")
    return f"{head}\n{_indented(message.read(replace(reader, with_codes=True)))}"


def messages_text(messages: Iterable[Message], reader: Reader) -> str:
    """Return messages as terminal text, separated by blank lines."""
    return "\n\n".join(message_text(message, reader) for message in messages) or "(nothing)"


def view_text(view: View | None, reader: Reader) -> str:
    """Return a modal or App Home as terminal text. A field shows its block_id, with `*` if it is required."""
    if view is None:
        return "(no view)"
    coded = replace(reader, with_codes=True)
    lines = [_block_text(block, view, coded) for block in view.blocks]
    submit = plain_text.read_text(view.body.get("submit"), reader)
    foot = [f"[{submit}](submit)"] if submit else []
    return "\n".join([f"== {view.title or 'Home'} ({view.callback_id}) ==", *lines, *foot])


def answer_text(answer: Answer | None) -> str:
    """Return how the app acknowledged a request, as text."""
    if answer is None:
        return "(not sent)"
    return f"failed: {answer.error}" if answer.error else f"acknowledged in {answer.seconds * 1000:.0f} ms"


def submission_text(submission: Submission) -> str:
    """Return the outcome of a submission as text."""
    errors = [f"! {block_id}: {text}" for block_id, text in submission.errors.items()]
    state = "closed" if submission.closed else "still open"
    return "\n".join([f"{answer_text(submission.answer)}; {state}", *errors])


def _block_text(block: Json, view: View, reader: Reader) -> str:
    if block["type"] != "input":
        return plain_text.read_blocks([block], reader, view.state)
    element = block["element"]
    held = plain_text.read_held(view.state[block["block_id"]][element["action_id"]], reader)
    mark = "" if block.get("optional") else "*"
    lines = [f"{block['block_id']}{mark} | {plain_text.read_text(block['label'], reader)}: {held}".rstrip()]
    if options := plain_text.options_of(element):
        lines.append("    " + ", ".join(f"{o['value']} ({plain_text.read_text(o['text'], reader)})" for o in options))
    if block.get("hint"):
        lines.append("    " + plain_text.read_text(block["hint"], reader))
    if error := view.errors.get(block["block_id"]):
        lines.append(f"    ! {error}")
    return "\n".join(lines)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


# -- actions, from another process; each raises `Refused` with the error text of the control endpoint


class Refused(Exception):
    """The stand-in refused the action; the text says why."""


def say(url: str, user: str, text: str, channel: str | None = None) -> str:
    """Let a person type a command or a message and return what they then see.

    Args:
        url: the address of the stand-in's page, such as `http://127.0.0.1:3001/?token=…`.
        channel: the id of the channel; None means the conversation with the bot.
    """
    return _ask(url, "say", user=user, text=text, channel=channel)


def press(url: str, user: str, action_id: str, value: str | None = None, choice: str | None = None) -> str:
    """Let a person press a button, or choose in a menu, and return what they then see."""
    return _ask(url, "press", user=user, action_id=action_id, value=value, choice=choice)


def fill(url: str, user: str, values: dict[str, str]) -> str:
    """Let a person fill in fields of the open modal, by block_id, and return the modal."""
    return _ask(url, "fill", user=user, values=values)


def submit(url: str, user: str) -> str:
    """Let a person submit the open modal and return what they then see."""
    return _ask(url, "submit", user=user)


def close(url: str, user: str) -> str:
    """Let a person close the open modal."""
    return _ask(url, "close", user=user)


def inbox(url: str, user: str) -> str:
    """Return the bot's direct messages to a person."""
    return _ask(url, "inbox", user=user)


def home(url: str, user: str) -> str:
    """Let a person open the App Home and return it."""
    return _ask(url, "home", user=user)


def show(url: str, user: str, channel: str | None = None) -> str:
    """Return the modal that a person has open, or else the messages they see in a channel or everywhere."""
    return _ask(url, "show", user=user, channel=channel)


def log(url: str) -> str:
    """Return the latest requests in both directions."""
    return _ask(url, "log")


def paths(url: str) -> list[str]:
    """Return the codes of the tour's paths."""
    return [path["code"] for path in _answer(url, "tour", op="paths")["paths"]]


def play(url: str, code: str) -> str:
    """Play one path of the tour from its start and return how it went."""
    _ask(url, "tour", op="start", code=code)
    return _ask(url, "tour", op="play")


def clock(url: str, forward: str) -> str:
    """Move the clock forward, and return its new time.

    Args:
        forward: a number of minutes, or `next-reminder`.
    """
    if forward == "next-reminder":
        return _ask(url, "clock", to="next_reminder")
    if not forward.isdigit():
        raise Refused(f"{forward} is no number of minutes; for example 60, or next-reminder")
    return _ask(url, "clock", by=60 * int(forward))


def _ask(url: str, name: str, **wanted: Any) -> str:
    return str(_answer(url, name, **wanted)["shown"])


def _answer(url: str, name: str, **wanted: Any) -> Json:
    given = {key: value for key, value in wanted.items() if value is not None}
    parts = urlsplit(url)
    token = dict(parse_qsl(parts.query)).get("token", "")
    response = urllib3.request(
        "POST",
        f"{parts.scheme}://{parts.netloc}/sandbox/{name}",
        json=given,
        headers={TOKEN_HEADER: token},
        retries=False,
        timeout=ANSWER_TIMEOUT_SECONDS,
    )
    answer: Json = response.json()
    if not answer["ok"]:
        raise Refused(str(answer["detail"]))
    return answer
