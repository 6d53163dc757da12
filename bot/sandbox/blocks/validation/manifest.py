"""The schema of the app manifest, version 2 (slack-platform.md §5). Unknown keys are refused in every group."""

from bot.sandbox.blocks.validation.rules import Findings, Rule, boolean, integer, list_of, one_of, record, string
from bot.sandbox.shared_state import Json

_URL = string(3500, pattern="https?://.+")


_COMMAND = record(
    {"command": string(32, 2, "/.*"), "description": string(2000, 1)},
    {"usage_hint": string(1000, 1), "url": string(3000, pattern="https?://.+"), "should_escape": boolean},
)
_SHORTCUT = record(
    {
        "name": string(24, 1),
        "type": one_of("message", "global"),
        "callback_id": string(255),
        "description": string(150),
    },
    {},
)
_FEATURES: dict[str, Rule] = {
    "app_home": record(
        {},
        dict.fromkeys(("home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"), boolean),
    ),
    "bot_user": record({"display_name": string(80, 1, r"[a-z0-9\-_.]+")}, {"always_online": boolean}),
    "slash_commands": list_of(_COMMAND, 50, 1),
    "shortcuts": list_of(_SHORTCUT, 10, 1),
    "unfurl_domains": list_of(string(), 5),
}
_SCOPES = list_of(string(50), 255)
_OAUTH: dict[str, Rule] = {
    "scopes": record({}, dict.fromkeys(("bot", "user", "bot_optional", "user_optional"), _SCOPES)),
    "redirect_urls": list_of(string(), 1000),
    "token_management_enabled": boolean,
    "pkce_enabled": boolean,
}
_EVENTS: dict[str, Rule] = {
    "request_url": _URL,
    "bot_events": list_of(string(), 100),
    "user_events": list_of(string(), 100),
    "metadata_subscriptions": list_of(record({}, {}, more=True), 20, 1),
}
_SWITCHES = ("socket_mode_enabled", "token_rotation_enabled", "org_deploy_enabled", "is_hosted")
_SETTINGS: dict[str, Rule] = {
    "event_subscriptions": record({}, _EVENTS),
    "interactivity": record({"is_enabled": boolean}, {"request_url": _URL, "message_menu_options_url": _URL}),
    "allowed_ip_address_ranges": list_of(string(), 10),
    **dict.fromkeys(_SWITCHES, boolean),
}
_MANIFEST = record(
    {
        "_metadata": record({"major_version": one_of(2)}, {"minor_version": integer(0)}),
        "display_information": record(
            {"name": string(35, 1)},
            {
                "description": string(140),
                "long_description": string(4000, 175),
                "background_color": string(7, 4, "#[0-9a-fA-F]+"),
            },
        ),
    },
    {
        "features": record({}, _FEATURES),
        "oauth_config": record({}, _OAUTH),
        "settings": record({}, _SETTINGS),
    },
)


def check_manifest(manifest: Json) -> list[str]:
    """Return the problems of a manifest. The list is empty if it is valid."""
    findings = Findings("modal")
    _MANIFEST(manifest, "", findings)
    return findings.problems


def checked_manifest(manifest: Json | None) -> Json | None:
    """Return the manifest if it is valid.

    Raises:
        ValueError: the manifest breaks the schema; the text lists the problems.
    """
    if manifest is not None and (problems := check_manifest(manifest)):
        raise ValueError("; ".join(problems))
    return manifest
