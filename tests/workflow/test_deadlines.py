"""When reminders are due, whom they reach (process.md §3.6-8), and which persons a role or a place stands for."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.workflow.context import CaseContext, Policy
from bot.workflow.deadlines import WAITING_RULES, Due, deadline_dues, following, recipients, waiting_due
from bot.workflow.people import people_notified, persons
from bot.workflow.situation import Audience, Position, Who
from storage.vocabulary import CENTER_ROLES, OPEN_STATES, Basis, Place, Role, Rule, Severity, Source, State, Urgency
from tests.support.workflow_cases import (
    CENTER,
    CHEN_JING,
    HE_QING,
    HUANG_WEI,
    LIN_XIAOYU,
    NOW,
    OFFICE_HOURS,
    SUN_LI,
    WU_GANG,
    ZHAO_LEI,
    ZHOU_MIN,
    a_case,
    a_fault,
    situation,
)

POLICY = Policy()
IN_HOURS = Policy(calendar=OFFICE_HOURS)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def fault(severity: Severity, hours: int, basis: Basis = Basis.NEGOTIATED, **changes: object) -> CaseContext:
    return a_fault(State.DECISION, severity, **{"deadline_at": NOW + hours * HOUR, "deadline_basis": basis, **changes})


def dues(case: CaseContext, now: datetime = NOW) -> list[Due]:
    return list(deadline_dues(case, NOW, now, POLICY))


def share(percent: int, hours: float) -> Due:
    return Due(Rule.DEADLINE_SHARE, NOW + hours * HOUR, percent)


def test_a_very_severe_fault_is_reminded_at_50_80_and_100_percent_then_hourly() -> None:
    case = fault(Severity.VERY_SEVERE, 10, Basis.CUSTOMER_STIPULATED)
    assert dues(case) == [share(50, 5), share(80, 8), share(100, 10), Due(Rule.OVERDUE, NOW + 11 * HOUR)]
    assert following(Rule.OVERDUE, NOW, case, IN_HOURS) == NOW + HOUR, "at night and on Sundays, too"


def test_a_severe_fault_is_reminded_at_80_and_100_percent_then_daily() -> None:
    case = fault(Severity.SEVERE, 10)
    assert dues(case) == [share(80, 8), share(100, 10), Due(Rule.OVERDUE, NOW + 34 * HOUR)]


@pytest.mark.parametrize(
    ("last", "after"),
    [
        ("2026-11-20T16:00", "2026-11-23T16:00"),
        ("2026-11-20T22:00", "2026-11-23T09:00"),
        ("2026-11-21T16:00", "2026-11-23T16:00"),
    ],
)
def test_daily_reminders_come_on_working_days(last: str, after: str) -> None:
    """A deadline on Friday is reminded of on Monday, at its time of day or, if that lies outside working hours, at
    nine.
    """
    came, comes = (datetime.fromisoformat(f"{moment}:00+00:00") for moment in (last, after))
    assert following(Rule.OVERDUE, came, fault(Severity.SEVERE, 10), IN_HOURS) == comes
    by_the_hour = replace(IN_HOURS, repeat_severe=6 * HOUR)
    assert following(Rule.OVERDUE, came, fault(Severity.SEVERE, 10), by_the_hour) == came + 6 * HOUR


@pytest.mark.parametrize("severity", [Severity.GENERAL, Severity.SEVERE])
def test_a_default_deadline_is_reminded_once(severity: Severity) -> None:
    assert dues(fault(severity, 10, Basis.DEFAULT)) == [share(100, 10)]


def test_shares_that_are_past_are_left_out_of_the_plan_but_never_the_deadline_itself() -> None:
    case = fault(Severity.VERY_SEVERE, 10)
    assert [due.share for due in dues(case, NOW + 5 * HOUR)] == [80, 100, None]
    assert [due.share for due in dues(case, NOW + 99 * HOUR)] == [100, None]


def test_a_deadline_before_publishing_is_due_at_once() -> None:
    assert dues(fault(Severity.SEVERE, -5))[0] == share(100, 0)


def test_nothing_is_due_without_a_deadline_or_once_resolved() -> None:
    assert dues(fault(Severity.GENERAL, 1, deadline_at=None)) == []
    assert dues(fault(Severity.VERY_SEVERE, 1, resolved_at=NOW)) == []


@pytest.mark.parametrize(
    ("state", "rule", "after"),
    [
        (State.TRIAGE, Rule.UNTRIAGED, 4 * HOUR),
        (State.ANSWERING, Rule.TARGET, 8 * HOUR),
        (State.SHEET_DRAFTING, Rule.TARGET, 8 * HOUR),
        (State.SHEET_SIGNING, Rule.UNSIGNED, 8 * HOUR),
        (State.ANALYSIS, Rule.TARGET, 3 * DAY),
        (State.DECISION, Rule.TARGET, DAY),
        (State.HANDLING, Rule.TARGET, 3 * DAY),
        (State.MODIFICATION, Rule.TARGET, 5 * DAY),
        (State.TESTING, Rule.TARGET, 2 * DAY),
        (State.MANUAL_UPDATE, Rule.TARGET, 2 * DAY),
        (State.RELEASE, Rule.TARGET, 2 * DAY),
        (State.REPLYING, Rule.TARGET, 4 * HOUR),
        (State.ANSWER_CONFIRMING, Rule.UNANSWERED, 7 * DAY / 4),
        (State.FIX_CONFIRMING, Rule.UNANSWERED, 7 * DAY / 4),
    ],
)
def test_a_state_that_waits_for_somebody_reminds_them(state: State, rule: Rule, after: timedelta) -> None:
    assert waiting_due(a_case(state), NOW, POLICY) == Due(rule, NOW + after)


@pytest.mark.parametrize(("state", "due"), [(State.TRIAGE, "23T13:00"), (State.SHEET_SIGNING, "23T17:00")])
def test_targets_are_counted_in_working_time(state: State, due: str) -> None:
    """A state that is entered on a Sunday has its target on Monday, counted from nine o'clock."""
    assert waiting_due(a_case(state), NOW, IN_HOURS) == Due(WAITING_RULES[state], at(due))


