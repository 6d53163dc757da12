"""Control endpoints: JSON under `/sandbox/`, with which a terminal or the page drives people's Slack clients.

Every answer holds `ok`. Answers meant for a terminal also hold `shown`, the same content as text.
"""

import base64
import time
from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.api.gateway import Reply
from bot.sandbox.client import terminal
from bot.sandbox.client.person import Person
from bot.sandbox.client.transport import Transport
from bot.sandbox.errors import NotThere, SandboxError
from bot.sandbox.page import screen as page
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.failures import METHODS
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.request_log import Entry
from bot.sandbox.workspace.views import View
from bot.sandbox.workspace.workspace import Workspace

#: The handler of one control endpoint: takes the transport to the app and the request, and returns the answer.
Endpoint = Callable[[Transport, Json], Json]
NEWS_SECONDS = 1.0
LINGER_SECONDS = 0.2
LATEST_SHOWN = 50


def answer_control(transport: Transport, name: str, wanted: Json, more: Mapping[str, Endpoint]) -> Reply:
    """Answer one control request; `more` are endpoints that the caller adds."""
    endpoints = {**ENDPOINTS, **more}
    endpoint = endpoints.get(name)
    if endpoint is None:
        return _refused(NotThere(f"no desk is {name}; there are {', '.join(endpoints)}"), 404)
    try:
        return Reply(content={"ok": True} | endpoint(transport, wanted))
    except KeyError as missing:
        return _refused(NotThere(f"{name} needs {missing}"))
    except (SandboxError, TimeoutError, TypeError) as problem:
        return _refused(problem)


def _refused(problem: Exception, status: int = 200) -> Reply:
    """Return a refusal. Its status is usually 200, as in the Web API, so that browsers do not log it as an error."""
    return Reply(status, {"ok": False, "error": type(problem).__name__, "detail": str(problem)})


def people(transport: Transport, wanted: Json) -> Json:
    """List the people and the channels."""
    everybody = transport.workspace.users.all()
    users = [{"id": u.id, "name": u.name, "shown": u.shown, "locale": u.locale} for u in everybody]
    places = transport.workspace.channels.all()
    channels = [{"id": c.id, "name": c.name, "members": sorted(c.members)} for c in places]
    shown = "\n".join(f"{user['id']:10} {user['shown']}" for user in users)
    return {"people": users, "channels": channels, "shown": shown}


def say(transport: Transport, wanted: Json) -> Json:
    """Type a slash command or write a message."""
    person, text, channel = _person(transport, wanted), str(wanted["text"]), wanted.get("channel")
    if text.startswith("/"):
        return _with_changes(person, lambda: terminal.answer_text(person.command(text, channel)), wanted)
    thread = wanted.get("thread_ts")
    return _with_changes(
        person, lambda: terminal.message_text(person.say(text, channel, thread), person.reader), wanted
    )


def press(transport: Transport, wanted: Json) -> Json:
    """Press a button or choose in a menu, in the message `ts` or the view `view` if one is given."""
    person = _person(transport, wanted)
    place: Message | View | None = None
    if "ts" in wanted:
        place = transport.workspace.messages.find(str(wanted.get("channel")), str(wanted["ts"]))
    elif "view" in wanted:
        place = transport.workspace.views.find(str(wanted["view"]))
    details = {"value": wanted.get("value"), "choice": wanted.get("choice")}
    return _with_changes(
        person, lambda: terminal.answer_text(person.press(wanted["action_id"], place, **details)), wanted
    )


def shortcut(transport: Transport, wanted: Json) -> Json:
    """Use a shortcut: a message shortcut if `channel` and `ts` are given, else a global one."""
    person, callback_id = _person(transport, wanted), wanted["callback_id"]
    if "ts" not in wanted:
        return _with_changes(person, lambda: terminal.answer_text(person.shortcut(callback_id)), wanted)
    message = transport.workspace.messages.find(wanted["channel"], wanted["ts"])
    if message is None:
        raise NotThere(f"no message is {wanted['ts']}")
    return _with_changes(person, lambda: terminal.answer_text(person.message_shortcut(callback_id, message)), wanted)


