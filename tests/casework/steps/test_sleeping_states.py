"""Every open state, left alone for two weeks, reminds more and more people (process.md §3.8). Prints who and when."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from bot.casework.steps.notify import MessageKind
from bot.workflow.calendar import MONDAY_TO_FRIDAY, WorkingCalendar
from bot.workflow.targets import DEFAULT_TARGETS
from storage import reminders
from storage.people import Grant
from storage.tables import Outgoing, Reminder
from storage.vocabulary import OPEN_STATES, Role, Rule, State, Step
from tests.casework.steps.test_waits import only
from tests.support.case_builder import GENERAL, CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import ADMIN, CHEN, HE, HUANG, LIN, WU, ZHAO, ZHOU

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE_HOURS = WorkingCalendar(ZONE, ((timedelta(hours=9), timedelta(hours=18)),), MONDAY_TO_FRIDAY)
CENTER = {HUANG, CHEN, ZHOU, WU, LIN, HE}
#: Whoever each state waits for, in the cases of this test.
WAITS_FOR = {
    State.ANSWERING: {CHEN},
    State.SHEET_DRAFTING: {CHEN},
    State.SHEET_SIGNING: {HUANG},
    State.ANALYSIS: {LIN, WU},
    State.DECISION: {WU},
    State.HANDLING: {ZHAO},
    State.MODIFICATION: {ZHAO},
    State.TESTING: {LIN},
    State.MANUAL_UPDATE: {LIN},
    State.RELEASE: {WU},
    State.REPLYING: {CHEN},
}


def asleep(builder: CaseBuilder, clock: ManualClock, until: datetime) -> Iterator[tuple[datetime, Rule, set[str]]]:
    """Sweep whenever something is due until this moment, and yield who was reminded when by which rule."""
    seen = 0
    while True:
        with builder.database.read() as session:
            due = reminders.next_due(session)
        if due is None or due > until:
            return
        clock.set(max(due, clock.now()))
        builder.sweep()
        with builder.database.read() as session:
            told = select(Outgoing).where(Outgoing.view == MessageKind.REMINDER, col(Outgoing.id) > seen)
            rows = list(session.exec(told.order_by(col(Outgoing.id))))
            by_reminder: dict[int, set[str]] = {}
            for row in rows:
                by_reminder.setdefault(json.loads(row.arguments)["reminder"], set()).add(row.target)
            rules = {one: session.get_one(Reminder, one).rule for one in by_reminder}
        seen = max((row.id or 0 for row in rows), default=seen)
        yield from ((clock.now(), rules[one], people) for one, people in by_reminder.items())


def case_in(builder: CaseBuilder, state: State) -> int:
    if state in (State.ANSWERING, State.ANSWER_CONFIRMING):
        case = builder.report()
        builder.take(Step.TRIAGE, CHEN, case, is_requirement="no", is_fault="no")
        if state is State.ANSWER_CONFIRMING:
            builder.take(Step.ANSWER, CHEN, case, answer="Like this", category="usage", effort_hours="1")
        return case
    if state is State.HANDLING:
        case = builder.fault(State.DECISION, **GENERAL)
        builder.take(Step.DECIDE_MODIFICATION, WU, case, modification_needed="no", handling_kind="guidance", owner=ZHAO)
        return case
    return builder.fault(state, **GENERAL)


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_a_state_left_alone_for_two_weeks_reminds_more_people_each_time(
    builder: CaseBuilder, clock: ManualClock, state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    builder.company = replace(builder.company, policy=replace(builder.company.policy, calendar=OFFICE_HOURS))
    case_in(builder, state)
    heard = list(asleep(builder, clock, clock.now() + timedelta(days=14)))
    with capsys.disabled():
        print(f"\n{state}")
        for at, rule, people in heard:
            print(f"  {at.astimezone(ZONE):%a %d %b %H:%M}  {rule:11}  {', '.join(sorted(people))}")
    told = [people for _at, _rule, people in heard]
    if state is State.TRIAGE:
        assert told[:2] == [{CHEN, ZHOU}, CENTER]
        assert all(people == CENTER for people in told[2:])
    elif state in (State.ANSWER_CONFIRMING, State.FIX_CONFIRMING):
        assert told[:3] == [{CHEN}, {CHEN}, {CHEN, HUANG}]
    else:
        first = WAITS_FOR[state]
        assert told[:2] == [first, first | {CHEN}][: len(told)]
        assert all(people == first | {CHEN, HUANG} for people in told[2:])
        target = DEFAULT_TARGETS[state].working_time(OFFICE_HOURS)
        assert len(told) >= min(2, timedelta(days=9 * 9 / 24) // target)
    assert told, "somebody is reminded of every state"
    working = [OFFICE_HOURS.working_seconds(at - timedelta(minutes=1), at) for at, _rule, _people in heard]
    assert all(working), "nobody is reminded outside working time"


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_a_state_left_to_nobody_reminds_the_admins(builder: CaseBuilder, clock: ManualClock, state: State) -> None:
    """Whoever is named without a role, such as the modifier, still hears of it (rule 2.7)."""
    case_in(builder, state)
    only(builder, Grant(ADMIN, Role.ADMIN))
    heard = [people for _at, _rule, people in asleep(builder, clock, clock.now() + timedelta(days=14))]
    assert heard
    assert all(people == WAITS_FOR.get(state, set()) & {ZHAO} or people == {ADMIN} for people in heard)
