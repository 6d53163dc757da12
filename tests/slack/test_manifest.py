"""The manifest compared with Slack's limits for app manifests, version 2 (slack-platform.md §5)."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from bot.slack.checks.access import LOSSES
from bot.slack.manifest import EVENTS, EXAMPLE_URL, SCOPES, manifest

Check = Callable[[Any], bool]

URL = "https://desk.example.com/slack/events"
VARIANTS = {
    "http": manifest(URL),
    "socket mode": manifest(socket_mode=True),
    "address to fill in": manifest(),
}


def text(least: int, most: int, pattern: str = r"(?s).*") -> Check:
    return lambda value: isinstance(value, str) and least <= len(value) <= most and bool(re.fullmatch(pattern, value))


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def number(value: Any) -> bool:
    return type(value) is int


def one_of(*allowed: str) -> Check:
    return lambda value: value in allowed


def texts(most: int, longest: int) -> Check:
    one = text(1, longest)
    return lambda value: len(set(value)) == len(value) <= most and all(map(one, value))


ADDRESS = text(1, 3500, r"https?://\S+")

# path -> (whether its group requires it, its rule). Slack does not know a path that has no row here.
SCHEMA: dict[str, tuple[bool, Check]] = {
    "_metadata.major_version": (True, lambda value: number(value) and value == 2),
    "_metadata.minor_version": (False, number),
    "display_information.name": (True, text(1, 35)),
    "display_information.description": (False, text(1, 140)),
    "display_information.long_description": (False, text(175, 4000)),
    "display_information.background_color": (False, text(4, 7, r"#[0-9A-Fa-f]{3}([0-9A-Fa-f]{3})?")),
    "features.app_home.home_tab_enabled": (False, flag),
    "features.app_home.messages_tab_enabled": (False, flag),
    "features.app_home.messages_tab_read_only_enabled": (False, flag),
    "features.bot_user.display_name": (True, text(1, 80, r"[a-z0-9._-]+")),
    "features.bot_user.always_online": (False, flag),
    "features.slash_commands[].command": (True, text(2, 32, r"/\S+")),
    "features.slash_commands[].description": (True, text(1, 2000)),
    "features.slash_commands[].usage_hint": (False, text(1, 1000)),
    "features.slash_commands[].url": (False, text(1, 3000, r"https?://\S+")),
    "features.slash_commands[].should_escape": (False, flag),
    "features.shortcuts[].name": (True, text(1, 24)),
    "features.shortcuts[].type": (True, one_of("message", "global")),
    "features.shortcuts[].callback_id": (True, text(1, 255)),
    "features.shortcuts[].description": (True, text(1, 150)),
    "oauth_config.scopes.bot": (False, texts(255, 50)),
    "oauth_config.scopes.bot_optional": (False, texts(255, 50)),
    "settings.event_subscriptions.request_url": (False, ADDRESS),
    "settings.event_subscriptions.bot_events": (False, texts(100, 50)),
    "settings.interactivity.is_enabled": (True, flag),
    "settings.interactivity.request_url": (False, ADDRESS),
    "settings.interactivity.message_menu_options_url": (False, ADDRESS),
    "settings.socket_mode_enabled": (False, flag),
    "settings.token_rotation_enabled": (False, flag),
    "settings.org_deploy_enabled": (False, flag),
    "settings.is_hosted": (False, flag),
}
MAX_ITEMS = {"features.slash_commands[]": 50, "features.shortcuts[]": 10}


def validate(content: dict[str, Any], path: str = "") -> list[str]:
    """Return what Slack's schema would refuse."""
    wrong = [] if path or "display_information" in content else ["display_information is missing"]
    for key, value in content.items():
        here = f"{path}.{key}".lstrip(".")
        if isinstance(value, dict):
            wrong += validate(value, here)
        elif value and isinstance(value, list) and isinstance(value[0], dict):
            wrong += [f"{here}: too many"] if len(value) > MAX_ITEMS.get(f"{here}[]", 0) else []
            wrong += [line for item in value for line in validate(item, f"{here}[]")]
        elif here not in SCHEMA:
            wrong.append(f"{here} is unknown")
        elif not SCHEMA[here][1](value):
            wrong.append(f"{here}: {value!r}")
    return wrong + missing(content, path)


