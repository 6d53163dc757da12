"""The monthly report: drawn up once and in time, issued by whom it is for, frozen; and the guards of the database."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from bot.casework import monthly
from bot.casework.monthly import ReportCard
from bot.casework.snapshot import By
from bot.casework.verify import Finding, FindingKind, verify_reports
from bot.workflow.refusal import Refused
from storage import people, reports
from storage.documents import canonical, hash_of
from storage.tables import Outgoing, Report
from storage.vocabulary import Role, State
from tests.casework.conftest import Hand
from tests.casework.doing import GRANTS, SEVERE, Doing
from tests.casework.six import MORNING, Six
from tests.tampering import tamper
from tests.team import ADMIN, CHEN, HUANG, LIN, SHANGHAI, VIEWER, WU, ZHOU

NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)


def shanghai(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.fixture
def november(doing: Doing, hand: Hand) -> Doing:
    """A November with cases; it is the first morning of December."""
    hand.now = shanghai(11, 9, 9)
    doing.fault(State.ANALYSIS)
    hand.now = MORNING
    return doing


def beat(doing: Doing) -> int:
    with doing.database.write() as session:
        return monthly.draft_due(session, doing.office, doing.clock())


def drawn(doing: Doing) -> list[tuple[date, date, int, bool]]:
    """First day, last day, version, and whether it was issued."""
    with doing.database.read() as session:
        found = session.exec(select(Report).order_by("id"))
        return [(one.first_day, one.last_day, one.version, one.signature is not None) for one in found]


def told(doing: Doing) -> list[tuple[str, str]]:
    """Messages about reports, as view and target."""
    with doing.database.read() as session:
        found = session.exec(select(Outgoing).where(Outgoing.view.startswith("report")).order_by("id"))
        return [(one.view, one.target) for one in found]


def kept(doing: Doing, version: int | None = None) -> ReportCard:
    """This version of November's report; without one, the newest that was issued, or the newest draft."""
    with doing.database.read() as session:
        card = monthly.kept(session, *NOVEMBER, version)
    assert card is not None
    return card


def issue(doing: Doing, by: str = CHEN, comment: str = "Good 良好", report: int = 1, delivery: str = "view:1") -> None:
    with doing.database.write() as session:
        monthly.issue(session, report, comment, by, delivery, doing.office, doing.clock())


def redraw(doing: Doing, by: str = CHEN, report: int = 1, delivery: str = "action:1") -> None:
    with doing.database.write() as session:
        monthly.redraw(session, report, by, delivery, doing.office, doing.clock())


