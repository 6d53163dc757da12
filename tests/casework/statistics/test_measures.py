"""The measures of process.md §5 compared with sums computed by hand."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.casework.company_settings import CompanySettings
from bot.casework.statistics.measures import FIGURES, Aggregate, bottleneck, figure_of, pareto, sides, statistics
from bot.workflow.refusal import Refused
from storage.statistics import Scope, Side
from storage.vocabulary import State, Step
from tests.support.case_builder import GENERAL, SEVERE, CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.random_histories import NOW
from tests.support.statistics_queries import MeasuredPeriod, on
from tests.support.team import CHEN, DESK, HUANG, LIN, ZHAO, ZHOU

COMPANY = CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai"))
YEAR = Scope(NOW - timedelta(days=1), NOW + timedelta(days=2000))


def test_an_empty_month_shows_dashes_and_zeros(builder: CaseBuilder) -> None:
    measured = MeasuredPeriod(builder, "2026-10")
    for one in measured.measures:
        counts = one.denominator is None
        assert (one.numerator in (0, None), one.denominator in (0, None), one.n) == (True, True, 0)
        assert one.value == (0 if counts else None), one
    assert {one.code for one in measured.measures} == {figure.code for figure in FIGURES} - {"M19"}


def test_a_fault_counts_in_the_month_of_its_report_and_in_the_month_of_its_resolution(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    on(clock, 30, month=10)
    builder.deadline = timedelta(days=4)
    case = builder.fault(State.DECISION)
    on(clock, 2)
    builder.onward(case, State.FIX_CONFIRMING)
    on(clock, 2, 2)  # the period ends before the present moment
    october, november = MeasuredPeriod(builder, "2026-10"), MeasuredPeriod(builder, "2026-11")
    # October: received, acknowledged and signed. It is still open, and its deadline is ahead.
    assert october.measure("M1").value == 1
    assert october.measure("M7", name="mean").value is None
    assert october.numbers("M9") == (0, 0)
    assert october.numbers("M12") == (0, 1)
    assert october.measure("M11", "0-3", "age").value == 1
    # November: resolved on time, three days after the report. It is not closed, so it is still open.
    assert november.measure("M1").value == 0
    assert november.measure("M7", name="mean").value == november.measure("M7", name="p90").value == 3 * 24 * 3600
    assert november.numbers("M8", "in_force") == (1, 1)
    assert november.numbers("M9") == (0, 1)
    assert november.measure("M11", "0-3", "age").numerator == 1
    assert november.cases(november.measure("M7", name="median"), Side.DENOMINATOR) == [case]


def test_time_in_state_is_clipped_to_the_period(builder: CaseBuilder, clock: ManualClock) -> None:
    on(clock, 30, 16, month=10)  # Shanghai's 31 October begins
    case = builder.report()
    on(clock, 2, 16)  # Shanghai's 3 November begins
    builder.usual(Step.TRIAGE, case)
    on(clock, 3, 16)
    october, november = MeasuredPeriod(builder, "2026-10"), MeasuredPeriod(builder, "2026-11")
    assert october.measure("M6", "triage").value == 24 * 3600
    assert november.measure("M6", "triage").value == 2 * 24 * 3600
    assert november.measure("M6", "sheet_drafting").value == 24 * 3600, (
        "the case is still in this state: its time counts up to now"
    )
    assert november.measure("M3").value == 3 * 24 * 3600, "the whole time counts in the month in which it ends"
    assert october.measure("M3").value is None


def test_a_fault_with_a_rejected_fix_is_unresolved_and_has_no_deadline_that_has_passed(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    on(clock, 1)
    builder.deadline = timedelta(hours=10)
    case = builder.fault(State.FIX_CONFIRMING)
    on(clock, 2)
    builder.take(Step.REJECT_FIX, CHEN, case, **builder.answers(Step.REJECT_FIX))
    on(clock, 3)
    measured = MeasuredPeriod(builder, "2026-11")
    assert measured.numbers("M7", name="mean") == (0, 0), "the rejection cancelled the resolution"
    assert measured.numbers("M8", "in_force") == (0, 0)
    assert measured.numbers("M9") == (0, 0), "the deadline that has passed is no longer in force"
    assert measured.numbers("M13") == (1, 1), "resolved once and rejected"
    first_day = MeasuredPeriod(builder, "2026-11-01")
    assert first_day.numbers("M8", "in_force") == (1, 1), "on the first of the month the fault was resolved"


def test_the_first_moment_of_a_month_belongs_to_it_and_a_reply_at_the_deadline_is_on_time(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    on(clock, 31, 16, month=10)  # midnight in Shanghai: November's first moment
    builder.deadline = timedelta(hours=10)
    case = builder.fault(State.REPLYING)
    clock.move(hours=10)
    builder.usual(Step.REPLY_CUSTOMER, case)
    clock.move(minutes=1)
    october, november = MeasuredPeriod(builder, "2026-10"), MeasuredPeriod(builder, "2026-11")
    assert (october.measure("M1").value, november.measure("M1").value) == (0, 1)
    assert october.measure("M11").value == 0
    assert november.numbers("M8", "in_force") == (1, 1), "a reply at the moment of the deadline is on time"
    assert november.numbers("M9") == (0, 1)


def test_withdrawn_cases_are_excluded_and_shown_apart(builder: CaseBuilder, clock: ManualClock) -> None:
    on(clock, 1)
    kept, gone = builder.fault(State.CLOSED), builder.fault(State.FIX_CONFIRMING)
    on(clock, 2)
    builder.take(Step.WITHDRAW, HUANG, gone, reason="Mistake", evidence="Mail")
    on(clock, 3)
    measured = MeasuredPeriod(builder, "2026-11")
    assert measured.numbers("M7", name="mean") == (0, 1)
    assert measured.numbers("M14") == (1, 1)
    assert measured.numbers("M12") == (1, 1)
    assert measured.measure("M1").value == 1, "the sheet of the withdrawn fault is void"
    assert measured.cases(measured.measure("apart", "withdrawn"), Side.NUMERATOR) == [gone]
    assert measured.numbers("M2", "fault") == (2, 2), "the mix counts every case received"
    assert measured.cases(measured.measure("M12"), Side.NUMERATOR) == [kept]


def test_returned_and_rejected_sheets_are_counted(builder: CaseBuilder, clock: ManualClock) -> None:
    on(clock, 1)
    case = builder.fault(State.SHEET_SIGNING)
    builder.take(Step.RETURN_SHEET, HUANG, case, reason="Which provinces?")
    on(clock, 2)
    builder.take(Step.DRAFT_SHEET, ZHOU, case, **builder.answers(Step.DRAFT_SHEET))
    on(clock, 2, 3)
    builder.usual(Step.SIGN_SHEET, case)
    wrong = builder.fault(State.SHEET_SIGNING)
    builder.take(Step.REJECT_SHEET, HUANG, wrong, reason="Not a fault")
    on(clock, 3)
    measured = MeasuredPeriod(builder, "2026-11")
    assert measured.numbers("M15") == (1, 2), "two versions are one sheet; the rejected one was submitted"
    assert measured.measure("M5").value == 2 * 3600, "from the submission of the version that was signed"
    assert measured.numbers("M16") == (1, 2)
    assert measured.cases(measured.measure("M16"), Side.NUMERATOR) == [wrong]
    assert measured.numbers("M2", "fault") == (1, 1), "the rejected case awaits triage again and has no kind"


def test_questions_are_counted_by_their_answer_rounds(builder: CaseBuilder, clock: ManualClock) -> None:
    on(clock, 1)
    for rounds in (1, 3):
        case = builder.report()
        builder.take(Step.TRIAGE, LIN, case, is_requirement="no", is_fault="no")
        for left in reversed(range(rounds)):
            builder.take(Step.ANSWER, CHEN, case, answer="So", category="usage", effort_hours="0.5")
            verdict = {"satisfied": "no", "dissatisfied_reason": "Unclear", "score": "2"} if left else _HAPPY
            builder.take(Step.RECORD_VERDICT, CHEN, case, evidence="Mail", **verdict)
    on(clock, 2)
    measured = MeasuredPeriod(builder, "2026-11")
    assert measured.numbers("M17", name="rounds") == (4, 2)
    assert measured.measure("M17", name="satisfied_first").value == 0.5
    assert measured.numbers("M20", name="mean") == (5 + 2 + 2 + 5, 4)
    assert measured.measure("M20", name="at_least_4").value == 0.5
    assert measured.measure("M18").value == measured.measure("M18", "answering", "activity").value == 2.0


_HAPPY = {"satisfied": "yes", "score": "5"}


def test_on_time_is_counted_against_the_deadline_in_force_and_against_the_first_one(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    on(clock, 1)
    builder.deadline = timedelta(days=1)
    case = builder.fault(State.DECISION, **SEVERE)
    builder.fault(State.DECISION, **GENERAL)
    later = {"deadline_at": int((clock.now() + timedelta(days=5)).timestamp()), "deadline_contact": "Sun Li"}
    agreed = {"deadline_agreed_at": int(clock.now().timestamp()) - 60, "deadline_evidence": "Phone", "reason": "Parts"}
    builder.take(Step.CHANGE_DEADLINE, CHEN, case, **later, **agreed)
    on(clock, 4)
    builder.onward(case, State.FIX_CONFIRMING)
    on(clock, 5)
    measured = MeasuredPeriod(builder, "2026-11")
    assert measured.numbers("M10") == (1, 1), "the general fault has no deadline"
    assert measured.numbers("M8", "in_force") == (1, 1)
    assert measured.numbers("M8", "first") == (0, 1)


def test_a_failed_first_test_and_the_effort_by_activity_are_counted(builder: CaseBuilder, clock: ManualClock) -> None:
    on(clock, 1)
    case = builder.fault(State.TESTING)
    failed = {**builder.answers(Step.PASS_TEST), "actual": "Exits", "fail_reason": "Overflow", "next": "modify"}
    builder.take(Step.FAIL_TEST, LIN, case, **{**failed, "cases": "Rate | rated | exits | fail"})
    builder.take(Step.SUBMIT_MODIFICATION, ZHAO, case, **builder.answers(Step.SUBMIT_MODIFICATION))
    builder.onward(case, State.CLOSED)
    on(clock, 2)
    measured = MeasuredPeriod(builder, "2026-11")
    assert measured.numbers("M14") == (0, 1)
    efforts = {one.part: one.value for one in measured.measures if (one.code, one.name) == ("M18", "activity")}
    assert efforts == {"answering": 0, "analysis": 2, "modification": 6, "testing": 2}


def test_the_effort_of_a_report_kept_as_a_draft_counts_once(builder: CaseBuilder, clock: ManualClock) -> None:
    on(clock, 1)
    case = builder.fault(State.ANALYSIS)
    talking = {**SEVERE, "deadline_basis": "negotiating", "deadline_at": None}
    builder.usual(Step.PUBLISH_ANALYSIS, case, **talking)
    builder.usual(Step.PUBLISH_ANALYSIS, case, **SEVERE)
    on(clock, 2)
    assert MeasuredPeriod(builder, "2026-11").numbers("M18") == (2, None)


def test_faults_by_module_cover_two_products_and_respect_the_filters(builder: CaseBuilder, clock: ManualClock) -> None:
    on(clock, 1)
    billing = [builder.fault(State.DECISION) for _ in range(2)]
    port = builder.report(product="Port Exchange", customer="Binhai")
    builder.onward(port, State.SHEET_SIGNING)
    builder.usual(Step.SIGN_SHEET, port)
    on(clock, 2)
    measured = MeasuredPeriod(builder, "2026-11")
    modules = [one for one in measured.measures if one.code == "M19"]
    assert [(one.part, one.numerator, one.denominator) for one in modules] == [
        ("Billing Suite 计费账务系统 / Rating 批价", 2, 3),
        (None, 1, 3),
    ]
    assert pareto(modules) == pytest.approx((2 / 3, 1))
    assert measured.cases(modules[0], Side.NUMERATOR) == billing
    assert measured.cases(modules[1], Side.NUMERATOR) == [port]
    assert measured.cases(modules[1], Side.DENOMINATOR) == [*billing, port]
    assert MeasuredPeriod(builder, "2026-11", product="Port Exchange").measure("M1").value == 1
    neither = MeasuredPeriod(builder, "2026-11", customer="Binhai", product="Billing Suite 计费账务系统")
    assert neither.measure("M1").value == 0
    with pytest.raises(Refused):
        MeasuredPeriod(builder, "2026-11", customer="Nobody")


@pytest.mark.parametrize(
    ("days", "band"), [(3.99, "0-3"), (4, "4-7"), (7.99, "4-7"), (8, "8-30"), (30.99, "8-30"), (31, ">30")]
)
def test_the_backlog_is_grouped_by_age(builder: CaseBuilder, clock: ManualClock, days: float, band: str) -> None:
    on(clock, 1)
    case = builder.fault(State.SHEET_DRAFTING)
    clock.move(days=days)
    measured = MeasuredPeriod(builder, "2026")
    found = [one.part for one in measured.measures if (one.code, one.name) == ("M11", "age") and one.value]
    assert found == [band]
    assert measured.cases(measured.measure("M11"), Side.NUMERATOR) == [case]


def test_the_cases_behind_every_number_match_it(builder: CaseBuilder, clock: ManualClock) -> None:
    on(clock, 1)
    builder.fault(State.CLOSED)
    builder.fault(State.TESTING)
    builder.take(Step.WITHDRAW, CHEN, builder.report(), reason="Mistake", evidence="Mail")
    on(clock, 2)
    measured = MeasuredPeriod(builder, "2026-11")
    for one in measured.measures:
        figure = next(figure for figure in FIGURES if (figure.code, figure.name) == (one.code, one.name))
        if figure.of in (Aggregate.RATE, Aggregate.INDEX, Aggregate.PORTION, Aggregate.COUNT) and one.code != "M20":
            assert len(measured.cases(one, Side.NUMERATOR)) == one.numerator, one
        assert bool(measured.cases(one, Side.DENOMINATOR)) == bool(one.n or one.denominator), one


def test_the_bottleneck_is_the_state_with_the_most_time(builder: CaseBuilder, clock: ManualClock) -> None:
    on(clock, 1)
    first, second, third = (builder.report() for _ in range(3))
    on(clock, 2)
    for case in (second, third):
        builder.usual(Step.TRIAGE, case)
    on(clock, 3)
    builder.usual(Step.TRIAGE, first)
    builder.usual(Step.DRAFT_SHEET, first)
    on(clock, 5)
    found = bottleneck(MeasuredPeriod(builder, "2026-11").measures)
    assert found is not None
    assert (found[0].part, found[0].numerator) == (State.SHEET_DRAFTING, 6 * 86_400)
    assert found[1] == pytest.approx(6 / 12), "6 of 12 days: triage took 4 days, drafting 3 + 3, signing 2"
    assert bottleneck(MeasuredPeriod(builder, "2026-09").measures) is None


def test_a_single_measure_equals_the_same_measure_among_all(builder: CaseBuilder, clock: ManualClock) -> None:
    on(clock, 1)
    builder.fault(State.CLOSED)
    on(clock, 2)
    whole = MeasuredPeriod(builder, "2026-11")
    with builder.database.read() as session:
        alone = statistics(session, whole.query, builder.company, clock.now(), "M7")
    assert alone == tuple(one for one in whole.measures if one.code == "M7")


def test_only_ratios_have_different_cases_behind_numerator_and_denominator(builder: CaseBuilder) -> None:
    for measure in MeasuredPeriod(builder, "2026-11").measures:
        parted = figure_of(measure).of in (Aggregate.RATE, Aggregate.INDEX, Aggregate.PORTION)
        assert len(sides(measure)) == (2 if parted else 1)


@pytest.mark.parametrize("path", ["storage/statistics", "bot/casework/statistics/measures.py"])
def test_no_person_is_ranked(path: str) -> None:
    """No measure reads who took a step (process.md §5)."""
    root = Path(__file__).parents[3] / path
    for file in root.rglob("*.py") if root.is_dir() else [root]:
        assert "person_id" not in file.read_text(encoding="utf-8")
