"""Tells the admins directly that a part of the bot stands still.

The alarm uses neither the outbox nor the delivery loop, and it works while the database cannot be reached.
"""

from collections.abc import Collection, Iterable

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.casework.company_settings import CompanySettings
from bot.clock import Clock
from bot.health import CLOCK, DESK_CHANNEL, WORKERS
from bot.slack.identity import Identity, Reader
from bot.slack.views.operators.alarm import alarm
from storage import deliveries, people
from storage.database import Database, Unavailable
from storage.vocabulary import Role

log = structlog.get_logger(__name__)
#: Parts that several processes see alike. Their key is stored in the database from the alarm until the all-clear, so
#: that only one process sends either.
_SEEN_BY_ALL = {one: f"alarm:{one}" for one in (WORKERS, DESK_CHANNEL, CLOCK)}


class Alarm:
    """Sends alarms to the admins.

    `known` are the admins in the settings, who are told while the database cannot name the admins. User groups (S…)
    among them are ignored.
    """

    def __init__(
        self,
        client: WebClient,
        database: Database,
        identity: Identity,
        company: CompanySettings,
        clock: Clock,
        known: Iterable[str],
    ) -> None:
        self._client = client
        self._database = database
        self._identity = identity
        self._company = company
        self._clock = clock
        self._known = frozenset(one for one in known if not one.startswith("S"))
        self._reported_parts: frozenset[str] = frozenset()

    def send(self, parts: Collection[str]) -> None:
        """Tell every admin which `parts` stand still, or, if there are none, that all parts work again.

        Every process notices that no worker runs, that others read the service-desk channel or that the clock of its
        machine is wrong, and that this is over; only the first to notice tells the admins. An error of Slack is only
        logged.
        """
        of_our_own = (frozenset(parts) or self._reported_parts) - _SEEN_BY_ALL.keys()
        self._reported_parts = frozenset(parts)
        if not (self._is_first(parts) or of_our_own):
            return
        for admin in sorted(self._admins()):
            said = alarm(parts, self._reader(admin).t)
            try:
                channel = self._client.conversations_open(users=admin)["channel"]["id"]
                self._client.chat_postMessage(channel=channel, text=said.text, blocks=said.blocks)
            except (SlackClientError, OSError) as error:
                log.error("alarm.not_told", admin=admin, error=type(error).__name__)

    def _is_first(self, parts: Collection[str]) -> bool:
        """Whether this process is the first to report what every process sees, or that it is over."""
        now = self._clock.now()
        try:
            with self._database.write(quietly=True) as session:
                if not parts:
                    return True in [deliveries.forget(session, key) for key in _SEEN_BY_ALL.values()]
                keys = [key for part, key in _SEEN_BY_ALL.items() if part in parts]
                return True in [deliveries.first(session, key, now) for key in keys]
        except Unavailable:
            return False

    def _admins(self) -> frozenset[str]:
        today = self._company.today(self._clock.now())
        try:
            with self._database.read() as session:
                return people.holding(session, Role.ADMIN, today)
        except Unavailable:
            return self._known

    def _reader(self, admin: str) -> Reader:
        try:
            return self._identity.reader(admin)
        except Unavailable:
            return Reader(admin, self._identity.channel)
