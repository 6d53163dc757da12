"""The records that ended cases lack, and why they lack them."""

from bot.casework.imports.import_table import What
from bot.casework.reading.full_record import dossier
from bot.casework.records.missing_records import Gap, Lack, Why, gaps
from storage.vocabulary import State, Step
from tests.casework.conftest import Hand
from tests.support.answers import HANDLE
from tests.support.case_builder import GENERAL, SEVERE, Doing
from tests.support.imported_tables import LEAST, BringIn, bring
from tests.support.team import ANNA, CHEN, HE, HUANG, LIN, WU

__all__ = ["bring"]


def found(doing: Doing, case: int, *, as_written: bool = True) -> set[tuple[Lack, Why]]:
    with doing.database.read() as session:
        return {(gap.lack, gap.why) for gap in gaps(dossier(session, case), as_written=as_written)}


def test_a_fault_that_took_every_step_lacks_nothing(doing: Doing) -> None:
    assert found(doing, doing.fault(State.CLOSED)) == set()


def test_a_finished_question_and_a_finished_requirement_lack_nothing(doing: Doing) -> None:
    question, requirement = doing.report(), doing.report()
    doing.take(Step.TRIAGE, LIN, question, is_requirement="no", is_fault="no")
    doing.take(Step.ANSWER, CHEN, question, answer="So", category="usage", effort_hours="1")
    doing.take(Step.RECORD_VERDICT, CHEN, question, satisfied="yes", evidence="Phone")
    doing.take(Step.TRIAGE, LIN, requirement, is_requirement="yes", new_business="OFD")
    doing.take(Step.DRAFT_SHEET, CHEN, requirement, new_business="OFD", current_gap="Only PDF")
    doing.take(Step.SIGN_SHEET, HUANG, requirement, dev_owner=ANNA, dev_ref="DEV-1")
    assert doing.card(question).state is State.CLOSED
    assert doing.card(requirement).state is State.HANDED_OVER
    assert found(doing, question) == found(doing, requirement) == set()


def test_an_open_case_lacks_nothing_yet(doing: Doing) -> None:
    assert found(doing, doing.fault(State.TESTING)) == set()


def test_a_fault_handled_without_modification_lacks_no_test(doing: Doing) -> None:
    case = doing.fault(State.DECISION)
    doing.take(Step.DECIDE_MODIFICATION, WU, case, **HANDLE)
    doing.take(Step.COMPLETE_HANDLING, WU, case, result="The setting is corrected", verified_by=HE)
    doing.onward(case, State.CLOSED)
    assert found(doing, case) == set()


def test_a_case_closed_unanswered_lacks_the_confirmation(doing: Doing, hand: Hand) -> None:
    case = doing.fault(State.FIX_CONFIRMING, **SEVERE)
    close_unanswered(doing, hand, case)
    assert found(doing, case) == {(Lack.CONFIRMATION, Why.UNANSWERED)}


def test_only_the_last_closing_counts(doing: Doing, hand: Hand) -> None:
    """The fault is confirmed, reopened, and then closed unanswered."""
    case = doing.fault(State.CLOSED, **GENERAL)
    doing.take(Step.REOPEN, CHEN, case, reason="It is back")
    doing.onward(case, State.FIX_CONFIRMING, **GENERAL)
    close_unanswered(doing, hand, case)
    assert found(doing, case) == {(Lack.CONFIRMATION, Why.UNANSWERED)}


def close_unanswered(doing: Doing, hand: Hand, case: int) -> None:
    for _hour in range(24 * 8):
        hand.move(hours=1)
        doing.sweep()
    doing.take(Step.CLOSE_UNANSWERED, HUANG, case)


def test_an_imported_fault_lacks_the_records_that_nobody_wrote(doing: Doing, bring: BringIn) -> None:
    bring(What.FAULTS, LEAST)
    lacks = found(doing, 1)
    assert (Lack.SIGNED_SHEET, Why.IMPORTED) in lacks
    assert {why for _lack, why in lacks} == {Why.IMPORTED}
    assert (Lack.FAULT_RECORD, Why.IMPORTED) not in lacks, "its row of the table was brought in"


def test_a_history_that_does_not_verify_is_reported_as_tampered(doing: Doing) -> None:
    case = doing.fault(State.CLOSED)
    with doing.database.read() as session:
        assert gaps(dossier(session, case), as_written=False) == (Gap(case, Lack.HISTORY, Why.TAMPERED),)
