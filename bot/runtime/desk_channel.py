"""Looks after the service-desk channel: cards follow when it changes, and people hear of what is wrong with it."""

import structlog
from slack_sdk import WebClient

from bot.casework import missing_desk
from bot.casework.company_source import CompanySource
from bot.casework.steps import desk_channel
from bot.clock import Clock
from bot.health import DESK_CHANNEL, NO_DESK, Health
from bot.slack.desk_channel import check_desk_channel
from bot.slack.identity import Identity
from storage.database import Database, Unavailable

log = structlog.get_logger(__name__)


class DeskChannel:
    """The service-desk channel of the settings, which may name another one at any time, or none."""

    def __init__(
        self,
        client: WebClient,
        identity: Identity,
        database: Database,
        company: CompanySource,
        clock: Clock,
        health: Health,
    ) -> None:
        self._client = client
        self._identity = identity
        self._database = database
        self._company = company
        self._clock = clock
        self._health = health

    def follow(self) -> int:
        """Let the cards of open cases, and what waits, follow into the channel; return the number of cards.

        Raises `Unavailable`.
        """
        moved, batch = 0, desk_channel.BATCH_SIZE
        while batch == desk_channel.BATCH_SIZE:
            with self._database.write() as session:
                batch = desk_channel.follow(session, self._company.of(session), self._clock.now())
            moved += batch
        if moved:
            log.info("desk.moved", channel=self._company.latest.desk_channel, cases=moved)
        return moved

    def follow_change(self) -> int:
        """Follow and check anew if the settings have named another channel meanwhile; return the number of cards."""
        try:
            with self._database.read() as session:
                if desk_channel.is_followed(session, self._company.of(session)):
                    return 0
            moved = self.follow()
        except Unavailable:
            log.warning("desk.database_unavailable")  # retried in the next minute
            return 0
        self.check()
        return moved

    def check(self) -> None:
        """Let health say whether there is a channel and who reads it. The admins are told if there is none."""
        try:
            with self._database.write() as session:
                company = self._company.of(session)
                missing_desk.tell(session, company, self._clock.now())
        except Unavailable:
            log.warning("desk.not_checked")  # retried in the next hour
            return
        state = NO_DESK
        if company.has_desk_channel:
            state = check_desk_channel(self._client, self._identity, self._database, company.desk_channel)
        self._health.finding(DESK_CHANNEL, state)
