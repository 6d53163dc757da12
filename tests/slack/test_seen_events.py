"""When each kind of event was last seen is stored with the sign of life, at most once a minute."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bot.slack.manifest import digest
from bot.slack.seen_events import STORED_EVERY, SeenEvents
from storage import epochs, seen_events
from storage.database import Database
from tests.support import world
from tests.support.checked_database import CheckedDatabase
from tests.support.manual_clock import ManualClock
from tests.support.team import ADMIN, Team


@pytest.fixture
def database(fresh_url: str) -> Iterator[Database]:
    """An empty database."""
    opened = Database(fresh_url)
    yield opened
    opened.close()


def event(kind: str, **more: str) -> dict[str, object]:
    return {"type": "event_callback", "event": {"type": kind, **more}}


def stored(database: Database) -> dict[str, datetime]:
    with database.read() as session:
        return seen_events.last(session)


def test_each_kind_is_stored_at_most_once_a_minute(database: Database) -> None:
    clock = ManualClock()
    process, first = CheckedDatabase(database, clock), clock.now()
    for seconds, is_later in ((0, False), (30, False), (25, False), (5, True)):
        clock.move(seconds=seconds)
        process.seen_events.note(event("app_mention"), clock.now())
        process.parts()
        assert stored(database) == {"app_mention": first + STORED_EVERY if is_later else first}


def test_messages_are_told_apart_and_only_subscriptions_count() -> None:
    seen, now = SeenEvents(), world.begins()
    for body in (
        *(event("message", channel_type="im"), event("message", channel_type="channel"), event("reaction_added")),
        *({"type": "event_callback"}, {"type": "block_actions"}, {"command": "/fault"}),
    ):
        seen.note(body, now)
    assert seen.to_store() == {"message.im": now}


def test_the_latest_of_several_processes_counts(database: Database) -> None:
    now = world.begins()
    for ago in (5, 2, 9):
        with database.write() as session:
            seen_events.keep(session, {"app_mention": now - timedelta(hours=ago), "user_change": now})
    assert stored(database) == {"app_mention": now - timedelta(hours=2), "user_change": now}


def test_what_could_not_be_stored_is_stored_later(database: Database) -> None:
    process = CheckedDatabase(database)
    process.seen_events.note(event("app_mention"), process.clock.now())
    assert process.seen_events.to_store() == process.seen_events.to_store() != {}
    process.parts()
    assert process.seen_events.to_store() == {}


def test_events_of_another_workspace_do_not_count(team: Team) -> None:
    team.workspace.team_id = "T0OTHER"
    team.person(ADMIN).open_home()
    assert team.playground.bot._seen_events.to_store() == {}
    del team.workspace.team_id
    team.person(ADMIN).open_home()
    assert set(team.playground.bot._seen_events.to_store()) == {"app_home_opened"}


def test_a_start_with_another_manifest_is_noticed(database: Database) -> None:
    now = world.begins()
    for made, hours, changed in ((digest(socket_mode=False), 0, False), (digest(socket_mode=False), 1, False)):
        with database.write() as session:
            assert epochs.start_with(session, made, now + timedelta(hours=hours)) == changed
    with database.write() as session:
        assert epochs.current(session).manifest_since == now
        assert epochs.start_with(session, digest(socket_mode=True), now + timedelta(hours=2))
        assert epochs.current(session).manifest_since == now + timedelta(hours=2)
