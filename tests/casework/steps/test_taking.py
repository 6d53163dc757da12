"""Taking a case on a real database (process.md rule 2.1): place, waits, reminders, and who is told."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlmodel import select

from bot.casework import people_changes
from bot.casework.reading import cases as reading
from bot.casework.reading.full_record import full_record
from bot.casework.records.verify import verify
from bot.casework.records.verify_waits import verify_waits
from bot.casework.steps import load, waits
from bot.documents.case.document import document_contents
from bot.documents.wording import Wording
from bot.workflow.reading_levels import Level
from bot.workflow.waiting import people_of
from storage import people
from storage.people import Profile
from storage.tables import Reminder
from storage.vocabulary import Paper, Place, ReminderState, Rule, State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import ANNA, CHEN, HE, HUANG, LIN, WU, ZHOU


def waits_for(builder: CaseBuilder, case: int) -> set[str]:
    with builder.database.read() as session:
        center = load.center(session, builder.company, builder.clock())
        return set(people_of(waits.addressees_of(session, [case]).get(case, ()), center))


def leave(builder: CaseBuilder, *persons: str) -> None:
    with (
        builder.database.write() as session,
        people_changes.changing_people(session, builder.company, builder.clock()) as changed,
    ):
        people.keep(session, [Profile(one, "", None, None, active=False) for one in persons], builder.clock())
        changed.update(persons)


def is_well(builder: CaseBuilder, case: int) -> bool:
    with builder.database.read() as session:
        waiting = list(verify_waits(session, builder.company, builder.clock()))
        return not waiting and verify(session, case).findings == ()


def queue(builder: CaseBuilder, person: str) -> list[str]:
    with builder.database.read() as session:
        return [line.number for line in reading.queue(session, person, builder.company, builder.clock()).lines]


def urgent(builder: CaseBuilder, state: ReminderState) -> int:
    with builder.database.read() as session:
        rows = session.exec(select(Reminder).where(Reminder.rule == Rule.URGENT, Reminder.state == state))
        return len(rows.all())


def test_a_case_taken_for_triage_is_in_the_queue_of_its_triager_alone(builder: CaseBuilder) -> None:
    case = builder.report(ANNA)
    assert queue(builder, CHEN) == queue(builder, LIN) == ["F-1"]
    builder.take(Step.TAKE, LIN, case)
    assert builder.card(case).places == {Place.TRIAGER: (LIN,)}
    assert waits_for(builder, case) == {LIN}
    assert (queue(builder, LIN), queue(builder, CHEN)) == (["F-1"], [])
    assert builder.refused(Step.TAKE, CHEN, case) == ["TakenAlready"]
    assert builder.refused(Step.TAKE, LIN, case) == ["TakenAlready"]
    assert is_well(builder, case)
    builder.usual(Step.TRIAGE, case)
    assert Place.TRIAGER not in builder.card(case).places
    assert is_well(builder, case)


def test_taking_stops_the_urgent_reminders(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.report(ANNA, suspected_urgency="high")
    assert urgent(builder, ReminderState.WAITING) == 2
    clock.advance(timedelta(minutes=16))
    assert builder.sweep() == 1
    builder.take(Step.TAKE, LIN, case)
    assert (urgent(builder, ReminderState.WAITING), urgent(builder, ReminderState.STOPPED)) == (0, 1)
    clock.advance(timedelta(minutes=16))
    assert builder.sweep() == 0
    assert is_well(builder, case)


def test_a_hold_does_not_bring_the_urgent_reminders_of_a_taken_case_back(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    case = builder.report(ANNA, suspected_urgency="high")
    until = int((clock.now() + timedelta(days=1)).timestamp())
    builder.take(Step.HOLD, CHEN, case, kind="customer", reason="Asked", until=until)
    builder.take(Step.TAKE, LIN, case)
    builder.take(Step.RESUME, CHEN, case)
    assert urgent(builder, ReminderState.WAITING) == 0
    assert is_well(builder, case)


def test_a_triager_who_leaves_gives_the_case_back_to_the_center(builder: CaseBuilder) -> None:
    case = builder.report(ANNA)
    builder.take(Step.TAKE, LIN, case)
    leave(builder, LIN)
    assert waits_for(builder, case) >= {CHEN, ZHOU, WU, HE, HUANG}
    builder.take(Step.TAKE, HE, case)
    assert builder.card(case).places == {Place.TRIAGER: (HE,)}
    assert is_well(builder, case)


def test_a_case_on_which_nobody_can_act_is_taken_by_somebody_of_the_role(builder: CaseBuilder) -> None:
    """Rule 2.7: a report is published by named testers and technicians, so nobody could go on."""
    case = builder.fault(State.ANALYSIS)
    leave(builder, LIN, WU)
    assert HE not in waits_for(builder, case)
    builder.take(Step.TAKE, HE, case)
    assert builder.card(case).places[Place.TESTERS] == (HE,)
    assert waits_for(builder, case) == {HE}
    assert is_well(builder, case)


def test_whoever_took_the_analysis_signs_its_report_in_that_role(builder: CaseBuilder) -> None:
    case = builder.fault(State.ANALYSIS)
    leave(builder, LIN, WU)
    builder.take(Step.TAKE, HE, case)
    builder.take(Step.PUBLISH_ANALYSIS, HE, case, **{**builder.answers(Step.PUBLISH_ANALYSIS), "analysts": [HE]})
    with builder.database.read() as session:
        record = full_record(session, case, builder.company.policy)
    for level in (Level.CENTER, Level.ASSIGNED):
        made = document_contents(record, Paper.ANALYSIS_REPORT, Wording("en", ZoneInfo("UTC")), "X", level=level)
        assert made is not None
        assert [signature.role for signature in made.signatures] == ["Tester"], level
    assert is_well(builder, case)


def test_a_case_sent_back_to_triage_can_be_taken_again(builder: CaseBuilder) -> None:
    case = builder.report(ANNA)
    builder.take(Step.TAKE, LIN, case)
    builder.take(Step.TRIAGE, LIN, case, is_requirement="no", is_fault="no")
    builder.take(Step.RECLASSIFY, LIN, case, reason="A fault after all")
    builder.take(Step.TAKE, HE, case)
    assert builder.card(case).places[Place.TRIAGER] == (HE,)
    assert is_well(builder, case)


def test_an_undone_merge_brings_the_triager_back(builder: CaseBuilder) -> None:
    master, case = builder.report(ANNA), builder.report(ANNA, suspected_urgency="high")
    builder.take(Step.TAKE, LIN, case)
    builder.take(Step.MERGE_DUPLICATE, CHEN, case, master=f"F-{master}", reason="The same")
    builder.take(Step.UNDO_MERGE, HUANG, case, reason="Another one")
    assert builder.card(case).places == {Place.TRIAGER: (LIN,)}
    assert waits_for(builder, case) == {LIN}
    assert urgent(builder, ReminderState.WAITING) == 0
    assert is_well(builder, case)
