"""Watches, from outside, whether something is stuck while the bot says that it is healthy."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sqlmodel import Session, col, select

from storage.database import Database, Unavailable
from storage.outbox import LIMITED, PENDING
from storage.tables import Outgoing, Reminder
from storage.vocabulary import OutboxState, ReminderState
from tests.chaos.background_thread import BackgroundThread
from tests.chaos.bot_processes import BotProcesses
from tests.chaos.intents import RequestSender

#: Seconds for which nothing may be stuck while health says ok.
LIMIT_SECONDS = 60.0
#: Seconds between two looks.
LOOK_SECONDS = 1.0


class StuckWatcher(BackgroundThread):
    """Asks every process for its health, and looks at the database and at the people who wait for an answer.

    It trusts no clock but the monotonic one of the test, and no part of the bot but the tables. Each attempt to send a
    message, and each answer of a process that something is wrong, begins the minute anew.
    """

    def __init__(
        self, processes: BotProcesses, database: Database, sender: RequestSender, now: Callable[[], datetime]
    ) -> None:
        super().__init__()
        self._processes, self._database, self._sender, self._now = processes, database, sender, now
        self._since: dict[str, float] = {}
        #: What was stuck for too long.
        self.found: list[str] = []
        #: The longest time in seconds for which anything was stuck while health said ok.
        self.longest = 0.0

    def _run(self) -> None:
        with ThreadPoolExecutor(len(self._processes.slots)) as pool:
            while not self._stop_event.wait(LOOK_SECONDS):
                said = [*pool.map(lambda slot: slot.says_ok(), self._processes.slots)]
                self._look(well=True in said and False not in said)

    def _look(self, *, well: bool) -> None:
        now, stuck = time.monotonic(), {*self._stuck()}
        self._since = {one: self._since.get(one, now) for one in stuck} if well else {}
        for one, since in self._since.items():
            if now - since >= LIMIT_SECONDS and one not in self.found:
                self.found.append(one)
            self.longest = max(self.longest, now - since)

    def _stuck(self) -> Iterator[str]:
        yield from self._sender.unanswered()
        try:
            with self._database.read() as session:
                yield from [*self._messages(session), *self._reminders(session)]
        except Unavailable:
            yield from (one for one in self._since if not one.startswith("the request"))
            yield "the database"

    def _messages(self, session: Session) -> Iterator[str]:
        """Messages that are due and first of their lane, whose target does not wait for Slack's rate limit."""
        now = self._now()
        rows = session.exec(select(Outgoing).where(col(Outgoing.state).in_(PENDING)).order_by(col(Outgoing.id))).all()
        limited = {row.target for row in rows if row.error == LIMITED and row.due_at > now}
        first = {row.lane: row for row in reversed(rows)}
        for row in first.values():
            if row.state is OutboxState.SENDING or (row.due_at <= now and row.target not in limited):
                yield f"the message {row.id} ({row.view} of F-{row.case_id}, attempt {row.lease})"

    def _reminders(self, session: Session) -> Iterator[str]:
        due = Reminder.state == ReminderState.WAITING, col(Reminder.due_at) <= self._now()
        for one in session.exec(select(Reminder).where(*due)):
            yield f"the reminder {one.id} ({one.rule} of F-{one.case_id})"