def at(day_and_time: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day_and_time}:00+00:00")


@pytest.mark.parametrize("policy", [POLICY, IN_HOURS])
@pytest.mark.parametrize("hour", range(0, 7 * 24, 5))
def test_three_reminders_fit_into_the_seven_days_before_a_case_may_close_unanswered(hour: int, policy: Policy) -> None:
    came = [NOW + hour * HOUR]
    for _ in range(policy.unanswered_reminders):
        following_ = following(Rule.UNANSWERED, came[-1], a_case(), policy)
        assert following_ is not None
        came.append(following_)
    assert came == sorted(set(came))
    assert came[-1] < came[0] + policy.unanswered_within
    assert all(policy.calendar.working_seconds(moment - HOUR, moment) for moment in came[1:])


def test_every_open_state_reminds_unless_its_target_is_switched_off() -> None:
    assert set(WAITING_RULES) == OPEN_STATES
    silent = replace(POLICY, targets={})
    reminding = {state for state in OPEN_STATES if waiting_due(a_case(state), NOW, silent)}
    assert reminding == {State.ANSWER_CONFIRMING, State.FIX_CONFIRMING}


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_on_hold_and_in_negotiation_another_reminder_stands_for_that_of_the_state(state: State) -> None:
    assert waiting_due(a_case(state, on_hold=True), NOW, POLICY) is None
    assert waiting_due(a_case(state, negotiating=True), NOW, POLICY) is None


def test_a_working_day_has_the_hours_of_the_calendar() -> None:
    """Three days of nine hours from Sunday end on Wednesday evening."""
    assert waiting_due(a_case(State.ANALYSIS), NOW, IN_HOURS) == Due(Rule.TARGET, at("25T18:00"))


def test_the_analysis_of_an_urgent_report_has_a_target_of_hours() -> None:
    urgent = a_case(State.ANALYSIS, suspected_urgency=Urgency.HIGH)
    assert waiting_due(urgent, NOW, IN_HOURS) == Due(Rule.TARGET, at("23T13:00"))


def test_negotiation_reminders_repeat_and_single_reminders_do_not() -> None:
    case = fault(Severity.SEVERE, 10)
    assert following(Rule.NEGOTIATING, NOW, case, POLICY) == NOW + DAY
    assert following(Rule.HOLD_ENDED, NOW, case, POLICY) == NOW + DAY
    single = (Rule.DEADLINE_SHARE, Rule.UNACKNOWLEDGED, Rule.URGENT)
    assert [following(rule, NOW, case, POLICY) for rule in single] == [None] * 3


ANALYSTS = (Place.TESTERS, Place.TECHNICIANS)
CENTER_OF_ALL = tuple(CENTER_ROLES)


