"""The structure of blocks: where their elements are, the state of inputs, and the ids that Slack generates."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.shared_state import Json

State = dict[str, dict[str, Json]]


@dataclass(frozen=True)
class ValueForm:
    """The state of one element type: the key of its value, the key of its initial value, whether it is a list."""

    key: str
    initial: str
    many: bool = False


VALUE_FORMS: Mapping[str, ValueForm] = {
    "plain_text_input": ValueForm("value", "initial_value"),
    "email_text_input": ValueForm("value", "initial_value"),
    "url_text_input": ValueForm("value", "initial_value"),
    "number_input": ValueForm("value", "initial_value"),
    "rich_text_input": ValueForm("rich_text_value", "initial_value"),
    "static_select": ValueForm("selected_option", "initial_option"),
    "external_select": ValueForm("selected_option", "initial_option"),
    "radio_buttons": ValueForm("selected_option", "initial_option"),
    "multi_static_select": ValueForm("selected_options", "initial_options", many=True),
    "multi_external_select": ValueForm("selected_options", "initial_options", many=True),
    "checkboxes": ValueForm("selected_options", "initial_options", many=True),
    "users_select": ValueForm("selected_user", "initial_user"),
    "multi_users_select": ValueForm("selected_users", "initial_users", many=True),
    "channels_select": ValueForm("selected_channel", "initial_channel"),
    "multi_channels_select": ValueForm("selected_channels", "initial_channels", many=True),
    "conversations_select": ValueForm("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ValueForm("selected_conversations", "initial_conversations", many=True),
    "datepicker": ValueForm("selected_date", "initial_date"),
    "timepicker": ValueForm("selected_time", "initial_time"),
    "datetimepicker": ValueForm("selected_date_time", "initial_date_time"),
    "file_input": ValueForm("files", "initial_files", many=True),
}
INTERACTIVE = frozenset(VALUE_FORMS) | {
    "button",
    "overflow",
    "workflow_button",
    "feedback_buttons",
    "icon_button",
}


def elements_of(block: Json) -> Iterator[Json]:
    """Yield the elements of one block, and those of blocks inside it."""
    for single in ("accessory", "element"):
        if isinstance(block.get(single), dict):
            yield block[single]
    for several in ("elements", "actions"):
        if isinstance(block.get(several), list) and block.get("type") != "rich_text":
            yield from (element for element in block[several] if isinstance(element, dict))
    for inner in (*block.get("child_blocks", ()), *block.get("cards", ())):
        yield from elements_of(inner)


def interactive(blocks: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield each element that a person can use, preceded by its block."""
    for block in blocks:
        for element in elements_of(block):
            if element.get("type") in INTERACTIVE:
                yield block, element


def numbered(blocks: Iterable[Json], new_id: Callable[[], str]) -> tuple[Json, ...]:
    """Return a copy of the blocks in which every missing block_id and action_id is generated."""
    copies = copy.deepcopy(list(blocks))
    for block in copies:
        block.setdefault("block_id", new_id())
    for _, element in interactive(copies):
        element.setdefault("action_id", new_id())
    return tuple(copies)


def untouched(element: Json) -> Json:
    """Return the state of an element before anyone has used it."""
    holding = VALUE_FORMS[element["type"]]
    empty: Any = [] if holding.many else None
    held: Json = {"type": element["type"], holding.key: element.get(holding.initial, empty)}
    if element["type"] == "timepicker" and "timezone" in element:
        held["timezone"] = element["timezone"]
    return held


def state_of(blocks: Iterable[Json], before: State | None = None) -> State:
    """Return the values of all inputs.

    A value in `before` is kept if its element keeps its block_id, action_id and type (slack-platform.md §1.5).
    """
    state: State = {}
    for block, element in interactive(blocks):
        if element["type"] not in VALUE_FORMS:
            continue
        kept = (before or {}).get(block["block_id"], {}).get(element["action_id"])
        same_kind = kept is not None and kept["type"] == element["type"]
        held = kept if kept is not None and same_kind else untouched(element)
        state.setdefault(block["block_id"], {})[element["action_id"]] = held
    return state
