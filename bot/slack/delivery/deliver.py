"""The delivery loop: the only file that posts. Rows of the outbox go to Slack in the order of their lanes.

A row is claimed with a lease, drawn, sent and marked; whatever fails is tried again, given up with a word to
an admin, or (a direct message that cannot arrive) said in the service desk's thread instead.
"""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from sqlmodel import Session

from bot.casework.dead_letters import tell_admins
from bot.casework.steps.notify import View
from bot.clock import Clock
from bot.health import Health
from bot.slack.delivery.failures import Failure, Verdict, judge
from bot.slack.delivery.find_posted import EVENT_TYPE, already_there
from bot.slack.delivery.pace import Pace
from bot.slack.delivery.posted import remember
from bot.slack.delivery.render import Desk, Sending, draw
from bot.slack.delivery.request_priority import Courtesy
from bot.slack.delivery.upload import announce
from storage import outbox, people
from storage.database import Database, Unavailable
from storage.tables import Outgoing
from storage.vocabulary import OutboxState

log = structlog.get_logger(__name__)
#: Messages on their way at the same time.
SENDERS = 8
#: Documents in the making at the same time, beside the messages.
MAKERS = 2
#: A document whose making ended its process so often is given up.
MOST_DEATHS = 3
#: The longest sleep of the loop, in seconds; commits wake it at once, and it looks for senders that died.
IDLE = 5.0
#: The same while the commits of other processes are not heard.
ALERT = 0.3
#: The shortest sleep, where others were quicker.
SHORTLY = 0.01


