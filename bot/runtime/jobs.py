"""The periodic jobs. APScheduler only triggers them; each job calls into other packages and contains no rules."""

import threading
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from bot.casework.company_source import CompanySource
from bot.casework.records import checkpoints
from bot.casework.statistics import monthly_report
from bot.casework.statistics.report_snapshot import Snapshot
from bot.casework.steps import prune, rearm, remind
from bot.clock import Clock, Clocks
from bot.health import REMINDERS, Health
from bot.runtime.every import Every
from storage import deliveries, drafts, heartbeats, pruning, reminders, statistics
from storage.database import Database, Unavailable
from storage.time_limit import answered_within

log = structlog.get_logger(__name__)
#: How long delivery ids are kept. Slack repeats a request for at most an hour; what is told once a day has an id for
#: each day, and a day may have 25 hours.
DELIVERY_IDS_KEPT = timedelta(days=2)
#: Ended cases settled in one transaction.
SETTLE_BATCH_SIZE = 10
#: How long a batch of the sweep waits for the database, in seconds.
BATCH_SECONDS = 60.0
#: Messages deleted in one transaction.
PRUNE_BATCH_SIZE = 200
#: A reminder that cannot be sent, or a case that cannot be settled, is retried after this time.
RETRY_AFTER = timedelta(minutes=10)


def sweep_interval(every: timedelta) -> timedelta:
    """Return how long two sweeps, and two signs of life, lie apart at most. `every` is the setting."""
    return max(every, timedelta(seconds=5))