def fill(transport: Transport, wanted: Json) -> Json:
    """Fill in `values`, by block_id. A file is an object with `name` and `content` in base64."""
    person = _person(transport, wanted)
    person.fill(**{block_id: _with_files(value) for block_id, value in wanted["values"].items()})
    return view(transport, wanted)


def _with_files(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_files(item) for item in value]
    if isinstance(value, dict):
        return str(value["name"]), base64.b64decode(value["content"], validate=True)
    return value


def suggest(transport: Transport, wanted: Json) -> Json:
    """Type into an external select, and return the options that the app offers."""
    options = _person(transport, wanted).suggest(wanted["block_id"], str(wanted["text"]))
    return {"options": options, "shown": "\n".join(f"{o['value']} ({o['text']['text']})" for o in options)}


def submit(transport: Transport, wanted: Json) -> Json:
    """Submit the open modal."""
    person = _person(transport, wanted)
    return _with_changes(person, lambda: terminal.submission_text(person.submit()), wanted)


def close(transport: Transport, wanted: Json) -> Json:
    """Close the open modal, or all modals with `everything`."""
    person = _person(transport, wanted)
    person.close_view(bool(wanted.get("everything")))
    return view(transport, wanted)


def view(transport: Transport, wanted: Json) -> Json:
    """Show the open modal."""
    person = _person(transport, wanted)
    return {"view": _view(person.view, person), "shown": terminal.view_text(person.view, person.reader)}


def home(transport: Transport, wanted: Json) -> Json:
    """Open the App Home, wait briefly for the app to publish it, and show it."""
    person = _person(transport, wanted)
    before = person.home
    person.open_home()
    _wait_briefly(transport.workspace, lambda: person.home is not before)
    return {"view": _view(person.home, person), "shown": terminal.view_text(person.home, person.reader)}


def inbox(transport: Transport, wanted: Json) -> Json:
    """Show the bot's direct messages to a person."""
    person = _person(transport, wanted)
    return _messages(person.inbox(), person)


def history(transport: Transport, wanted: Json) -> Json:
    """Show the latest messages that a person sees, in a channel or everywhere, oldest first."""
    person = _person(transport, wanted)
    seen = [message for message in person.sees() if wanted.get("channel") in (None, message.channel)]
    return _messages(seen[-LATEST_SHOWN:], person)


def show(transport: Transport, wanted: Json) -> Json:
    """Show the open modal, or the messages if no modal is open."""
    return (view if _person(transport, wanted).view else history)(transport, wanted)


def look(transport: Transport, wanted: Json) -> Json:
    """Mark a `channel` as read by a person, up to the message `ts`."""
    transport.workspace.read_markers.mark_read(_person(transport, wanted).id, str(wanted["channel"]), str(wanted["ts"]))
    return {"shown": ""}


def log(transport: Transport, wanted: Json) -> Json:
    """Show the latest requests."""
    entries = list(transport.workspace.log)[-int(wanted.get("limit", LATEST_SHOWN)) :]
    shown = "\n".join(f"{e.direction} {e.name} {e.status} {e.seconds * 1000:.0f} ms" for e in entries)
    return {"entries": [_entry(entry) for entry in entries], "app_bugs": transport.workspace.app_bugs, "shown": shown}


def inject_failure(transport: Transport, wanted: Json) -> Json:
    """Inject a failure: `failure` is one of `METHODS`, and the other keys are its arguments."""
    details = dict(wanted)
    failure = str(details.pop("failure"))
    if failure not in METHODS:
        raise NotThere(f"there is no failure {failure}; there are {', '.join(METHODS)}")
    getattr(transport.workspace.failures, failure)(**details)
    return {"shown": f"{failure}: from now on"}


