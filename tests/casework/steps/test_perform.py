"""A step changes a case completely or not at all, and only once."""

import pytest
from sqlmodel import Session, col, func, select

from bot.casework.steps.perform import Request, perform
from bot.casework.steps.report import Report, report
from bot.workflow.refusal import Refused
from bot.workflow.refusals import MovedOnBy
from storage.tables import AuditEntry, Case, CasePlace, Document, Outgoing, Reminder, SeenDelivery
from storage.vocabulary import Place, State, Step
from tests.casework.conftest import Hand
from tests.support.case_builder import FAULT_PATH, Doing
from tests.support.team import ANNA, CHEN, HE, HUANG, LIN, WU, ZHAO

TABLES = (Case, CasePlace, Document, AuditEntry, Reminder, Outgoing, SeenDelivery)


def rows(doing: Doing) -> dict[str, int]:
    """The number of rows of each table."""
    with doing.database.read() as session:
        return {table.__name__: session.exec(select(func.count()).select_from(table)).one() for table in TABLES}


def test_a_fault_runs_to_its_end_and_every_step_is_in_the_history(doing: Doing) -> None:
    case = doing.fault(State.CLOSED)
    with doing.database.read() as session:
        steps = session.exec(
            select(AuditEntry.step).where(AuditEntry.case_id == case).order_by(col(AuditEntry.seq))
        ).all()
    assert steps == [Step.REPORT, *(step for _state, step, _person in FAULT_PATH)]


@pytest.mark.parametrize("state", [state for state, _step, _person in FAULT_PATH])
def test_a_repeated_request_has_no_second_effect(doing: Doing, state: State) -> None:
    case = doing.fault(state)
    step, person = next((step, person) for at, step, person in FAULT_PATH if at is state)
    request = Request(step, case, person, doing.answers(step), "view:V1")
    after = []
    for _ in range(2):
        with doing.database.write() as session:
            perform(session, request, doing.office, doing.clock())
        after.append((rows(doing), doing.card(case)))
    assert after[0] == after[1]


def test_a_repeated_report_makes_one_case(doing: Doing) -> None:
    doing.report()
    raw = {"source": "internal", "contact": "-", "contact_way": "-", "product": "P", "version": "1"}
    raw |= {"summary": "S", "description": "D", "channel": "chat"}
    request = Report(ANNA, {**raw, "found_at": int(doing.clock().timestamp())}, "view:V2")
    made = []
    for _ in range(2):
        with doing.database.write() as session:
            made.append(report(session, request, doing.office, doing.clock()))
    assert made == [2, None]
    assert rows(doing)["Case"] == 2


def test_an_error_after_writing_rolls_everything_back(doing: Doing) -> None:
    case = doing.report()
    before = rows(doing)

    class PowerCut(Exception):
        pass

    def broken(session: Session) -> None:
        request = Request(Step.TRIAGE, case, LIN, doing.answers(Step.TRIAGE), "view:V3")
        perform(session, request, doing.office, doing.clock())
        raise PowerCut

    with pytest.raises(PowerCut), doing.database.write() as session:
        broken(session)
    assert rows(doing) == before
    assert doing.card(case).state is State.TRIAGE


def test_a_refusal_changes_nothing(doing: Doing) -> None:
    case = doing.fault(State.SHEET_SIGNING)
    before = rows(doing)
    assert doing.refused(Step.SIGN_SHEET, CHEN, case, testers=[LIN], technicians=[WU]) == ["NotYours"]
    assert doing.refused(Step.SIGN_SHEET, HUANG, case) == ["Missing", "Missing"]
    assert rows(doing) == before


def test_a_stale_press_is_refused_with_the_present_state_and_who_moved_the_case(doing: Doing) -> None:
    case = doing.fault(State.SHEET_SIGNING)
    seen = doing.card(case).version
    doing.usual(Step.SIGN_SHEET, case)
    stale = Request(Step.RETURN_SHEET, case, HUANG, {"reason": "?"}, "view:V4", seen)
    with pytest.raises(Refused) as refused, doing.database.write() as session:
        perform(session, stale, doing.office, doing.clock())
    refusal = refused.value.problems[0].refusal
    assert isinstance(refusal, MovedOnBy)
    assert (refusal.state, refusal.step, refusal.mover) == (State.ANALYSIS, Step.SIGN_SHEET, HUANG)


def test_an_unknown_case_is_refused(doing: Doing) -> None:
    assert doing.refused(Step.COMMENT, CHEN, 99, text="?") == ["NoSuchCase"]


def test_a_moved_deadline_keeps_the_first_one_and_is_counted(doing: Doing, hand: Hand) -> None:
    case = doing.fault(State.DECISION)
    first = doing.card(case).deadline_at
    assert first is not None
    said = {"reason": "Part is late", "deadline_contact": "Sun Li", "deadline_evidence": "Mail"}
    for hours in (20, 30):
        later = int(hand.move(minutes=1).timestamp()) + hours * 3600
        agreed = int(hand().timestamp()) - 1
        doing.take(Step.CHANGE_DEADLINE, CHEN, case, deadline_at=later, deadline_agreed_at=agreed, **said)
    card = doing.card(case)
    assert (card.first_deadline_at, card.moved_count) == (first, 2)
    assert card.deadline_at is not None
    assert card.deadline_at > first


def test_a_service_manager_who_acts_becomes_the_service_manager_of_the_case(doing: Doing) -> None:
    case = doing.fault(State.SHEET_SIGNING)
    assert doing.card(case).places[Place.SERVICE_MANAGER] == (CHEN,)


def test_reassigning_replaces_the_holder_of_a_place_and_checks_the_role(doing: Doing) -> None:
    case = doing.fault(State.DECISION)
    doing.take(Step.REASSIGN, HUANG, case, place="testers", person=HE)
    assert doing.card(case).places[Place.TESTERS] == (HE,)
    doing.onward(case, State.TESTING)
    assert doing.refused(Step.REASSIGN, HUANG, case, place="testers", person=ZHAO) == ["NotOfRole"]
