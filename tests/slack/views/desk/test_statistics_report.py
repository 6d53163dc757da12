"""The message and the form of the statistics report stay within Slack's limits for any text and mention nobody."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.casework.statistics.measures import FIGURES, Measure
from bot.casework.statistics.monthly_report import Issue, ReportCard
from bot.casework.statistics.report_snapshot import Fault, Snapshot
from bot.i18n.translator import Translator
from bot.slack.views.desk.statistics_report import issue_form, statistics_report
from storage.vocabulary import Severity, State
from tests.slack.views.test_limits import BOTH, HOSTILE_TEXT, problems_of_message, problems_of_view
from tests.support.sample_cases import ENGLISH, HOSTILE

AT = datetime(2026, 12, 1, tzinfo=UTC)
LONG = [*HOSTILE.values(), "x" * 3000, "批" * 3000, "\n" * 2999 + "x", "&" * 3000]


def card(text: str, faults: int = 9) -> ReportCard:
    """A draft whose lists hold faults with this text as their summary."""
    fault = Fault(
        number="F-123456",
        summary=text,
        customer=text,
        product=text,
        severity=Severity.VERY_SEVERE,
        state=State.ANALYSIS,
        reported_at=AT,
        deadline_at=AT,
        resolved_at=None,
    )
    measures = tuple(
        Measure(figure.code, figure.name, part, figure.unit, 1e9, 10**6, 10**6, 12345.6)
        for figure in FIGURES
        for part in figure.parts or (None,)
    )
    made = Snapshot(
        first=date(2026, 11, 1),
        last=date(2026, 11, 30),
        zone="Asia/Shanghai",
        since=AT,
        until=AT,
        made_at=AT,
        customer=None,
        product=None,
        measures=measures,
        counts=(),
        overdue=(fault,) * faults,
        very_severe=(fault,) * faults,
    )
    return ReportCard(2**31 - 1, 99, made, "0" * 64, replaces=98)


def issued(text: str) -> ReportCard:
    return replace(card(text), issue=Issue("U0CHEN", text, AT, text, "0" * 64))


@BOTH
@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_slack_accepts_message_and_form_and_nobody_is_mentioned(text: str, t: Translator) -> None:
    for shown in (card(text), issued(text), card(text, faults=0)):
        assert problems_of_message(statistics_report(shown, t)) == []
        assert problems_of_view(issue_form(shown, t)) == []


@HOSTILE_TEXT
def test_the_buttons_do_not_depend_on_the_text(text: str) -> None:
    drawn, settled = (str(statistics_report(shown, ENGLISH).blocks) for shown in (card(text), issued(text)))
    assert "report_issue" in drawn
    assert "report_issue" not in settled
    assert "report_redraw" in settled


def test_the_faults_left_out_are_counted() -> None:
    said = str(statistics_report(card("x"), ENGLISH).blocks)
    assert "Overdue: 9" in said
    assert said.count("4 more in the document") == 2
