"""Lists of cases: the newest of some states, of everybody or of one person, at a cost that does not grow."""

import random
from collections.abc import Iterator

import pytest
from sqlmodel import Session

from storage import case_lists
from storage.case_lists import MAX_COUNTED, Part
from storage.database import Database
from storage.tables import Case, CaseAssigned, CasePlace, Product
from storage.vocabulary import END_STATES, OPEN_STATES, Channel, Place, Source, State
from tests.support.world import ORDINARY

LEE, SHAN = "U0LEE", "U0SHAN"
STATE_SETS = [
    OPEN_STATES,
    END_STATES,
    frozenset(State),
    {State.TRIAGE},
    {State.WITHDRAWN},
    {State.CLOSED, State.TRIAGE},
]


@pytest.fixture
def database(fresh_url: str) -> Iterator[Database]:
    opened = Database(fresh_url)
    with opened.write() as session:
        session.add(Product(id=1, name="Product"))
    yield opened
    opened.close()


def add(session: Session, first: int, count: int, chosen: random.Random) -> list[Case]:
    """Cases in any states, of which each person reported some, has a place on some, and is named on some."""
    rows = [
        Case(
            id=number,
            state=chosen.choice(list(State)),
            entered_at=ORDINARY.begins,
            source=Source.INTERNAL,
            reporter_id=chosen.choice((LEE, SHAN)),
            reported_at=ORDINARY.begins,
            product_id=1,
            summary="S",
            description="D",
            found_at=ORDINARY.begins,
            channel=Channel.PHONE,
        )
        for number in range(first, first + count)
    ]
    session.add_all(rows)
    session.flush()
    for row in rows:
        for person in (LEE, SHAN):
            if chosen.random() < 0.2:
                session.add(CasePlace(case_id=row.id or 0, place=Place.SERVICE_MANAGER, person_id=person))
            if chosen.random() < 0.2:
                session.add(CaseAssigned(case_id=row.id or 0, person_id=person))
    return rows


@pytest.mark.parametrize("part", [None, CasePlace, CaseAssigned])
def test_a_list_holds_the_newest_cases_that_it_is_asked_for(database: Database, part: Part | None) -> None:
    with database.write() as session:
        rows = add(session, 1, 120, random.Random(17))
        held = case_lists.with_part(session, LEE, part, [row.id or 0 for row in rows]) if part else frozenset()
        for states in STATE_SETS:
            found = [row for row in reversed(rows) if row.state in states]
            assert case_lists.newest(session, states, 7) == found[:7]
            assert case_lists.count(session, states) == len(found)
            theirs = [row for row in found if row.reporter_id == LEE or row.id in held]
            assert case_lists.newest_of(session, LEE, part, states, 7) == theirs[:7]
            assert case_lists.count_of(session, LEE, part, states) == len(theirs)


@pytest.mark.database("sqlite")
def test_lists_cost_the_same_among_four_times_as_many_ended_cases(database: Database) -> None:
    """The cost is counted in instructions of SQLite, ten at a time."""
    chosen, costs = random.Random(17), []
    with database.write() as session:
        first = 1
        for count in (1500, 4500):
            for row in add(session, first, count, chosen):
                row.state = State.CLOSED if row.id and row.id > 50 else row.state
            first += count
            session.flush()
            costs.append(_cost(session))
    few, many = costs
    assert many <= few * 1.2, costs


def _cost(session: Session) -> int:
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = session.connection().connection.driver_connection
    assert connection is not None
    connection.set_progress_handler(step, 10)
    try:
        for states in STATE_SETS:
            case_lists.newest(session, states, 20)
            case_lists.count(session, states)
        for part in (CasePlace, CaseAssigned):
            case_lists.newest_of(session, LEE, part, OPEN_STATES, 20)
            case_lists.count_of(session, LEE, part, OPEN_STATES)
    finally:
        connection.set_progress_handler(None, 0)
    return steps


def test_a_list_counts_up_to_a_limit(database: Database) -> None:
    with database.write() as session:
        add(session, 1, MAX_COUNTED + 30, random.Random(17))
        assert case_lists.count(session, frozenset(State)) == MAX_COUNTED
