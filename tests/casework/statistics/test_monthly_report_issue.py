"""Who issues the monthly report, what is frozen by it, and how its copies in Slack are updated."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.casework.statistics import monthly_report
from bot.workflow.refusal import Refused
from storage import reports
from storage.vocabulary import State
from tests.support.acceptance_scenarios import MORNING
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.november_report import NOVEMBER, beat, drawn, issue, kept, november, redraw, shanghai, told, why
from tests.support.team import ADMIN, CHEN, HUANG, LIN, VIEWER, WU, ZHOU

__all__ = ["november"]


@pytest.mark.parametrize("person", [CHEN, ZHOU, HUANG])
def test_service_managers_and_the_center_manager_issue_the_report(november: CaseBuilder, person: str) -> None:
    beat(november)
    issue(november, person, " Two faults, one module.\n两个故障。 ")
    made = kept(november).issue
    assert made is not None
    assert (made.person, made.at, made.comment) == (person, MORNING, "Two faults, one module.\n两个故障。")
    assert drawn(november) == [(*NOVEMBER, 1, True)]
    with november.database.read() as session:
        row = reports.find(session, 1)
        assert row is not None
        assert made.signature == reports.signature_of(row, made.comment, person, MORNING)
        assert made.signature != reports.signature_of(row, "Something else", person, MORNING)


def test_the_center_manager_receives_the_report_once_it_is_issued(november: CaseBuilder) -> None:
    beat(november)
    drafts = told(november)
    assert HUANG not in [target for _view, target in drafts]
    issue(november)
    assert told(november)[len(drafts) :] == [("report", HUANG)]
    with november.database.write() as session:
        monthly_report.keep_copy(session, 1, HUANG, "D0HUANG", "1.1", MORNING)
    before = told(november)
    redraw(november)
    issue(november, report=2, delivery="view:2")
    again = [one for one in told(november)[len(before) :] if one == ("report", HUANG)]
    assert not again, "the posted message is edited"


@pytest.mark.parametrize("person", [LIN, WU, ADMIN, VIEWER, "U0NOBODY"])
def test_nobody_else_issues_or_redraws_the_report(november: CaseBuilder, person: str) -> None:
    beat(november)
    assert why(lambda: issue(november, person)) == ["OnlyIssuers"]
    assert why(lambda: redraw(november, person)) == ["OnlyIssuers"]
    assert kept(november).issue is None


@pytest.mark.parametrize(("comment", "refusal"), [("", "Missing"), (" \n\t", "Missing"), ("x" * 3001, "TooLong")])
def test_a_comment_of_at_most_3000_characters_is_required(november: CaseBuilder, comment: str, refusal: str) -> None:
    beat(november)
    assert why(lambda: issue(november, comment=comment)) == [refusal]
    assert kept(november).issue is None
    issue(november, comment="x" * 3000)


def test_a_second_issuer_is_told_who_issued_the_report_and_when(november: CaseBuilder, clock: ManualClock) -> None:
    beat(november)
    issue(november, CHEN)
    clock.move(hours=1)
    with pytest.raises(Refused) as refused:
        issue(november, ZHOU, "Mine", delivery="view:2")
    said = refused.value.problems[0].refusal
    assert said.words() == {"version": 1, "mover": CHEN, "at": MORNING}
    made = kept(november).issue
    assert made is not None
    assert made.person == CHEN


def test_the_same_delivery_counts_once(november: CaseBuilder) -> None:
    beat(november)
    redraw(november)
    issue(november, report=2)
    issue(november, report=2)  # the same delivery
    with pytest.raises(Refused, match="IssuedEarlier"):
        issue(november, ZHOU, "Again", report=2)  # it was changed after its answer was lost
    assert [version for *_, version, _issued in drawn(november)] == [1, 2]
    made = kept(november).issue
    assert made is not None
    assert made.comment == "Good 良好"


def test_a_redrawn_report_has_the_present_figures_and_replaces_the_old_draft(
    november: CaseBuilder, clock: ManualClock
) -> None:
    clock.set(shanghai(11, 20, 9))
    november.report()
    clock.set(MORNING)
    beat(november)
    assert kept(november).snapshot.measure("M1").value == 1
    november.onward(2, State.ANALYSIS)
    clock.move(hours=1)
    redraw(november, ZHOU)
    card = kept(november)
    assert (card.version, card.snapshot.measure("M1").value, card.replaces) == (2, 2, None)
    assert card.snapshot.made_at == MORNING + timedelta(hours=1)
    assert why(lambda: issue(november)) == ["DrawnAnew"]
    assert why(lambda: redraw(november, delivery="action:2")) == ["DrawnAnew"]
    issue(november, report=2)


def test_a_version_after_an_issued_one_names_the_version_that_it_replaces(november: CaseBuilder) -> None:
    beat(november)
    issue(november)
    issued = kept(november)
    redraw(november)
    card = kept(november, 2)
    assert (card.version, card.issue, card.replaces) == (2, None, 1)
    assert kept(november) == issued, "a new draft does not hide the issued version"
    issue(november, report=2, comment="Corrected", delivery="view:2")
    assert [issued for *_, issued in drawn(november)] == [True] * 2
    with november.database.read() as session:
        first = reports.find(session, 1)
        assert first is not None
        assert monthly_report.card_of(session, first) == issued, "the issued version is unchanged"


def test_issuing_an_unknown_report_is_refused(november: CaseBuilder) -> None:
    assert why(lambda: issue(november, report=9)) == ["NotOffered"]


def test_only_one_of_several_concurrent_issuers_succeeds(november: CaseBuilder) -> None:
    beat(november)
    refused: list[str] = []

    def press(person: str) -> None:
        try:
            issue(november, person, person, delivery=f"view:{person}")
        except Refused as problem:
            refused.extend(type(one.refusal).__name__ for one in problem.problems)

    threads = [threading.Thread(target=press, args=(person,)) for person in (CHEN, ZHOU, HUANG)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["IssuedAlready"] * 2
    made = kept(november).issue
    assert made is not None
    assert made.person == made.comment


# Copies in Slack


def copy(builder: CaseBuilder, person: str, report: int = 1) -> None:
    with builder.database.write() as session:
        monthly_report.keep_copy(session, report, person, f"D{person}", "1.1", builder.clock())


def test_every_copy_is_edited_after_an_issue_and_after_a_redraw(november: CaseBuilder) -> None:
    beat(november)
    copy(november, CHEN)
    copy(november, ZHOU)
    edits = [("report_edit", f"D{CHEN}"), ("report_edit", f"D{ZHOU}")]
    assert told(november)[2:] == []
    redraw(november)
    assert told(november)[2:] == edits
    issue(november, report=2)
    assert told(november)[2:] == [*edits * 2, ("report", HUANG)]


@pytest.mark.parametrize("act", [issue, redraw])
def test_a_copy_that_is_posted_after_an_issue_or_redraw_is_edited_at_once(
    november: CaseBuilder, act: Callable[[CaseBuilder], Any]
) -> None:
    beat(november)
    act(november)
    copy(november, ZHOU)
    assert told(november)[-1] == ("report_edit", f"D{ZHOU}")
    assert len([view for view, _target in told(november) if view == "report_edit"]) == 1


# Repeated deliveries from Slack


def test_a_repeated_redraw_is_not_refused_because_of_itself(november: CaseBuilder) -> None:
    beat(november)
    redraw(november)
    redraw(november)
    assert [version for *_, version, _issued in drawn(november)] == [1, 2]


def test_a_repeated_issue_is_not_refused_because_of_a_newer_version(november: CaseBuilder) -> None:
    beat(november)
    issue(november)
    redraw(november)
    issue(november)
    assert drawn(november) == [(*NOVEMBER, 1, True), (*NOVEMBER, 2, False)]


def test_a_refused_press_has_no_effect_and_may_be_repeated(november: CaseBuilder) -> None:
    beat(november)
    assert why(lambda: redraw(november, WU)) == ["OnlyIssuers"]
    redraw(november)
    assert why(lambda: issue(november, comment="", report=2)) == ["Missing"]
    issue(november, report=2)
    assert drawn(november) == [(*NOVEMBER, 1, False), (*NOVEMBER, 2, True)]
