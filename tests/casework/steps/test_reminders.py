"""Reminders of process.md §3.4-3.8: when they are due, whom they reach, that each is sent once, and what stops them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot.casework.steps.acknowledge import acknowledge, need_help
from bot.casework.steps.notify import MessageKind
from bot.workflow.refusal import Refused
from storage.tables import Outgoing, Reminder
from storage.vocabulary import OutboxState, Place, ReminderState, Rule, State, Step
from tests.support.case_builder import GENERAL, SEVERE, CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import ANNA, CHEN, HE, HUANG, LIN, WU, ZHAO, ZHOU

ANALYSTS = {LIN, WU}


@dataclass(frozen=True)
class Told:
    """One reminder that was sent: its rule, its readers, and how many missed occurrences it stands for."""

    rule: Rule
    share: int | None
    to: frozenset[str]
    missed: int
    late: bool


def told(builder: CaseBuilder) -> list[Told]:
    """Every reminder written since the last call, one for all its readers, oldest first."""
    with builder.database.write() as session:
        query = select(Outgoing).where(Outgoing.view == MessageKind.REMINDER, Outgoing.state == OutboxState.WAITING)
        rows = session.exec(query.order_by(col(Outgoing.id))).all()
        found: dict[int, list[Outgoing]] = {}
        for row in rows:
            row.state = OutboxState.SENT
            found.setdefault(json.loads(row.arguments)["reminder"], []).append(row)
        return [_told(session.get_one(Reminder, reminder), copies) for reminder, copies in found.items()]


def _told(reminder: Reminder, copies: list[Outgoing]) -> Told:
    said = json.loads(copies[0].arguments)
    to = frozenset(copy.target for copy in copies)
    assert len(to) == len(copies), "nobody is reminded twice"
    return Told(reminder.rule, reminder.share, to, reminder.stands_for - 1, said["late"])


def waiting(builder: CaseBuilder, case: int) -> list[tuple[Rule, datetime]]:
    with builder.database.read() as session:
        query = select(Reminder).where(Reminder.case_id == case, Reminder.state == ReminderState.WAITING)
        return [(row.rule, row.due_at) for row in session.exec(query.order_by(col(Reminder.due_at)))]


def beats(builder: CaseBuilder, clock: ManualClock, hours: float, every: float = 5 / 60) -> list[Told]:
    """Sweep every `every` hours for `hours` hours, and return the reminders that were sent."""
    end, heard = clock.now() + timedelta(hours=hours), list[Told]()
    while clock.now() < end:
        clock.set(min(end, clock.now() + timedelta(hours=every)))
        builder.sweep(late_after=every * 3600)
        heard += told(builder)
    return heard


def shares(heard: Iterable[Told]) -> list[tuple[Rule, int | None]]:
    """Those of the deadline, without their escalations."""
    return [(one.rule, one.share) for one in heard if one.rule in (Rule.DEADLINE_SHARE, Rule.OVERDUE)]


def test_a_very_severe_fault_reminds_at_50_80_and_100_percent_then_every_hour(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    builder.fault()
    assert shares(beats(builder, clock, 4.9)) == []
    assert shares(beats(builder, clock, 0.2)) == [(Rule.DEADLINE_SHARE, 50)]
    assert shares(beats(builder, clock, 2.8)) == []
    assert shares(beats(builder, clock, 0.2)) == [(Rule.DEADLINE_SHARE, 80)]
    assert shares(beats(builder, clock, 2.0)) == [(Rule.DEADLINE_SHARE, 100)]
    assert shares(beats(builder, clock, 3.0)) == [(Rule.OVERDUE, None)] * 3


def test_a_severe_fault_reminds_at_80_and_100_percent_then_daily(builder: CaseBuilder, clock: ManualClock) -> None:
    builder.fault(**SEVERE)
    assert shares(beats(builder, clock, 7.9)) == []
    assert shares(beats(builder, clock, 2.2)) == [(Rule.DEADLINE_SHARE, 80), (Rule.DEADLINE_SHARE, 100)]
    assert shares(beats(builder, clock, 23.5, every=0.5)) == []
    assert shares(beats(builder, clock, 49, every=0.5)) == [(Rule.OVERDUE, None)] * 3


def test_a_default_deadline_reminds_once_when_it_is_reached(builder: CaseBuilder, clock: ManualClock) -> None:
    builder.company = replace(builder.company, default_days=2)
    builder.fault(**{**GENERAL, "deadline_basis": "default"})
    assert shares(beats(builder, clock, 24 * 8, every=6)) == [(Rule.DEADLINE_SHARE, 100)]


def test_a_general_fault_without_a_deadline_is_reminded_of_by_the_targets_of_its_states_alone(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    case = builder.fault(**GENERAL)
    assert {one.rule for one in beats(builder, clock, 24 * 8, every=6)} == {Rule.TARGET}
    assert {rule for rule, _at in waiting(builder, case)} == {Rule.TARGET}


def test_deadline_reminders_reach_more_people_at_each_share(builder: CaseBuilder, clock: ManualClock) -> None:
    builder.fault()
    heard = {(one.rule, one.share): set(one.to) for one in beats(builder, clock, 11.1)}
    assert heard[Rule.DEADLINE_SHARE, 50] == ANALYSTS
    assert heard[Rule.DEADLINE_SHARE, 80] == ANALYSTS | {CHEN}
    assert heard[Rule.DEADLINE_SHARE, 100] == ANALYSTS | {CHEN, HUANG}
    assert heard[Rule.OVERDUE, None] == ANALYSTS | {CHEN, HUANG}
    assert heard[Rule.UNACKNOWLEDGED, None] == {HUANG}


def test_the_modifier_is_told_while_the_case_waits_on_them(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.fault(State.MODIFICATION)
    assert beats(builder, clock, 5.1)[0].to == ANALYSTS | {ZHAO}
    builder.usual(Step.SUBMIT_MODIFICATION, case)
    assert ZHAO not in next(one.to for one in beats(builder, clock, 3) if one.share == 80)


def test_the_company_sets_shares_and_repetition(builder: CaseBuilder, clock: ManualClock) -> None:
    policy = replace(builder.company.policy, shares_very_severe=(25, 100), repeat_very_severe=timedelta(hours=4))
    builder.company = replace(builder.company, policy=policy)
    builder.fault()
    heard = shares(beats(builder, clock, 18.5))
    assert heard == [(Rule.DEADLINE_SHARE, 25), (Rule.DEADLINE_SHARE, 100), *[(Rule.OVERDUE, None)] * 2]


def test_each_occurrence_is_one_row_sent_once(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.fault()
    beats(builder, clock, 14)
    with builder.database.read() as session:
        rows = session.exec(select(Reminder).where(Reminder.case_id == case)).all()
    assert len({(row.rule, row.occurrence) for row in rows}) == len(rows)
    running = [row for row in rows if row.state is not ReminderState.STOPPED]
    assert all((row.state is ReminderState.SENT) == (row.due_at <= clock.now()) for row in running)


def test_after_a_day_of_downtime_each_missed_reminder_is_sent_once_and_marked_late(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    builder.fault()
    clock.move(hours=34)
    builder.sweep()
    heard = [one for one in told(builder) if one.rule is not Rule.TARGET]
    assert shares(heard) == [
        (Rule.DEADLINE_SHARE, 50),
        (Rule.DEADLINE_SHARE, 80),
        (Rule.DEADLINE_SHARE, 100),
        (Rule.OVERDUE, None),
    ]
    assert [one.late for one in heard] == [True, True, True, False]
    assert heard[-1].missed == 23, "of 24 hourly reminders one is sent, which counts the other 23"
    assert builder.sweep() == 0
    assert shares(beats(builder, clock, 1.01)) == [(Rule.OVERDUE, None)], "hourly reminders go on"


def test_the_one_message_of_missed_repetitions_is_late_when_the_last_one_is(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    builder.fault()
    clock.move(hours=34, minutes=30)
    builder.sweep()
    assert told(builder)[-1].late


@pytest.mark.parametrize(
    ("step", "by", "raw"),
    [
        (Step.WITHDRAW, HUANG, {"reason": "No", "evidence": "Mail"}),
        (Step.MERGE_DUPLICATE, HUANG, {"master": "F-1", "reason": "Same"}),
    ],
)
def test_ending_the_case_stops_its_reminders(
    builder: CaseBuilder, clock: ManualClock, step: Step, by: str, raw: dict[str, str]
) -> None:
    builder.report()
    case = builder.fault()
    builder.take(step, by, case, **raw)
    assert waiting(builder, case) == []
    beats(builder, clock, 30, every=1)
    with builder.database.read() as session:
        said = session.exec(select(Outgoing.case_id).where(Outgoing.view == MessageKind.REMINDER)).all()
    assert case not in said


def test_the_reply_stops_the_reminders_and_a_rejected_fix_resumes_them(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    case = builder.fault(State.REPLYING)
    beats(builder, clock, 5.1)
    builder.usual(Step.REPLY_CUSTOMER, case)
    assert {rule for rule, _at in waiting(builder, case)} == {Rule.UNANSWERED}
    assert beats(builder, clock, 1) == []
    builder.take(Step.REJECT_FIX, CHEN, case, **builder.answers(Step.REJECT_FIX))
    assert shares(beats(builder, clock, 6)) == [
        (Rule.DEADLINE_SHARE, 80),
        (Rule.DEADLINE_SHARE, 100),
        (Rule.OVERDUE, None),
        (Rule.OVERDUE, None),
    ]


def test_a_fix_rejected_long_after_the_deadline_sends_at_most_two_reminders(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    """Nothing was due while the case was resolved, so nothing was missed."""
    case = builder.fault(State.REPLYING)
    builder.usual(Step.REPLY_CUSTOMER, case)
    clock.move(days=6)
    builder.take(Step.REJECT_FIX, CHEN, case, **builder.answers(Step.REJECT_FIX))
    heard = beats(builder, clock, 0.2)
    assert sum(one.missed for one in heard) == 0
    assert len(heard) <= 2


def test_closing_stops_the_reminders_of_an_unanswered_reply(builder: CaseBuilder) -> None:
    case = builder.fault(State.FIX_CONFIRMING)
    assert waiting(builder, case)
    builder.usual(Step.CONFIRM_FIX, case)
    assert waiting(builder, case) == []


def test_a_new_deadline_replans_the_reminders(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.fault()
    published = clock.now()
    clock.move(hours=1)
    at = int((published + timedelta(hours=40)).timestamp())
    agreed = int(clock.now().timestamp()) - 1
    said = {"reason": "Vendor", "deadline_contact": "Sun Li", "deadline_evidence": "Mail"}
    builder.take(Step.CHANGE_DEADLINE, HUANG, case, deadline_at=at, deadline_agreed_at=agreed, **said)
    planned = [moment for rule, moment in waiting(builder, case) if rule is not Rule.TARGET]
    hours = [(moment - published) / timedelta(hours=1) for moment in planned]
    assert [round(one) for one in hours] == [20, 32, 40, 41]


def test_raising_the_severity_replans_the_reminders(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.fault(**SEVERE)
    raised = {key: value for key, value in builder.answers(Step.PUBLISH_ANALYSIS).items() if "deadline" in key}
    builder.take(Step.CHANGE_SEVERITY, WU, case, severity="very_severe", reason="Worse", **raised)
    assert shares(beats(builder, clock, 5.1)) == [(Rule.DEADLINE_SHARE, 50)]


def test_lowering_the_severity_keeps_the_deadline_and_takes_the_milder_plan(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    case = builder.fault()
    deadline = builder.card(case).deadline_at
    builder.take(Step.CHANGE_SEVERITY, HUANG, case, severity="severe", reason="Milder")
    assert builder.card(case).deadline_at == deadline
    assert shares(beats(builder, clock, 8.1)) == [(Rule.DEADLINE_SHARE, 80)]


# Acknowledging and asking for help


def first_reminder(builder: CaseBuilder, clock: ManualClock, **published: Any) -> tuple[int, int]:
    """Publish a fault and send its first reminder. Returns the ids of the case and of the reminder."""
    case = builder.fault(**published)
    clock.move(hours=5 if not published else 8)
    builder.sweep()
    with builder.database.read() as session:
        row = session.exec(select(Reminder).where(Reminder.state == ReminderState.SENT)).one()
    assert row.id is not None
    told(builder)
    return case, row.id


def take_note(builder: CaseBuilder, reminder: int, person: str) -> None:
    with builder.database.write() as session:
        acknowledge(session, reminder, person, builder.company, builder.clock())


def test_a_reminder_unacknowledged_for_15_minutes_goes_to_the_center_manager_once(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    first_reminder(builder, clock)
    assert beats(builder, clock, 0.2) == []
    heard = beats(builder, clock, 2)
    assert [(one.rule, set(one.to)) for one in heard] == [(Rule.UNACKNOWLEDGED, {HUANG})]


def test_an_acknowledged_reminder_does_not_go_to_the_center_manager(builder: CaseBuilder, clock: ManualClock) -> None:
    _case, reminder = first_reminder(builder, clock)
    take_note(builder, reminder, WU)
    assert beats(builder, clock, 2) == []
    with builder.database.read() as session:
        assert session.get_one(Reminder, reminder).acknowledged_by == WU


def test_only_reminders_of_very_severe_faults_go_to_the_center_manager(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    first_reminder(builder, clock, **SEVERE)
    assert [one for one in beats(builder, clock, 1) if one.rule is Rule.UNACKNOWLEDGED] == []


def test_the_first_acknowledgement_is_kept(builder: CaseBuilder, clock: ManualClock) -> None:
    _case, reminder = first_reminder(builder, clock)
    take_note(builder, reminder, LIN)
    first = clock.now()
    clock.move(minutes=1)
    take_note(builder, reminder, WU)
    with builder.database.read() as session:
        row = session.get_one(Reminder, reminder)
    assert (row.acknowledged_by, row.acknowledged_at) == (LIN, first)


def test_a_person_who_is_not_on_the_case_cannot_acknowledge(builder: CaseBuilder, clock: ManualClock) -> None:
    _case, reminder = first_reminder(builder, clock)
    with pytest.raises(Refused):
        take_note(builder, reminder, ANNA)
    assert beats(builder, clock, 0.5)[0].rule is Rule.UNACKNOWLEDGED


def test_an_unknown_reminder_cannot_be_acknowledged(builder: CaseBuilder) -> None:
    with pytest.raises(Refused):
        take_note(builder, 99, WU)


def test_asking_for_help_tells_the_center_manager_once(builder: CaseBuilder, clock: ManualClock) -> None:
    _case, reminder = first_reminder(builder, clock)
    for _ in range(2):
        with builder.database.write() as session:
            need_help(session, reminder, WU, "action:7", builder.company, clock.now())
    with builder.database.read() as session:
        rows = session.exec(select(Outgoing).where(Outgoing.view == MessageKind.HELP_WANTED)).all()
    assert [(row.target, json.loads(row.arguments)["asker"], row.urgent) for row in rows] == [(HUANG, WU, True)]


# Waiting reminders


def test_an_untriaged_case_reminds_until_it_is_triaged(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.report()
    heard = beats(builder, clock, 8.1, every=0.25)
    everybody = {HUANG, CHEN, ZHOU, WU, LIN, HE}
    assert [(one.rule, set(one.to)) for one in heard] == [
        (Rule.UNTRIAGED, {CHEN, ZHOU}),
        (Rule.UNTRIAGED, everybody),
    ]
    builder.usual(Step.TRIAGE, case)
    assert {rule for rule, _at in waiting(builder, case)} == {Rule.TARGET}


def test_an_unsigned_sheet_reminds_the_center_manager(builder: CaseBuilder, clock: ManualClock) -> None:
    builder.fault(State.SHEET_SIGNING)
    heard = beats(builder, clock, 8.1, every=0.25)
    assert [(one.rule, set(one.to)) for one in heard] == [(Rule.UNSIGNED, {HUANG})]


def test_a_negotiation_reminds_those_who_negotiate(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.fault(State.ANALYSIS)
    talks = {"severity": "severe", "deadline_basis": "negotiating"}
    builder.usual(Step.PUBLISH_ANALYSIS, case, **talks)
    assert builder.card(case).negotiating
    heard = beats(builder, clock, 49, every=1)
    assert [(one.rule, set(one.to)) for one in heard] == [(Rule.NEGOTIATING, ANALYSTS | {CHEN})] * 2
    builder.usual(Step.PUBLISH_ANALYSIS, case, **SEVERE)
    assert Rule.NEGOTIATING not in {rule for rule, _at in waiting(builder, case)}


@pytest.mark.parametrize("step", [Step.MERGE_DUPLICATE, Step.WITHDRAW, Step.RECLASSIFY])
def test_a_negotiation_that_was_broken_off_reminds_nobody(builder: CaseBuilder, clock: ManualClock, step: Step) -> None:
    builder.report()
    case = builder.fault(State.ANALYSIS)
    builder.usual(Step.PUBLISH_ANALYSIS, case, severity="severe", deadline_basis="negotiating")
    raw = {"reason": "Same", "evidence": "Mail", "master": "F-1"}
    builder.take(step, HUANG if step is Step.RECLASSIFY else CHEN, case, **raw)
    assert not [one for one in beats(builder, clock, 30, every=1) if one.rule is Rule.NEGOTIATING]


def test_undoing_a_merge_resumes_the_reminders_of_the_negotiation(builder: CaseBuilder, clock: ManualClock) -> None:
    builder.report()
    case = builder.fault(State.ANALYSIS)
    builder.usual(Step.PUBLISH_ANALYSIS, case, severity="severe", deadline_basis="negotiating")
    builder.take(Step.MERGE_DUPLICATE, CHEN, case, reason="Same", master="F-1")
    builder.take(Step.UNDO_MERGE, HUANG, case, reason="Not the same")
    assert Rule.NEGOTIATING in {one.rule for one in beats(builder, clock, 25, every=1)}


def test_an_unanswered_fix_reminds_three_times_in_a_week_before_it_may_be_closed(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    case = builder.fault(State.FIX_CONFIRMING, **SEVERE)
    assert builder.refused(Step.CLOSE_UNANSWERED, HUANG, case) == ["NotRemindedEnough"]
    heard = beats(builder, clock, 24 * 7 - 0.5, every=0.5)
    once, last = (Rule.UNANSWERED, {CHEN}), (Rule.UNANSWERED, {CHEN, HUANG})
    assert [(one.rule, set(one.to)) for one in heard] == [once, once, last]
    assert builder.refused(Step.CLOSE_UNANSWERED, HUANG, case) == ["NotRemindedEnough"]
    clock.move(hours=1)
    builder.take(Step.CLOSE_UNANSWERED, HUANG, case)
    assert waiting(builder, case) == []


def test_the_end_of_a_hold_reminds_each_working_day_until_the_case_is_resumed(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    case = builder.fault(State.DECISION, **GENERAL)
    until = int((clock.now() + timedelta(hours=6)).timestamp())
    builder.take(Step.HOLD, CHEN, case, kind="vendor", reason="Part", until=until)
    heard = beats(builder, clock, 12 + 48, every=0.5)
    assert {one.rule for one in heard} == {Rule.HOLD_ENDED}
    assert [set(one.to) for one in heard] == [ANALYSTS | {CHEN}] * 2 + [ANALYSTS | {CHEN, HUANG}]
    builder.take(Step.RESUME, CHEN, case)
    assert all(rule is not Rule.HOLD_ENDED for rule, _due in waiting(builder, case))


def test_a_hold_never_stops_a_stipulated_deadline(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.fault()
    until = int((clock.now() + timedelta(hours=60)).timestamp())
    builder.take(Step.HOLD, CHEN, case, kind="vendor", reason="Part", until=until)
    assert shares(beats(builder, clock, 10.1, every=0.25))[:3] == [(Rule.DEADLINE_SHARE, n) for n in (50, 80, 100)]


def test_a_reassigned_tester_is_reminded_instead_of_the_former_one(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.fault()
    builder.take(Step.REASSIGN, HUANG, case, place=Place.TESTERS, person=HE)
    assert beats(builder, clock, 5.1)[0].to == {HE, WU}
