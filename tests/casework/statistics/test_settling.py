"""The facts of ended cases are stored ("settled"), and computed anew once such a case goes on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import make_url
from sqlmodel import col, delete, func, select, update

from storage import cases
from storage.statistics import MEASURES, Scope, SettleResult, Side, settle, settled_wrongly
from storage.statistics.histories import CaseHistories
from storage.tables import Case, Fact
from storage.vocabulary import State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.random_histories import NOW
from tests.support.statistics_queries import MeasuredPeriod, on
from tests.support.tampering import tamper
from tests.support.team import CHEN, LIN
from tests.support.world import MAX_WAIT_SECONDS


def settled(builder: CaseBuilder, limit: int = 100) -> int:
    with builder.database.write() as session:
        return settle(session, limit).count


def facts(builder: CaseBuilder) -> dict[int, int]:
    """The number of stored facts of each settled case."""
    kept = select(func.count()).select_from(Fact).where(Fact.case_id == Case.id).scalar_subquery()
    with builder.database.read() as session:
        found = session.exec(select(Case.id, kept).where(col(Case.settled)).order_by(col(Case.id)))
        return {case: number for case, number in found if case}


def lists(measured: MeasuredPeriod) -> list[list[int]]:
    """The cases behind every number."""
    return [measured.cases(one, side) for one in measured.measures for side in Side]


def ended(builder: CaseBuilder, clock: ManualClock) -> int:
    """A fault closed in November."""
    on(clock, 1)
    case = builder.fault(State.REPLYING)
    on(clock, 4)
    builder.onward(case, State.CLOSED)
    on(clock, 20)
    return case


def test_statistics_are_the_same_before_and_after_settling(builder: CaseBuilder, clock: ManualClock) -> None:
    closed = ended(builder, clock)
    withdrawn, still_open = builder.fault(State.ANALYSIS), builder.fault(State.TESTING)
    builder.take(Step.WITHDRAW, CHEN, withdrawn, reason="Mistake", evidence="Mail")
    on(clock, 25)
    before = MeasuredPeriod(builder, "2026-11")
    listed = lists(before)
    assert settled(builder) == 2
    assert settled(builder) == 0
    assert sorted(facts(builder)) == [closed, withdrawn]
    assert still_open not in facts(builder)
    assert facts(builder)[closed] > facts(builder)[withdrawn] > 0
    after = MeasuredPeriod(builder, "2026-11")
    assert after.measures == before.measures
    assert lists(after) == listed


def test_statistics_are_read_from_the_stored_facts(builder: CaseBuilder, clock: ManualClock) -> None:
    """Otherwise the other tests of this file would prove nothing."""
    ended(builder, clock)
    settled(builder)
    with builder.database.write() as session:
        session.exec(update(Fact).values(amount=7.0))
    assert MeasuredPeriod(builder, "2026-11").measure("M7", name="mean").value == 7
    alone = MeasuredPeriod(builder, "2026-11-01").measure("M6", State.REPLYING)
    assert alone.value == 15 * 3600, "the case ended after that day, so its history is read"


def test_a_reopened_case_is_settled_anew(builder: CaseBuilder, clock: ManualClock) -> None:
    case = ended(builder, clock)
    settled(builder)
    first = facts(builder)[case]
    builder.take(Step.REOPEN, CHEN, case, reason="It came back")
    with builder.database.read() as session:
        assert session.exec(select(Fact)).all() == []
    assert facts(builder) == {}
    assert settled(builder) == 0, "an open case is not settled"
    clock.move(minutes=1)
    assert MeasuredPeriod(builder, "2026-11").numbers("M13") == (1, 1)
    on(clock, 28)
    builder.onward(case, State.CLOSED)
    on(clock, 29)
    november = MeasuredPeriod(builder, "2026-11")
    assert settled(builder) == 1
    assert facts(builder)[case] > first, "the reopened case passed more states and was analyzed twice"
    assert MeasuredPeriod(builder, "2026-11").measures == november.measures


def test_any_step_on_a_settled_case_unsettles_it(builder: CaseBuilder, clock: ManualClock) -> None:
    case = ended(builder, clock)
    settled(builder)
    before = facts(builder)
    builder.take(Step.COMMENT, CHEN, case, text="Thank you")
    assert facts(builder) == {}
    settled(builder)
    assert facts(builder) == before


def test_at_most_the_given_number_of_cases_is_settled_and_the_oldest_first(builder: CaseBuilder) -> None:
    first, *_others = [builder.fault(State.CLOSED) for _ in range(3)]
    assert settled(builder, 1) == 1
    assert list(facts(builder)) == [first]
    assert settled(builder, 5) == 2


def test_a_case_with_entries_out_of_order_is_not_settled(builder: CaseBuilder, clock: ManualClock) -> None:
    """The report was dated by a clock that was ahead, so the triage is dated before the report."""
    on(clock, 1)
    case = builder.report()
    clock.move(minutes=-8)
    builder.onward(case, State.CLOSED)
    on(clock, 20)
    assert settled(builder) == 0
    assert facts(builder) == {}


def test_a_case_with_entries_out_of_order_counts_at_the_dates_of_its_entries(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    """The test was dated by a clock that was ahead, and the closing by a clock that was right."""
    on(clock, 1)
    ahead = builder.fault(State.TESTING)
    on(clock, 10, month=12)
    builder.usual(Step.PASS_TEST, ahead)
    on(clock, 20)
    builder.onward(ahead, State.CLOSED)
    on(clock, 1, month=12)
    early = builder.report()
    on(clock, 30)
    builder.take(Step.TRIAGE, LIN, early, is_requirement="no", is_fault="no")
    on(clock, 28, month=12)
    assert settled(builder) == 0
    assert MeasuredPeriod(builder, "2026-12").numbers("M14") == (1, 1)
    assert MeasuredPeriod(builder, "2026-11").numbers("M16") == (0, 2)


def test_fractions_add_up_equally_in_any_order(builder: CaseBuilder, clock: ManualClock) -> None:
    on(clock, 1)
    for hours in ("0.1", "0.2", "0.3", "0.7"):
        case = builder.report()
        builder.take(Step.TRIAGE, LIN, case, is_requirement="no", is_fault="no")
        builder.take(Step.ANSWER, CHEN, case, answer="So", category="usage", effort_hours=hours)
        builder.take(Step.RECORD_VERDICT, CHEN, case, evidence="Mail", satisfied="yes")
    on(clock, 20)
    before = MeasuredPeriod(builder, "2026-11").measures
    for _ in range(4):
        assert settled(builder, 1) == 1
        assert MeasuredPeriod(builder, "2026-11").measures == before


def test_the_order_of_stored_facts_does_not_matter(builder: CaseBuilder, clock: ManualClock) -> None:
    """A database returns rows in any order, and may return them in another order for ten cases than for one."""
    case = ended(builder, clock)
    settled(builder)
    with builder.database.write() as session:
        session.exec(update(Fact).values(number=1000 - col(Fact.number)))
    with builder.database.read() as session:
        assert settled_wrongly(session, [cases.get(session, case)]) == set()


def test_cases_unsettled_by_a_migration_are_settled_anew(builder: CaseBuilder, clock: ManualClock) -> None:
    case = ended(builder, clock)
    settled(builder)
    before = facts(builder)
    with builder.database.write() as session:
        session.exec(update(Case).values(settled=False))
        session.exec(delete(Fact))
    assert settled(builder) == 1
    assert facts(builder) == before == {case: before[case]}


def test_settling_skips_a_locked_case_without_waiting(shared: CaseBuilder) -> None:
    busy, free = shared.fault(State.CLOSED), shared.fault(State.CLOSED)
    with shared.database.write() as session:
        assert cases.hold(session, busy)
        assert settled(shared) == 1, "the locked case is skipped"
        assert list(facts(shared)) == [free]
    assert settled(shared) == 1


def test_an_unreadable_case_does_not_block_the_settling_of_others(shared: CaseBuilder) -> None:
    broken, sound = shared.fault(State.CLOSED), shared.fault(State.CLOSED)
    tamper(shared.database, f"UPDATE audit_entries SET data = '{{' WHERE case_id = {broken}")
    with shared.database.write() as session:
        found = settle(session, 10)
    assert (found.count, [case for case, _why in found.failed]) == (1, [broken])
    assert list(facts(shared)) == [sound]
    with shared.database.write() as session:
        assert settle(session, 10, [broken]).days == 1, "the day of the other case is summed up"
        assert settle(session, 10, [broken]) == SettleResult()


def test_concurrent_settling_settles_each_case_once(shared: CaseBuilder) -> None:
    for _ in range(6):
        shared.fault(State.CLOSED)
    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(lambda _turn: settled(shared, 2), range(6))) == 6
    assert len(set(facts(shared).values())) == 1, "each case has its facts once"


def test_a_step_waits_for_the_settling_and_unsettles_the_case(shared: CaseBuilder, clock: ManualClock) -> None:
    case = ended(shared, clock)
    with ThreadPoolExecutor(1) as pool:
        with shared.database.write() as session:
            assert settle(session, 1).count == 1
            reopened = pool.submit(lambda: shared.take(Step.REOPEN, CHEN, case, reason="It came back"))
            with pytest.raises(TimeoutError):
                reopened.result(timeout=0.3)
        reopened.result(timeout=MAX_WAIT_SECONDS)
    assert facts(shared) == {}
    with shared.database.read() as session:
        assert session.exec(select(Fact)).all() == []


#: Fingerprints of the measures' SQL. Facts that were settled by other definitions would go on counting.
DEFINED = {"sqlite": "bd2c1b968f05e337", "postgresql": "36f2fb34be0796bf"}


@pytest.mark.parametrize("url", ["sqlite://", "postgresql+psycopg://"])
def test_a_changed_definition_of_a_measure_is_noticed(url: str) -> None:
    """If this fails, decide whether numbers change. If they do, write the migration that `storage.statistics.settling`
    asks for. Then update `DEFINED`.
    """
    dialect, histories = make_url(url).get_dialect()(), CaseHistories(Scope(NOW, NOW + timedelta(days=1)), [1])
    said = sha256()
    for measure in sorted(MEASURES):
        compiled = MEASURES[measure](histories).compile(dialect=dialect)
        values = [sorted(one) if isinstance(one, (list, tuple, frozenset)) else one for one in compiled.params.values()]
        said.update(f"{measure} {compiled} {values}".encode())
    assert said.hexdigest()[:16] == DEFINED[dialect.name]
