"""The delivery loop: claims due outbox rows, in the order of their lanes, and hands them to sender threads."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlmodel import Session

from bot.clock import Clocks, StepBack
from bot.health import DELIVERY, Health
from bot.slack.delivery.deliver import Sender
from bot.slack.delivery.lease_watch import LeaseWatch
from bot.slack.delivery.pace import Pace
from bot.slack.delivery.request_priority import RequestPriority
from storage import claims, heartbeats, leases, next_message, outbox
from storage.database import Database, Unavailable
from storage.leases import LeaseLost
from storage.tables import Outgoing
from storage.time_limit import answered_within

log = structlog.get_logger(__name__)
#: Messages sent at the same time.
SENDER_THREADS = 8
#: Documents made, and files fetched or sent at the same time, in addition to the messages.
DOCUMENT_THREADS = 2
#: The longest pause of the loop, in seconds. A commit ends it at once; the loop also looks for senders that died.
MAX_IDLE_SECONDS = 5.0
#: The longest pause, in seconds, while the database does not report the commits of other processes.
POLL_SECONDS = 0.3
#: How long a round waits for the database, in seconds.
ROUND_SECONDS = 10.0
#: The shortest pause, in seconds, for example after other processes claimed the rows first.
MIN_PAUSE_SECONDS = 0.01


class Delivery:
    """Runs the delivery loop in its own thread. Call `wake` after each commit that queued messages."""

    def __init__(
        self, database: Database, clocks: Clocks, sender: Sender, pace: Pace, priority: RequestPriority, health: Health
    ) -> None:
        self._database = database
        self._clocks = clocks
        self._step_back: StepBack | None = None
        self._leases = LeaseWatch(database.sender, clocks.ticks)
        self._was_put_back = False
        #: The last claim, unless another one is under way: it says whose senders wake the loop when they finish.
        self._claimed: claims.Claim | None = None
        self._sender = sender
        self._pace = pace
        self._priority = priority
        self._health = health
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._senders = ThreadPoolExecutor(SENDER_THREADS, "deliver")
        self._document_threads = ThreadPoolExecutor(DOCUMENT_THREADS, "make")
        self._in_progress: dict[int, str] = {}  # row id -> target of messages being sent; item access is atomic
        self._documents_in_progress: dict[int, str] = {}  # the same for documents
        #: Messages that are not in progress any more, but whose attempt could not be recorded, by row id and lease.
        self._unrecorded: dict[tuple[int, int], Outgoing] = {}
        self._loop = threading.Thread(target=self._run, name="delivery", daemon=True)

    def start(self) -> None:
        """Start the loop, which the health report watches from now on."""
        self._health.watch(DELIVERY, timedelta(seconds=MAX_IDLE_SECONDS))
        self._loop.start()

    def wake(self) -> None:
        """End the loop's pause, because a message may be waiting."""
        self._wake.set()

    def stop(self) -> None:
        """Stop the loop and wait until the messages and documents in progress are finished."""
        self._stopping.set()
        self._wake.set()
        if self._loop.is_alive():
            self._loop.join()
        self._senders.shutdown()
        self._document_threads.shutdown()

    @property
    def is_sending(self) -> bool:
        """Whether this process is busy with a message, be it with counting one that is sent."""
        return bool(self._in_progress or self._documents_in_progress)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            self._priority.wait()
            pause = self._idle
            try:
                with self._health.round(DELIVERY), answered_within(ROUND_SECONDS):
                    pause = self._round()
            except Unavailable:
                log.warning("delivery.database_unavailable")
            except Exception as error:  # the loop must survive the failure of one round
                log.error("delivery.round_failed", exc_info=error)
            self._wake.wait(pause)

    @property
    def _idle(self) -> float:
        return MAX_IDLE_SECONDS if self._database.sees_all_commits else POLL_SECONDS

    def _round(self) -> float:
        """Claim due messages and hand them to the sender threads. Returns the seconds until the next round."""
        if pause := self._pace.pause():
            return self._pause([pause])
        left_behind = self._left_behind()
        if not (any(self._room()) or left_behind or self._unrecorded):
            return self._pause([])  # a sender that finishes wakes the loop
        claim = self._claim(left_behind)
        for row, attempt in self._sender.attempts(claim.rows):
            self._submit(row, attempt)
        if claim.rows and claim.next_at and claim.next_at <= claim.now:
            return 0.0  # several of the first rows had the same target: others come after them
        waits = [
            wait for target, wait in self._pace.waits().items() if claim.awaited is None or target in claim.awaited
        ]
        return self._pause([*waits, *([claim.next_at - claim.now] if claim.next_at else ())])

    def _room(self) -> tuple[int, int]:
        """Return how many messages and how many documents can be taken."""
        return SENDER_THREADS - len(self._in_progress), DOCUMENT_THREADS - len(self._documents_in_progress)

    def _left_behind(self) -> list[Outgoing]:
        """Return the rows whose senders are gone, if it is time to look for them."""
        if self._leases.pause:
            return []
        under_way = self._under_way()  # before the rows are read, so that one that ends meanwhile is among them
        with self._database.read() as session:
            taken = leases.taken(session, under_way)
            return self._leases.left_behind(taken, partial(self._database.senders, session))

    def _under_way(self) -> set[int]:
        """Return the ids of the rows that this process has, a row whose attempt ends meanwhile included."""
        sending = {*self._in_progress.copy(), *self._documents_in_progress.copy()}
        return sending | {row for row, _lease in self._unrecorded.copy()}

    def _pause(self, waits: list[timedelta]) -> float:
        """Return the seconds until the shortest of these waits is over, or leases must be looked at."""
        soonest = min(wait.total_seconds() for wait in [*waits, self._leases.pause])
        return min(self._idle, max(MIN_PAUSE_SECONDS, soonest))

    def _claim(self, left_behind: list[Outgoing]) -> claims.Claim:
        """Give back what was left behind and what could not be recorded, and claim due rows for targets that are free.

        A sender that finishes meanwhile wakes the loop again, because the claim skips its target.
        """
        unrecorded = self._unrecorded.copy()
        with self._database.write() as session:
            self._claimed = None
            busy, (messages, documents) = {*self._pace.waits(), *self._in_progress.copy().values()}, self._room()
            for row in unrecorded.values():
                with suppress(LeaseLost):
                    leases.put_back(session, row, outbox.DUE_AT_ONCE)
            if left_behind:
                given_back = leases.give_back(session, left_behind, self._clocks.shared(session))
                log.warning("delivery.left_behind", rows=sorted(given_back))
            claim = claims.claim(session, self._shared, self._database.sender, messages, busy, asides=documents)
        for known in unrecorded:
            del self._unrecorded[known]
        self._was_put_back = False
        self._claimed = claim
        return claim

    def _shared(self, session: Session) -> datetime:
        """Return the shared time. If it was put back, also since the process before this one, end what waits for it.

        Every retry is due then, because the clock that the waits were computed with was put back.
        """
        if self._step_back is None:
            known = heartbeats.newest(session) or outbox.DUE_AT_ONCE
            self._step_back = StepBack(self._clocks.ticks, max(known, next_message.newest_moment(session)))
        asked_at, now = self._clocks.ticks(), self._clocks.shared(session)
        self._was_put_back |= self._step_back.noticed(now, asked_at)
        if self._was_put_back:
            claims.end_waits(session, now)
            heartbeats.forget_future(session, now)
        return now

    def _submit(self, row: Outgoing, attempt: Callable[[], bool]) -> None:
        held, workers = self._in_progress, self._senders
        if outbox.is_aside(row):
            held, workers = self._documents_in_progress, self._document_threads
        held[row.id or 0] = row.target
        workers.submit(self._send_and_free, row, attempt, held)

    def _send_and_free(self, row: Outgoing, attempt: Callable[[], bool], held: dict[int, str]) -> None:
        try:
            if not attempt():
                self._unrecorded[row.id or 0, row.lease] = row
        finally:
            del held[row.id or 0]  # only now, so that the row is never taken for one that another process left behind
            claimed = self._claimed
            if claimed is None or claimed.is_awaited(row.target) or self._unrecorded:
                self._wake.set()
