"""Renders one outbox row, sends it to Slack and records the result. Nothing else posts outbox rows.

A failed row is retried, or it is given up and the admins are told. A direct message that cannot be delivered is
posted in the case's thread in the service-desk channel.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlmodel import Session

from bot.casework.steps.notify import MessageKind
from bot.clock import Clocks
from bot.health import OK, READ_BACK, Health
from bot.slack.delivery.direct_channels import DirectChannels
from bot.slack.delivery.fetch_files import FileFetcher
from bot.slack.delivery.find_posted import EVENT_TYPE, client_msg_id, find_posted
from bot.slack.delivery.late_effects import LateEffects
from bot.slack.delivery.outcomes import Outcomes
from bot.slack.delivery.pace import Pace
from bot.slack.delivery.posted import remember_posted
from bot.slack.delivery.prepare import PREPARED, Preparation
from bot.slack.delivery.render_job import NotReadable, NotYet
from bot.slack.delivery.renderer import Rendered, Renderer, Together
from bot.slack.delivery.slack_call import SlackCall
from bot.slack.delivery.upload import announce
from bot.slack.epoch_marks import marked
from bot.slack.failures import (
    CHANNEL_GONE,
    READER_REFUSED,
    Failure,
    FailureAction,
    classify,
    is_away,
    own_error,
)
from bot.slack.views.message import Message
from bot.slack.web_client import SlackClient
from storage import epochs, leases, outbox, people
from storage.database import Database, Unavailable
from storage.leases import LeaseLost
from storage.tables import Outgoing
from storage.vocabulary import OutboxState

log = structlog.get_logger(__name__)
#: A document is given up after this many attempts if its sender died during the last one.
MAX_SENDER_DEATHS = 3
#: A document that waits for its card is looked at again after as long as it has waited, but after this at the latest.
MAX_CARD_PAUSE = timedelta(minutes=1)


class Sender:
    """Sends outbox rows to Slack, each in the thread that calls `send`. Its client marks nothing by itself."""

    def __init__(
        self,
        database: Database,
        client: SlackClient,
        clocks: Clocks,
        renderer: Renderer,
        pace: Pace,
        outcomes: Outcomes,
        fetcher: FileFetcher,
        health: Health,
    ) -> None:
        self._database = database
        self._direct = DirectChannels(database, client)
        self._preparation = Preparation(database, client, self._direct, outcomes)
        self._health = health
        self._client = client
        self._clocks = clocks
        self._renderer = renderer
        self._pace = pace
        self._outcomes = outcomes
        self._fetcher = fetcher
        self._late_effects = LateEffects(clocks.ticks)

    def attempts(self, rows: Iterable[Outgoing]) -> Iterator[tuple[Outgoing, Callable[[], bool]]]:
        """Yield how to `send` each of these rows, all at the same time. Messages of a case are rendered together."""
        for group in _groups(rows):
            together = Together(self._renderer, group) if len(group) > 1 else None
            for row in group:
                yield row, partial(self.send, row, together)

    def send(self, row: Outgoing, together: Together | None = None) -> bool:
        """Render one row, by itself or `together` with others, send it, and record the result.

        After an unexpected error it is retried a few times. Return False if the result could not be recorded. The row
        itself then says since when it is uncertain.
        """
        rendered = together.rendered(row) if together else None
        try:
            self._attempt(row, rendered)
        except Unavailable:
            log.warning("delivery.not_marked", row=row.id)
            return False
        except LeaseLost:
            log.warning("delivery.lease_lost", row=row.id)  # whoever has it now sends it and records the result
        return True

    def _attempt(self, row: Outgoing, rendered: Rendered | None) -> None:
        try:
            self._send(row, rendered)
        except (Unavailable, LeaseLost):
            raise
        except Exception as error:
            log.error("delivery.failed", row=row.id, view=row.view, exc_info=error)
            self._outcomes.failed(row, None, own_error(error, row.error))

    def _send(self, row: Outgoing, known: Rendered | None) -> None:
        if row.view == MessageKind.FILE and row.error == outbox.SENDER_DIED and row.attempts > MAX_SENDER_DEATHS:
            self._outcomes.give_up(row, Failure(FailureAction.GIVE_UP, outbox.SENDER_DIED))
            return
        if row.view == MessageKind.FETCH_FILE:
            self._fetcher.fetch(row)
            return
        if not self._preparation.prepare(row):
            return
        rendered = self._needed(row, known or self._renderer.render(row))
        if rendered is None:
            return
        call = rendered
        try:
            call = self._direct.opened(call)
            found = None
            if _may_be_there(row, call):
                found = self._find_posted(row, call)
                if found is None and self._is_awaited(row, call):
                    return
            if found is None or row.topic:  # a message of a topic that is there may be out of date
                found = self._call(row, replace(call, ts=call.ts or found), call.channel or "")
        except (SlackClientError, OSError) as error:
            self._failed(row, call, classify(error, row.attempts))
        else:
            self._health.slack(OK)
            is_new = rendered.channel is None
            self._outcomes.mark(row, OutboxState.SENT, partial(self._remember, row, call, found, is_new))
            self._late_effects.forget(row)

    def _needed(self, row: Outgoing, rendered: Rendered) -> SlackCall | None:
        """Return the Slack call for the row. None if nothing is to be sent now, which is recorded."""
        match rendered.hindrance:
            case NotReadable() as hindrance:
                self._not_readable(row, hindrance)
            case NotYet():
                waited = self._clocks.wall.now() - row.created_at
                self._outcomes.again(row, min(max(waited, outbox.SPACING), MAX_CARD_PAUSE))
            case None if rendered.call is None:
                self._outcomes.mark(row, OutboxState.DROPPED)
        return rendered.call

    def _failed(self, row: Outgoing, call: SlackCall, failure: Failure) -> None:
        if failure.reason in CHANNEL_GONE and self._direct.forget(call):
            self._outcomes.again(row)
        else:
            self._outcomes.failed(row, call, failure)

    def _remember(self, row: Outgoing, call: SlackCall, ts: str, is_new: bool, session: Session) -> None:
        """Store where the message is, and its channel if that `is_new`."""
        if is_new and call.person:
            people.remember_dm(session, call.person, call.channel)
        remember_posted(row, call, call.channel or "", ts, self._clocks.wall.now(), session)

    def _find_posted(self, row: Outgoing, call: SlackCall) -> str | None:
        """Return the `ts` of the message if an earlier attempt posted it.

        Where Slack does not let the bot look, the message is posted again after the wait for a late effect, and health
        says that a repeat is possible. Our clock may have been wrong when the row was written, so the time for which
        the row is uncertain counts as well.
        """
        with self._database.read() as session:
            now, epoch = self._clocks.shared(session), epochs.current(session)
        try:
            if not self._clocks.wall.is_checked:
                self._client.api_test()  # the answer says what time it is at Slack, by which its messages are stamped
            uncertain_for = max(timedelta(), now - (row.uncertain_since or now))
            since = min(row.created_at, self._clocks.wall.now() - uncertain_for)
            channel = self._direct.current(call.channel or "")
            found = find_posted(self._client, row, call, channel, epoch, since)
        except SlackApiError as error:
            if is_away(error):
                raise
            self._health.finding(READ_BACK, f"refused: {error.response['error']}")
            return None
        self._health.finding(READ_BACK, OK)
        return found

    def _is_awaited(self, row: Outgoing, call: SlackCall) -> bool:
        """Queue a message again that may still appear. False if it is to be posted anew, which may be a repeat."""
        wait = self._late_effects.pause(row, is_costly=bool(call.files))
        if wait:
            self._outcomes.again(row, wait)
        else:
            log.info("delivery.posted_anew", row=row.id, view=row.view)
        return bool(wait)

    def _not_readable(self, row: Outgoing, error: NotReadable) -> None:
        """Drop a message for somebody who may not read its case; the desk passes on what is for a closed account."""
        if error.refused:
            unsent = SlackCall(Message("", []), None, error.person)
            self._outcomes.give_up(row, Failure(FailureAction.GIVE_UP, READER_REFUSED), unsent)
        else:
            self._outcomes.mark(row, OutboxState.DROPPED)

    @contextmanager
    def _calling(
        self, row: Outgoing, channel: str, body: Mapping[str, Any], name: str = "channel"
    ) -> Iterator[dict[str, Any]]:
        """Let the block make the call that shows the message in Slack, after which the row is uncertain if it fails.

        It calls with what is yielded: the `body` marked with the epoch, and under `name` the present id of the channel.
        Nothing is sent once another sender has the row: this one may have been suspended since it claimed it. So
        nothing that takes time follows the check.
        """
        with self._database.look() as session:
            began, permit = self._clocks.shared(session), leases.permit(session, row, channel)
        ready = marked({**body, name: permit.channel}, permit.epoch)
        with self._late_effects.uncertain_from(row, began):
            yield ready

    def _call(self, row: Outgoing, call: SlackCall, channel: str) -> str:
        """Send the message and return its `ts`."""
        if call.files:
            return self._upload(row, call, channel)
        body: dict[str, Any] = {
            "text": call.message.text,
            "parse": "none",  # an update would otherwise look for names and channels in the text
            "blocks": call.message.blocks,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"row": row.id}},
        }
        if call.ts:
            with self._calling(row, channel, body) as edited:
                return str(self._client.chat_update(ts=call.ts, **edited)["ts"])
        body |= {"unfurl_links": False, "unfurl_media": False}
        self._pace.posted(row.target)
        with self._calling(row, channel, body) as posted:
            if call.only_for:
                shown = self._client.chat_postEphemeral(user=call.only_for, thread_ts=call.thread_ts, **posted)
                return str(shown["message_ts"])
            sent = self._client.chat_postMessage(thread_ts=call.thread_ts, client_msg_id=client_msg_id(row), **posted)
        return str(sent["ts"])

    def _upload(self, row: Outgoing, call: SlackCall, channel: str) -> str:
        """Share all files in one message. Returns "", because Slack does not return the message's `ts`.

        The file ids are stored in the row before they are shared, so that a later attempt finds the message by them.
        """
        ids = announce(self._client, call.files)
        with self._database.write() as session:
            current = leases.leased(session, row)
            current.arguments = json.dumps({**json.loads(current.arguments), "files": ids}, ensure_ascii=False)
        self._pace.posted(row.target)
        body = {
            "files": [{"id": known, "title": file.title} for known, file in zip(ids, call.files, strict=True)],
            "thread_ts": call.thread_ts,
            "initial_comment": call.message.text,
        }
        with self._calling(row, channel, body, "channel_id") as shared:
            self._client.files_completeUploadExternal(**shared)
        return ""


def _groups(rows: Iterable[Outgoing]) -> Iterable[list[Outgoing]]:
    """Return the rows in groups that can be rendered together: messages of one case that depend on nothing else."""
    groups = defaultdict[tuple[int | None, int | None], list[Outgoing]](list)
    for row in rows:
        is_alone = row.view in PREPARED or outbox.is_aside(row)
        groups[row.case_id, row.id if is_alone or row.case_id is None else None].append(row)
    return groups.values()


def _may_be_there(row: Outgoing, call: SlackCall) -> bool:
    """Whether an earlier attempt may have posted the message. Nobody sees files before their ids are in the row."""
    is_shared = not call.files or "files" in json.loads(row.arguments)
    return not call.ts and is_shared and outbox.is_uncertain(row)
