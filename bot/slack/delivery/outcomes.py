"""Records the result of an attempt to send an outbox row: sent, dropped, to be retried, or given up."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from bot.casework.company_source import CompanySource
from bot.casework.dead_letters import notify_admins
from bot.casework.steps import customer_reach, files
from bot.casework.steps.notify import MessageKind
from bot.casework.steps.reminder_entries import record_not_delivered
from bot.clock import Clocks
from bot.health import FILES, OK, Health
from bot.slack.delivery.delays import due
from bot.slack.delivery.pace import Pace
from bot.slack.delivery.slack_call import SlackCall
from bot.slack.failures import Failure, FailureAction, counted_as
from storage import leases, outbox, posted_messages
from storage.database import Database
from storage.file_contents import NotStored
from storage.tables import CaseFile, Outgoing
from storage.vocabulary import OutboxState

log = structlog.get_logger(__name__)
#: How long a file waits that could not be stored.
STORE_AGAIN = timedelta(minutes=1)
#: Messages that may go to the thread of a customer.
TO_CUSTOMERS = (MessageKind.CUSTOMER, MessageKind.FOLLOWER)


class Outcomes:
    """Writes the results of attempts into the outbox. All methods raise `LeaseLost` if another sender has the row."""

    def __init__(self, database: Database, clocks: Clocks, company: CompanySource, pace: Pace, health: Health) -> None:
        self._database = database
        self._clocks = clocks
        self._company = company
        self._pace = pace
        self._health = health
        self._metrics = health.metrics

    def mark(self, row: Outgoing, state: OutboxState, also: Callable[[Session], None] | None = None) -> None:
        """Give the row an end `state` such as sent or dropped. `also` writes in the same transaction."""
        with self._database.write() as session:
            sent_at = self._clocks.wall.now()
            free_at = self._clocks.shared(session) + self._pace.wait(row.target)
            leases.end(session, row, state, free_at, sent_at=sent_at)
            if also:
                also(session)
            if state is OutboxState.SENT or row.view == MessageKind.CUSTOMER:  # dropped if a notice carried its words
                customer_reach.arrived(session, row, self._company, sent_at)
            measured = due(session, row) if state is OutboxState.SENT else None
        if measured:
            seconds = (sent_at - measured.since).total_seconds()
            self._metrics.delay.labels(measured.message).observe(max(0.0, seconds))

    def prepared(self, row: Outgoing, *, told: bool) -> None:
        """Store the completed arguments of a row. With `told` the thread of the case says where the message goes."""
        with self._database.write() as session:
            leases.leased(session, row).arguments = row.arguments
            if told:
                arguments, now = json.loads(row.arguments), self._clocks.wall.now()
                desk = self._company.of(session).desk_channel
                outbox.put(session, MessageKind.REROUTED, desk, now, case_id=row.case_id, arguments=arguments)

    def fetched(self, row: Outgoing, found: CaseFile) -> None:
        """Record what became of the file of a row: a copy is kept, or there will be none."""
        log.info("file.fetched", row=row.id, case=found.case_id, size=found.size, reason=found.reason)
        if found.sha256 is not None:
            self._health.finding(FILES, OK)
        now = self._clocks.wall.now()
        self.mark(row, OutboxState.SENT, lambda session: files.record(session, found, self._company.of(session), now))

    def not_stored(self, row: Outgoing, error: NotStored) -> None:
        """Retry a row whose file could not be stored, because the disk is full or is not there."""
        self._health.finding(FILES, f"not stored: {error.strerror}")
        self._put_back(row, STORE_AGAIN, type(error).__name__)

    def again(self, row: Outgoing, wait: timedelta = timedelta()) -> None:
        """Queue the row for another attempt after `wait`. This attempt does not count."""
        self._put_back(row, wait)

    def failed(self, row: Outgoing, call: SlackCall | None, failure: Failure) -> None:
        """Record a failed attempt: the row is retried, posted anew, dropped or given up, by the failure's verdict.

        `call` is None if it failed before there was one.
        """
        log.warning("delivery.refused", row=row.id, view=row.view, reason=failure.reason, attempts=row.attempts)
        if failure.away:
            self._health.slack(failure.reason)
        if failure.limited:
            self._pace.limited(row.target, failure.wait)
        match failure.action:
            case FailureAction.RETRY:
                self._put_back(row, failure.wait, failure.reason)
                self._metrics.retries.labels(counted_as(failure.reason)).inc()
            case FailureAction.POST_ANEW if row.view == MessageKind.CARD:
                with self._database.write() as session:
                    leases.check(session, row)
                    posted_messages.forget(session, row.case_id or 0, MessageKind.CARD)
                self.again(row)  # the card is posted again
            case FailureAction.POST_ANEW:
                self.mark(row, OutboxState.DROPPED)  # the message is gone, so nobody misses the edit
            case _ if row.view == MessageKind.CARD_LEFT:
                self.mark(row, OutboxState.DROPPED)  # the channel that the desk has left is closed to us
            case _:
                self.give_up(row, failure, call)

    def give_up(self, row: Outgoing, failure: Failure, call: SlackCall | None = None) -> None:
        """Make the row a dead letter and tell the admins (process.md §6 R8).

        A direct message or a message to the customer is posted in the case's thread in the service-desk channel
        instead. Whoever asked for a document or a file is told that there is none.
        """
        with self._database.write() as session:
            current = leases.leased(session, row)
            current.state, current.error = OutboxState.DEAD, failure.reason
            current.uncertain_since = row.uncertain_since
            if row.view != MessageKind.DEAD_LETTER:
                self._tell(session, row, failure, call)
        self._metrics.refusals.labels(counted_as(failure.reason)).inc()

    def _tell(self, session: Session, row: Outgoing, failure: Failure, call: SlackCall | None) -> None:
        """Queue what others are told in place of a message that was given up."""
        now, to = self._clocks.wall.now(), (call and call.person) or row.target
        company = self._company.of(session)
        if row.view == MessageKind.FETCH_FILE:
            files.record(session, files.lost(row), company, now)
        elif row.view == MessageKind.SENT_FILE:
            said = json.loads(row.arguments)
            outbox.put(session, MessageKind.SENT_FILE_LOST, row.target, now, case_id=row.case_id, arguments=said)
        elif row.view == MessageKind.FILE:
            lost = {"order": json.loads(row.arguments)["order"]}
            outbox.put(session, MessageKind.FILE_LOST, lost["order"]["asker"], now, arguments=lost)
        elif row.case_id and call and (call.person or row.view in TO_CUSTOMERS):
            _say_in_thread(session, row, to, company.desk_channel, now)
        if row.view == MessageKind.REMINDER:
            record_not_delivered(session, row, failure.reason, now)
        customer_reach.refused(session, row, to, failure.reason, company, now)
        notify_admins(session, row, failure.reason, company, now)

    def _put_back(self, row: Outgoing, wait: timedelta, error: str | None = None) -> None:
        """Queue the row again after `wait`. Without an `error` the attempt is not counted."""
        with self._database.write() as session:
            leases.put_back(session, row, self._clocks.shared(session) + wait, error)


def _say_in_thread(session: Session, row: Outgoing, person: str, desk: str, now: datetime) -> None:
    arguments = {**json.loads(row.arguments), "person": person, "view": row.view}
    outbox.put(session, MessageKind.UNDELIVERED, desk, now, case_id=row.case_id, arguments=arguments)