def why(act: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refused:
        act()
    return [type(problem.refusal).__name__ for problem in refused.value.problems]


# ---- When ----------------------------------------------------------------------------------------------------


def test_drawn_up_on_the_first_morning_once_for_every_service_manager(november: Doing, hand: Hand) -> None:
    hand.now = MORNING - timedelta(seconds=1)
    assert beat(november) == 0
    hand.now = MORNING
    assert beat(november) == 1
    assert beat(november) == 0
    assert drawn(november) == [(*NOVEMBER, 1, False)]
    assert told(november) == [("report", CHEN), ("report", ZHOU)]


def test_an_hour_that_was_missed_is_made_up_for(november: Doing, hand: Hand) -> None:
    hand.now = shanghai(12, 24, 3)
    assert beat(november) == 1
    assert drawn(november) == [(*NOVEMBER, 1, False)]


def test_months_of_downtime_come_in_their_turn(november: Doing, hand: Hand) -> None:
    beat(november)
    hand.now = datetime(2027, 3, 1, 7, 59, tzinfo=SHANGHAI).astimezone(UTC)
    assert beat(november) == 2
    assert [(first.month, last.day) for first, last, *_ in drawn(november)] == [(11, 30), (12, 31), (1, 31)]
    hand.move(minutes=1)
    assert beat(november) == 1
    assert drawn(november)[-1][:2] == (date(2027, 2, 1), date(2027, 2, 28))


def test_nothing_before_the_first_case_nor_for_months_before_the_first_report(doing: Doing, hand: Hand) -> None:
    hand.now = MORNING
    assert beat(doing) == 0
    doing.report()
    assert beat(doing) == 0, "that one is of December"
    hand.now = shanghai(11, 30, 23, 59)
    doing.report()
    hand.now = MORNING
    assert beat(doing) == 1
    assert [first for first, *_ in drawn(doing)] == [NOVEMBER[0]]


def test_without_service_managers_the_center_manager_gets_it_and_nobody_is_left_out(november: Doing) -> None:
    only = [grant for grant in GRANTS if grant.role is not Role.SERVICE_MANAGER]
    grant(november, [one for one in only if one.role is not Role.CENTER_MANAGER])
    assert beat(november) == 0, "it waits for somebody who can issue it"
    grant(november, only)
    assert beat(november) == 1
    assert told(november) == [("report", HUANG)]


def grant(doing: Doing, grants: list[people.Grant]) -> None:
    with doing.database.write() as session:
        people.replace_grants(session, "settings", grants)


def test_two_processes_make_one_draft(november: Doing) -> None:
    made: list[int] = []
    threads = [threading.Thread(target=lambda: made.append(beat(november))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 0, 0, 1]
    assert len(drawn(november)) == 1
    assert len(told(november)) == 2


# ---- What it holds -------------------------------------------------------------------------------------------


def test_the_snapshot_stays_whatever_happens_later(november: Doing, hand: Hand) -> None:
    beat(november)
    before = kept(november)
    hand.now = MORNING + timedelta(days=1)
    november.fault(State.DECISION)
    assert kept(november) == before
    assert before.snapshot.measure("M1").value == 1
    assert before.snapshot.made_at == MORNING
    assert (before.snapshot.first, before.snapshot.last, before.snapshot.zone) == (*NOVEMBER, "Asia/Shanghai")
    with november.database.read() as session:
        row = reports.find(session, 1)
    assert row is not None
    assert row.content_hash == hash_of(row.content) == hash_of(canonical(json.loads(row.content)))


def test_overdue_and_very_severe_as_they_were_at_the_end_of_the_month(doing: Doing, hand: Hand) -> None:
    hand.now = shanghai(11, 29, 9)
    late, open_, in_time = (doing.fault(State.DECISION) for _ in range(3))  # due at 19:00
    severe = doing.fault(State.DECISION, **SEVERE)
    hand.now = shanghai(11, 29, 18)
    doing.onward(in_time, State.CLOSED)
    hand.now = shanghai(11, 30, 9)
    doing.onward(late, State.CLOSED)
    hand.now = shanghai(12, 1, 1)
    doing.onward(open_, State.CLOSED)  # too late for November
    hand.now = MORNING
    beat(doing)
    held = kept(doing).snapshot
    assert [(one.number, one.state, one.resolved_at is None) for one in held.overdue] == [
        (f"F-{late}", State.CLOSED, False),
        (f"F-{open_}", State.DECISION, True),
        (f"F-{severe}", State.DECISION, True),
    ]
    assert held.measure("M9").numerator == len(held.overdue)
    assert [one.number for one in held.very_severe] == [f"F-{case}" for case in (late, open_, in_time)]
    assert held.overdue[0].deadline_at == shanghai(11, 29, 19)
    assert held.overdue[0].resolved_at == shanghai(11, 30, 9)


def test_the_counts_add_up_to_the_measures(doing: Doing, hand: Hand) -> None:
    Six(doing, hand).all()
    beat(doing)
    held = kept(doing).snapshot
    measured = (held.measure("M1").value, held.measure("M12").numerator, held.measure("M11").value)
    for by in {one.by for one in held.counts}:
        counted = held.counted(by)
        sums = tuple(sum(getattr(one, name) for one in counted) for name in ("received", "closed", "open"))
        assert sums == measured == (3, 2, 1), by


# ---- Issuing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", [CHEN, ZHOU, HUANG])
def test_service_managers_and_the_center_manager_issue_it(november: Doing, person: str) -> None:
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


@pytest.mark.parametrize("person", [LIN, WU, ADMIN, VIEWER, "U0NOBODY"])
def test_nobody_else_does(november: Doing, person: str) -> None:
    beat(november)
    assert why(lambda: issue(november, person)) == ["OnlyIssuers"]
    assert why(lambda: redraw(november, person)) == ["OnlyIssuers"]
    assert kept(november).issue is None


@pytest.mark.parametrize(("comment", "refusal"), [("", "Missing"), (" \n\t", "Missing"), ("x" * 3001, "TooLong")])
def test_a_comment_is_required(november: Doing, comment: str, refusal: str) -> None:
    beat(november)
    assert why(lambda: issue(november, comment=comment)) == [refusal]
    assert kept(november).issue is None
    issue(november, comment="x" * 3000)


def test_a_second_issue_is_told_who_issued_it_and_when(november: Doing, hand: Hand) -> None:
    beat(november)
    issue(november, CHEN)
    hand.move(hours=1)
    with pytest.raises(Refused) as refused:
        issue(november, ZHOU, "Mine", delivery="view:2")
    said = refused.value.problems[0].refusal
    assert said.words() == {"version": 1, "mover": CHEN, "at": MORNING}
    made = kept(november).issue
    assert made is not None
    assert made.person == CHEN


def test_the_same_press_twice_counts_once(november: Doing) -> None:
    beat(november)
    redraw(november)
    issue(november, report=2)
    issue(november, ZHOU, "Again", report=2)  # the same delivery
    assert [version for *_, version, _issued in drawn(november)] == [1, 2]
    made = kept(november).issue
    assert made is not None
    assert made.comment == "Good 良好"


def test_drawn_anew_the_figures_are_of_now_and_the_old_draft_is_overtaken(november: Doing, hand: Hand) -> None:
    hand.now = shanghai(11, 20, 9)
    november.report()
    hand.now = MORNING
    beat(november)
    assert kept(november).snapshot.measure("M1").value == 1
    november.onward(2, State.ANALYSIS)
    hand.move(hours=1)
    redraw(november, ZHOU)
    card = kept(november)
    assert (card.version, card.snapshot.measure("M1").value, card.replaces) == (2, 2, None)
    assert card.snapshot.made_at == MORNING + timedelta(hours=1)
    assert why(lambda: issue(november)) == ["DrawnAnew"]
    assert why(lambda: redraw(november, delivery="action:2")) == ["DrawnAnew"]
    issue(november, report=2)


def test_after_an_issue_a_new_version_says_what_it_replaces(november: Doing) -> None:
    beat(november)
    issue(november)
    issued = kept(november)
    redraw(november)
    card = kept(november, 2)
    assert (card.version, card.issue, card.replaces) == (2, None, 1)
    assert kept(november) == issued, "a draft does not stand before it"
    issue(november, report=2, comment="Corrected", delivery="view:2")
    assert [issued for *_, issued in drawn(november)] == [True] * 2
    with november.database.read() as session:
        first = reports.find(session, 1)
        assert first is not None
        assert monthly.card_of(session, first) == issued, "it stays as it was"


def test_a_report_that_does_not_exist(november: Doing) -> None:
    assert why(lambda: issue(november, report=9)) == ["NotOffered"]


def test_two_who_issue_at_the_same_moment(november: Doing) -> None:
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


# ---- What stands in Slack ------------------------------------------------------------------------------------


def copy(doing: Doing, person: str, report: int = 1) -> None:
    with doing.database.write() as session:
        monthly.keep_copy(session, report, person, f"D{person}", "1.1", doing.clock())


def test_every_copy_is_drawn_anew_after_an_issue_and_a_new_version(november: Doing) -> None:
    beat(november)
    copy(november, CHEN)
    copy(november, ZHOU)
    edits = [("report_edit", f"D{CHEN}"), ("report_edit", f"D{ZHOU}")]
    assert told(november)[2:] == []
    redraw(november)
    assert told(november)[2:] == edits
    issue(november, report=2)
    assert told(november)[2:] == edits * 2


@pytest.mark.parametrize("act", [issue, redraw])
def test_what_happened_while_a_copy_was_on_its_way_is_said_at_once(
    november: Doing, act: Callable[[Doing], Any]
) -> None:
    beat(november)
    act(november)
    copy(november, ZHOU)
    assert told(november)[2:] == [("report_edit", f"D{ZHOU}")]


# ---- The guards of the database ------------------------------------------------------------------------------

#: What is refused of an issued version; of a draft, all but the last line.
CHANGES = (
    "UPDATE reports SET content = '{}'",
    "UPDATE reports SET content_hash = 'x'",
    "UPDATE reports SET version = 7",
    "UPDATE reports SET last_day = '2026-11-29'",
    "DELETE FROM reports",
)
AFTER_ISSUE = (
    "UPDATE reports SET comment = 'Better'",
    "UPDATE reports SET issued_at = NULL",
    "UPDATE reports SET issued_by = 'U0ZHOU'",
    "UPDATE reports SET signature = NULL",
)


def run(doing: Doing, statement: str) -> None:
    with doing.database.write() as session:
        execute(session, statement)


def execute(session: Session, statement: str) -> None:
    session.connection().execute(text(statement))


def test_nothing_of_an_issued_report_can_be_changed(november: Doing) -> None:
    beat(november)
    issue(november)
    for statement in (*CHANGES, *AFTER_ISSUE):
        with pytest.raises(DBAPIError, match="what was drawn up or issued stays"):
            run(november, statement)


def test_nor_what_was_drawn_up(november: Doing) -> None:
    beat(november)
    for statement in CHANGES:
        with pytest.raises(DBAPIError, match="what was drawn up or issued stays"):
            run(november, statement)


def test_nor_by_writing_over_it(november: Doing) -> None:
    if not november.database.is_sqlite:
        pytest.skip("PostgreSQL knows no INSERT OR REPLACE")
    beat(november)
    for number in ("id", "id + 1"):
        columns = "first_day, last_day, version, content, content_hash"
        with pytest.raises(DBAPIError, match="what was drawn up or issued stays"):
            run(november, f"INSERT OR REPLACE INTO reports (id, {columns}) SELECT {number}, {columns} FROM reports")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("comment = 'Better'", FindingKind.SIGNATURE_BROKEN),
        ("issued_by = 'U0ZHOUM'", FindingKind.SIGNATURE_BROKEN),
        ("content = '{}'", FindingKind.CONTENT_CHANGED),
        ("signature = NULL", FindingKind.SIGNATURE_BROKEN),
    ],
)
def test_an_issued_report_that_was_changed_is_found(november: Doing, change: str, kind: FindingKind) -> None:
    assert beat(november) == 1
    with november.database.write() as session:
        monthly.issue(session, 1, "All is well", CHEN, "delivery", november.office, november.clock())
    assert dict(verified(november)) == {"T08 2026-11-01–2026-11-30 v1": ()}
    tamper(november.database, f"UPDATE reports SET {change}")
    ((name, findings),) = verified(november)
    assert [finding.kind for finding in findings] == [kind]
    assert {finding.subject for finding in findings} == {name}


