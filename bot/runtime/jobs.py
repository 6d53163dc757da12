"""APScheduler as a metronome: each beat is one call into the rooms below. No rules here."""

import threading
import time
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from bot.casework.company_settings import Office
from bot.casework.statistics import monthly_report
from bot.casework.statistics.report_snapshot import Snapshot
from bot.casework.steps import remind
from bot.clock import Clock
from bot.health import Health
from storage import deliveries, statistics
from storage.database import Database, Unavailable

log = structlog.get_logger(__name__)
#: Slack repeats a request for at most an hour; a day is ample.
REMEMBERED = timedelta(days=1)
#: Ended cases settled in one transaction. After each, whoever waits to write has as long as it took.
AT_ONCE = 10
#: How long a reminder that could not be sent, or a case that could not be settled, is left alone.
AGAIN_AFTER = timedelta(minutes=10)


class Resting:
    """Ids of what failed, left alone for `AGAIN_AFTER`."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._until: dict[int, float] = {}

    def add(self, ids: Iterable[int]) -> None:
        """From now on these rest."""
        until = self._ticks() + AGAIN_AFTER.total_seconds()
        self._until |= dict.fromkeys(ids, until)

    def now(self) -> Collection[int]:
        """Those that rest at this moment."""
        now = self._ticks()
        self._until = {one: until for one, until in self._until.items() if until > now}
        return self._until.keys()


class Jobs:
    """The beats: reminders every few seconds, ended cases every minute, deliveries and monthly reports every hour."""

    def __init__(
        self,
        database: Database,
        office: Office,
        clock: Clock,
        health: Health,
        every: timedelta,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ticks` are seconds of a clock that nobody sets."""
        self._database = database
        self._office = office
        self._clock = clock
        self._health = health
        self._every = every
        self._unsent, self._unsettled = Resting(ticks), Resting(ticks)
        self._stopping = threading.Event()
        #: How often a sweep moves at least, as the health sees it.
        self.interval = max(every, timedelta(seconds=5))
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def add_hourly(self, beat: Callable[[], None]) -> None:
        """One more beat, every hour."""
        self._scheduler.add_job(beat, "interval", hours=1)

    def start(self) -> None:
        """Start the beats."""
        self._health.watch("reminders", self.interval)
        self._scheduler.add_job(self.sweep, "interval", seconds=self._every.total_seconds())
        self._scheduler.add_job(self.settle, "interval", minutes=1)
        self._scheduler.add_job(self.forget, "interval", hours=1)
        self._scheduler.add_job(self.report, "cron", minute=0)
        self._scheduler.start()

    def revive(self) -> None:
        """Beat at once and go on from there: a clock that was put back would have us wait until it is there again."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=Clock().now())  # the scheduler's own clock, never a shifted one

    def stop(self) -> None:
        """Stop the beats after those under way."""
        self._stopping.set()
        self._scheduler.shutdown()

    def sweep(self) -> int:
        """Send every reminder that is due; returns how many. What could not be sent is tried again after a while."""
        sent = 0
        try:
            while (batch := self._sweep_once(self._unsent.now())).found:
                sent += batch.sent
                self._unsent.add(batch.failed)
                self._health.moved("reminders")
        except Unavailable:
            log.warning("sweep.database_unavailable")
        self._health.moved("reminders")
        return sent

    def _sweep_once(self, but: Collection[int]) -> remind.Swept:
        now = self._clock.now()
        late_after = max(60.0, self._every.total_seconds() * 3)
        with self._database.read() as session:
            if not remind.anything_due(session, now, but):
                return remind.Swept()
        with self._database.write() as session:
            return remind.sweep(session, self._office, now, late_after, but)

    def settle(self) -> int:
        """Work out what ended cases count in the statistics, and keep it; returns how many there were."""
        settled = 0
        try:
            with self._database.read() as session:
                waiting = statistics.anything_to_settle(session)
            while waiting and not self._stopping.is_set():
                begun = time.monotonic()
                with self._database.write(quietly=True) as session:
                    batch = statistics.settle(session, AT_ONCE, self._unsettled.now())
                settled += batch.count
                self._left(batch.failed)
                waiting = batch != statistics.Settled() and not self._stopping.wait(time.monotonic() - begun)
        except Unavailable:
            log.warning("settle.database_unavailable")  # the next minute sees to it
        return settled

    def _left(self, failed: Iterable[tuple[int, Exception]]) -> None:
        """Cases that cannot be settled are counted from their histories, or show there that they cannot be read."""
        for case, error in failed:
            log.error("settle.failed", case=case, exc_info=error)
            self._unsettled.add([case])

    def forget(self) -> None:
        """Drop the identities of deliveries that can no longer be repeated."""
        try:
            with self._database.write(quietly=True) as session:
                deliveries.forget_before(session, self._clock.now() - REMEMBERED)
        except Unavailable:
            log.warning("forget.database_unavailable")  # the next hour sees to it

    def report(self) -> int:
        """Draw up the statistics of each month that is over; returns how many."""
        now, drafted = self._clock.now(), 0
        try:
            while drawn := self._figures_due(now):
                with self._database.write() as session:
                    if not monthly_report.draft(session, drawn, self._office, now):
                        break
                drafted += 1
        except Unavailable:
            log.warning("report.database_unavailable")  # the next hour sees to it
        return drafted

    def _figures_due(self, now: datetime) -> Snapshot | None:
        with self._database.read() as session:
            return monthly_report.figures_due(session, self._office, now)
