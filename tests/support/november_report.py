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
from tests.support.acceptance_scenarios import MORNING
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import CHEN, SHANGHAI

NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)


def shanghai(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.fixture
def november(builder: CaseBuilder, clock: ManualClock) -> CaseBuilder:
    """A November with one case. The present moment is the first morning of December."""
    clock.set(shanghai(11, 9, 9))
    builder.fault(State.ANALYSIS)
    clock.set(MORNING)
    return builder


def beat(builder: CaseBuilder) -> int:
    drafted, now = 0, builder.clock()
    while True:
        with builder.database.read() as session:
            due = monthly_report.figures_due(session, builder.company, now)
        if due is None:
            return drafted
        with builder.database.write() as session:
            if not monthly_report.draft(session, due, builder.company, now):
                return drafted
        drafted += 1


def drawn(builder: CaseBuilder) -> list[tuple[date, date, int, bool]]:
    """First day, last day, version, and whether it was issued, for each report."""
    with builder.database.read() as session:
        found = session.exec(select(Report).order_by("id"))
        return [(one.first_day, one.last_day, one.version, one.signature is not None) for one in found]


def told(builder: CaseBuilder) -> list[tuple[str, str]]:
    """The view and the target of each message about a report."""
    with builder.database.read() as session:
        found = session.exec(select(Outgoing).where(Outgoing.view.startswith("report")).order_by("id"))
        return [(one.view, one.target) for one in found]


def kept(builder: CaseBuilder, version: int | None = None) -> ReportCard:
    """This version of November's report. Without a version, the newest issued one, or else the newest draft."""
    with builder.database.read() as session:
        card = monthly_report.kept(session, *NOVEMBER, version)
    assert card is not None
    return card


def issue(
    builder: CaseBuilder, by: str = CHEN, comment: str = "Good 良好", report: int = 1, delivery: str = "view:1"
) -> None:
    with builder.database.write() as session:
        monthly_report.issue(session, report, comment, by, delivery, builder.company, builder.clock())


def redraw(builder: CaseBuilder, by: str = CHEN, report: int = 1, delivery: str = "action:1") -> None:
    with builder.database.read() as session:
        again = monthly_report.figures_again(session, report, by, builder.company, builder.clock())
    with builder.database.write() as session:
        monthly_report.redraw(session, report, again, by, delivery, builder.company, builder.clock())


def why(act: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refused:
        act()
    return [type(problem.refusal).__name__ for problem in refused.value.problems]