def verified(doing: Doing) -> list[tuple[str, tuple[Finding, ...]]]:
    with doing.database.read() as session:
        return list(verify_reports(session))


# ---- Records that somebody made unreadable ---------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "{", "[1]", "{}", '{"cause_class": "awful"}', '{"cause_class": ["code"]}'])
def test_an_analysis_that_cannot_be_read_has_a_cause_that_is_not_known(doing: Doing, hand: Hand, content: str) -> None:
    hand.now = shanghai(11, 9, 9)
    broken, _whole = doing.fault(State.DECISION), doing.fault(State.DECISION)
    tamper(doing.database, f"UPDATE documents SET content = '{content}' WHERE paper = 'T04' AND case_id = {broken}")
    hand.now = MORNING
    assert beat(doing) == 1
    assert [(one.key, one.received) for one in kept(doing).snapshot.counted(By.CAUSE)] == [("code", 1), (None, 1)]


# ---- Slack repeats itself --------------------------------------------------------------------------------------


def test_a_repeated_press_is_not_told_that_it_was_overtaken_by_itself(november: Doing) -> None:
    beat(november)
    redraw(november)
    redraw(november)
    assert [version for *_, version, _issued in drawn(november)] == [1, 2]


def test_a_repeated_comment_is_not_told_that_a_new_version_came_after_it(november: Doing) -> None:
    beat(november)
    issue(november)
    redraw(november)
    issue(november)
    assert drawn(november) == [(*NOVEMBER, 1, True), (*NOVEMBER, 2, False)]


def test_a_press_that_was_refused_had_no_effect_and_may_come_again(november: Doing) -> None:
    beat(november)
    assert why(lambda: redraw(november, WU)) == ["OnlyIssuers"]
    redraw(november)
    assert why(lambda: issue(november, comment="", report=2)) == ["Missing"]
    issue(november, report=2)
    assert drawn(november) == [(*NOVEMBER, 1, False), (*NOVEMBER, 2, True)]
