"""A word to the admins past everything that may be ill: no outbox, no database that must answer."""

from collections.abc import Collection, Iterable

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.casework.company_settings import Office
from bot.clock import Clock
from bot.health import WORKERS
from bot.slack.identity import Identity, Reader
from bot.slack.views.operators.alarm import alarm
from storage import deliveries, people
from storage.database import Database, Unavailable
from storage.vocabulary import Role

log = structlog.get_logger(__name__)
#: Stands in the database from the word that no worker runs to the word that one does again.
_NO_WORKER = "alarm:workers"


class Alarm:
    """Tells the admins of parts that stand still. `known` are those whom the settings name."""

    def __init__(
        self,
        client: WebClient,
        database: Database,
        identity: Identity,
        office: Office,
        clock: Clock,
        known: Iterable[str],
    ) -> None:
        self._client = client
        self._database = database
        self._identity = identity
        self._office = office
        self._clock = clock
        self._known = frozenset(one for one in known if not one.startswith("S"))
        self._told: frozenset[str] = frozenset()

    def tell(self, parts: Collection[str]) -> None:
        """What is ill; nothing: all is well again. Slack being away is only written down.

        That no worker runs is seen by every process, and told by the first of them; so is the end of it.
        """
        of_our_own = (frozenset(parts) or self._told) - {WORKERS}
        self._told = frozenset(parts)
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
        """Whether this process is the one that tells of the workers."""
        try:
            with self._database.write(quietly=True) as session:
                if WORKERS in parts:
                    return deliveries.first(session, _NO_WORKER, self._clock.now())
                return not parts and deliveries.forget(session, _NO_WORKER)
        except Unavailable:
            return False

    def _admins(self) -> frozenset[str]:
        today = self._office.today(self._clock.now())
        try:
            with self._database.read() as session:
                return people.holders(session, today).get(Role.ADMIN, frozenset())
        except Unavailable:
            return self._known

    def _reader(self, admin: str) -> Reader:
        try:
            return self._identity.reader(admin)
        except Unavailable:
            return Reader(admin, self._identity.channel)
