"""Checks of views: modals and the App Home (slack-platform.md §2.4)."""

from typing import Literal

from bot.sandbox.blocks.validation.blocks import check_block_list
from bot.sandbox.blocks.validation.composition import plain
from bot.sandbox.blocks.validation.rules import Findings, Rule, boolean, one_of, record, string
from bot.sandbox.shared_state import Json

Kind = Literal["modal", "home"]

_COMMON: dict[str, Rule] = {
    "private_metadata": string(3000),
    "callback_id": string(255),
    "external_id": string(255),
}


def _submit_for_inputs(view: Json, pointer: str, findings: Findings) -> None:
    blocks = view.get("blocks")
    if view.get("submit") is not None or not isinstance(blocks, list):
        return
    for position, block in enumerate(blocks):
        if isinstance(block, dict) and block.get("type") == "input":
            findings.add("must define `submit` to use an `input` block in modals", f"{pointer}/blocks/{position}/input")


_RULES: dict[Kind, Rule] = {
    "modal": record(
        {"type": one_of("modal"), "title": plain(24), "blocks": check_block_list},
        {
            **_COMMON,
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
        _submit_for_inputs,
    ),
    "home": record({"type": one_of("home"), "blocks": check_block_list}, _COMMON),
}


def check_view(view: Json, kind: Kind) -> list[str]:
    """Return the problems that Slack finds in a view, with pointers under `/view`. The list is empty if it is valid."""
    findings = Findings(kind)
    _RULES[kind](view, "/view", findings)
    return findings.problems