def missing(content: dict[str, Any], path: str) -> list[str]:
    required = (place.rpartition(".") for place, (is_required, _) in SCHEMA.items() if is_required)
    return [f"{path}.{key} is missing" for group, _, key in required if group == path and key not in content]


@pytest.mark.parametrize("content", VARIANTS.values(), ids=VARIANTS)
def test_slack_accepts_the_manifest(content: dict[str, Any]) -> None:
    assert validate(content) == []
    assert json.loads(json.dumps(content)) == content


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("display_information.name", "x" * 36, "display_information.name"),
        ("features.bot_user.display_name", "Fault Desk", "features.bot_user.display_name"),
        ("settings.socket_mode", True, "settings.socket_mode is unknown"),
        ("settings.interactivity", {}, "settings.interactivity.is_enabled is missing"),
        ("oauth_config.scopes.bot", ["commands", "commands"], "oauth_config.scopes.bot"),
        (
            "features.shortcuts",
            [VARIANTS["http"]["features"]["shortcuts"][0]] * 11,
            "features.shortcuts: too many",
        ),
    ],
)
def test_the_check_itself_finds_errors(path: str, value: object, complaint: str) -> None:
    content = manifest(URL)
    *groups, last = path.split(".")
    group = content
    for key in groups:
        group = group[key]
    group[last] = value
    assert [line for line in validate(content) if line.startswith(complaint)]


def addresses(content: object) -> list[str]:
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list):
        return [found for item in content for found in addresses(item)]
    return [content] if isinstance(content, str) and content.startswith("http") else []


def test_every_url_is_the_given_one() -> None:
    assert addresses(VARIANTS["http"]) == [URL] * 4  # command, events, interactivity, options
    assert addresses(VARIANTS["address to fill in"]) == [EXAMPLE_URL] * 4


def test_a_manifest_for_socket_mode_has_no_url() -> None:
    assert addresses(manifest(URL, socket_mode=True)) == []
    assert VARIANTS["socket mode"]["settings"]["socket_mode_enabled"] is True
    assert VARIANTS["http"]["settings"]["socket_mode_enabled"] is False


def test_commands_and_shortcuts_keep_their_names() -> None:
    features = VARIANTS["http"]["features"]
    assert [command["command"] for command in features["slash_commands"]] == ["/fault"]
    assert features["slash_commands"][0]["should_escape"] is True
    assert {(shortcut["type"], shortcut["callback_id"]) for shortcut in features["shortcuts"]} == {
        ("global", "report"),
        ("message", "report_from_message"),
    }


def test_people_can_write_to_the_bot() -> None:
    home = VARIANTS["http"]["features"]["app_home"]
    assert home["messages_tab_enabled"] is True
    assert home["messages_tab_read_only_enabled"] is False


@pytest.mark.parametrize("reasons", [SCOPES, EVENTS], ids=["scopes", "events"])
def test_every_scope_and_event_has_a_reason(reasons: dict[str, str]) -> None:
    assert all(reasons.values())


def test_what_does_not_work_without_a_scope_is_known_of_each() -> None:
    assert LOSSES.keys() == SCOPES.keys()


def test_optional_scopes_are_requested_as_well() -> None:
    scopes = VARIANTS["http"]["oauth_config"]["scopes"]
    assert (
        {one for one in scopes["bot"] if one.endswith(":history")} <= set(scopes["bot_optional"]) < set(scopes["bot"])
    )


def test_every_scope_that_an_event_names_is_requested() -> None:
    named = {scope for why in EVENTS.values() for scope in re.findall(r"\(scope ([a-z:]+)\)", why)}
    assert named
    assert named <= SCOPES.keys()
