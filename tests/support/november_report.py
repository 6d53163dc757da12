"""The report of November 2026, which is due on the first morning of December."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from bot.casework.statistics import monthly_report
from bot.casework.statistics.monthly_report import ReportCard
from bot.workflow.refusal import Refused
from storage.tables import Outgoing, Report
from storage.vocabulary import State
from tests.casework.conftest import Hand
from tests.support.acceptance_scenarios import MORNING
from tests.support.case_builder import Doing
from tests.support.team import CHEN, SHANGHAI

NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)


def shanghai(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.fixture
def november(doing: Doing, hand: Hand) -> Doing:
    """A November with one case. The present moment is the first morning of December."""
    hand.now = shanghai(11, 9, 9)
    doing.fault(State.ANALYSIS)
    hand.now = MORNING
    return doing


def beat(doing: Doing) -> int:
    drafted, now = 0, doing.clock()
    while True:
        with doing.database.read() as session:
            due = monthly_report.figures_due(session, doing.office, now)
        if due is None:
            return drafted
        with doing.database.write() as session:
            if not monthly_report.draft(session, due, doing.office, now):
                return drafted
        drafted += 1


def drawn(doing: Doing) -> list[tuple[date, date, int, bool]]:
    """First day, last day, version, and whether it was issued, for each report."""
    with doing.database.read() as session:
        found = session.exec(select(Report).order_by("id"))
        return [(one.first_day, one.last_day, one.version, one.signature is not None) for one in found]


def told(doing: Doing) -> list[tuple[str, str]]:
    """The view and the target of each message about a report."""
    with doing.database.read() as session:
        found = session.exec(select(Outgoing).where(Outgoing.view.startswith("report")).order_by("id"))
        return [(one.view, one.target) for one in found]


def kept(doing: Doing, version: int | None = None) -> ReportCard:
    """This version of November's report. Without a version, the newest issued one, or else the newest draft."""
    with doing.database.read() as session:
        card = monthly_report.kept(session, *NOVEMBER, version)
    assert card is not None
    return card


def issue(doing: Doing, by: str = CHEN, comment: str = "Good 良好", report: int = 1, delivery: str = "view:1") -> None:
    with doing.database.write() as session:
        monthly_report.issue(session, report, comment, by, delivery, doing.office, doing.clock())


def redraw(doing: Doing, by: str = CHEN, report: int = 1, delivery: str = "action:1") -> None:
    with doing.database.read() as session:
        again = monthly_report.figures_again(session, report, by, doing.office, doing.clock())
    with doing.database.write() as session:
        monthly_report.redraw(session, report, again, by, delivery, doing.office, doing.clock())


def why(act: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refused:
        act()
    return [type(problem.refusal).__name__ for problem in refused.value.problems]
