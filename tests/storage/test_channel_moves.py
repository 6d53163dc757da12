"""Slack gives a channel another id, and tells it in any order and more than once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from storage import channel_moves
from storage.database import Database

AT = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
A, B, C, D = "C0A", "C0B", "C0C", "C0D"
ONWARD = ((A, B), (B, C), (C, D))
BACK = ((A, B), (B, C), (C, A))


@pytest.fixture
def database(fresh_url: str) -> Iterator[Database]:
    made = Database(fresh_url)
    yield made
    made.close()


def present(database: Database, moves: tuple[tuple[str, str], ...], order: tuple[int, ...]) -> dict[str, str]:
    """Hear of these moves, each a minute after the one before, in this order; return the present id of each channel."""
    with database.write() as session:
        for place in order:
            channel_moves.follow(session, *moves[place], AT + timedelta(minutes=place))
        found = {one: channel_moves.current(session, one) for one in (A, B, C, D)}
        session.rollback()
    return found


@pytest.mark.parametrize(("moves", "last"), [(ONWARD, D), (BACK, A)])
def test_the_latest_move_counts_whenever_it_is_told(
    database: Database, moves: tuple[tuple[str, str], ...], last: str
) -> None:
    for order in sorted(set(permutations((0, 1, 2, 0, 1)))):
        assert present(database, moves, order) == {A: last, B: last, C: last, D: D}, order


def test_all_ids_of_a_channel_are_known(database: Database) -> None:
    with database.write() as session:
        for place, move in enumerate(ONWARD):
            channel_moves.follow(session, *move, AT + timedelta(minutes=place))
        assert channel_moves.ids_of(session, B) == {A, B, C, D}
