"""The channels of calls: the present id of a channel, and that in which the bot and a person write to each other.

The latter is asked of Slack once, and then stored.
"""

from dataclasses import replace

from slack_sdk import WebClient
from sqlmodel import Session

from bot.slack.delivery.slack_call import SlackCall
from storage import channel_moves, people
from storage.database import Database


class DirectChannels:
    """Finds the channels of calls. That of direct messages is stored once a message has arrived in it."""

    def __init__(self, database: Database, client: WebClient) -> None:
        self._database = database
        self._client = client

    def addressed(self, call: SlackCall) -> SlackCall:
        """Return the call with its channel. Raises `SlackClientError` or `OSError` if Slack does not tell one."""
        if call.channel:
            return replace(call, channel=self.current(call.channel))
        person = call.person or ""
        return replace(call, channel=self._stored(person) or self._opened(person))

    def current(self, channel: str) -> str:
        """Return the present id of a channel, which Slack may have changed."""
        with self._database.read() as session:
            return channel_moves.current(session, channel)

    def remember(self, session: Session, call: SlackCall) -> None:
        """Store the channel of a direct message that arrived."""
        if call.person and call.channel:
            people.remember_dm(session, call.person, call.channel)

    def forget(self, call: SlackCall) -> bool:
        """Forget the stored channel of a direct message, because it is gone. False if none was stored."""
        if not call.person or self._stored(call.person) is None:
            return False
        with self._database.write() as session:
            people.remember_dm(session, call.person, None)
        return True

    def _stored(self, person: str) -> str | None:
        with self._database.read() as session:
            known = people.find(session, person)
        return known.dm_channel if known else None

    def _opened(self, person: str) -> str:
        return str(self._client.conversations_open(users=person)["channel"]["id"])
