"""The monthly report is drafted once and in time, with the figures of that moment."""

import json
import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.casework.statistics.report_snapshot import Grouping
from storage import people, reports
from storage.documents import canonical, hash_of
from storage.vocabulary import Role, State
from tests.support.acceptance_scenarios import MORNING, AcceptanceScenarios
from tests.support.case_builder import GRANTS, SEVERE, CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.november_report import NOVEMBER, beat, drawn, kept, november, shanghai, told
from tests.support.tampering import tamper
from tests.support.team import CHEN, HUANG, SHANGHAI, ZHOU

__all__ = ["november"]


def test_the_report_is_drafted_once_on_the_first_morning_for_every_service_manager(
    november: CaseBuilder, clock: ManualClock
) -> None:
    clock.set(MORNING - timedelta(seconds=1))
    assert beat(november) == 0
    clock.set(MORNING)
    assert beat(november) == 1
    assert beat(november) == 0
    assert drawn(november) == [(*NOVEMBER, 1, False)]
    assert told(november) == [("report", CHEN), ("report", ZHOU)]


def test_a_missed_morning_is_made_up_for_later(november: CaseBuilder, clock: ManualClock) -> None:
    clock.set(shanghai(12, 24, 3))
    assert beat(november) == 1
    assert drawn(november) == [(*NOVEMBER, 1, False)]


def test_months_missed_in_a_downtime_are_drafted_one_after_the_other(november: CaseBuilder, clock: ManualClock) -> None:
    beat(november)
    clock.set(datetime(2027, 3, 1, 7, 59, tzinfo=SHANGHAI).astimezone(UTC))
    assert beat(november) == 2
    assert [(first.month, last.day) for first, last, *_ in drawn(november)] == [(11, 30), (12, 31), (1, 31)]
    clock.move(minutes=1)
    assert beat(november) == 1
    assert drawn(november)[-1][:2] == (date(2027, 2, 1), date(2027, 2, 28))


def test_no_report_is_drafted_for_months_before_the_first_case(builder: CaseBuilder, clock: ManualClock) -> None:
    clock.set(MORNING)
    assert beat(builder) == 0
    builder.report()
    assert beat(builder) == 0, "the next report is that of December"
    clock.set(shanghai(11, 30, 23, 59))
    builder.report()
    clock.set(MORNING)
    assert beat(builder) == 1
    assert [first for first, *_ in drawn(builder)] == [NOVEMBER[0]]


def test_without_service_managers_the_report_goes_to_the_center_manager_or_waits(november: CaseBuilder) -> None:
    only = [grant for grant in GRANTS if grant.role is not Role.SERVICE_MANAGER]
    grant(november, [one for one in only if one.role is not Role.CENTER_MANAGER])
    assert beat(november) == 0, "the draft waits until somebody can issue it"
    grant(november, only)
    assert beat(november) == 1
    assert told(november) == [("report", HUANG)]


def grant(builder: CaseBuilder, grants: list[people.Grant]) -> None:
    with builder.database.write() as session:
        people.replace_grants(session, "settings", grants)


def test_concurrent_threads_make_one_draft(november: CaseBuilder) -> None:
    made: list[int] = []
    threads = [threading.Thread(target=lambda: made.append(beat(november))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 0, 0, 1]
    assert len(drawn(november)) == 1
    assert len(told(november)) == 2


# What the report holds


def test_the_snapshot_does_not_change_with_later_steps(november: CaseBuilder, clock: ManualClock) -> None:
    beat(november)
    before = kept(november)
    clock.set(MORNING + timedelta(days=1))
    november.fault(State.DECISION)
    assert kept(november) == before
    assert before.snapshot.measure("M1").value == 1
    assert before.snapshot.made_at == MORNING
    assert (before.snapshot.first, before.snapshot.last, before.snapshot.zone) == (*NOVEMBER, "Asia/Shanghai")
    with november.database.read() as session:
        row = reports.find(session, 1)
    assert row is not None
    assert row.content_hash == hash_of(row.content) == hash_of(canonical(json.loads(row.content)))


def test_overdue_and_very_severe_faults_are_listed_as_of_the_end_of_the_month(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    clock.set(shanghai(11, 29, 9))
    late, open_, in_time = (builder.fault(State.DECISION) for _ in range(3))  # due at 19:00
    severe = builder.fault(State.DECISION, **SEVERE)
    clock.set(shanghai(11, 29, 18))
    builder.onward(in_time, State.CLOSED)
    clock.set(shanghai(11, 30, 9))
    builder.onward(late, State.CLOSED)
    clock.set(shanghai(12, 1, 1))
    builder.onward(open_, State.CLOSED)  # too late for November
    clock.set(MORNING)
    beat(builder)
    held = kept(builder).snapshot
    assert [(one.number, one.state, one.resolved_at is None) for one in held.overdue] == [
        (f"F-{late}", State.CLOSED, False),
        (f"F-{open_}", State.DECISION, True),
        (f"F-{severe}", State.DECISION, True),
    ]
    assert held.measure("M9").numerator == len(held.overdue)
    assert [one.number for one in held.very_severe] == [f"F-{case}" for case in (late, open_, in_time)]
    assert held.overdue[0].deadline_at == shanghai(11, 29, 19)
    assert held.overdue[0].resolved_at == shanghai(11, 30, 9)


def test_the_counts_add_up_to_the_measures(builder: CaseBuilder, clock: ManualClock) -> None:
    AcceptanceScenarios(builder, clock).all()
    beat(builder)
    held = kept(builder).snapshot
    measured = (held.measure("M1").value, held.measure("M12").numerator, held.measure("M11").value)
    for by in {one.by for one in held.counts}:
        counted = held.counted(by)
        sums = tuple(sum(getattr(one, name) for one in counted) for name in ("received", "closed", "open"))
        assert sums == measured == (3, 2, 1), by


# Unreadable records


@pytest.mark.parametrize("content", ["", "{", "[1]", "{}", '{"cause_class": "awful"}', '{"cause_class": ["code"]}'])
def test_an_unreadable_analysis_report_counts_as_an_unknown_cause(
    builder: CaseBuilder, clock: ManualClock, content: str
) -> None:
    clock.set(shanghai(11, 9, 9))
    broken, _whole = builder.fault(State.DECISION), builder.fault(State.DECISION)
    tamper(builder.database, f"UPDATE documents SET content = '{content}' WHERE paper = 'T04' AND case_id = {broken}")
    clock.set(MORNING)
    assert beat(builder) == 1
    assert [(one.key, one.received) for one in kept(builder).snapshot.counted(Grouping.CAUSE)] == [
        ("code", 1),
        (None, 1),
    ]
