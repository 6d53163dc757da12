"""Renders one outbox row, sends it to Slack and records the result. Nothing else posts outbox rows.

A failed row is retried, or it is given up and the admins are told. A direct message that cannot be delivered is
posted in the case's thread in the service-desk channel.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlmodel import Session

from bot.casework.steps.notify import MessageKind
from bot.clock import Clock, Clocks
from bot.health import OK, READ_BACK, Health
from bot.slack.delivery.customer_route import CustomerRoute, customer_route
from bot.slack.delivery.direct_channels import DirectChannels
from bot.slack.delivery.failures import (
    CHANNEL_GONE,
    READER_REFUSED,
    Failure,
    FailureAction,
    classify,
    is_away,
    own_error,
)
from bot.slack.delivery.find_posted import EVENT_TYPE, client_msg_id, find_posted
from bot.slack.delivery.late_effects import pause, uncertain_from
from bot.slack.delivery.outcomes import TO_CUSTOMERS, Outcomes
from bot.slack.delivery.pace import Pace
from bot.slack.delivery.posted import remember_posted
from bot.slack.delivery.render import render
from bot.slack.delivery.render_job import NotReadable, NotYet, RenderContext
from bot.slack.delivery.request_priority import RequestPriority
from bot.slack.delivery.slack_call import SlackCall
from bot.slack.delivery.upload import announce
from bot.slack.views.message import Message
from storage import cases, epochs, leases, outbox
from storage.database import Database, Unavailable
from storage.leases import LeaseLost
from storage.tables import Outgoing
from storage.vocabulary import OutboxState

log = structlog.get_logger(__name__)
#: A document is given up after this many attempts if its sender died during the last one.
MAX_SENDER_DEATHS = 3


class Renderer:
    """Renders outbox rows, preferably while no request is being answered."""

    def __init__(self, database: Database, clock: Clock, context: RenderContext, priority: RequestPriority) -> None:
        self._database = database
        self._clock = clock
        self._context = context
        self._priority = priority
        self._drawing = threading.Lock()  # rendering is CPU-bound: in parallel it would only delay requests

    def render(self, row: Outgoing) -> SlackCall | None:
        """Return the Slack call for a row; None if its message is no longer needed."""
        with (
            nullcontext() if row.view == MessageKind.FILE else self._drawing
        ):  # making a document must not block messages
            self._priority.wait()
            with self._database.read() as session:
                return render(session, row, self._context, self._clock.now())


class Sender:
    """Sends outbox rows to Slack, each in the thread that calls `send`."""

    def __init__(
        self,
        database: Database,
        client: WebClient,
        clocks: Clocks,
        renderer: Renderer,
        pace: Pace,
        outcomes: Outcomes,
        health: Health,
    ) -> None:
        self._database = database
        self._direct = DirectChannels(database, client)
        self._health = health
        self._client = client
        self._clocks = clocks
        self._renderer = renderer
        self._pace = pace
        self._outcomes = outcomes

    def send(self, row: Outgoing) -> None:
        """Render one row, send it, and record the result. After an unexpected error it is retried a few times."""
        try:
            self._attempt(row)
        except Unavailable:
            log.warning("delivery.not_marked", row=row.id)  # the row is left behind, and the loop sends it again
        except LeaseLost:
            log.warning("delivery.lease_lost", row=row.id)  # whoever has it now sends it and records the result

    def _attempt(self, row: Outgoing) -> None:
        try:
            self._send(row)
        except (Unavailable, LeaseLost):
            raise
        except Exception as error:
            log.error("delivery.failed", row=row.id, view=row.view, exc_info=error)
            self._outcomes.failed(row, None, own_error(error, row.error))

    def _send(self, row: Outgoing) -> None:
        if row.view == MessageKind.FILE and row.error == outbox.SENDER_DIED and row.attempts > MAX_SENDER_DEATHS:
            self._outcomes.give_up(row, Failure(FailureAction.GIVE_UP, outbox.SENDER_DIED))
            return
        if row.view in TO_CUSTOMERS and not self._is_routed(row):
            return
        call = self._rendered(row)
        if call is None:
            return
        try:
            call = self._direct.addressed(call)
            found = None
            if _may_be_there(row, call):
                now = self._shared()
                found = self._find_posted(row, call, now)
                if found is None and (wait := pause(row, now, is_costly=bool(call.files))):
                    self._outcomes.again(row, wait)
                    return
            if found is None or row.topic:  # a message of a topic that is there may be out of date
                found = self._call(row, replace(call, ts=call.ts or found), call.channel or "")
        except (SlackClientError, OSError) as error:
            self._failed(row, call, classify(error, row.attempts))
        else:
            self._health.slack(OK)
            self._outcomes.mark(row, OutboxState.SENT, partial(self._remember, row, call, found))

    def _rendered(self, row: Outgoing) -> SlackCall | None:
        """Return the Slack call for the row. None if nothing is to be sent now, which is recorded."""
        try:
            call = self._renderer.render(row)
        except NotReadable as error:
            self._not_readable(row, error)
        except NotYet:
            self._outcomes.again(row, outbox.SPACING)
        else:
            if call is None:
                self._outcomes.mark(row, OutboxState.DROPPED)
            return call
        return None

    def _failed(self, row: Outgoing, call: SlackCall, failure: Failure) -> None:
        if failure.reason in CHANNEL_GONE and self._direct.forget(call):
            self._outcomes.again(row)
        else:
            self._outcomes.failed(row, call, failure)

    def _remember(self, row: Outgoing, call: SlackCall, ts: str, session: Session) -> None:
        self._direct.remember(session, call)
        remember_posted(row, call, call.channel or "", ts, self._clocks.wall.now(), session)

    def _shared(self) -> datetime:
        with self._database.read() as session:
            return self._clocks.shared(session)

    def _find_posted(self, row: Outgoing, call: SlackCall, now: datetime) -> str | None:
        """Return the `ts` of the message if an earlier attempt posted it. `now` is the shared time.

        Where Slack does not let the bot look, the message is posted again after the wait for a late effect, and health
        says that a repeat is possible. Our clock may have been wrong when the row was written, so the time for which
        the row is uncertain counts as well.
        """
        with self._database.read() as session:
            epoch = epochs.current(session)
        try:
            if not self._clocks.wall.is_checked:
                self._client.api_test()  # the answer says what time it is at Slack, by which its messages are stamped
            since = min(row.created_at, self._clocks.wall.now() - (now - (row.uncertain_since or now)))
            found = find_posted(self._client, row, call, call.channel or "", epoch, since)
        except SlackApiError as error:
            if is_away(error):
                raise
            self._health.finding(READ_BACK, f"refused: {error.response['error']}")
            return None
        self._health.finding(READ_BACK, OK)
        return found

    def _not_readable(self, row: Outgoing, error: NotReadable) -> None:
        """Drop a message for somebody who may not read its case; the desk passes on what is for a closed account."""
        if error.refused:
            unsent = SlackCall(Message("", []), None, error.person)
            self._outcomes.give_up(row, Failure(FailureAction.GIVE_UP, READER_REFUSED), unsent)
        else:
            self._outcomes.mark(row, OutboxState.DROPPED)

    def _is_routed(self, row: Outgoing) -> bool:
        """Decide once where a message to the customer goes, and store it; every attempt goes there.

        A direct message needs no decision. The service manager is told if words of theirs do not go into the thread
        that the problem was reported from. Returns False
        if Slack could not be asked; the row is then retried.
        """
        said = json.loads(row.arguments)
        if "route" in said:
            return True
        with self._database.read() as session:
            case = cases.get(session, row.case_id or 0)
            reporter, origin = case.reporter_id, case.origin_channel
        if row.target != origin:
            return True
        try:
            route = customer_route(self._client, row.target, reporter)
        except (SlackClientError, OSError) as error:
            self._outcomes.failed(row, None, classify(error, row.attempts))
            return False
        row.arguments = json.dumps({**said, "route": route.value}, ensure_ascii=False)
        told = row.view == MessageKind.CUSTOMER and route is not CustomerRoute.THREAD
        self._outcomes.routed(row, told=told)
        return True

    @contextmanager
    def _calling(self, row: Outgoing) -> Iterator[None]:
        """Let the block make the call that shows the message in Slack, after which the row is uncertain if it fails.

        Nothing is sent once another sender has the row: this one may have been suspended since it claimed it.
        """
        with self._database.read() as session:
            leases.check(session, row)
            began = self._clocks.shared(session)
        with uncertain_from(row, began):
            yield

    def _call(self, row: Outgoing, call: SlackCall, channel: str) -> str:
        """Send the message and return its `ts`."""
        if call.files:
            return self._upload(row, call, channel)
        body: dict[str, Any] = {
            "channel": channel,
            "text": call.message.text,
            "parse": "none",  # an update would otherwise look for names and channels in the text
            "blocks": call.message.blocks,
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"row": row.id}},
        }
        if call.ts:
            del body["unfurl_links"], body["unfurl_media"]
            with self._calling(row):
                return str(self._client.chat_update(ts=call.ts, **body)["ts"])
        self._pace.posted(row.target)
        with self._calling(row):
            posted = self._client.chat_postMessage(thread_ts=call.thread_ts, client_msg_id=client_msg_id(row), **body)
        return str(posted["ts"])

    def _upload(self, row: Outgoing, call: SlackCall, channel: str) -> str:
        """Share all files in one message. Returns "", because Slack does not return the message's `ts`.

        The file ids are stored in the row before they are shared, so that a later attempt finds the message by them.
        """
        ids = announce(self._client, call.files)
        with self._database.write(quietly=True) as session:
            current = leases.leased(session, row)
            current.arguments = json.dumps({**json.loads(current.arguments), "files": ids}, ensure_ascii=False)
        self._pace.posted(row.target)
        with self._calling(row):
            self._client.files_completeUploadExternal(
                files=[{"id": known, "title": file.title} for known, file in zip(ids, call.files, strict=True)],
                channel_id=channel,
                thread_ts=call.thread_ts,
                initial_comment=call.message.text,
            )
        return ""


def _may_be_there(row: Outgoing, call: SlackCall) -> bool:
    """Whether an earlier attempt may have posted the message. Nobody sees files before their ids are in the row."""
    is_shared = not call.files or "files" in json.loads(row.arguments)
    return not call.ts and is_shared and outbox.is_uncertain(row)
