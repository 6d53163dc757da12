"""The records that ended cases lack, and why they lack them."""

from bot.casework.imports.import_table import ImportKind
from bot.casework.reading.full_record import full_record
from bot.casework.records.missing_records import Gap, GapReason, MissingRecord, gaps
from bot.workflow.context import Policy
from storage.vocabulary import State, Step
from tests.support.answers import HANDLE
from tests.support.case_builder import GENERAL, SEVERE, CaseBuilder
from tests.support.imported_tables import LEAST, BringIn, bring
from tests.support.manual_clock import ManualClock
from tests.support.team import ANNA, CHEN, HE, HUANG, LIN, WU

__all__ = ["bring"]


def found(builder: CaseBuilder, case: int, *, as_written: bool = True) -> set[tuple[MissingRecord, GapReason]]:
    with builder.database.read() as session:
        return {(gap.lack, gap.why) for gap in gaps(full_record(session, case, Policy()), as_written=as_written)}


def test_a_fault_that_took_every_step_lacks_nothing(builder: CaseBuilder) -> None:
    assert found(builder, builder.fault(State.CLOSED)) == set()


def test_a_finished_question_and_a_finished_requirement_lack_nothing(builder: CaseBuilder) -> None:
    question, requirement = builder.report(), builder.report()
    builder.take(Step.TRIAGE, LIN, question, is_requirement="no", is_fault="no")
    builder.take(Step.ANSWER, CHEN, question, answer="So", category="usage", effort_hours="1")
    builder.take(Step.RECORD_VERDICT, CHEN, question, satisfied="yes", evidence="Phone")
    builder.take(Step.TRIAGE, LIN, requirement, is_requirement="yes", new_business="OFD")
    builder.take(Step.DRAFT_SHEET, CHEN, requirement, new_business="OFD", current_gap="Only PDF")
    builder.take(Step.SIGN_SHEET, HUANG, requirement, dev_owner=ANNA, dev_ref="DEV-1")
    assert builder.card(question).state is State.CLOSED
    assert builder.card(requirement).state is State.HANDED_OVER
    assert found(builder, question) == found(builder, requirement) == set()


def test_an_open_case_lacks_nothing_yet(builder: CaseBuilder) -> None:
    assert found(builder, builder.fault(State.TESTING)) == set()


def test_a_fault_handled_without_modification_lacks_no_test(builder: CaseBuilder) -> None:
    case = builder.fault(State.DECISION)
    builder.take(Step.DECIDE_MODIFICATION, WU, case, **HANDLE)
    builder.take(Step.COMPLETE_HANDLING, WU, case, result="The setting is corrected", verified_by=HE)
    builder.onward(case, State.CLOSED)
    assert found(builder, case) == set()


def test_a_case_closed_unanswered_lacks_the_confirmation(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.fault(State.FIX_CONFIRMING, **SEVERE)
    close_unanswered(builder, clock, case)
    assert found(builder, case) == {(MissingRecord.CONFIRMATION, GapReason.UNANSWERED)}


def test_only_the_last_closing_counts(builder: CaseBuilder, clock: ManualClock) -> None:
    """The fault is confirmed, reopened, and then closed unanswered."""
    case = builder.fault(State.CLOSED, **GENERAL)
    builder.take(Step.REOPEN, CHEN, case, reason="It is back")
    builder.onward(case, State.FIX_CONFIRMING, **GENERAL)
    close_unanswered(builder, clock, case)
    assert found(builder, case) == {(MissingRecord.CONFIRMATION, GapReason.UNANSWERED)}


def close_unanswered(builder: CaseBuilder, clock: ManualClock, case: int) -> None:
    for _hour in range(24 * 8):
        clock.move(hours=1)
        builder.sweep()
    builder.take(Step.CLOSE_UNANSWERED, HUANG, case)


def test_an_imported_fault_lacks_the_records_that_nobody_wrote(builder: CaseBuilder, bring: BringIn) -> None:
    bring(ImportKind.FAULTS, LEAST)
    lacks = found(builder, 1)
    assert (MissingRecord.SIGNED_SHEET, GapReason.IMPORTED) in lacks
    assert {why for _lack, why in lacks} == {GapReason.IMPORTED}
    assert (MissingRecord.FAULT_RECORD, GapReason.IMPORTED) not in lacks, "the import wrote its row of the record table"


def test_a_history_that_does_not_verify_is_reported_as_tampered(builder: CaseBuilder) -> None:
    case = builder.fault(State.CLOSED)
    with builder.database.read() as session:
        assert gaps(full_record(session, case, Policy()), as_written=False) == (
            Gap(case, MissingRecord.HISTORY, GapReason.TAMPERED),
        )
