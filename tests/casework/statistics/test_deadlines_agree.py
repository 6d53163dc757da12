"""Card, lists, fault record table, measures and overdue list agree on what is late (process.md rule 2.4 and §3.5)."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select

from bot.casework.company_settings import CompanySettings
from bot.casework.reading.cases import mine
from bot.casework.records.fault_records import record_rows_of
from bot.casework.statistics.measures import StatisticsQuery, behind, statistics
from bot.casework.statistics.periods import parse
from bot.casework.statistics.report_snapshot import snapshot
from bot.workflow.context import Policy
from storage import migrations
from storage.database import Database
from storage.record_rows import RecordFilter
from storage.statistics import Side, settle, settled_wrongly
from storage.tables import Case, DeadlineChange, Reminder
from storage.vocabulary import ReminderState, Rule, State, Step
from tests.support.case_builder import SEVERE, CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.old_databases import move
from tests.support.tampering import tamper
from tests.support.team import CHEN, DESK, WU

HOLD = {"kind": "vendor", "reason": "Waits for a part"}


@pytest.fixture(params=[True, False], ids=["stops", "runs"])
def desk(request: pytest.FixtureRequest, fresh_url: str, clock: ManualClock) -> Iterator[CaseBuilder]:
    """A company whose holds stop the clock, and one whose holds do not."""
    company = CompanySettings(DESK, Policy(hold_stops_clock=request.param), ZoneInfo("Asia/Shanghai"))
    builder = CaseBuilder(Database(fresh_url), company, clock.now)
    builder.seed()
    yield builder
    builder.database.close()


def in_seconds(clock: ManualClock, **later: float) -> int:
    return int((clock.now() + timedelta(**later)).timestamp())


def change(desk: CaseBuilder, clock: ManualClock, case: int, **later: float) -> None:
    agreed = {"deadline_contact": "Sun Li", "deadline_agreed_at": in_seconds(clock), "deadline_evidence": "Phone"}
    desk.take(Step.CHANGE_DEADLINE, CHEN, case, deadline_at=in_seconds(clock, **later), reason="Parts", **agreed)


def whole_time(desk: CaseBuilder, clock: ManualClock) -> StatisticsQuery:
    """The statistics of a period in which everything of these tests happens."""
    period = parse("2026-11-01 to 2027-02-01", desk.company, clock.now())
    assert period is not None
    return StatisticsQuery(period)


def late_everywhere(desk: CaseBuilder, clock: ManualClock, case: int) -> bool:
    """Whether an open case is late. Fails unless everything that is shown says the same."""
    clock.move(seconds=1)
    asked = whole_time(desk, clock)
    with desk.database.read() as session:
        (measure,) = statistics(session, asked, desk.company, clock.now(), "M9")
        found = {
            "card": desk.card(case).overdue,
            "list": next(line.overdue for line in mine(session, CHEN, desk.company, clock.now()).lines),
            "M9": case in behind(session, asked, measure, Side.NUMERATOR, desk.company, clock.now()),
            "overdue list": f"F-{case}"
            in {one.number for one in snapshot(session, asked, desk.company, clock.now()).overdue},
            "T05": _newest_on_time(session, desk, clock) is False,
        }
    assert len(set(found.values())) == 1, found
    return found["card"]


def _newest_on_time(session: Session, desk: CaseBuilder, clock: ManualClock) -> bool | None:
    *_, row = record_rows_of(session, RecordFilter(), desk.company.policy, clock.now())
    assert row.outcome is not None
    return row.outcome.on_time


def test_everything_agrees_during_and_after_a_hold(desk: CaseBuilder, clock: ManualClock) -> None:
    stops = desk.company.policy.hold_stops_clock
    case = desk.fault(State.MODIFICATION, **SEVERE)  # due in ten hours
    assert not late_everywhere(desk, clock, case)
    clock.move(hours=4)
    desk.take(Step.HOLD, CHEN, case, until=in_seconds(clock, days=9), **HOLD)
    clock.move(hours=20)
    assert late_everywhere(desk, clock, case) is not stops
    desk.take(Step.RESUME, CHEN, case)
    assert late_everywhere(desk, clock, case) is not stops
    clock.move(hours=7)
    assert late_everywhere(desk, clock, case)


def test_a_reply_during_a_hold_is_judged_by_the_time_that_was_left(desk: CaseBuilder, clock: ManualClock) -> None:
    case = desk.fault(State.REPLYING, **SEVERE)
    desk.take(Step.HOLD, CHEN, case, until=in_seconds(clock, days=9), **HOLD)
    clock.move(hours=20)
    desk.usual(Step.REPLY_CUSTOMER, case)
    stops = desk.company.policy.hold_stops_clock
    assert desk.card(case).on_time is stops
    assert late_everywhere_resolved(desk, clock, case) is not stops


def late_everywhere_resolved(desk: CaseBuilder, clock: ManualClock, case: int) -> bool:
    """Whether a resolved case was late. Fails unless everything that is shown says the same."""
    clock.move(seconds=1)
    asked = whole_time(desk, clock)
    with desk.database.read() as session:
        late = statistics(session, asked, desk.company, clock.now(), "M9")[0].numerator
        kept = next(
            one for one in statistics(session, asked, desk.company, clock.now(), "M8") if one.part == "in_force"
        )
        found = {
            "card": desk.card(case).on_time is False,
            "M8": kept.numerator == 0,
            "M9": late == 1,
            "T05": _newest_on_time(session, desk, clock) is False,
        }
    assert len(set(found.values())) == 1, found
    return found["card"]


def test_a_change_after_the_reply_alters_nothing_even_after_settling(desk: CaseBuilder, clock: ManualClock) -> None:
    case = desk.fault(State.REPLYING, **SEVERE)
    clock.move(hours=11)
    desk.usual(Step.REPLY_CUSTOMER, case)
    change(desk, clock, case, days=3)
    assert late_everywhere_resolved(desk, clock, case)
    desk.usual(Step.CONFIRM_FIX, case)
    with desk.database.write() as session:
        assert settle(session, 10).count == 1
    assert late_everywhere_resolved(desk, clock, case)


def test_the_past_is_judged_by_what_was_in_force_then(desk: CaseBuilder, clock: ManualClock) -> None:
    """A deadline that ends with a reopening still counts for the days before it."""
    case = desk.fault(State.FIX_CONFIRMING, **SEVERE)
    clock.move(days=2)
    desk.take(Step.REJECT_FIX, CHEN, case, **desk.answers(Step.REJECT_FIX))
    assert not late_everywhere(desk, clock, case)
    day_of_reply = parse("2026-11-23", desk.company, clock.now())
    assert day_of_reply is not None
    with desk.database.read() as session:
        found = statistics(session, StatisticsQuery(day_of_reply), desk.company, clock.now(), "M8")
        assert [(one.numerator, one.denominator) for one in found] == [(1, 1), (1, 1)]


def test_no_reminder_of_the_deadline_comes_while_a_hold_stops_its_clock(desk: CaseBuilder, clock: ManualClock) -> None:
    case = desk.fault(State.MODIFICATION, **SEVERE)
    desk.take(Step.HOLD, CHEN, case, until=in_seconds(clock, days=9), **HOLD)
    for _hour in range(30):
        clock.move(hours=1)
        desk.sweep()
    stops = desk.company.policy.hold_stops_clock
    assert bool(sent(desk)) is not stops
    desk.take(Step.RESUME, CHEN, case)
    for _hour in range(12):
        clock.move(hours=1)
        desk.sweep()
    assert {80, 100} <= set(sent(desk))


def sent(desk: CaseBuilder) -> list[int]:
    """The shares of the deadline that were reminded of."""
    rule = col(Reminder.rule).in_([Rule.DEADLINE_SHARE, Rule.OVERDUE])
    with desk.database.read() as session:
        rows = session.exec(select(Reminder).where(rule, Reminder.state == ReminderState.SENT)).all()
        return [row.share or 0 for row in rows]


def stories(desk: CaseBuilder, clock: ManualClock) -> None:
    """Cases with every kind of change of a deadline."""
    plain, held, moved, raised = (desk.fault(State.MODIFICATION, **SEVERE) for _ in range(4))
    desk.fault(State.CLOSED)
    clock.move(hours=1)
    desk.take(Step.HOLD, CHEN, held, until=in_seconds(clock, days=9), **HOLD)
    desk.take(Step.HOLD, CHEN, plain, until=in_seconds(clock, days=9), **HOLD)
    change(desk, clock, moved, days=2)
    clock.move(hours=3)
    desk.take(Step.RESUME, CHEN, held)
    desk.onward(moved, State.FIX_CONFIRMING)
    clock.move(hours=1)
    change(desk, clock, moved, days=9)
    stipulated = {"severity": "very_severe", "deadline_basis": "customer_stipulated", "reason": "It stands still"}
    agreed = {"deadline_contact": "Sun Li", "deadline_agreed_at": in_seconds(clock), "deadline_evidence": "Phone"}
    desk.take(Step.CHANGE_SEVERITY, WU, raised, deadline_at=in_seconds(clock, hours=5), **stipulated, **agreed)
    clock.move(hours=1)
    desk.onward(held, State.CLOSED)


def stored(desk: CaseBuilder) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The columns and rows that the migration computes."""
    with desk.database.read() as session:
        cases = session.exec(select(Case).order_by(col(Case.id))).all()
        order = (col(DeadlineChange.case_id), col(DeadlineChange.seq))
        rows = session.exec(select(DeadlineChange).order_by(*order)).all()
        return (
            [(one.id, one.deadline_since, one.deadline_when_resolved) for one in cases],
            [(one.case_id, one.seq, one.at, one.deadline_at, one.may_stop) for one in rows],
        )