def redeliver(transport: Transport, wanted: Json) -> Json:
    """Send the last request to the app again, as Slack does when an acknowledgement is lost."""
    last = transport.last
    if last is None:
        raise NotThere("nothing was sent yet")
    answer = transport.send(last, 1, "http_timeout")
    about = {"name": last.name, "status": answer.status, "milliseconds": round(answer.seconds * 1000)}
    return about | {"shown": terminal.answer_text(answer)}


def screen(transport: Transport, wanted: Json) -> Json:
    """Return everything that a person sees, for the page."""
    return page.screen(transport.workspace, wanted)


def wait(transport: Transport, wanted: Json) -> Json:
    """Wait until a person sees `text` in a message or modal, for at most `timeout` wall-clock seconds."""
    person, text = _person(transport, wanted), str(wanted["text"])
    transport.workspace.wait_until(lambda: text in _screen(person), float(wanted.get("timeout", 5)))
    return show(transport, wanted)


ENDPOINTS: dict[str, Endpoint] = {
    "people": people,
    "say": say,
    "press": press,
    "shortcut": shortcut,
    "fill": fill,
    "suggest": suggest,
    "submit": submit,
    "close": close,
    "view": view,
    "home": home,
    "inbox": inbox,
    "history": history,
    "show": show,
    "look": look,
    "log": log,
    "inject-failure": inject_failure,
    "redeliver": redeliver,
    "wait": wait,
    "screen": screen,
}


def _person(transport: Transport, wanted: Json) -> Person:
    return Person(transport, str(wanted["user"]))


def _screen(person: Person) -> str:
    places: list[Message | View] = [*person.sees(), *person.views]
    return "\n".join(person.read(place) for place in places)


def _with_changes(person: Person, act: Callable[[], str], wanted: Json) -> Json:
    """Run `act` and return what is new on the person's screen shortly after; with `at_once`, do not wait for news."""
    before, view_before = person.sees(), person.view
    done = act()
    if wanted.get("at_once"):
        return {"shown": done, "errors": person.view.errors if person.view else {}}

    def new() -> list[Message]:
        return [message for message in person.sees() if not any(message is old for old in before)]

    if _wait_briefly(person.workspace, lambda: bool(new()) or person.view != view_before):
        time.sleep(LINGER_SECONDS)
    shown = [done, *(terminal.message_text(message, person.reader) for message in new())]
    if person.view:
        shown.append(terminal.view_text(person.view, person.reader))
    return _messages(new(), person) | {"view": _view(person.view, person), "shown": "\n\n".join(shown)}


def _wait_briefly(workspace: Workspace, condition: Callable[[], bool]) -> bool:
    try:
        return workspace.wait_until(condition, NEWS_SECONDS)
    except TimeoutError:
        return False


def _messages(messages: list[Message], person: Person) -> Json:
    listed = [_message(message, person) for message in messages]
    return {"messages": listed, "shown": terminal.messages_text(messages, person.reader)}


def _message(message: Message, person: Person) -> Json:
    about = {
        "channel": message.channel,
        "user_name": person.workspace.name_of(message.user),
        "plain": person.read(message),
        "buttons": message.buttons,
        "ephemeral": message.ephemeral_to is not None,
        "shown": terminal.message_text(message, person.reader),
    }
    return message.to_payload(person.workspace.team_id) | about


def _view(view: View | None, person: Person) -> Json | None:
    if view is None:
        return None
    workspace = person.workspace
    payload = view.to_payload(workspace.team_id, workspace.app_id, workspace.bot_id)
    return payload | {"errors": view.errors, "plain": person.read(view)}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at.isoformat(),
        "direction": entry.direction,
        "name": entry.name,
        "request": entry.request,
        "status": entry.status,
        "answer": entry.answer,
        "seconds": entry.seconds,
    }
