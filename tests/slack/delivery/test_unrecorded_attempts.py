"""The database fails while a message is sent: it is there once, and waits for a late effect only where one can come."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlmodel import Session

from bot.casework.restores import begin_epoch
from bot.slack.delivery.late_effects import LATE_EFFECT
from bot.slack.epoch_marks import MARK
from storage import epochs
from storage.database import Database, Unavailable
from storage.vocabulary import OutboxState, State
from tests.slack.delivery.test_delivery import POST, deliver_with_retries, each_exactly_once, ours, rows
from tests.slack.delivery.test_late_effects import claimed, posts, team, write
from tests.support.case_builder import CaseBuilder
from tests.support.team import CHEN, DESK, Team

__all__ = ["team"]
#: More transactions than an attempt has.
TRANSACTIONS = range(6)


def fail_once(database: Database, monkeypatch: pytest.MonkeyPatch, which: int, threads: str) -> None:
    """Let one transaction of the sender threads fail, counted from 0, before it begins."""
    begun = count()

    def failing(real: Callable[..., AbstractContextManager[Session]]) -> Callable[..., AbstractContextManager[Session]]:
        @contextmanager
        def opened(**options: Any) -> Iterator[Session]:
            if threading.current_thread().name.startswith(threads) and next(begun) == which:
                raise Unavailable("the connection broke", "no connection")
            with real(**options) as session:
                yield session

        return opened

    for name in ("read", "look", "write"):
        monkeypatch.setattr(database, name, failing(getattr(database, name)))


@pytest.mark.parametrize("which", TRANSACTIONS)
def test_a_message_does_not_wait_because_its_attempt_was_not_recorded(
    team: Team, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    """Before the call nothing can come; after its answer the message is found in Slack."""
    fail_once(team.database, monkeypatch, which, "deliver_")
    begun = team.now
    write(team)
    deliver_with_retries(team)
    each_exactly_once(team)
    assert team.now - begun <= timedelta(seconds=2)
    [row] = rows(team)
    assert (row.state, row.attempts, row.error) == (OutboxState.SENT, 1, None)


@pytest.mark.parametrize("which", TRANSACTIONS)
def test_neither_does_a_document(team: Team, builder: CaseBuilder, monkeypatch: pytest.MonkeyPatch, which: int) -> None:
    case = builder.fault(State.SHEET_SIGNING)
    deliver_with_retries(team)
    begun = team.now
    fail_once(team.database, monkeypatch, which, "make_")
    team.person(CHEN).command(f"/fault export T02 F-{case}")
    deliver_with_retries(team)
    assert len([message for message in ours(team.workspace) if message.files]) == 1
    assert team.now - begun <= timedelta(seconds=2)


@pytest.mark.parametrize("which", TRANSACTIONS)
def test_a_call_without_an_answer_stays_uncertain(team: Team, monkeypatch: pytest.MonkeyPatch, which: int) -> None:
    """Its effect may come as late as ever, whether or not the attempt was recorded."""
    team.workspace.failures.reset(POST)
    fail_once(team.database, monkeypatch, which, "deliver_")
    write(team)
    deliver_with_retries(team)
    first, again = posts(team)
    assert again.at - first.at >= LATE_EFFECT


def test_a_message_is_marked_with_the_epoch_in_which_its_lease_was_checked(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restore right before the call: whoever has the message then marks and posts it for the next epoch."""
    team.playground.bot.delivery.stop()
    sender = team.playground.bot.delivery._sender
    post = sender._client.chat_postMessage

    def restored_first(**body: Any) -> Any:
        with team.database.write() as session:
            begin_epoch(session, DESK, team.now)
        return post(**body)

    monkeypatch.setattr(sender._client, "chat_postMessage", restored_first)
    with team.database.read() as session:
        earlier = epochs.current(session).code
    write(team)
    sender.send(claimed(team, 1))
    [sent] = ours(team.workspace)
    assert sent.metadata is not None
    assert sent.metadata["event_payload"][MARK] == earlier
