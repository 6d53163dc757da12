"""Blocks: the content of each, and the surfaces on which it is allowed (slack-platform.md §2.1)."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.blocks.validation.composition import plain, section_text, slack_file, text
from bot.sandbox.blocks.validation.elements import element_at
from bot.sandbox.blocks.validation.rich_text import rich_text, table_cell
from bot.sandbox.blocks.validation.rules import (
    Findings,
    Rule,
    Surface,
    anything,
    boolean,
    by_type,
    exactly_one,
    integer,
    list_of,
    one_of,
    record,
    string,
    unique,
)
from bot.sandbox.shared_state import Json

MAX_BLOCKS: Mapping[Surface, int] = {"message": 50, "modal": 100, "home": 100}
BLOCK_ID: dict[str, Rule] = {"block_id": string(255)}
EVERYWHERE: frozenset[Surface] = frozenset(("message", "modal", "home"))
MESSAGE_ONLY: frozenset[Surface] = frozenset(("message",))
# The documentation also allows cards in modals, and tables in the App Home. Published live tests found that both fail.
MESSAGE_AND_HOME: frozenset[Surface] = frozenset(("message", "home"))


def _text_or_fields(value: Json, pointer: str, findings: Findings) -> None:
    if value.get("text") is None and not value.get("fields"):
        findings.add("must define either `text` or `fields`", f"{pointer}/type")


def _action_ids(value: Json, pointer: str, findings: Findings) -> None:
    elements = value.get("elements")
    if isinstance(elements, list):
        named = [(e["action_id"], i) for i, e in enumerate(elements) if isinstance(e, dict) and e.get("action_id")]
        pairs = [(str(name), f"{pointer}/elements/{position}/action_id") for name, position in named]
        unique(pairs, "action_id", findings, set())


def _no_file_dispatch(value: Json, pointer: str, findings: Findings) -> None:
    element = value.get("element")
    if value.get("dispatch_action") and isinstance(element, dict) and element.get("type") == "file_input":
        findings.add("unsupported type: file_input", f"{pointer}/element/type")


def _response_urls(value: Json, pointer: str, findings: Findings) -> None:
    places = [(value.get("accessory"), f"{pointer}/accessory")]
    places += [(e, f"{pointer}/elements/{i}") for i, e in enumerate(value.get("elements") or ())]
    if findings.surface != "modal":
        places.append((value.get("element"), f"{pointer}/element"))
    for element, place in places:
        if isinstance(element, dict) and element.get("response_url_enabled"):
            findings.add("invalid additional property: response_url_enabled", place)


def _block(required: Mapping[str, Rule], optional: Mapping[str, Rule], *checks: Any, more: bool = False) -> Rule:
    return record(required, {**optional, **BLOCK_ID}, *checks, more=more)


_TEXTS: dict[str, Rule] = {"mrkdwn": text(), "plain_text": text()}
_CARD = record(
    {},
    {
        "block_id": string(255),
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "subtext": text(200),
        "actions": list_of(element_at("actions"), 3),
    },
    more=True,
)
_BASIC = by_type(lambda findings: {name: BLOCKS[name][0] for name in BLOCKS if name != "container"})

BLOCKS: Mapping[str, tuple[Rule, frozenset[Surface]]] = {
    "section": (
        _block(
            {},
            {
                "text": section_text,
                "fields": list_of(text(2000), 10, 1),
                "accessory": element_at("accessory"),
                "expand": boolean,
            },
            _text_or_fields,
            _response_urls,
        ),
        EVERYWHERE,
    ),
    "header": (_block({"text": plain(150)}, {"level": integer(1, 4)}), EVERYWHERE),
    "divider": (_block({}, {}), EVERYWHERE),
    "context": (_block({"elements": list_of(element_at("context", _TEXTS), 10, 1)}, {}), EVERYWHERE),
    "actions": (
        _block({"elements": list_of(element_at("actions"), 25, 1)}, {}, _action_ids, _response_urls),
        EVERYWHERE,
    ),
    "image": (
        _block(
            {"alt_text": string(2000)},
            {"image_url": string(3000), "slack_file": slack_file, "title": plain(2000)},
            exactly_one("image_url", "slack_file"),
        ),
        EVERYWHERE,
    ),
    "input": (
        _block(
            {"label": plain(2000), "element": element_at("input")},
            {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
            _no_file_dispatch,
            _response_urls,
        ),
        EVERYWHERE,
    ),
    "rich_text": (_block({"elements": list_of(rich_text, least=1)}, {}), EVERYWHERE),
    "markdown": (_block({"text": string(12_000, 1)}, {}), MESSAGE_ONLY),
    "table": (
        _block(
            {"rows": list_of(list_of(table_cell, 20, 1), 100, 1)},
            {"column_settings": list_of(anything, 20)},
        ),
        MESSAGE_ONLY,
    ),
    "video": (
        _block(
            {
                "alt_text": string(),
                "title": plain(199),
                "thumbnail_url": string(pattern="https?://.+"),
                "video_url": string(pattern="https://.+"),
            },
            {
                "author_name": string(49),
                "description": plain(199),
                "title_url": string(),
                "provider_name": string(),
                "provider_icon_url": string(),
            },
        ),
        EVERYWHERE,
    ),
    "context_actions": (
        _block({"elements": list_of(element_at("context_actions"), 5, 1)}, {}, _action_ids),
        MESSAGE_ONLY,
    ),
    "alert": (
        _block({"text": text(200)}, {"level": one_of("default", "info", "warning", "error", "success")}),
        frozenset(("modal",)),
    ),
    "card": (_CARD, MESSAGE_AND_HOME),
    "carousel": (_block({"cards": list_of(_CARD, 10, 1)}, {}, more=True), MESSAGE_AND_HOME),
    "container": (
        _block({"child_blocks": list_of(_BASIC, 10, 1)}, {"title": text(150)}, more=True),
        MESSAGE_AND_HOME,
    ),
    "data_table": (
        _block({"rows": list_of(list_of(anything, 20, 1), 201, 2)}, {"page_size": integer(1, 100)}, more=True),
        MESSAGE_AND_HOME,
    ),
    "data_visualization": (_block({"title": text(50)}, {}, more=True), MESSAGE_ONLY),
    "plan": (_block({}, {}, more=True), MESSAGE_ONLY),
    "task_card": (_block({}, {}, more=True), MESSAGE_ONLY),
}

_any_block = by_type(lambda findings: {n: rule for n, (rule, on) in BLOCKS.items() if findings.surface in on})


def check_block_list(value: Any, pointer: str, findings: Findings) -> None:
    """Check all blocks of a message or view: their number, each block, and that no block_id is repeated."""
    list_of(_any_block, MAX_BLOCKS[findings.surface])(value, pointer, findings)
    if isinstance(value, list):
        named = [(b["block_id"], i) for i, b in enumerate(value) if isinstance(b, dict) and b.get("block_id")]
        pairs = [(str(name), f"{pointer}/{position}/block_id") for name, position in named]
        unique(pairs, "block_id", findings, findings.block_ids)
