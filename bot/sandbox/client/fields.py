"""Entering a value into a field: what the field accepts, and the state that it then holds (slack-platform.md §1.4)."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.blocks.plain_text import options_of
from bot.sandbox.blocks.structure import VALUE_FORMS
from bot.sandbox.errors import NotOffered
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.workspace import Workspace

Ask = Callable[[str], list[Json]]


def entered(workspace: Workspace, user: str, element: Json, value: Any, ask: Ask) -> Json:
    """Return what the element holds after this person entered a value.

    Args:
        value: text; an option's value or text; a user or channel, by id or name; a date or time; a datetime, Unix
            seconds or ISO text (in the person's time zone if it has no offset); a file as `(name, content)`; None to
            clear the field. Fields for several values take a list, or text separated by commas.
        ask: returns the options of an external select for a typed text or a chosen value.

    Raises:
        NotOffered: the field does not offer or accept the value.
    """
    kind = element["type"]
    holding = VALUE_FORMS[kind]
    if value is None:
        return {"type": kind, holding.key: [] if holding.many else None}
    if holding.many:
        items = _several(value)
        _at_most(element, items)
        held: Any = [_one(workspace, user, element, item, ask) for item in items]
    else:
        held = _one(workspace, user, element, value, ask)
    zone = {"timezone": element["timezone"]} if kind == "timepicker" and "timezone" in element else {}
    return {"type": kind, holding.key: held, **zone}


def _several(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [item.strip() for item in value.split(",") if item.strip()]
    return list(value) if isinstance(value, Iterable) and not isinstance(value, dict) else [value]


def _at_most(element: Json, items: list[Any]) -> None:
    most = element.get("max_selected_items") or (element.get("max_files", 10) if "file" in element["type"] else None)
    if most and len(items) > most:
        raise NotOffered(f"{element['action_id']} takes {most} at most, not {len(items)}")


def _one(workspace: Workspace, user: str, element: Json, value: Any, ask: Ask) -> Any:
    kind: str = element["type"]
    if kind.endswith("external_select"):
        return pick(ask(str(value)), str(value), element["action_id"])
    if kind.endswith("static_select") or kind in ("radio_buttons", "checkboxes"):
        return pick(options_of(element), str(value), element["action_id"])
    if kind.endswith("users_select"):
        return _member(workspace, str(value), element)
    if kind.endswith(("channels_select", "conversations_select")):
        return _channel(workspace, str(value), element)
    if kind == "file_input":
        return _file(workspace, user, element, value)
    if kind in ("datepicker", "timepicker", "datetimepicker"):
        return _moment(kind, value, workspace.users.known(user).zone)
    return _text(element, value)


def pick(options: list[Json], wanted: str, name: str) -> Json:
    """Return the option that a person means: by value, by text, or the only one whose text contains `wanted`.

    An option that only quotes the typed text, such as `new: "…"`, ranks below the other options that contain it.

    Raises:
        NotOffered: no option matches, or more than one.
    """
    by_value = [option for option in options if option["value"] == wanted]
    by_text = [option for option in options if option["text"]["text"] == wanted]
    if exact := by_value or by_text:
        return exact[0]
    containing = [option for option in options if wanted.casefold() in option["text"]["text"].casefold()]
    quoting = [
        option for option in containing if re.search(rf'["“「]{re.escape(wanted)}["”」]', option["text"]["text"])
    ]
    others = [option for option in containing if option not in quoting]
    for found in (containing, others, quoting):
        if len(found) == 1:
            return found[0]
    offered = ", ".join(f"{option['value']} ({option['text']['text']})" for option in options) or "nothing"
    raise NotOffered(f"{name} does not offer {wanted!r}; on offer: {offered}")


def _member(workspace: Workspace, user_id: str, element: Json) -> str:
    user = workspace.users.find(user_id) or workspace.users.by_name(user_id.removeprefix("@"))
    if user is None or user.deleted:
        raise NotOffered(f"{element['action_id']}: no active person is {user_id}")
    return user.id


def _channel(workspace: Workspace, channel_id: str, element: Json) -> str:
    channel = workspace.channels.find(channel_id) or workspace.channels.named(channel_id.removeprefix("#"))
    if channel is None or channel.archived:
        raise NotOffered(f"{element['action_id']}: no open channel is {channel_id}")
    allowed = element.get("filter", {}).get("include")
    if allowed and channel.kind not in allowed:
        raise NotOffered(f"{element['action_id']} offers only {allowed}")
    return channel.id


def _file(workspace: Workspace, user: str, element: Json, value: Any) -> Json:
    name, content = value if isinstance(value, tuple) else (str(value), b"")
    types = element.get("filetypes")
    if types and name.rpartition(".")[2].lower() not in types:
        raise NotOffered(f"{element['action_id']} takes only {types}, not {name}")
    return workspace.files.put(name, content, user).to_payload(workspace.base_url)


def _moment(kind: str, value: Any, zone: ZoneInfo) -> Any:
    if kind == "datetimepicker":
        return _unix_seconds(value, zone)
    try:
        if kind == "datepicker":
            return (value if isinstance(value, date) else date.fromisoformat(str(value))).strftime("%Y-%m-%d")
        return (value if isinstance(value, time) else time.fromisoformat(str(value))).strftime("%H:%M")
    except ValueError as problem:
        raise NotOffered(f"{value!r} is no {kind.removesuffix('picker')}") from problem


def _unix_seconds(value: Any, zone: ZoneInfo) -> int:
    if isinstance(value, int) or str(value).isdigit():
        return int(value)
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as problem:
        raise NotOffered(f"{value!r} is no moment; write 2026-11-22T14:00 or unix seconds") from problem
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())


def _text(element: Json, value: Any) -> Any:
    if element["type"] == "rich_text_input":
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": str(value)}]}
        return {"type": "rich_text", "elements": [section]}
    text = str(value)
    longest = element.get("max_length", 3000)
    if len(text) > longest:
        raise NotOffered(f"{element['action_id']} takes {longest} characters at most, not {len(text)}")
    if "\n" in text and not element.get("multiline"):
        raise NotOffered(f"{element['action_id']} has one line only")
    return text
