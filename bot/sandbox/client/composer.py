"""Slack's message composer: it replaces mentions and web addresses in typed text with tokens."""

import re

from bot.sandbox.blocks.mrkdwn import PLAIN_BROADCAST, escape
from bot.sandbox.workspace.workspace import Workspace

WEB_ADDRESS = re.compile(r"(?<!<)(https?://[^\s<>|]+)")
TYPED_TOKEN = re.compile(r"&lt;([@#!][^&\s]+)&gt;")
#: Splits a name written in two scripts, so that either part mentions the person: `@Wu Gang` and `@吴刚`.
SCRIPT = re.compile(r"[^\u4e00-\u9fff]*[^\u4e00-\u9fff\s]|[\u4e00-\u9fff]+")


def with_tokens(workspace: Workspace, text: str) -> str:
    """Return the text with `@name`, `#channel` and web addresses as tokens, as `should_escape` requires."""
    text = WEB_ADDRESS.sub(r"<\1>", text)
    for name, token in sorted(_tokens(workspace).items(), key=lambda item: -len(item[0])):
        text = re.sub(rf"(?<![\w<]){re.escape(name)}(?![A-Za-z0-9_])", token, text)
    return text


def as_message(workspace: Workspace, text: str) -> str:
    """Return typed text as a message carries it: escaped, and with tokens. Tokens that were typed are kept."""
    typed = TYPED_TOKEN.sub(r"<\1>", escape(text))
    return PLAIN_BROADCAST.sub(r"<!\1>", with_tokens(workspace, typed))


def _tokens(workspace: Workspace) -> dict[str, str]:
    tokens: dict[str, str] = {}
    for user in workspace.users.all():
        names = {user.name, user.real_name, user.display_name, *SCRIPT.findall(user.real_name)} - {""}
        tokens |= {f"@{name.strip()}": f"<@{user.id}>" for name in names}
    for channel in workspace.channels.all():
        if channel.name:
            shown = channel.name if channel.kind == "public" else ""
            tokens[f"#{channel.name}"] = f"<#{channel.id}|{shown}>"
    return tokens
