"""Asks Slack whether the bot is a member of a channel, so that people hear of it before they rely on an answer."""

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack.failures import is_away


def is_outside(client: WebClient, channel: str) -> bool:
    """Return whether the bot cannot post in a channel. False also if Slack cannot say so now."""
    try:
        found = client.conversations_info(channel=channel)["channel"]
    except (SlackClientError, OSError) as error:
        return isinstance(error, SlackApiError) and not is_away(error)
    return not found.get("is_member", True)
