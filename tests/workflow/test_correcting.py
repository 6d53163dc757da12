"""Correcting a report (process.md rule 2.2): who, what counts, and which records follow."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.workflow import merging_refusals
from bot.workflow import refusals as no
from bot.workflow.context import CaseContext
from bot.workflow.decide import permission, shown_fields
from bot.workflow.fields import FORMS
from bot.workflow.situation import Row, Situation, facts
from storage.vocabulary import Kind, Paper, Source, State, Step
from tests.support.decisions import outcome, refused
from tests.support.workflow_cases import (
    CHEN_JING,
    HUANG_WEI,
    LIN_XIAOYU,
    REPORTED,
    REPORTED_AS,
    SUN_LI,
    WU_GANG,
    ZHOU_MIN,
    a_case,
    a_fault,
    situation,
)

SAME: dict[str, Any] = {**REPORTED_AS, "found_at": int(REPORTED.timestamp()), "reason": "Misheard"}


def correcting(case: CaseContext, who: str = CHEN_JING, **reported: Any) -> Situation:
    return situation(who, case, reported={**REPORTED_AS, "module": case.module, **reported})


@pytest.mark.parametrize(("who", "may"), [(SUN_LI, True), (CHEN_JING, True), (ZHOU_MIN, True), (LIN_XIAOYU, False)])
def test_the_reporter_corrects_until_the_triage(who: str, may: bool) -> None:
    assert isinstance(permission(Step.CORRECT, correcting(a_case(), who)), Row) is may
    later = permission(Step.CORRECT, correcting(a_case(State.ANSWERING, kind=Kind.QUESTION), who))
    assert isinstance(later, Row) is (may and who != SUN_LI)
    assert permission(Step.CORRECT, correcting(a_case(State.CLOSED), HUANG_WEI)) == no.NotNow(
        Step.CORRECT, State.CLOSED
    )


def test_what_differs_counts_and_the_history_keeps_both_values() -> None:
    found = outcome(Step.CORRECT, correcting(a_case()), **{**SAME, "contact": "Gao Feng", "version": "V3.3"})
    assert found.to is None
    assert found.changes == {"contact": "Gao Feng", "product_version": "V3.3"}
    assert found.recorded == {
        "reason": "Misheard",
        "contact": "Gao Feng",
        "before_contact": "Sun Li 孙丽",
        "version": "V3.3",
        "before_version": "V3.2",
    }
    (record,) = found.papers
    assert (record.paper, record.carries_on, record.content) == (
        Paper.CASE,
        True,
        {"contact": "Gao Feng", "version": "V3.3"},
    )


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"description": "The process exits at night.\r\n 批价进程夜间退出。 "},
        {"summary": "Rating  process exits"},
    ],
)
def test_a_correction_that_changes_nothing_is_refused(changed: dict[str, Any]) -> None:
    fractional = REPORTED.replace(microsecond=7)
    s = correcting(a_case(), found_at=fractional)
    assert refused(Step.CORRECT, s, **{**SAME, **changed}) == {None: no.NothingCorrected()}


def test_what_somebody_else_corrected_meanwhile_is_neither_undone_nor_overwritten() -> None:
    now = {"contact": "Gao Feng", "product": "Port Exchange"}
    case = a_fault(State.TESTING, module="Login", product="Port Exchange")
    s = replace(correcting(case, **now), outdated={code: REPORTED_AS[code] for code in now})
    assert outcome(Step.CORRECT, s, **{**SAME, "summary": "Another"}).changes == {"summary": "Another"}
    assert refused(Step.CORRECT, s, **{**SAME, "contact": "Xu Mei"}) == {"contact": no.CorrectedMeanwhile()}
    assert refused(Step.CORRECT, s, **{**SAME, **now}) == {None: no.NothingCorrected()}


def test_the_reason_and_what_a_report_needs_are_required() -> None:
    raw = {code: value for code, value in SAME.items() if code not in ("reason", "summary", "customer")}
    assert set(refused(Step.CORRECT, correcting(a_case()), **raw)) == {"reason", "summary", "customer"}
    ahead = {**SAME, "found_at": int((REPORTED + timedelta(days=9)).timestamp())}
    assert set(refused(Step.CORRECT, correcting(a_case()), **ahead)) == {"found_at"}


def test_an_internal_case_may_lose_its_customer() -> None:
    raw = {code: value for code, value in SAME.items() if code != "customer"}
    found = outcome(Step.CORRECT, correcting(a_case(source=Source.INTERNAL)), **raw)
    assert found.changes == {}  # it is kept by its id
    assert found.recorded == {"reason": "Misheard", "customer": None, "before_customer": REPORTED_AS["customer"]}
    assert found.papers[0].content == {"customer": None}


@pytest.mark.parametrize(
    ("changed", "rows"),
    [
        ({"customer": "Beta"}, [{}]),
        ({"version": "V3.3"}, [{}]),
        ({"summary": "Another"}, []),
        ({"product": "Port Exchange", "module": "Login"}, [{"module": "Login"}]),
        ({"product": "Port Exchange"}, [{"module": None}]),
    ],
)
def test_a_published_fault_gets_a_new_row_for_what_the_row_shows(
    changed: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    case = a_fault(State.TESTING, module="Rating")
    found = outcome(Step.CORRECT, correcting(case), **{**SAME, **changed})
    assert [one.content for one in found.papers if one.paper is Paper.FAULT_RECORD] == rows
    assert ("module" in found.changes) is ("product" in changed)
    unpublished = outcome(Step.CORRECT, correcting(replace(case, severity=None)), **{**SAME, **changed})
    assert [one.paper for one in unpublished.papers] == [Paper.CASE]


@pytest.mark.parametrize(
    ("case", "product", "asks"),
    [
        (a_case(), "Port Exchange", False),
        (a_fault(State.TESTING, module="Rating"), "Billing Suite", False),
        (a_fault(State.TESTING, module="Rating"), "Port Exchange", True),
        (a_fault(State.TESTING), "Billing Suite", True),
    ],
)
def test_the_module_is_asked_once_it_is_not_known(case: CaseContext, product: str, asks: bool) -> None:
    known = {**facts(correcting(case)), "product": product}
    assert ("module" in {field.code for field in shown_fields(FORMS[Step.CORRECT], known)}) is asks


def test_a_module_that_was_left_open_is_filled_in_later() -> None:
    case = a_fault(State.TESTING)
    found = outcome(Step.CORRECT, correcting(case), **{**SAME, "module": "Rating"})
    assert found.changes == {"module": "Rating"}
    assert [one.paper for one in found.papers] == [Paper.CASE, Paper.FAULT_RECORD]


def test_a_case_with_duplicates_keeps_customer_and_product() -> None:
    s = correcting(a_fault(State.TESTING, module="Rating", has_duplicates=True), HUANG_WEI)
    for code in ("customer", "product"):
        assert refused(Step.CORRECT, s, **{**SAME, code: "Another"}) == {code: merging_refusals.HasDuplicates()}
    assert outcome(Step.CORRECT, s, **{**SAME, "summary": "Another"}).changes == {"summary": "Another"}


def test_technicians_do_not_correct() -> None:
    assert permission(Step.CORRECT, correcting(a_fault(State.ANALYSIS), WU_GANG)).__class__ is no.NotYours
