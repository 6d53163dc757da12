"""The app manifest (slack-platform.md §5): the scopes and events that the bot needs, each with its reason.

Slack shows one text per command and shortcut to everybody, so these texts are in both languages.
"""

import json
from hashlib import sha256
from typing import Any

COMMAND = "/fault"
REPORT_SHORTCUT = "report"
REPORT_MESSAGE_SHORTCUT = "report_from_message"

#: A placeholder for the request URL of an installation.
EXAMPLE_URL = "https://faultdesk.example.com/slack/events"

SCOPES = {
    "commands": "the command /fault and the two shortcuts",
    "chat:write": "cards and their threads in the desk channel, direct messages",
    "im:write": "open the direct message with whoever must act",
    "users:read": "names, time zones and languages; who has left",
    "usergroups:read": "roles given to user groups",
    "channels:read": "who reads the desk channel; whether the asker reads an answer in a public channel",
    "groups:read": "the same, private channels",
    "channels:history": "find posts of a lost connection, so that none is made twice: public desk channel",
    "groups:history": "the same, private desk channel",
    "im:history": "the same, direct messages; hear what people write to the bot",
    "app_mentions:read": "hear when people mention the bot in a channel",
    "files:read": "the files that forms take, of which the bot keeps a copy",
    "files:write": "documents, tables and charts that somebody asked for",
}

#: Scopes that an administrator may refuse (slack-2026.md §7). Without one of the first three a lost answer of Slack may
#: double a post, which health reports (`read_back`); without one of the last two the bot does not hear what is said.
OPTIONAL_SCOPES = ("channels:history", "groups:history", "im:history", "app_mentions:read")

EVENTS = {
    "message.im": "answer what people write to the bot (scope im:history)",
    "app_mention": "answer who mentions the bot (scope app_mentions:read)",
    "app_home_opened": "draw what waits for whoever opens the App Home",
    "user_change": "a name, time zone or language changed, or a person left (scope users:read)",
    "team_join": "know a newcomer's language and time zone before the first form (scope users:read)",
    "subteam_members_changed": "a user group that gives a role has changed (scope usergroups:read)",
    "channel_id_changed": "a channel that becomes shared gets another id (scope groups:read)",
    "app_uninstalled": "say so in the health report instead of retrying for ever",
    "tokens_revoked": "the same",
}


def manifest(request_url: str | None = None, *, socket_mode: bool = False) -> dict[str, Any]:
    """Return the app manifest (version 2) for HTTP at `request_url`, or for Socket Mode, which needs no URL.

    Without either, `EXAMPLE_URL` marks the places to fill in.
    """
    url = None if socket_mode else request_url or EXAMPLE_URL
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Faultdesk",
            "description": "Runs the written process of system maintenance · 按成文流程处理系统维护问题",
            "background_color": "#1F3A5F",
        },
        "features": _features(url),
        "oauth_config": {"scopes": {"bot": list(SCOPES), "bot_optional": list(OPTIONAL_SCOPES)}},
        "settings": {
            "event_subscriptions": _at(url, "request_url") | {"bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True} | _at(url, "request_url", "message_menu_options_url"),
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
            "org_deploy_enabled": False,
        },
    }


def digest(*, socket_mode: bool) -> str:
    """Return the SHA-256 of the manifest, whatever the request URL is. Another one must be installed in Slack."""
    made = json.dumps(manifest(socket_mode=socket_mode), ensure_ascii=False, sort_keys=True)
    return sha256(made.encode()).hexdigest()


def _features(url: str | None) -> dict[str, Any]:
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "faultdesk", "always_online": True},
        "slash_commands": [
            _at(url, "url")
            | {
                "command": COMMAND,
                "description": "Report a problem or find a case · 提出问题或查找问题单",
                "usage_hint": "[new | F-12 | list | mine | queue | stats | export | help]",
                "should_escape": True,  # Slack then sends a mentioned person as an id
            }
        ],
        "shortcuts": [
            _shortcut(
                "global",
                REPORT_SHORTCUT,
                "Report a problem · 提出问题",
                "Open the report form · 打开问题表单",
            ),
            _shortcut(
                "message",
                REPORT_MESSAGE_SHORTCUT,
                "Report this · 提出此问题",
                "Open the report form with this message in it · 以此消息填写问题表单",
            ),
        ],
    }


def _shortcut(kind: str, callback_id: str, name: str, description: str) -> dict[str, str]:
    return {"type": kind, "callback_id": callback_id, "name": name, "description": description}


def _at(url: str | None, *names: str) -> dict[str, Any]:
    return {name: url for name in names if url}
