"""The measures of process.md §5 compared with a slow and simple reference implementation."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeAlias
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select, update

from bot.casework.company_settings import CompanySettings
from bot.casework.statistics.measures import StatisticsQuery, statistics
from bot.casework.statistics.periods import Period
from storage import audit, settled_facts
from storage.database import Database
from storage.statistics import (
    MEASURES,
    Scope,
    Side,
    anything_to_settle,
    case_ids,
    settle,
    summed_wrongly,
    tallies,
)
from storage.statistics.daily_sums import sum_up
from storage.tables import METADATA, AuditEntry, Case, Fact
from storage.vocabulary import State, Step
from tests.support import reference_statistics as reference
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.property_examples import examples
from tests.support.random_histories import NOW, walks, write
from tests.support.statistics_queries import on
from tests.support.team import CHEN, DESK, WU

COMPANY = CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai"))
YEAR = Scope(NOW - timedelta(days=1), NOW + timedelta(days=2000))


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database without the triggers that protect history, so that it can be emptied between examples."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('statistics') / 'statistics.db'}", synchronous="OFF")
    METADATA.create_all(database.engine)
    yield database
    database.close()


def empty(database: Database) -> None:
    with database.engine.execution_options(writes=True).begin() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(table.delete())


def agree(database: Database, scope: Scope) -> None:
    """Assert that every number equals that of the reference."""
    with database.read() as session:
        expected = reference.tallied(reference.facts(session, scope))
        found = {(tally.measure, tally.part): asdict(tally) for tally in tallies(session, scope)}
        assert sorted(found, key=str) == sorted(expected, key=str)
        for key, tally in found.items():
            for name in ("facts", "counted", "based", "amount", "median", "p90"):
                assert tally[name] == pytest.approx(expected[key][name]), (key, name)


def agree_on_cases(database: Database, scope: Scope, measures: Iterable[str] = MEASURES) -> None:
    """Assert that the cases behind each number of these measures equal those of the reference."""
    with database.read() as session:
        expected = reference.tallied(reference.facts(session, scope))
        for (measure, part), numbers in expected.items():
            if measure not in measures:
                continue
            for side, name in ((Side.NUMERATOR, "numerator"), (Side.DENOMINATOR, "denominator")):
                assert case_ids(session, scope, measure, side, part=part) == numbers[name], (measure, part, side)


def settled_up(session: Session, number: int) -> None:
    settle(session, number)


def sum_days(session: Session, number: int) -> None:
    for _ in range(number):
        sum_up(session)


def reopened(session: Session, number: int) -> None:
    """Go on with settled cases, as the steps *Comment* and *Reopen* do."""
    ended = select(Case).where(col(Case.settled)).order_by(col(Case.id)).limit(number)
    for turn, case in enumerate(session.exec(ended).all()):
        settled_facts.forget(session, case)
        if turn % 2 and case.state is State.CLOSED and case.id:
            last = audit.entries(session, case.id)[-1]
            at, to = last.at + timedelta(hours=5), State.ANSWERING
            moved = {"step": Step.REOPEN, "from_state": case.state, "to_state": to, "at": at, "seq": last.seq + 1}
            session.add(AuditEntry(**{**last.model_dump(exclude={"id"}), **moved, "data": "{}"}))
            case.state, case.entered_at = to, at


Act: TypeAlias = Callable[[Session, int], None]
#: What workers and people do to stored facts.
ACTS: tuple[Act, ...] = (settled_up, settled_up, sum_days, reopened)


def scopes() -> st.SearchStrategy[Scope]:
    days = st.integers(-5, 100), st.sampled_from((0, 1, 7, 31, 92))
    only = st.sampled_from((None, None, 1))
    midnight = st.sampled_from((0, -8, -5.75, 5))  # of a zone, in hours from that of UTC
    begun = st.tuples(*days, midnight).map(lambda one: (NOW + timedelta(days=one[0], hours=one[2]), one[1]))
    return st.builds(
        lambda since, *chosen: Scope(since[0], since[0] + timedelta(days=since[1]), *chosen),
        *(begun, only, only, st.booleans()),
    )


@settings(
    max_examples=examples(6),
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # seeds do not shrink to anything easier to read
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seed=st.integers(0, 2**32 - 1),
    settled=st.sampled_from((0, 3, 100)),  # none, some, all of the ended cases
    summed=st.sampled_from((0, 3, 100)),  # none, some, all of their days
    chosen=st.lists(scopes(), min_size=2, max_size=2),
    measure=st.sampled_from(sorted(MEASURES)),
)
def test_sql_agrees_with_the_reference(
    emptied: Database, seed: int, settled: int, summed: int, chosen: list[Scope], measure: str
) -> None:
    empty(emptied)
    write(emptied, list(walks(Random(seed), cases=12, steps=30)))
    with emptied.write() as session:
        settle(session, settled)
        sum_days(session, summed)
    for scope in (YEAR, *chosen):
        agree(emptied, scope)
    agree_on_cases(emptied, YEAR, [measure])


@settings(
    max_examples=examples(6),
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seed=st.integers(0, 2**32 - 1),
    acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 6)), min_size=4, max_size=10),
    scope=scopes(),
)
def test_sums_are_those_of_the_facts_whatever_happens(
    emptied: Database, seed: int, acts: list[tuple[Act, int]], scope: Scope
) -> None:
    """Cases are settled, unsettled and reopened, days are summed up in between, and periods are those of any zone."""
    empty(emptied)
    chance = Random(seed)
    write(emptied, list(walks(chance, cases=15, steps=40)))
    for act, times in (*acts, (settled_up, 100), (sum_days, 100)):
        with emptied.write() as session:
            act(session, times)
        with emptied.read() as session:
            assert list(summed_wrongly(session)) == []
    agree(emptied, scope)
    agree(emptied, YEAR)
    with emptied.read() as session:
        assert not anything_to_settle(session)
    with emptied.write() as session:
        session.exec(update(Fact).values(amount=Fact.amount + 1))
    with emptied.read() as session:
        assert list(summed_wrongly(session)) or not session.exec(select(Fact)).all()


def test_random_histories_reach_every_measure(emptied: Database) -> None:
    empty(emptied)
    write(emptied, list(walks(Random(9), cases=150, steps=30)))
    month = Scope(NOW + timedelta(days=20), NOW + timedelta(days=60))
    agree(emptied, month)
    agree_on_cases(emptied, month)
    with emptied.read() as session:
        found = tallies(session, month)
    assert {tally.measure for tally in found} == set(MEASURES) - {"historic"}, "only imported faults count in it"
    for measure in ("M8", "M9", "M10", "M12", "M13", "M14", "M15", "M16", "M17", "M20"):
        one = next(tally for tally in found if tally.measure == measure)
        assert 0 < one.counted < one.facts, measure


def test_postgresql_agrees_with_the_reference(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    write(database, list(walks(Random(11), cases=60, steps=35)))
    with database.write() as session:
        assert settle(session, 15).count == 15
        sum_days(session, 8)
        assert list(summed_wrongly(session)) == []
    for scope in (YEAR, Scope(NOW + timedelta(days=20), NOW + timedelta(days=50), product=1)):
        agree(database, scope)
        agree_on_cases(database, scope)
    with database.read() as session:  # the read models work on PostgreSQL as well
        assert statistics(
            session, StatisticsQuery(_days(NOW, NOW + timedelta(days=50))), COMPANY, NOW + timedelta(days=60)
        )
    database.close()


def _days(since: datetime, until: datetime) -> Period:
    return Period(since.date(), until.date(), since, until)


def test_real_steps_agree_with_the_reference(builder: CaseBuilder, clock: ManualClock) -> None:
    on(clock, 1)
    for state in (State.CLOSED, State.FIX_CONFIRMING, State.TESTING):
        builder.fault(state)
        clock.move(hours=5.5)
    builder.take(Step.REJECT_FIX, CHEN, 2, **builder.answers(Step.REJECT_FIX))
    builder.take(Step.COMMENT, WU, 2, text="Seen")
    merged = builder.report()
    builder.take(Step.MERGE_DUPLICATE, CHEN, merged, master="F-3", reason="Same")
    scope = Scope(datetime(2026, 11, 1, tzinfo=UTC), clock.move(days=3))
    agree(builder.database, scope)
    agree_on_cases(builder.database, scope)
    with builder.database.read() as session:
        assert session.get_one(Case, merged).entered_at < scope.until