class FailedIds:
    """Ids that failed and are not retried before `RETRY_AFTER`."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._until: dict[int, float] = {}

    def add(self, ids: Iterable[int]) -> None:
        """Postpone these ids from now on."""
        until = self._ticks() + RETRY_AFTER.total_seconds()
        self._until |= dict.fromkeys(ids, until)

    def current(self) -> Collection[int]:
        """Return the ids that are postponed at this moment."""
        now = self._ticks()
        self._until = {one: until for one, until in self._until.items() if until > now}
        return self._until.keys()


class Jobs:
    """The jobs: reminders every few seconds; ended cases, reports and checkpoints every minute; the rest every hour."""

    def __init__(
        self,
        database: Database,
        company: CompanySource,
        clocks: Clocks,
        health: Health,
        every: timedelta,
    ) -> None:
        """`every` is the interval of the reminder sweep."""
        self._database = database
        self._company = company
        self._clocks = clocks
        self._clock = clocks.wall
        self._health = health
        self._every = every
        self._unsent, self._unsettled = FailedIds(clocks.ticks), FailedIds(clocks.ticks)
        self._stopping = threading.Event()
        #: Whether no job runs by itself, because the caller runs each of them.
        self.paused = False
        #: The longest interval between two sweeps that health expects.
        self.interval = sweep_interval(every)
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def add(self, beat: Callable[[], object], every: timedelta) -> None:
        """Add a job that runs once per `every`."""
        self._scheduler.add_job(beat, Every(every))

    def start(self) -> None:
        """Start the jobs."""
        self._health.watch(REMINDERS, self.interval)
        self.add(self.sweep, self._every)
        for beat in (self.rearm, self.settle, self.report, self.checkpoint, self.nightly_checkpoint):
            self.add(beat, timedelta(minutes=1))
        self.add(self.forget, timedelta(hours=1))
        self.add(self.prune, timedelta(hours=1))
        self._scheduler.start(paused=self.paused)

    def revive(self) -> None:
        """Run all jobs at once and continue from there.

        After the machine's clock was put back, the scheduler would otherwise wait until it shows the old time again.
        """
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=Clock().now())  # the scheduler's own clock, never a shifted one

    def stop(self) -> None:
        """Stop the jobs after those in progress have finished."""
        self._stopping.set()
        if self._scheduler.running:  # a start may fail before it
            self._scheduler.shutdown()

    def sweep(self) -> int:
        """Send every reminder that is due and return their number.

        A reminder that cannot be sent is retried after `RETRY_AFTER` and does not block the others (process.md §3.7).
        """
        sent = 0
        try:
            with self._health.round(REMINDERS, is_whole=lambda: not self.postponed()):
                while (batch := self._sweep_once()).found:
                    sent += batch.sent
                    self._unsent.add(batch.failed)
                    self._health.worked(REMINDERS)  # a long sweep gets on
        except Unavailable:
            log.warning("sweep.database_unavailable")
        return sent

    def postponed(self) -> Collection[int]:
        """Return the ids of the due reminders that could not be sent and are tried again later."""
        return self._unsent.current()

    def _sweep_once(self) -> remind.SweepResult:
        with answered_within(BATCH_SECONDS):
            return self._batch(self.postponed())

    def _batch(self, excluding: Collection[int]) -> remind.SweepResult:
        late_after = max(60.0, self._every.total_seconds() * 3)
        with self._database.read() as session:
            self._clocks.shared(session)  # compares the clock with the database's before a reminder is judged as due
            now = self._clock.now()
            if not remind.anything_due(session, now, excluding):
                return remind.SweepResult()
        with self._database.write() as session:
            return remind.sweep(session, self._company.of(session), now, late_after, excluding)

    def rearm(self) -> int:
        """Arm reminders again that a clock which was ahead has sent too early, and return their number.

        Only a clock that agrees with another one decides that.
        """
        rearmed = 0
        try:
            while self._clock.is_checked and (batch := self._rearm_once()):
                rearmed += batch
        except Unavailable:
            log.warning("rearm.database_unavailable")  # retried in the next minute
        return rearmed

    def _rearm_once(self) -> int:
        now = self._clock.now()
        with self._database.read() as session:
            found = reminders.cases_with_early(session, now, rearm.BATCH_SIZE)
        if not found:
            return 0
        with self._database.write() as session:
            return rearm.rearm(session, found, self._company.of(session), now)

    def settle(self) -> int:
        """Compute and store what ended cases count in the statistics; return the number of cases."""
        settled = 0
        try:
            with self._database.read() as session:
                waiting = statistics.anything_to_settle(session)
            while waiting and not self._stopping.is_set():
                begun = self._clocks.ticks()
                with self._database.write() as session:
                    batch = statistics.settle(session, SETTLE_BATCH_SIZE, self._unsettled.current())
                settled += batch.count
                self._left(batch.failed)
                waiting = batch != statistics.SettleResult() and self._goes_on(begun)
        except Unavailable:
            log.warning("settle.database_unavailable")  # retried in the next minute
        return settled

    def _goes_on(self, begun: float) -> bool:
        """Pause for as long as the batch that began then took (`ticks`), so that others can write.

        Return False as soon as the process stops.
        """
        return not self._stopping.wait(self._clocks.ticks() - begun)

    def _left(self, failed: Iterable[tuple[int, Exception]]) -> None:
        """Log and postpone cases that cannot be settled. Statistics count them from their histories until then."""
        for case, error in failed:
            log.error("settle.failed", case=case, exc_info=error)
            self._unsettled.add([case])

    def forget(self) -> None:
        """Delete old drafts, ids of deliveries that Slack cannot repeat, and heartbeats of processes that are gone."""
        try:
            with self._database.write() as session:
                deliveries.forget_before(session, self._clock.now() - DELIVERY_IDS_KEPT)
                drafts.forget_before(session, self._clock.now() - self._company.of(session).kept.drafts)
                heartbeats.forget(session, self._clocks.shared(session))
        except Unavailable:
            log.warning("forget.database_unavailable")  # retried in the next hour

    def prune(self) -> int:
        """Delete what was sent long ago and what ended cases no longer need; return the number of messages and cases.

        What was sent is kept at least as long as a case can be reopened. Only a clock that agrees with another one
        decides that it is over.
        """
        pruned, now = 0, self._clock.now()
        try:
            while self._clock.is_checked:
                begun = self._clocks.ticks()
                with self._database.write() as session:
                    company = self._company.of(session)
                    before = now - max(company.kept.sent, company.policy.reopen_within)
                    batch = pruning.delete_messages(session, before, PRUNE_BATCH_SIZE)
                    batch += prune.prune(session, before, now)
                pruned += batch
                if not batch or not self._goes_on(begun):
                    break
        except Unavailable:
            log.warning("prune.database_unavailable")  # retried in the next hour
        return pruned

    def checkpoint(self) -> bool:
        """Write a checkpoint if one is due; return whether this process wrote one."""
        now = self._clock.now()
        try:
            with self._database.read() as session:
                if not checkpoints.due(session, self._company.of(session).checkpoint_every, now):
                    return False
                drafted = checkpoints.draft(session)
            return self._written(drafted, now)
        except Unavailable:
            log.warning("checkpoint.database_unavailable")  # retried in the next minute
            return False

    def nightly_checkpoint(self) -> bool:
        """Send the checkpoint of the night to the admins and viewers; return whether this process did."""
        now = self._clock.now()
        try:
            with self._database.read() as session:
                if not checkpoints.nightly_due(session, self._company.of(session), now):
                    return False
                drafted = checkpoints.draft(session)
            self._written(drafted, now)
            with self._database.write() as session:
                return checkpoints.send_nightly(session, self._company.of(session), now)
        except Unavailable:
            log.warning("checkpoint.database_unavailable")  # retried in the next minute
            return False

    def _written(self, drafted: checkpoints.Draft, now: datetime) -> bool:
        with self._database.write() as session:
            written = checkpoints.write(session, drafted, self._company.of(session), now)
        if written:
            log.info("checkpoint.written", number=written.number, subjects=len(drafted.subjects))
        return written is not None

    def report(self) -> int:
        """Create the statistics report of each month that is over; return the number of reports."""
        now, drafted = self._clock.now(), 0
        try:
            while drawn := self._figures_due(now):
                with self._database.write() as session:
                    if not monthly_report.draft(session, drawn, self._company.of(session), now):
                        break
                drafted += 1
        except Unavailable:
            log.warning("report.database_unavailable")  # retried in the next minute
        return drafted

    def _figures_due(self, now: datetime) -> Snapshot | None:
        with self._database.read() as session:
            return monthly_report.figures_due(session, self._company.of(session), now)
