"""Writes the sign of life of this process, which is the check of the database, and reads what health reports of it."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from bot.clock import Clocks
from bot.health import (
    DATABASE,
    DELIVERY,
    MAX_MISSED_INTERVALS,
    NAMES,
    OK,
    REMINDERS,
    SEAL_KEY,
    SETTINGS,
    UNSIGNED,
    WORKERS,
    Health,
)
from bot.runtime import environment
from bot.runtime.periodic import Periodic
from bot.runtime.seal_key import FoundKey, KeyUse, use_of
from bot.slack.seen_events import SeenEvents
from storage import heartbeats, key_signatures, outbox, registers, reminders, seen_events
from storage.database import Database, Unavailable
from storage.next_message import next_messages, taken_since
from storage.time_limit import answered_within
from storage.vocabulary import OutboxState

log = structlog.get_logger(__name__)
#: How long a check waits for the database, in seconds.
CHECK_SECONDS = 5.0
#: How often all names are compared with each other, and of how many equal ones of a kind health tells.
NAMES_EVERY_SECONDS, MAX_GROUPS = 3600.0, 20


class DatabaseCheck:
    """A thread that checks the database at regular intervals. No other thread waits for it until the process stops."""

    def __init__(
        self,
        database: Database,
        clocks: Clocks,
        health: Health,
        every: timedelta,
        *,
        works: bool,
        key: FoundKey,
        given: Mapping[str, str],
        postponed: Callable[[], Collection[int]],
        seen_events: SeenEvents,
    ) -> None:
        """`works`: this process delivers and reminds. `given` are the company's settings that its environment sets.

        `postponed` returns the reminders that are tried again later. The `seen_events` of this process are stored with
        its sign of life.
        """
        self._database = database
        self._clocks = clocks
        self._health = health
        self._every = every
        self._works = works
        self._key = key
        self._given = given
        self._postponed = postponed
        self._seen_events = seen_events
        self._names_checked: float | None = None
        self._next_message, self._next_reminder = Unchanged(clocks.ticks), Unchanged(clocks.ticks)
        self._checks = Periodic(
            "database check", every.total_seconds(), self.check, "database_check.failed", CHECK_SECONDS
        )

    def start(self) -> None:
        """Check once, and from now on at each interval in the thread."""
        self._health.watch(DATABASE, self._every)
        if not self._works:
            self._health.watch(WORKERS, self._every)
        self.check()
        self._checks.start()

    def stop(self) -> None:
        """Stop checking. A check in progress is waited for as long as it may take."""
        self._checks.stop()

    def check(self) -> None:
        """Check once: write the sign of life, then read how work gets on."""
        try:
            with self._health.round(DATABASE), answered_within(CHECK_SECONDS):
                self._write()
                with self._database.read() as session:
                    self._read(session)
        except Unavailable as error:
            log.warning("database_check.unavailable", reason=error.reason)
            self._health.worked(WORKERS)  # they may be alive, and they reconnect later

    def _write(self) -> None:
        """Write the sign of life, and the events that this process has seen."""
        seen = self._seen_events.to_store()
        with self._database.write() as session:
            heartbeats.beat(session, self._database.sender, self._clocks.shared(session), works=self._works)
            seen_events.keep(session, seen)
        self._seen_events.stored(seen)

    def _read(self, session: Session) -> None:
        metrics, now = self._health.metrics, self._clocks.shared(session)
        metrics.waiting.set(outbox.count(session, OutboxState.WAITING))
        metrics.dead.set(outbox.count(session, OutboxState.DEAD))
        alive = heartbeats.workers(session, now)
        metrics.workers.set(sum(ago <= MAX_MISSED_INTERVALS * self._every for ago in alive))
        if alive:
            self._health.worked(WORKERS, alive[0])
        self._read_messages(session, now)
        self._read_reminders(session, self._clocks.wall.now())
        self._health.finding(SEAL_KEY, self._state_of_key(session))
        self._health.finding(SETTINGS, environment.state(session, self._given))
        ticks = self._clocks.ticks()
        if self._names_checked is None or ticks - self._names_checked >= NAMES_EVERY_SECONDS:
            self._health.finding(NAMES, _state_of_names(session))
            self._names_checked = ticks

    def _read_messages(self, session: Session, now: datetime) -> None:
        """Read what is sent next. A message that is tried again and again is another attempt each time."""
        rows = next_messages(session, now)
        attempt = (rows[0].id, rows[0].lease) if rows else None
        taken = taken_since(session)
        oldest = min([*(row.created_at for row in rows), *([taken] if taken else ())], default=now)
        self._health.due(DELIVERY, self._next_message.seconds(attempt))
        self._health.oldest(DELIVERY, now - oldest)

    def _read_reminders(self, session: Session, now: datetime) -> None:
        """Read what is reminded of next. Those that are tried again later count for the age alone."""
        first, oldest = reminders.first_due(session, now, self._postponed()), reminders.first_due(session, now)
        self._health.due(REMINDERS, self._next_reminder.seconds(first and first.id))
        self._health.oldest(REMINDERS, now - (oldest.due_at if oldest else now))

    def _state_of_key(self, session: Session) -> str:
        used = key_signatures.current(session)
        match use_of(self._key, used):
            case KeyUse.SIGNS:
                return OK
            case KeyUse.UNSIGNED:
                return self._key.problem or UNSIGNED
        assert used is not None
        here = f"has key {self._key.key.fingerprint}" if self._key.key else self._key.problem or "has no key"
        return f"signs nothing: the desk uses key {used.fingerprint}, this process {here}"


def _state_of_names(session: Session) -> str:
    """Return which names are to be joined, by their ids, because anybody may read the health of the process."""
    found = (
        f"{table} {', '.join(' = '.join(map(str, group)) for group in groups[:MAX_GROUPS])}"
        for table, groups in registers.alike(session).items()
    )
    said = "; ".join(found)
    return f"to be joined: {said}" if said else OK


class Unchanged:
    """Measures for how long the work that is done next has been the same.

    It is looked at again and again: as long as work gets on, something else comes next each time. How old the work
    itself is says less, because whatever waits for the pace of a channel or for Slack grows old as well. The times of
    other machines and jumps of clocks do not matter.
    """

    def __init__(self, ticks: Callable[[], float]) -> None:
        """`ticks` returns the seconds of a monotonic clock."""
        self._ticks = ticks
        self._seen: object = None
        self._since = 0.0

    def seconds(self, work: object) -> float:
        """Return for how many seconds this work has been seen; None is none."""
        now = self._ticks()
        if work is None or work != self._seen:
            self._seen, self._since = work, now
        return now - self._since