@pytest.mark.parametrize(
    ("rule", "percent", "time", "who", "waits_for"),
    [
        (Rule.DEADLINE_SHARE, 50, 1, ANALYSTS, False),
        (Rule.DEADLINE_SHARE, 80, 1, (*ANALYSTS, Position.CARETAKER), False),
        (Rule.DEADLINE_SHARE, 100, 1, (*ANALYSTS, Position.CARETAKER, Role.CENTER_MANAGER), False),
        (Rule.OVERDUE, None, 1, (*ANALYSTS, Position.CARETAKER, Role.CENTER_MANAGER), False),
        (Rule.UNACKNOWLEDGED, None, 1, (Role.CENTER_MANAGER,), False),
        (Rule.NEGOTIATING, None, 1, (*ANALYSTS, Position.CARETAKER), False),
        (Rule.UNANSWERED, None, 2, (Position.CARETAKER, Position.INSIDE_REPORTER), False),
        (Rule.UNANSWERED, None, 3, (Position.CARETAKER, Position.INSIDE_REPORTER, Role.CENTER_MANAGER), False),
        (Rule.HOLD_ENDED, None, 2, (*ANALYSTS, Position.CARETAKER), False),
        (Rule.HOLD_ENDED, None, 3, (*ANALYSTS, Position.CARETAKER, Role.CENTER_MANAGER), False),
        (Rule.URGENT, None, 1, CENTER_OF_ALL, False),
        (Rule.URGENT, None, 2, (Role.CENTER_MANAGER,), False),
        (Rule.UNTRIAGED, None, 1, (Role.SERVICE_MANAGER,), False),
        (Rule.UNTRIAGED, None, 2, CENTER_OF_ALL, False),
        *((rule, None, 1, (), True) for rule in (Rule.UNSIGNED, Rule.TARGET)),
        *((rule, None, 2, (Position.CARETAKER,), True) for rule in (Rule.UNSIGNED, Rule.TARGET)),
        *(
            (rule, None, time, (Position.CARETAKER, Role.CENTER_MANAGER), True)
            for rule in (Rule.UNSIGNED, Rule.TARGET)
            for time in (3, 9)
        ),
    ],
)
def test_each_rule_reminds_the_people_whom_the_process_names(
    rule: Rule, percent: int | None, time: int, who: tuple[Who, ...], waits_for: bool
) -> None:
    found = recipients(rule, fault(Severity.SEVERE, 10), POLICY, percent, time)
    assert (set(found.who), found.waits_for) == (set(who), waits_for)


def test_the_modifier_is_reminded_while_the_case_waits_on_them() -> None:
    assert Place.MODIFIER in recipients(Rule.OVERDUE, a_fault(State.MODIFICATION), POLICY).who
    assert Place.MODIFIER not in recipients(Rule.OVERDUE, a_fault(State.TESTING), POLICY).who


@pytest.mark.parametrize(
    ("who", "meant"),
    [
        (Role.TESTER, {LIN_XIAOYU, HE_QING}),
        (Place.TESTERS, {LIN_XIAOYU}),
        (Place.MODIFIER, {ZHAO_LEI}),
        (Position.CARETAKER, {CHEN_JING}),
        (Position.REPORTER, {SUN_LI}),
        (Position.INSIDE_REPORTER, set()),
        (Position.ASSIGNEE, {LIN_XIAOYU, WU_GANG, ZHAO_LEI, CHEN_JING}),
    ],
)
def test_roles_places_and_positions_stand_for_persons(who: Who, meant: set[str]) -> None:
    assert persons((who,), a_fault(State.TESTING), CENTER) == meant


def test_an_empty_place_stands_for_everybody_of_its_role() -> None:
    case = a_case(source=Source.INTERNAL)
    assert persons((Place.TESTERS,), case, CENTER) == {LIN_XIAOYU, HE_QING}
    assert persons((Position.CARETAKER,), case, CENTER) == {CHEN_JING, HUANG_WEI, ZHOU_MIN}
    assert persons((Place.OWNER, Place.MODIFIER), case, CENTER) == frozenset()
    assert persons((Position.INSIDE_REPORTER,), case, CENTER) == {SUN_LI}
    assert persons((), case, CENTER) == frozenset()


def test_whoever_lost_the_role_of_a_place_is_not_reached_any_more() -> None:
    case, others = a_fault(State.TESTING, places={Place.TESTERS: frozenset({LIN_XIAOYU, HE_QING})}), CENTER.holders
    center = replace(CENTER, holders={**others, Role.TESTER: frozenset({HE_QING})})
    assert persons((Place.TESTERS,), case, center) == {HE_QING}
    alone = replace(case, places={Place.TESTERS: frozenset({LIN_XIAOYU})})
    assert persons((Place.TESTERS,), alone, center) == {HE_QING}, "everybody of the role stands in"


def test_the_holder_of_a_case_and_the_service_managers_are_its_caretakers() -> None:
    case = replace(a_case(), places={Place.SERVICE_MANAGER: frozenset({ZHAO_LEI})})
    for who, cares in ((ZHAO_LEI, True), (CHEN_JING, True), (WU_GANG, False)):
        assert situation(who, case).is_any(Position.CARETAKER) is cares


def test_audiences_become_the_persons_of_the_case() -> None:
    case = a_fault(State.TESTING)
    assert people_notified((Audience.ANALYSTS,), case, CENTER) == {LIN_XIAOYU, WU_GANG}
    assert people_notified((Audience.EVERYONE,), case, CENTER) == {LIN_XIAOYU, WU_GANG, ZHAO_LEI, CHEN_JING, SUN_LI}
    assert people_notified((Audience.INVITEES, Audience.CUSTOMER), case, CENTER) == frozenset()
