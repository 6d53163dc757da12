"""Composition objects: texts, options, option groups, confirmations and filters."""

from typing import Any

from bot.sandbox.blocks.validation.rules import (
    Findings,
    Rule,
    boolean,
    by_type,
    exactly_one,
    list_of,
    one_of,
    record,
    string,
)
from bot.sandbox.shared_state import Json

MAX_TEXT_LENGTH = 3000
MAX_OPTIONS = 100


def plain(longest: int = MAX_TEXT_LENGTH, shortest: int = 1) -> Rule:
    """Return the rule for a plain_text object; the lengths are in characters."""
    rules = {"plain_text": record({"text": string(longest, shortest)}, {"emoji": boolean})}
    return by_type(lambda findings: rules)


def text(longest: int = MAX_TEXT_LENGTH, shortest: int = 1) -> Rule:
    """Return the rule for a plain_text or mrkdwn object; the lengths are in characters."""
    content = {"text": string(longest, shortest)}
    rules = {
        "plain_text": record(content, {"emoji": boolean}),
        "mrkdwn": record(content, {"verbatim": boolean}),
    }
    return by_type(lambda findings: rules)


def section_text(value: Any, pointer: str, findings: Findings) -> None:
    """Check the text of a section. Slack precedes its errors with an additional one."""
    inner = Findings(findings.surface)
    text()(value, pointer, inner)
    if inner.problems:
        findings.add("failed to match all allowed schemas", pointer)
        findings.problems.extend(inner.problems)


OPTION_EXTRA: dict[str, Rule] = {"description": plain(75)}
OPTION_VALUE: dict[str, Rule] = {"value": string(150)}

option = record({"text": plain(75), **OPTION_VALUE}, OPTION_EXTRA)
styled_option = record({"text": text(75), **OPTION_VALUE}, {"description": text(75)})
overflow_option = record({"text": plain(75)}, {**OPTION_VALUE, **OPTION_EXTRA, "url": string(3000)})
option_group = record({"label": plain(75), "options": list_of(option, MAX_OPTIONS, 1)}, {})
options = list_of(option, MAX_OPTIONS, 1)
option_groups = list_of(option_group, MAX_OPTIONS, 1)

confirmation = record(
    # The documentation's field table requires plain_text everywhere. Its own example and the SDK's model send
    # mrkdwn in `text`, so mrkdwn is accepted there.
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)


def _some_filter(value: Json, pointer: str, findings: Findings) -> None:
    if not any(name in value for name in ("include", "exclude_external_shared_channels", "exclude_bot_users")):
        findings.add("must provide at least one property", pointer)


conversation_filter = record(
    {},
    {
        "include": list_of(one_of("im", "mpim", "private", "public"), least=1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    _some_filter,
)
slack_file = record({}, {"id": string(), "url": string(3000)}, exactly_one("id", "url"))
dispatch_config = record(
    {}, {"trigger_actions_on": list_of(one_of("on_enter_pressed", "on_character_entered"), least=1)}
)
_offered_options = list_of(option, MAX_OPTIONS)
_offered_groups = list_of(record({"label": plain(75), "options": _offered_options}, {}), MAX_OPTIONS)
_offer = record(
    {},
    {"options": _offered_options, "option_groups": _offered_groups},
    exactly_one("options", "option_groups"),
)


def check_option_list(body: Json) -> list[str]:
    """Return the problems in the answer to a block_suggestion. An empty list of options is valid."""
    findings = Findings("modal")
    _offer(body, "", findings)
    return findings.problems