class Delivery:
    """Sends what the outbox holds, in a thread of its own. `wake` after a commit; `stop` waits for the senders."""

    def __init__(
        self,
        database: Database,
        client: WebClient,
        clock: Clock,
        desk: Desk,
        pace: Pace,
        courtesy: Courtesy,
        health: Health,
    ) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        self._desk = desk
        self._pace = pace
        self._courtesy = courtesy
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._senders = ThreadPoolExecutor(SENDERS, "deliver")
        self._makers = ThreadPoolExecutor(MAKERS, "make")
        self._drawing = threading.Lock()  # drawing is pure processor work: several at once only crowd out people
        self._under_way: dict[int, str] = {}  # the rows with the senders, and for whom; written by whole items
        self._in_the_making: dict[int, str] = {}  # the same of documents
        self._loop = threading.Thread(target=self._run, name="delivery", daemon=True)
        self._health = health

    def start(self) -> None:
        """Begin to deliver."""
        self._health.watch("delivery", timedelta(seconds=IDLE))
        self._loop.start()

    def wake(self) -> None:
        """Something may be waiting."""
        self._wake.set()

    def stop(self) -> None:
        """Stop after the messages now on their way."""
        self._stopping.set()
        self._wake.set()
        self._loop.join()
        self._senders.shutdown()
        self._makers.shutdown()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            self._courtesy.wait()
            pause = self._idle
            try:
                pause = self._round()
            except Unavailable:
                log.warning("delivery.database_unavailable")
            except Exception as error:  # the loop outlives whatever is wrong with one round
                log.error("delivery.round_failed", exc_info=error)
            self._health.moved("delivery")
            self._wake.wait(pause)

    @property
    def _idle(self) -> float:
        return IDLE if self._database.hears_everybody else ALERT

    def _round(self) -> float:
        """Hand what is due to the senders. Returns for how many seconds nothing more will be, unless one is woken."""
        now, room = self._clock.now(), SENDERS - len(self._under_way)
        free = room, MAKERS - len(self._in_the_making)
        with self._database.read() as session:
            paced = {**outbox.held(session, now), **self._pace.busy(now)}
            busy = {*paced, *self._under_way.copy().values()}
            due = outbox.next_due(session, busy, asides=free[1] > 0)
            left_behind = self._orphans(session, now)
        if left_behind or (room and due is not None and due <= now):
            return 0.0 if self._take(now, free, busy, left_behind) else SHORTLY
        if not room:
            return self._idle  # whoever comes back wakes the loop
        soonest = min((moment for moment in (due, *paced.values()) if moment is not None), default=None)
        return self._idle if soonest is None else min(self._idle, max(SHORTLY, (soonest - now).total_seconds()))

    def _take(self, now: datetime, free: tuple[int, int], busy: set[str], left_behind: list[Outgoing]) -> int:
        """Claim what is due, and what was left behind; `free`: how many messages and documents. Returns how many."""
        with self._database.write(quietly=True) as session:
            for row in self._orphans(session, now, hold=True) if left_behind else ():
                outbox.give_back(row)
            rows = outbox.claim(session, now, self._database.sender, free[0], busy, asides=free[1])
        for row in rows:
            is_file = row.view == View.FILE
            held, workers = (self._in_the_making, self._makers) if is_file else (self._under_way, self._senders)
            held[row.id or 0] = row.target
            workers.submit(self._send_and_free, row, held)
        return len(rows)

    def _orphans(self, session: Session, now: datetime, *, hold: bool = False) -> list[Outgoing]:
        under_way, alive = self._under_way.copy() | self._in_the_making.copy(), partial(self._database.senders, session)
        return outbox.orphans(session, now, self._database.sender, under_way, alive, hold=hold)

    def _send_and_free(self, row: Outgoing, held: dict[int, str]) -> None:
        try:
            self._send(row)
        except Unavailable:
            log.warning("delivery.not_marked", row=row.id)  # an orphan now: it is given back and taken up again
        except Exception as error:
            log.error("delivery.failed", row=row.id, view=row.view, exc_info=error)
            self._give_up(row, Failure(Verdict.DEAD, type(error).__name__))
        finally:
            del held[row.id or 0]
            self._wake.set()

    def _send(self, row: Outgoing) -> None:
        """Draw one row, call Slack once, and write down what came of it."""
        if row.view == View.FILE and row.error == outbox.SENDER_DIED and row.attempts > MOST_DEATHS:
            self._give_up(row, Failure(Verdict.DEAD, outbox.SENDER_DIED))
            return
        with nullcontext() if row.view == View.FILE else self._drawing:  # nobody waits for somebody's document
            self._courtesy.wait()
            with self._database.read() as session:
                sending = draw(session, row, self._desk, self._clock.now())
        if sending is None:
            self._mark(row, OutboxState.DROPPED)
            return
        try:
            channel = sending.channel or self._direct_channel(sending.person or "")
            sending = replace(sending, channel=channel)
            found = already_there(self._client, row, sending, channel)
            if found is None or row.topic:  # what was found of a topic may be older than what has come since
                found = self._call(row, replace(sending, ts=sending.ts or found), channel)
        except (SlackClientError, OSError) as error:
            self._failed(row, sending, judge(error, row.attempts))
        else:
            self._mark(row, OutboxState.SENT, partial(remember, row, sending, channel, found, self._clock.now()))

    def _call(self, row: Outgoing, sending: Sending, channel: str) -> str:
        if sending.files:
            return self._upload(row, sending, channel)
        body: dict[str, Any] = {
            "channel": channel,
            "text": sending.message.text,
            "blocks": sending.message.blocks,
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"row": row.id}},
        }
        if sending.ts:
            del body["unfurl_links"], body["unfurl_media"]
            return str(self._client.chat_update(ts=sending.ts, **body)["ts"])
        self._pace.posted(row.target, self._clock.now())
        return str(self._client.chat_postMessage(thread_ts=sending.thread_ts, **body)["ts"])

    def _upload(self, row: Outgoing, sending: Sending, channel: str) -> str:
        """Files in one message, whose `ts` Slack does not tell; known again by their ids, written down before."""
        ids = announce(self._client, sending.files)
        with self._database.write(quietly=True) as session:
            current = outbox.get(session, row.id or 0)
            current.arguments = json.dumps({**json.loads(current.arguments), "files": ids}, ensure_ascii=False)
        self._pace.posted(row.target, self._clock.now())
        self._client.files_completeUploadExternal(
            files=[{"id": known, "title": file.title} for known, file in zip(ids, sending.files, strict=True)],
            channel_id=channel,
            thread_ts=sending.thread_ts,
            initial_comment=sending.message.text,
        )
        return ""

    def _direct_channel(self, person: str) -> str:
        """The channel of our direct messages with somebody; asked once, then remembered."""
        with self._database.read() as session:
            known = people.find(session, person)
        if known and known.dm_channel:
            return known.dm_channel
        channel = str(self._client.conversations_open(users=person)["channel"]["id"])
        with self._database.write(quietly=True) as session:
            people.remember_dm(session, person, channel)
        return channel

    def _failed(self, row: Outgoing, sending: Sending, failure: Failure) -> None:
        log.warning("delivery.refused", row=row.id, view=row.view, reason=failure.reason, attempts=row.attempts)
        if failure.access:
            self._health.slack(failure.reason)
        if failure.limited:
            self._pace.hold(row.target, self._clock.now() + failure.wait)
        match failure.verdict:
            case Verdict.AGAIN:
                uncertain = failure.uncertain or outbox.is_uncertain(row)  # once it may have arrived, it always may
                self._put_back(row, failure.wait, (outbox.UNCERTAIN if uncertain else "") + failure.reason)
            case Verdict.ANEW if row.view == View.CARD:
                with self._database.write() as session:
                    outbox.forget_posted(session, row.case_id or 0, View.CARD)
                self._put_back(row, timedelta())  # to be posted, which is no failure
            case Verdict.ANEW:
                self._mark(row, OutboxState.DROPPED)  # nobody has the message any more: no edit is missed
            case _:
                self._give_up(row, failure, sending)

    def _put_back(self, row: Outgoing, wait: timedelta, error: str | None = None) -> None:
        """Wait before the next attempt; without an `error` this one was none."""
        due = self._clock.now() + wait
        with self._database.write(quietly=True) as session:
            current = outbox.get(session, row.id or 0)
            current.state, current.due_at, current.leased_by = OutboxState.WAITING, due, None
            if error:
                current.error = error
            else:
                current.attempts -= 1

    def _give_up(self, row: Outgoing, failure: Failure, sending: Sending | None = None) -> None:
        """A dead letter: an admin is told, and a direct message is said in the desk's thread instead."""
        now = self._clock.now()
        with self._database.write() as session:
            current = outbox.get(session, row.id or 0)
            current.state, current.error = OutboxState.DEAD, failure.reason
            if row.view == View.DEAD_LETTER:
                return
            if row.view == View.FILE:
                lost = {"order": json.loads(row.arguments)["order"]}
                outbox.put(session, View.FILE_LOST, lost["order"]["asker"], now, arguments=lost)
            elif row.case_id and sending and (sending.person or row.view == View.CUSTOMER):
                self._say_in_thread(session, row, now)
            tell_admins(session, row, failure.reason, self._desk.office, now)

    def _say_in_thread(self, session: Session, row: Outgoing, now: datetime) -> None:
        arguments = {**json.loads(row.arguments), "person": row.target, "view": row.view}
        outbox.put(session, View.UNDELIVERED, self._desk.office.desk, now, case_id=row.case_id, arguments=arguments)

    def _mark(self, row: Outgoing, state: OutboxState, also: Callable[[Session], None] | None = None) -> None:
        with self._database.write(quietly=True) as session:
            current = outbox.get(session, row.id or 0)
            now = self._clock.now()
            current.state, current.sent_at, current.leased_by = state, now, None
            current.due_at = self._pace.free_at(row.target, now)  # the other workers wait as well
            if also:
                also(session)
