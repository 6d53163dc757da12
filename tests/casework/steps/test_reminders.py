"""Reminders of process.md §3.4-3.8: when they are due, whom they reach, that each is sent once, and what stops them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot.casework.steps.acknowledge import acknowledge, need_help
from bot.casework.steps.notify import View
from bot.workflow.refusal import Refused
from storage.tables import Outgoing, Reminder
from storage.vocabulary import OutboxState, Place, ReminderState, Rule, State, Step
from tests.casework.conftest import Hand
from tests.support.case_builder import GENERAL, SEVERE, Doing
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


def told(doing: Doing) -> list[Told]:
    """Every reminder written since the last call, one for all its readers, oldest first."""
    with doing.database.write() as session:
        query = select(Outgoing).where(Outgoing.view == View.REMINDER, Outgoing.state == OutboxState.WAITING)
        rows = session.exec(query.order_by(col(Outgoing.id))).all()
        found: dict[int, list[Outgoing]] = {}
        for row in rows:
            row.state = OutboxState.SENT
            found.setdefault(json.loads(row.arguments)["reminder"], []).append(row)
        return [_told(session.get_one(Reminder, reminder), copies) for reminder, copies in found.items()]


def _told(reminder: Reminder, copies: list[Outgoing]) -> Told:
    said = json.loads(copies[0].arguments)
    to = frozenset(copy.target for copy in copies)
    assert len(to) == len(copies), "nobody is told twice"
    return Told(reminder.rule, reminder.share, to, len(said["missed"]), said["late"])


def waiting(doing: Doing, case: int) -> list[tuple[Rule, datetime]]:
    with doing.database.read() as session:
        query = select(Reminder).where(Reminder.case_id == case, Reminder.state == ReminderState.WAITING)
        return [(row.rule, row.due_at) for row in session.exec(query.order_by(col(Reminder.due_at)))]


def beats(doing: Doing, hand: Hand, hours: float, every: float = 5 / 60) -> list[Told]:
    """Sweep every `every` hours for `hours` hours, and return the reminders that were sent."""
    end, heard = hand.now + timedelta(hours=hours), list[Told]()
    while hand.now < end:
        hand.now = min(end, hand.now + timedelta(hours=every))
        doing.sweep(late_after=every * 3600)
        heard += told(doing)
    return heard


def shares(heard: Iterable[Told]) -> list[tuple[Rule, int | None]]:
    return [(one.rule, one.share) for one in heard if one.rule is not Rule.UNACKNOWLEDGED]


def test_a_very_severe_fault_reminds_at_50_80_and_100_percent_then_every_hour(doing: Doing, hand: Hand) -> None:
    doing.fault()
    assert shares(beats(doing, hand, 4.9)) == []
    assert shares(beats(doing, hand, 0.2)) == [(Rule.DEADLINE_SHARE, 50)]
    assert shares(beats(doing, hand, 2.8)) == []
    assert shares(beats(doing, hand, 0.2)) == [(Rule.DEADLINE_SHARE, 80)]
    assert shares(beats(doing, hand, 2.0)) == [(Rule.DEADLINE_SHARE, 100)]
    assert shares(beats(doing, hand, 3.0)) == [(Rule.OVERDUE, None)] * 3


def test_a_severe_fault_reminds_at_80_and_100_percent_then_daily(doing: Doing, hand: Hand) -> None:
    doing.fault(**SEVERE)
    assert shares(beats(doing, hand, 7.9)) == []
    assert shares(beats(doing, hand, 2.2)) == [(Rule.DEADLINE_SHARE, 80), (Rule.DEADLINE_SHARE, 100)]
    assert shares(beats(doing, hand, 23.5, every=0.5)) == []
    assert shares(beats(doing, hand, 49, every=0.5)) == [(Rule.OVERDUE, None)] * 3


def test_a_default_deadline_reminds_once_when_it_is_reached(doing: Doing, hand: Hand) -> None:
    doing.office = replace(doing.office, default_days=2)
    doing.fault(**{**GENERAL, "deadline_basis": "default"})
    assert shares(beats(doing, hand, 24 * 8, every=6)) == [(Rule.DEADLINE_SHARE, 100)]


def test_a_general_fault_without_a_deadline_never_reminds(doing: Doing, hand: Hand) -> None:
    case = doing.fault(**GENERAL)
    assert beats(doing, hand, 24 * 8, every=6) == []
    assert waiting(doing, case) == []


def test_deadline_reminders_reach_more_people_at_each_share(doing: Doing, hand: Hand) -> None:
    doing.fault()
    heard = {(one.rule, one.share): set(one.to) for one in beats(doing, hand, 11.1)}
    assert heard[Rule.DEADLINE_SHARE, 50] == ANALYSTS
    assert heard[Rule.DEADLINE_SHARE, 80] == ANALYSTS | {CHEN}
    assert heard[Rule.DEADLINE_SHARE, 100] == ANALYSTS | {CHEN, HUANG}
    assert heard[Rule.OVERDUE, None] == ANALYSTS | {CHEN, HUANG}
    assert heard[Rule.UNACKNOWLEDGED, None] == {HUANG}


def test_the_modifier_is_told_while_the_case_waits_on_them(doing: Doing, hand: Hand) -> None:
    case = doing.fault(State.MODIFICATION)
    assert beats(doing, hand, 5.1)[0].to == ANALYSTS | {ZHAO}
    doing.usual(Step.SUBMIT_MODIFICATION, case)
    assert ZHAO not in next(one.to for one in beats(doing, hand, 3) if one.share == 80)


def test_the_company_sets_shares_and_repetition(doing: Doing, hand: Hand) -> None:
    policy = replace(doing.office.policy, shares_very_severe=(25, 100), repeat_very_severe=timedelta(hours=4))
    doing.office = replace(doing.office, policy=policy)
    doing.fault()
    heard = shares(beats(doing, hand, 18.5))
    assert heard == [(Rule.DEADLINE_SHARE, 25), (Rule.DEADLINE_SHARE, 100), *[(Rule.OVERDUE, None)] * 2]


def test_each_occurrence_is_one_row_sent_once(doing: Doing, hand: Hand) -> None:
    case = doing.fault()
    beats(doing, hand, 14)
    with doing.database.read() as session:
        rows = session.exec(select(Reminder).where(Reminder.case_id == case)).all()
    assert len({(row.rule, row.occurrence) for row in rows}) == len(rows)
    running = [row for row in rows if row.state is not ReminderState.STOPPED]
    assert all((row.state is ReminderState.SENT) == (row.due_at <= hand.now) for row in running)


def test_after_a_day_of_downtime_each_missed_reminder_is_sent_once_and_marked_late(doing: Doing, hand: Hand) -> None:
    doing.fault()
    hand.move(hours=34)
    doing.sweep()
    heard = told(doing)
    assert shares(heard) == [
        (Rule.DEADLINE_SHARE, 50),
        (Rule.DEADLINE_SHARE, 80),
        (Rule.DEADLINE_SHARE, 100),
        (Rule.OVERDUE, None),
    ]
    assert [one.late for one in heard] == [True, True, True, False]
    assert heard[-1].missed == 23, "24 hourly ones: one message, with the 23 before it listed"
    assert doing.sweep() == 0
    assert shares(beats(doing, hand, 1.01)) == [(Rule.OVERDUE, None)], "and on it goes, hour by hour"


def test_the_one_message_of_missed_repetitions_is_late_when_the_last_one_is(doing: Doing, hand: Hand) -> None:
    doing.fault()
    hand.move(hours=34, minutes=30)
    doing.sweep()
    assert told(doing)[-1].late


@pytest.mark.parametrize(
    ("step", "by", "raw"),
    [
        (Step.WITHDRAW, HUANG, {"reason": "No", "evidence": "Mail"}),
        (Step.MERGE_DUPLICATE, HUANG, {"master": "F-1", "reason": "Same"}),
    ],
)
def test_ending_the_case_stops_its_reminders(
    doing: Doing, hand: Hand, step: Step, by: str, raw: dict[str, str]
) -> None:
    doing.report()
    case = doing.fault()
    doing.take(step, by, case, **raw)
    assert waiting(doing, case) == []
    assert not [one for one in beats(doing, hand, 30, every=1) if one.rule in (Rule.DEADLINE_SHARE, Rule.OVERDUE)]


def test_the_reply_stops_the_reminders_and_a_rejected_fix_resumes_them(doing: Doing, hand: Hand) -> None:
    case = doing.fault(State.REPLYING)
    beats(doing, hand, 5.1)
    doing.usual(Step.REPLY_CUSTOMER, case)
    assert {rule for rule, _at in waiting(doing, case)} == {Rule.UNANSWERED}
    assert beats(doing, hand, 1) == []
    doing.take(Step.REJECT_FIX, CHEN, case, **doing.answers(Step.REJECT_FIX))
    assert shares(beats(doing, hand, 6)) == [
        (Rule.DEADLINE_SHARE, 80),
        (Rule.DEADLINE_SHARE, 100),
        (Rule.OVERDUE, None),
        (Rule.OVERDUE, None),
    ]


def test_a_fix_rejected_long_after_the_deadline_sends_at_most_two_reminders(doing: Doing, hand: Hand) -> None:
    """Nothing was due while the case was resolved, so nothing was missed."""
    case = doing.fault(State.REPLYING)
    doing.usual(Step.REPLY_CUSTOMER, case)
    hand.move(days=6)
    doing.take(Step.REJECT_FIX, CHEN, case, **doing.answers(Step.REJECT_FIX))
    heard = beats(doing, hand, 0.2)
    assert sum(one.missed for one in heard) == 0
    assert len(heard) <= 2


def test_closing_stops_the_reminders_of_an_unanswered_reply(doing: Doing) -> None:
    case = doing.fault(State.FIX_CONFIRMING)
    assert waiting(doing, case)
    doing.usual(Step.CONFIRM_FIX, case)
    assert waiting(doing, case) == []


def test_a_new_deadline_replans_the_reminders(doing: Doing, hand: Hand) -> None:
    case = doing.fault()
    published = hand.now
    hand.move(hours=1)
    at = int((published + timedelta(hours=40)).timestamp())
    agreed = int(hand.now.timestamp()) - 1
    said = {"reason": "Vendor", "deadline_contact": "Sun Li", "deadline_evidence": "Mail"}
    doing.take(Step.CHANGE_DEADLINE, HUANG, case, deadline_at=at, deadline_agreed_at=agreed, **said)
    hours = [(moment - published) / timedelta(hours=1) for _rule, moment in waiting(doing, case)]
    assert [round(one) for one in hours] == [20, 32, 40, 41]


def test_raising_the_severity_replans_the_reminders(doing: Doing, hand: Hand) -> None:
    case = doing.fault(**SEVERE)
    raised = {key: value for key, value in doing.answers(Step.PUBLISH_ANALYSIS).items() if "deadline" in key}
    doing.take(Step.CHANGE_SEVERITY, WU, case, severity="very_severe", reason="Worse", **raised)
    assert shares(beats(doing, hand, 5.1)) == [(Rule.DEADLINE_SHARE, 50)]


def test_lowering_the_severity_keeps_the_deadline_and_takes_the_milder_plan(doing: Doing, hand: Hand) -> None:
    case = doing.fault()
    deadline = doing.card(case).deadline_at
    doing.take(Step.CHANGE_SEVERITY, HUANG, case, severity="severe", reason="Milder")
    assert doing.card(case).deadline_at == deadline
    assert shares(beats(doing, hand, 8.1)) == [(Rule.DEADLINE_SHARE, 80)]


# Acknowledging and asking for help


def first_reminder(doing: Doing, hand: Hand, **published: Any) -> tuple[int, int]:
    """Publish a fault and send its first reminder. Returns the ids of the case and of the reminder."""
    case = doing.fault(**published)
    hand.move(hours=5 if not published else 8)
    doing.sweep()
    with doing.database.read() as session:
        row = session.exec(select(Reminder).where(Reminder.state == ReminderState.SENT)).one()
    assert row.id is not None
    told(doing)
    return case, row.id


def take_note(doing: Doing, reminder: int, person: str) -> None:
    with doing.database.write() as session:
        acknowledge(session, reminder, person, doing.office, doing.clock())


def test_a_reminder_unacknowledged_for_15_minutes_goes_to_the_center_manager_once(doing: Doing, hand: Hand) -> None:
    first_reminder(doing, hand)
    assert beats(doing, hand, 0.2) == []
    heard = beats(doing, hand, 2)
    assert [(one.rule, set(one.to)) for one in heard] == [(Rule.UNACKNOWLEDGED, {HUANG})]


def test_an_acknowledged_reminder_does_not_go_to_the_center_manager(doing: Doing, hand: Hand) -> None:
    _case, reminder = first_reminder(doing, hand)
    take_note(doing, reminder, WU)
    assert beats(doing, hand, 2) == []
    with doing.database.read() as session:
        assert session.get_one(Reminder, reminder).acknowledged_by == WU


def test_only_reminders_of_very_severe_faults_go_to_the_center_manager(doing: Doing, hand: Hand) -> None:
    first_reminder(doing, hand, **SEVERE)
    assert [one for one in beats(doing, hand, 1) if one.rule is Rule.UNACKNOWLEDGED] == []


def test_the_first_acknowledgement_is_kept(doing: Doing, hand: Hand) -> None:
    _case, reminder = first_reminder(doing, hand)
    take_note(doing, reminder, LIN)
    first = hand.now
    hand.move(minutes=1)
    take_note(doing, reminder, WU)
    with doing.database.read() as session:
        row = session.get_one(Reminder, reminder)
    assert (row.acknowledged_by, row.acknowledged_at) == (LIN, first)


def test_a_person_who_is_not_on_the_case_cannot_acknowledge(doing: Doing, hand: Hand) -> None:
    _case, reminder = first_reminder(doing, hand)
    with pytest.raises(Refused):
        take_note(doing, reminder, ANNA)
    assert beats(doing, hand, 0.5)[0].rule is Rule.UNACKNOWLEDGED


def test_an_unknown_reminder_cannot_be_acknowledged(doing: Doing) -> None:
    with pytest.raises(Refused):
        take_note(doing, 99, WU)


def test_asking_for_help_tells_the_center_manager_once(doing: Doing, hand: Hand) -> None:
    _case, reminder = first_reminder(doing, hand)
    for _ in range(2):
        with doing.database.write() as session:
            need_help(session, reminder, WU, "action:7", doing.office, hand.now)
    with doing.database.read() as session:
        rows = session.exec(select(Outgoing).where(Outgoing.view == View.HELP_WANTED)).all()
    assert [(row.target, json.loads(row.arguments)["asker"], row.urgent) for row in rows] == [(HUANG, WU, True)]


# Waiting reminders


def test_an_untriaged_case_reminds_until_it_is_triaged(doing: Doing, hand: Hand) -> None:
    case = doing.report()
    heard = beats(doing, hand, 8.1, every=0.25)
    assert [(one.rule, set(one.to)) for one in heard] == [(Rule.UNTRIAGED, {CHEN, ZHOU})] * 2
    doing.usual(Step.TRIAGE, case)
    assert waiting(doing, case) == []


def test_an_unsigned_sheet_reminds_the_center_manager(doing: Doing, hand: Hand) -> None:
    doing.fault(State.SHEET_SIGNING)
    heard = beats(doing, hand, 8.1, every=0.25)
    assert [(one.rule, set(one.to)) for one in heard] == [(Rule.UNSIGNED, {HUANG})]


def test_a_negotiation_reminds_those_who_negotiate(doing: Doing, hand: Hand) -> None:
    case = doing.fault(State.ANALYSIS)
    talks = {"severity": "severe", "deadline_basis": "negotiating"}
    doing.usual(Step.PUBLISH_ANALYSIS, case, **talks)
    assert doing.card(case).negotiating
    heard = beats(doing, hand, 49, every=1)
    assert [(one.rule, set(one.to)) for one in heard] == [(Rule.NEGOTIATING, ANALYSTS | {CHEN})] * 2
    doing.usual(Step.PUBLISH_ANALYSIS, case, **SEVERE)
    assert Rule.NEGOTIATING not in {rule for rule, _at in waiting(doing, case)}


@pytest.mark.parametrize("step", [Step.MERGE_DUPLICATE, Step.WITHDRAW, Step.RECLASSIFY])
def test_a_negotiation_that_was_broken_off_reminds_nobody(doing: Doing, hand: Hand, step: Step) -> None:
    doing.report()
    case = doing.fault(State.ANALYSIS)
    doing.usual(Step.PUBLISH_ANALYSIS, case, severity="severe", deadline_basis="negotiating")
    raw = {"reason": "Same", "evidence": "Mail", "master": "F-1"}
    doing.take(step, HUANG if step is Step.RECLASSIFY else CHEN, case, **raw)
    assert not [one for one in beats(doing, hand, 30, every=1) if one.rule is Rule.NEGOTIATING]


def test_undoing_a_merge_resumes_the_reminders_of_the_negotiation(doing: Doing, hand: Hand) -> None:
    doing.report()
    case = doing.fault(State.ANALYSIS)
    doing.usual(Step.PUBLISH_ANALYSIS, case, severity="severe", deadline_basis="negotiating")
    doing.take(Step.MERGE_DUPLICATE, CHEN, case, reason="Same", master="F-1")
    doing.take(Step.UNDO_MERGE, HUANG, case, reason="Not the same")
    assert Rule.NEGOTIATING in {one.rule for one in beats(doing, hand, 25, every=1)}


def test_an_unanswered_fix_reminds_three_times_in_a_week_before_it_may_be_closed(doing: Doing, hand: Hand) -> None:
    case = doing.fault(State.FIX_CONFIRMING, **SEVERE)
    assert doing.refused(Step.CLOSE_UNANSWERED, HUANG, case) == ["NotRemindedEnough"]
    heard = beats(doing, hand, 24 * 7 - 0.5, every=0.5)
    assert [(one.rule, set(one.to)) for one in heard] == [(Rule.UNANSWERED, {CHEN})] * 3
    assert doing.refused(Step.CLOSE_UNANSWERED, HUANG, case) == ["NotRemindedEnough"]
    hand.move(hours=1)
    doing.take(Step.CLOSE_UNANSWERED, HUANG, case)
    assert waiting(doing, case) == []


def test_the_end_of_a_hold_reminds(doing: Doing, hand: Hand) -> None:
    case = doing.fault(State.DECISION, **GENERAL)
    until = int((hand.now + timedelta(hours=6)).timestamp())
    doing.take(Step.HOLD, CHEN, case, kind="vendor", reason="Part", until=until)
    heard = beats(doing, hand, 12, every=0.5)
    assert [(one.rule, set(one.to)) for one in heard] == [(Rule.HOLD_ENDED, ANALYSTS | {CHEN})]


def test_a_hold_never_stops_a_stipulated_deadline(doing: Doing, hand: Hand) -> None:
    case = doing.fault()
    until = int((hand.now + timedelta(hours=60)).timestamp())
    doing.take(Step.HOLD, CHEN, case, kind="vendor", reason="Part", until=until)
    assert shares(beats(doing, hand, 10.1, every=0.25))[:3] == [(Rule.DEADLINE_SHARE, n) for n in (50, 80, 100)]


def test_a_reassigned_tester_is_reminded_instead_of_the_former_one(doing: Doing, hand: Hand) -> None:
    case = doing.fault()
    doing.take(Step.REASSIGN, HUANG, case, place=Place.TESTERS, person=HE)
    assert beats(doing, hand, 5.1)[0].to == {HE, WU}