def test_a_database_of_an_earlier_version_gets_what_its_histories_tell(desk: CaseBuilder, clock: ManualClock) -> None:
    stories(desk, clock)
    with desk.database.write() as session:
        settle(session, 10)
    before = stored(desk)
    assert len(before[1]) == 9
    with desk.database.engine.execution_options(writes=True).begin() as connection:
        move(connection, "downgrade", "0005")
    migrations.upgrade(desk.database.engine)
    assert migrations.differences(desk.database.engine) == []
    assert stored(desk) == before
    with desk.database.write() as session:
        assert settle(session, 10).count == 2
        ended = session.exec(select(Case).where(Case.state == State.CLOSED)).all()
        assert settled_wrongly(session, ended) == set()


@pytest.mark.parametrize("damage", ["{", "[]", '{"papers": 3}'])
def test_the_migration_survives_a_damaged_history(desk: CaseBuilder, clock: ManualClock, damage: str) -> None:
    case = desk.fault(State.FIX_CONFIRMING, **SEVERE)
    due = desk.card(case).deadline_at
    tamper(desk.database, f"UPDATE audit_entries SET data = '{damage}' WHERE case_id = {case}")
    with desk.database.engine.execution_options(writes=True).begin() as connection:
        move(connection, "downgrade", "0005")
    migrations.upgrade(desk.database.engine)
    assert stored(desk)[0] == [(case, None, due)], "the present deadline is what is left to judge by"
