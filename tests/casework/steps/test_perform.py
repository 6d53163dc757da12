"""A step changes a case completely or not at all, and only once."""

import pytest
from sqlmodel import Session, col, func, select

from bot.casework.steps.perform import Request, perform
from bot.casework.steps.report import Report, report
from bot.workflow.refusal import Refused
from bot.workflow.refusals import MovedOnBy
from storage.tables import AuditEntry, Case, CasePlace, Document, Outgoing, Reminder, SeenDelivery
from storage.vocabulary import Place, State, Step
from tests.support.case_builder import FAULT_PATH, CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import ANNA, CHEN, HE, HUANG, LIN, WU, ZHAO

TABLES = (Case, CasePlace, Document, AuditEntry, Reminder, Outgoing, SeenDelivery)


def rows(builder: CaseBuilder) -> dict[str, int]:
    """The number of rows of each table."""
    with builder.database.read() as session:
        return {table.__name__: session.exec(select(func.count()).select_from(table)).one() for table in TABLES}


def test_a_fault_runs_to_its_end_and_every_step_is_in_the_history(builder: CaseBuilder) -> None:
    case = builder.fault(State.CLOSED)
    with builder.database.read() as session:
        steps = session.exec(
            select(AuditEntry.step).where(AuditEntry.case_id == case).order_by(col(AuditEntry.seq))
        ).all()
    assert steps == [Step.REPORT, *(step for _state, step, _person in FAULT_PATH)]


@pytest.mark.parametrize("state", [state for state, _step, _person in FAULT_PATH])
def test_a_repeated_request_has_no_second_effect(builder: CaseBuilder, state: State) -> None:
    case = builder.fault(state)
    step, person = next((step, person) for at, step, person in FAULT_PATH if at is state)
    request = Request(step, case, person, builder.answers(step), "view:V1")
    after = []
    for _ in range(2):
        with builder.database.write() as session:
            perform(session, request, builder.company, builder.clock())
        after.append((rows(builder), builder.card(case)))
    assert after[0] == after[1]


def test_a_repeated_report_makes_one_case(builder: CaseBuilder) -> None:
    builder.report()
    raw = {"source": "internal", "contact": "-", "contact_way": "-", "product": "P", "version": "1"}
    raw |= {"summary": "S", "description": "D", "channel": "chat"}
    request = Report(ANNA, {**raw, "found_at": int(builder.clock().timestamp())}, "view:V2")
    made = []
    for _ in range(2):
        with builder.database.write() as session:
            made.append(report(session, request, builder.company, builder.clock()))
    assert made == [2, None]
    assert rows(builder)["Case"] == 2


def test_an_error_after_writing_rolls_everything_back(builder: CaseBuilder) -> None:
    case = builder.report()
    before = rows(builder)

    class PowerCut(Exception):
        pass

    def broken(session: Session) -> None:
        request = Request(Step.TRIAGE, case, LIN, builder.answers(Step.TRIAGE), "view:V3")
        perform(session, request, builder.company, builder.clock())
        raise PowerCut

    with pytest.raises(PowerCut), builder.database.write() as session:
        broken(session)
    assert rows(builder) == before
    assert builder.card(case).state is State.TRIAGE


def test_a_refusal_changes_nothing(builder: CaseBuilder) -> None:
    case = builder.fault(State.SHEET_SIGNING)
    before = rows(builder)
    assert builder.refused(Step.SIGN_SHEET, CHEN, case, testers=[LIN], technicians=[WU]) == ["NotYours"]
    assert builder.refused(Step.SIGN_SHEET, HUANG, case) == ["Missing", "Missing"]
    assert rows(builder) == before


def test_a_stale_press_is_refused_with_the_present_state_and_who_moved_the_case(builder: CaseBuilder) -> None:
    case = builder.fault(State.SHEET_SIGNING)
    seen = builder.card(case).version
    builder.usual(Step.SIGN_SHEET, case)
    stale = Request(Step.RETURN_SHEET, case, HUANG, {"reason": "?"}, "view:V4", seen)
    with pytest.raises(Refused) as refused, builder.database.write() as session:
        perform(session, stale, builder.company, builder.clock())
    refusal = refused.value.problems[0].refusal
    assert isinstance(refusal, MovedOnBy)
    assert (refusal.state, refusal.step, refusal.mover) == (State.ANALYSIS, Step.SIGN_SHEET, HUANG)


def test_an_unknown_case_is_refused(builder: CaseBuilder) -> None:
    assert builder.refused(Step.COMMENT, CHEN, 99, text="?") == ["NoSuchCase"]


def test_a_moved_deadline_keeps_the_first_one_and_is_counted(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.fault(State.DECISION)
    first = builder.card(case).deadline_at
    assert first is not None
    said = {"reason": "Part is late", "deadline_contact": "Sun Li", "deadline_evidence": "Mail"}
    for hours in (20, 30):
        later = int(clock.move(minutes=1).timestamp()) + hours * 3600
        agreed = int(clock.now().timestamp()) - 1
        builder.take(Step.CHANGE_DEADLINE, CHEN, case, deadline_at=later, deadline_agreed_at=agreed, **said)
    card = builder.card(case)
    assert (card.first_deadline_at, card.moved_count) == (first, 2)
    assert card.deadline_at is not None
    assert card.deadline_at > first


def test_a_service_manager_who_acts_becomes_the_service_manager_of_the_case(builder: CaseBuilder) -> None:
    case = builder.fault(State.SHEET_SIGNING)
    assert builder.card(case).places[Place.SERVICE_MANAGER] == (CHEN,)


def test_reassigning_replaces_the_holder_of_a_place_and_checks_the_role(builder: CaseBuilder) -> None:
    case = builder.fault(State.DECISION)
    builder.take(Step.REASSIGN, HUANG, case, place="testers", person=HE)
    assert builder.card(case).places[Place.TESTERS] == (HE,)
    builder.onward(case, State.TESTING)
    assert builder.refused(Step.REASSIGN, HUANG, case, place="testers", person=ZHAO) == ["NotOfRole"]
