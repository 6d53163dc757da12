"""Asks Slack for the link to a card, which the card that the desk has left behind shows."""

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack.failures import is_away

log = structlog.get_logger(__name__)


def card_link(client: WebClient, channel: str, ts: str) -> str:
    """Return the permalink of a card; empty if Slack gives none.

    Raises `SlackClientError` or `OSError` if Slack may answer later.
    """
    try:
        return str(client.chat_getPermalink(channel=channel, message_ts=ts)["permalink"])
    except SlackApiError as error:
        if is_away(error):
            raise
        log.warning("card.no_link", channel=channel, error=error.response["error"])
        return ""
