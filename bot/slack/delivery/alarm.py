"""Tells the admins directly that a part of the bot stands still.

The alarm uses neither the outbox nor the delivery loop, and it works while the database cannot be reached.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.casework.company_settings import CompanySettings
from bot.clock import Clocks
from bot.health import CLOCK, DATABASE, DESK_CHANNEL, PEOPLE, READ_BACK, WORKERS, kind_of
from bot.metrics import AlarmResult, Metrics
from bot.slack.failures import FailureAction, classify
from bot.slack.identity import Identity, Reader
from bot.slack.views.operators.alarm import alarm
from storage import alarms, people
from storage.database import Database, Unavailable
from storage.vocabulary import Role

log = structlog.get_logger(__name__)
#: Parts that several processes see alike. Which admin was told of them is stored, so that one process tells each.
_SEEN_BY_ALL = frozenset({WORKERS, DESK_CHANNEL, CLOCK, READ_BACK, PEOPLE})
#: Seconds after which the admins are read anew while all is well, and what is stored of an alarm is kept for longer.
_READ_AGAIN_SECONDS, _SEEN_AGAIN_SECONDS = 60.0, 3600.0


@dataclass(slots=True)
class _Told:
    """What one admin knows in this episode, which ends when all parts are well and the admin knows it."""

    parts: frozenset[str] = frozenset()
    attempts: int = 0
    not_before: float = float("-inf")
    #: Slack says that this person gets no message from the bot.
    refused: bool = False

    def lacks(self, parts: frozenset[str]) -> frozenset[str]:
        """Return the parts that are news for the admin: unhealthy, or, if there are no `parts`, well again."""
        return parts - self.parts if parts else self.parts


class Alarm:
    """Sends alarms to the admins, again and again until each has them, and the all-clear to those who have.

    `named` are the admins in the settings, who are told until the database has once said who the admins are. User
    groups (S…) among them are ignored.
    """

    def __init__(
        self,
        client: WebClient,
        database: Database,
        identity: Identity,
        company: CompanySettings,
        clocks: Clocks,
        metrics: Metrics,
        named: Iterable[str],
    ) -> None:
        self._client = client
        self._database = database
        self._identity = identity
        self._company = company
        self._clocks = clocks
        self._metrics = metrics
        self._admins = {one: Reader(one, identity.channel) for one in named if not one.startswith("S")}
        self._read_at = self._seen_at = float("-inf")
        self._told: dict[str, _Told] = {}

    def update(self, parts: Collection[str]) -> None:
        """Let every admin know which `parts` stand still, or, if there are none, that all parts work again.

        To be called at every check. An admin whom Slack does not let know is tried again later, after growing pauses,
        unless Slack refuses that person for good. Of what every process notices only the first to notice tells.
        """
        unhealthy = frozenset(parts)
        self._read_admins(unhealthy)
        self._keep_stored(unhealthy)
        waiting = 0
        for admin in sorted(self._admins.keys() | self._told.keys()):
            told = self._told.setdefault(admin, _Told())
            if told.lacks(unhealthy) and not told.refused and self._clocks.ticks() >= told.not_before:
                self._tell(admin, told, unhealthy)
            waiting += bool(told.lacks(unhealthy)) and not told.refused
        self._metrics.alarms_waiting.set(waiting)
        if not unhealthy:
            self._told = {admin: told for admin, told in self._told.items() if told.parts and not told.refused}

    def _tell(self, admin: str, told: _Told, unhealthy: frozenset[str]) -> None:
        """Send what is news for this admin. What every process sees is left out while another one tells it."""
        news = told.lacks(unhealthy)
        shared = _seen_by_all(news)
        own = news - shared
        unsaid = self._take_turn(admin, shared, unhealthy) if shared else None
        done = self._said(admin, told, unhealthy) if own or unsaid else True
        if unsaid is not None:
            self._end_turn(admin, unsaid if done else frozenset(), unhealthy)
        if done:
            handled = own if unsaid is None else news
            told.parts = told.parts | handled if unhealthy else told.parts - handled

    def _take_turn(self, admin: str, parts: frozenset[str], unhealthy: frozenset[str]) -> frozenset[str] | None:
        """Become the process that tells this admin of these parts, and return those that none has told yet.

        None if another process is about to, or if the database cannot be asked; a later check tries again.
        """
        if DATABASE in unhealthy:
            return None
        try:
            with self._database.write() as session:
                if not alarms.take_turn(session, admin, self._clocks.shared(session)):
                    return None
                known = alarms.known(session, admin, parts)
        except Unavailable:
            return None
        return parts - known if unhealthy else known

    def _end_turn(self, admin: str, said: frozenset[str], unhealthy: frozenset[str]) -> None:
        """Store what was `said`. If the database fails now, another process may say it once more."""
        try:
            with self._database.write() as session:
                if unhealthy:
                    alarms.told(session, admin, said, self._clocks.shared(session))
                else:
                    alarms.forget(session, admin, said)
                alarms.end_turn(session, admin)
        except Unavailable:
            log.warning("alarm.not_stored", admin=admin)

    def _said(self, admin: str, told: _Told, unhealthy: frozenset[str]) -> bool:
        """Send the alarm or the all-clear; return whether Slack took it. If not, it is due again after a pause."""
        said = alarm(unhealthy, self._admins.get(admin, Reader(admin, self._identity.channel)).t)
        told.attempts += 1
        try:
            channel = self._client.conversations_open(users=admin)["channel"]["id"]
            self._client.chat_postMessage(channel=channel, text=said.text, blocks=said.blocks)
        except (SlackClientError, OSError) as error:
            failure = classify(error, told.attempts)
            told.refused = failure.action is FailureAction.GIVE_UP
            told.not_before = self._clocks.ticks() + failure.wait.total_seconds()
            self._metrics.alarms.labels(AlarmResult.REFUSED if told.refused else AlarmResult.NOT_TOLD).inc()
            log.error(
                "alarm.not_told", admin=admin, parts=sorted(unhealthy), reason=failure.reason, attempts=told.attempts
            )
            return False
        told.attempts = 0
        self._metrics.alarms.labels(AlarmResult.TOLD).inc()
        log.warning("alarm.told", admin=admin, parts=sorted(unhealthy))
        return True

    def _read_admins(self, unhealthy: frozenset[str]) -> None:
        """Remember who the admins are and how they read, for the time when the database cannot be asked."""
        if DATABASE in unhealthy or self._is_recent(self._read_at, 0.0 if unhealthy else _READ_AGAIN_SECONDS):
            return
        try:
            with self._database.read() as session:
                admins = people.holding(session, Role.ADMIN, self._company.today(self._clocks.wall.now()))
            self._admins = {admin: self._identity.reader(admin) for admin in admins}
            self._read_at = self._clocks.ticks()
        except Unavailable:
            log.warning("alarm.admins_not_read")

    def _keep_stored(self, unhealthy: frozenset[str]) -> None:
        """Let what is stored of an alarm live on while this process sees the parts unhealthy."""
        shared = _seen_by_all(unhealthy)
        if not shared or DATABASE in unhealthy or self._is_recent(self._seen_at, _SEEN_AGAIN_SECONDS):
            return
        try:
            with self._database.write() as session:
                alarms.seen(session, self._told, shared, self._clocks.shared(session))
            self._seen_at = self._clocks.ticks()
        except Unavailable:
            log.warning("alarm.not_stored")

    def _is_recent(self, moment: float, seconds: float) -> bool:
        return self._clocks.ticks() - moment < seconds


def _seen_by_all(parts: frozenset[str]) -> frozenset[str]:
    return frozenset(part for part in parts if kind_of(part) in _SEEN_BY_ALL)
