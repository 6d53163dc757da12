"""The channels of calls: the present id of a channel, and that in which the bot and a person write to each other.

The latter is asked of Slack once, and then stored.
"""

from dataclasses import replace

from slack_sdk import WebClient

from bot.casework.reading.snapshot import Snapshot
from bot.slack.delivery.slack_call import SlackCall
from storage import channel_moves, people
from storage.database import Database


def addressed(snapshot: Snapshot, call: SlackCall) -> SlackCall:
    """Return the call with its channel if that is stored."""
    if call.channel:
        return call
    known = snapshot.account(call.person or "")
    return replace(call, channel=known.dm_channel if known else None)


class DirectChannels:
    """Opens the channels of direct messages. One is stored once a message has arrived in it."""

    def __init__(self, database: Database, client: WebClient) -> None:
        self._database = database
        self._client = client

    def opened(self, call: SlackCall) -> SlackCall:
        """Return the call with its channel. Raises `SlackClientError` or `OSError` if Slack does not tell one."""
        if call.channel:
            return call
        return replace(call, channel=str(self._client.conversations_open(users=call.person)["channel"]["id"]))

    def current(self, channel: str) -> str:
        """Return the present id of a channel, which Slack may have changed."""
        with self._database.look() as session:
            return channel_moves.current(session, channel)

    def forget(self, call: SlackCall) -> bool:
        """Forget the stored channel of a direct message, because it is gone. False if none was stored."""
        if not call.person:
            return False
        with self._database.write() as session:
            known = people.find(session, call.person)
            if known is None or known.dm_channel is None:
                return False
            people.remember_dm(session, call.person, None)
        return True
