"""Block elements: the content of each, and the blocks and surfaces that allow it (slack-platform.md §2.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.sandbox.blocks.validation.composition import (
    confirmation,
    conversation_filter,
    dispatch_config,
    option,
    option_groups,
    options,
    overflow_option,
    plain,
    slack_file,
    styled_option,
)
from bot.sandbox.blocks.validation.rules import (
    Check,
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
)
from bot.sandbox.shared_state import Json

Spot = Literal["accessory", "actions", "input", "context", "context_actions"]
ALL: frozenset[Surface] = frozenset(("message", "modal", "home"))
VIEWS: frozenset[Surface] = frozenset(("modal", "home"))
ACTION_ID = string(255, 1)
DATE = string(pattern=r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
TIME = string(pattern=r"([01]\d|2[0-3]):[0-5]\d")
UNIX_SECONDS = integer(1_000_000_000, 9_999_999_999)
IDS = list_of(string())
NUMBER = string(pattern=r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class Element:
    """One type of element: its rule, and the spots of a block and the surfaces that allow it."""

    rule: Rule
    spots: frozenset[Spot]
    surfaces: frozenset[Surface] = ALL


def _focus(value: Json, pointer: str, findings: Findings) -> None:
    if value.get("focus_on_load") is True:
        findings.focused += 1
        if findings.focused > 1:
            findings.add("`focus_on_load` can only be set on one element", f"{pointer}/focus_on_load")


def _interactive(required: Mapping[str, Rule], optional: Mapping[str, Rule], *checks: Check) -> Rule:
    common: dict[str, Rule] = {"action_id": ACTION_ID, "focus_on_load": boolean}
    return record(required, common | dict(optional), _focus, *checks)


def _menu(optional: Mapping[str, Rule], *checks: Check, required: Mapping[str, Rule] | None = None) -> Rule:
    common: dict[str, Rule] = {"placeholder": plain(150), "confirm": confirmation}
    return _interactive(required or {}, common | dict(optional), *checks)


def _initials_offered(value: Json, pointer: str, findings: Findings) -> None:
    groups = value.get("option_groups") or ()
    offered = [*(value.get("options") or ()), *(o for group in groups for o in group.get("options", ()))]
    chosen = {
        "initial_option": [value.get("initial_option")],
        "initial_options": value.get("initial_options") or [],
    }
    for name, initial in chosen.items():
        if any(item is not None and item not in offered for item in initial):
            findings.add(f"`{name}` must exactly match one of the provided options", f"{pointer}/{name}")


def _range(low: str, high: str) -> Check:
    def check(value: Json, pointer: str, findings: Findings) -> None:
        try:
            crossed = float(value[low]) > float(value[high])
        except (KeyError, TypeError, ValueError):
            return
        if crossed:
            findings.add(f"`{low}` must not be greater than `{high}`", f"{pointer}/{low}")

    return check


def _initial_fits(value: Json, pointer: str, findings: Findings) -> None:
    initial, longest = value.get("initial_value"), value.get("max_length")
    if isinstance(initial, str) and isinstance(longest, int) and len(initial) > longest:
        findings.add(f"must be less than {longest + 1} characters", f"{pointer}/initial_value")


def _at(spots: str, rule: Rule, surfaces: frozenset[Surface] = ALL) -> Element:
    names: dict[str, Spot] = {
        "S": "accessory",
        "A": "actions",
        "I": "input",
        "C": "context",
        "X": "context_actions",
    }
    return Element(rule, frozenset(names[letter] for letter in spots), surfaces)


_SELECTS: dict[str, Rule] = {"max_selected_items": integer(1)}
_STATIC: dict[str, Rule] = {"options": options, "option_groups": option_groups}
_QUERY: dict[str, Rule] = {"min_query_length": integer(0)}
_CONVERSATION: dict[str, Rule] = {"default_to_current_conversation": boolean, "filter": conversation_filter}
_RESPONSE: dict[str, Rule] = {"response_url_enabled": boolean}
_TEXT: dict[str, Rule] = {
    "placeholder": plain(150),
    "initial_value": string(3000),
    "dispatch_action_config": dispatch_config,
}
_LENGTHS: dict[str, Rule] = {
    "min_length": integer(0, 3000),
    "max_length": integer(1, 3000),
    "multiline": boolean,
}
_BOUNDS: dict[str, Rule] = {"min_value": NUMBER, "max_value": NUMBER, "initial_value": NUMBER}
_STATIC_CHECKS = (exactly_one("options", "option_groups"), _initials_offered)
_CHOICE = {"options": list_of(styled_option, 10, 1)}

ELEMENTS: Mapping[str, Element] = {
    "button": _at(
        "SA",
        _interactive(
            {"text": plain(75)},
            {
                "value": string(2000),
                "url": string(3000),
                "style": one_of("primary", "danger"),
                "accessibility_label": string(75),
                "confirm": confirmation,
            },
        ),
    ),
    "static_select": _at("SAI", _menu({**_STATIC, "initial_option": option}, *_STATIC_CHECKS)),
    "multi_static_select": _at(
        "SAI", _menu({**_STATIC, **_SELECTS, "initial_options": list_of(option)}, *_STATIC_CHECKS)
    ),
    "external_select": _at("SAI", _menu({**_QUERY, "initial_option": option})),
    "multi_external_select": _at("SAI", _menu({**_QUERY, **_SELECTS, "initial_options": list_of(option)})),
    "users_select": _at("SAI", _menu({"initial_user": string()})),
    "multi_users_select": _at("SAI", _menu({**_SELECTS, "initial_users": IDS})),
    "channels_select": _at("SAI", _menu({**_RESPONSE, "initial_channel": string()})),
    "multi_channels_select": _at("SAI", _menu({**_SELECTS, "initial_channels": IDS})),
    "conversations_select": _at("SAI", _menu({**_RESPONSE, **_CONVERSATION, "initial_conversation": string()})),
    "multi_conversations_select": _at("SAI", _menu({**_SELECTS, **_CONVERSATION, "initial_conversations": IDS})),
    "overflow": _at(
        "SA",
        record({"options": list_of(overflow_option, 5, 1)}, {"action_id": ACTION_ID, "confirm": confirmation}),
    ),
    "checkboxes": _at(
        "SAI",
        _interactive(_CHOICE, {"initial_options": list_of(styled_option), "confirm": confirmation}, _initials_offered),
    ),
    "radio_buttons": _at(
        "SAI",
        _interactive(_CHOICE, {"initial_option": styled_option, "confirm": confirmation}, _initials_offered),
    ),
    "datepicker": _at("SAI", _menu({"initial_date": DATE})),
    "timepicker": _at("SAI", _menu({"initial_time": TIME, "timezone": string(shortest=1)})),
    "datetimepicker": _at(
        "AI",
        _interactive({}, {"initial_date_time": UNIX_SECONDS, "confirm": confirmation}),
        frozenset(("message", "modal")),
    ),
    "plain_text_input": _at(
        "I", _interactive({}, {**_TEXT, **_LENGTHS}, _range("min_length", "max_length"), _initial_fits)
    ),
    # The pages of these three elements allow modals only. The page of the input block allows all surfaces.
    "email_text_input": _at("I", _interactive({}, _TEXT), frozenset(("modal",))),
    "url_text_input": _at("I", _interactive({}, _TEXT), frozenset(("modal",))),
    "number_input": _at(
        "I",
        _interactive({"is_decimal_allowed": boolean}, {**_TEXT, **_BOUNDS}, _range("min_value", "max_value")),
        frozenset(("modal",)),
    ),
    "rich_text_input": _at(
        "I",
        record(
            {"action_id": ACTION_ID},
            {
                "initial_value": anything,
                "placeholder": plain(150),
                "dispatch_action_config": dispatch_config,
                "focus_on_load": boolean,
                "min_lines": integer(1, 100),
                "max_lines": integer(1, 100),
            },
            _focus,
        ),
        VIEWS,
    ),
    "file_input": _at(
        "I",
        record({}, {"action_id": ACTION_ID, "filetypes": list_of(string(), least=1), "max_files": integer(1, 10)}),
        frozenset(("modal",)),
    ),
    "image": _at(
        "SC",
        record(
            {"alt_text": string(2000)},
            {"image_url": string(3000), "slack_file": slack_file},
            exactly_one("image_url", "slack_file"),
        ),
    ),
    "workflow_button": _at(
        "SA",
        record(
            {"text": plain(75), "workflow": anything},
            {"action_id": ACTION_ID, "style": one_of("primary", "danger"), "accessibility_label": string(75)},
        ),
        frozenset(("message",)),
    ),
    "feedback_buttons": _at(
        "X",
        record({"positive_button": anything, "negative_button": anything}, {"action_id": ACTION_ID}),
        frozenset(("message",)),
    ),
    "icon_button": _at(
        "X",
        record(
            {"icon": string(), "text": plain(75)},
            {
                "action_id": ACTION_ID,
                "value": string(2000),
                "confirm": confirmation,
                "accessibility_label": string(75),
                "visible_to_user_ids": IDS,
            },
        ),
        frozenset(("message",)),
    ),
}


def element_at(spot: Spot, also: Mapping[str, Rule] | None = None) -> Rule:
    """Return the rule for an element in this spot of a block, on the surface that is checked.

    Args:
        also: other types that are allowed in this spot.
    """

    def allowed(findings: Findings) -> Mapping[str, Rule]:
        fitting = {
            name: element.rule
            for name, element in ELEMENTS.items()
            if spot in element.spots and findings.surface in element.surfaces
        }
        return {**fitting, **(also or {})}

    return by_type(allowed)
