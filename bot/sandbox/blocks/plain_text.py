"""The readable text of blocks, and whom they notify."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bot.sandbox.blocks import mrkdwn
from bot.sandbox.blocks.mrkdwn import Reader
from bot.sandbox.blocks.structure import INTERACTIVE, VALUE_FORMS, State
from bot.sandbox.shared_state import Json

RULE = "---"


def read_blocks(blocks: Iterable[Json], reader: Reader, state: State | None = None) -> str:
    """Return all readable text of the blocks. Each block starts on a new line.

    Args:
        state: the values of the inputs. Without it, inputs show their placeholders.
    """
    return "\n".join(line for block in blocks for line in _block_lines(block, reader, state or {}) if line)


def read_text(text: Json | str | None, reader: Reader) -> str:
    """Return a text object as a person reads it. Plain text has no markup."""
    if not isinstance(text, dict):
        return text or ""
    content = str(text.get("text", ""))
    return mrkdwn.shown(content, reader) if text.get("type") == "mrkdwn" else content


def options_of(element: Json) -> list[Json]:
    """Return all options of an element, including those in groups."""
    groups = element.get("option_groups") or ()
    return [*(element.get("options") or ()), *(o for g in groups for o in g.get("options", ()))]


def read_held(held: Json | None, reader: Reader) -> str:
    """Return the value of an input as its field shows it."""
    if not held or held["type"] not in VALUE_FORMS:
        return ""
    value = held.get(VALUE_FORMS[held["type"]].key)
    values = value if isinstance(value, list) else [] if value is None else [value]
    return ", ".join(_value_item(held["type"], item, reader) for item in values)


def pings(blocks: Iterable[Json]) -> set[str]:
    """Return the ids and broadcasts (`@here`, `@channel`, `@everyone`) that these blocks notify."""
    found: set[str] = set()
    for item in _objects(list(blocks)):
        kind, text = item.get("type"), item.get("text")
        if kind in ("mrkdwn", "markdown") and isinstance(text, str):
            found |= mrkdwn.pings_in(text, parsed=not item.get("verbatim"))
        elif kind == "user" and "user_id" in item:
            found.add(item["user_id"])
        elif kind == "usergroup" and "usergroup_id" in item:
            found.add(item["usergroup_id"])
        elif kind == "broadcast":
            found.add(f"@{item.get('range', 'here')}")
    return found


def _objects(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _objects(item)


def _value_item(kind: str, item: Any, reader: Reader) -> str:
    if kind == "datetimepicker":
        return mrkdwn.shown(f"<!date^{item}^{{date_num}} {{time}}|{item}>", reader)
    if isinstance(item, dict):
        return read_text(item.get("text") or item.get("name"), reader) or read_rich(item, reader)
    return reader.name_of(str(item)) if "users" in kind or "channel" in kind else str(item)


def _block_lines(block: Json, reader: Reader, state: State) -> list[str]:
    held = state.get(str(block.get("block_id")), {})
    kind = str(block.get("type"))
    if kind in READERS:
        return READERS[kind](block, reader, held)
    return [read_text(block.get(key), reader) for key in ("title", "subtitle", "text", "body", "alt_text")]


def _section(block: Json, reader: Reader, held: dict[str, Json]) -> list[str]:
    fields = [read_text(field, reader) for field in block.get("fields", ())]
    accessory = block.get("accessory")
    return [
        read_text(block.get("text"), reader),
        *fields,
        _element(accessory, reader, held) if accessory else "",
    ]


def _row(block: Json, reader: Reader, held: dict[str, Json]) -> list[str]:
    return [" ".join(_element(element, reader, held) for element in block.get("elements", ()))]


def _input(block: Json, reader: Reader, held: dict[str, Json]) -> list[str]:
    label, hint = read_text(block.get("label"), reader), read_text(block.get("hint"), reader)
    return [f"{label}: {_element(block['element'], reader, held)}".rstrip(), hint]


def _rich_text(block: Json, reader: Reader, held: dict[str, Json]) -> list[str]:
    return read_rich(block, reader).split("\n")


def _table(block: Json, reader: Reader, held: dict[str, Json]) -> list[str]:
    return [" | ".join(_cell(cell, reader) for cell in row) for row in block.get("rows", ())]


def _cell(cell: Json, reader: Reader) -> str:
    return read_rich(cell, reader) if cell.get("type") == "rich_text" else str(cell.get("text", ""))


def _image(block: Json, reader: Reader, held: dict[str, Json]) -> list[str]:
    return [read_text(block.get("title"), reader), str(block.get("alt_text", ""))]


READERS: dict[str, Callable[[Json, Reader, dict[str, Json]], list[str]]] = {
    "section": _section,
    "header": lambda block, reader, held: [read_text(block.get("text"), reader)],
    "divider": lambda block, reader, held: [RULE],
    "context": _row,
    "actions": _row,
    "context_actions": _row,
    "image": _image,
    "input": _input,
    "rich_text": _rich_text,
    "markdown": lambda block, reader, held: [mrkdwn.shown(str(block.get("text", "")), reader)],
    "table": _table,
}


def _element(element: Json, reader: Reader, held: dict[str, Json]) -> str:
    kind = element.get("type")
    if kind in ("mrkdwn", "plain_text"):
        return read_text(element, reader)
    if kind == "image":
        return str(element.get("alt_text", ""))
    if kind in ("button", "workflow_button", "icon_button"):
        return f"[{read_text(element.get('text'), reader)}]" + _code(element, reader)
    if shown := read_held(held.get(str(element.get("action_id"))), reader):
        return shown
    return read_text(element.get("placeholder"), reader) + _code(element, reader) if kind in INTERACTIVE else ""


def _code(element: Json, reader: Reader) -> str:
    return f"({element.get('action_id')})" if reader.with_codes else ""


def read_rich(item: Json, reader: Reader) -> str:
    """Return a rich_text block, or one of its parts, as a person reads it."""
    kind = item.get("type")
    inner = [read_rich(part, reader) for part in item.get("elements", ())]
    if kind in ("rich_text", "rich_text_list"):
        return "\n".join(("• " + part) if kind == "rich_text_list" else part for part in inner)
    if inner:
        return "".join(inner)
    return _rich_leaf(item, reader)


def _rich_leaf(item: Json, reader: Reader) -> str:
    match item.get("type"):
        case "text":
            return str(item.get("text", ""))
        case "link":
            return str(item.get("text") or item.get("url", ""))
        case "user" | "usergroup" | "channel" as kind:
            return reader.name_of(str(item.get(f"{kind}_id", "")))
        case "broadcast":
            return f"@{item.get('range', '')}"
        case "emoji":
            return f":{item.get('name', '')}:"
        case "date":
            stamp, pattern = item.get("timestamp", ""), item.get("format", "")
            return mrkdwn.shown(f"<!date^{stamp}^{pattern}|{item.get('fallback', '')}>", reader)
        case _:
            return ""
