"""Renders one outbox row, sends it to Slack and records the result. Nothing else posts outbox rows.

A failed row is retried, or it is given up and the admins are told. A direct message that cannot be delivered is
posted in the case's thread in the service-desk channel.
"""

import json
import threading
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.casework.steps.notify import View
from bot.clock import Clock
from bot.slack.delivery.failures import Failure, Verdict, judge
from bot.slack.delivery.find_posted import EVENT_TYPE, already_there
from bot.slack.delivery.outcomes import Outcomes
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
#: A document is given up after this many attempts if its sender died during the last one.
MOST_DEATHS = 3


class Renderer:
    """Renders outbox rows, preferably while no request is being answered."""

    def __init__(self, database: Database, clock: Clock, desk: Desk, courtesy: Courtesy) -> None:
        self._database = database
        self._clock = clock
        self._desk = desk
        self._courtesy = courtesy
        self._drawing = threading.Lock()  # rendering is CPU-bound: in parallel it would only delay requests

    def render(self, row: Outgoing) -> Sending | None:
        """Return the Slack call for a row; None if its message is no longer needed."""
        with nullcontext() if row.view == View.FILE else self._drawing:  # making a document must not block messages
            self._courtesy.wait()
            with self._database.read() as session:
                return draw(session, row, self._desk, self._clock.now())


class Sender:
    """Sends outbox rows to Slack, each in the thread that calls `send`."""

    def __init__(
        self,
        database: Database,
        client: WebClient,
        clock: Clock,
        renderer: Renderer,
        pace: Pace,
        outcomes: Outcomes,
    ) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        self._renderer = renderer
        self._pace = pace
        self._outcomes = outcomes

    def send(self, row: Outgoing) -> None:
        """Render one row, send it, and record the result. An unexpected error makes the row a dead letter."""
        try:
            self._send(row)
        except Unavailable:
            log.warning("delivery.not_marked", row=row.id)  # the row is now an orphan, which the loop sends again
        except Exception as error:
            log.error("delivery.failed", row=row.id, view=row.view, exc_info=error)
            self._outcomes.give_up(row, Failure(Verdict.DEAD, type(error).__name__))

    def _send(self, row: Outgoing) -> None:
        if row.view == View.FILE and row.error == outbox.SENDER_DIED and row.attempts > MOST_DEATHS:
            self._outcomes.give_up(row, Failure(Verdict.DEAD, outbox.SENDER_DIED))
            return
        sending = self._renderer.render(row)
        if sending is None:
            self._outcomes.mark(row, OutboxState.DROPPED)
            return
        try:
            channel = sending.channel or self._direct_channel(sending.person or "")
            sending = replace(sending, channel=channel)
            found = already_there(self._client, row, sending, channel)
            if found is None or row.topic:  # a message of a topic that is there may be out of date
                found = self._call(row, replace(sending, ts=sending.ts or found), channel)
        except (SlackClientError, OSError) as error:
            self._outcomes.failed(row, sending, judge(error, row.attempts))
        else:
            now = self._clock.now()
            self._outcomes.mark(row, OutboxState.SENT, partial(remember, row, sending, channel, found, now))

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
        """Share all files in one message. Returns "", because Slack does not return the message's `ts`.

        The file ids are stored in the row before they are shared, so that a later attempt finds the message by them.
        """
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
        """Return the bot's direct-message channel with a person. It is asked of Slack once and then stored."""
        with self._database.read() as session:
            known = people.find(session, person)
        if known and known.dm_channel:
            return known.dm_channel
        channel = str(self._client.conversations_open(users=person)["channel"]["id"])
        with self._database.write(quietly=True) as session:
            people.remember_dm(session, person, channel)
        return channel
