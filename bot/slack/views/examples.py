"""Examples of what the bot shows, about an invented case, with which Slack is asked whether it accepts them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from bot.casework.leavers import Leaver, LeftCase
from bot.casework.reading.cases import Listing, ListLine
from bot.casework.reading.read_models import CaseCard
from bot.casework.statistics.measures import FIGURES, Measure
from bot.casework.statistics.monthly_report import ReportCard
from bot.casework.statistics.report_snapshot import Snapshot
from bot.i18n.translator import Translator
from bot.slack.views.case.card import card
from bot.slack.views.case.full_record import reading
from bot.slack.views.case.task import task
from bot.slack.views.desk.help import help_message
from bot.slack.views.desk.home import home
from bot.slack.views.desk.leavers import reassign_form
from bot.slack.views.desk.lists import listing
from bot.slack.views.desk.statistics_report import issue_form, statistics_report
from bot.slack.views.desk.vacant_role import VACANT
from bot.slack.views.escape import Block
from bot.slack.views.forms.form import form
from bot.slack.views.message import Message
from bot.workflow.conditions import Fact
from storage import vocabulary as v
from storage.vocabulary import Step

_THEN = datetime(2026, 1, 5, 9, tzinfo=UTC)
_SOMEBODY = "U0123456789"


@dataclass(frozen=True, slots=True)
class Example:
    """A view or message by its name; `kind` is the argument of `blocks.validate` that takes its content."""

    name: str
    kind: str
    content: dict[str, Any]


def examples(t: Translator) -> Iterator[Example]:
    """Yield every form, App Home and the usual messages in the reader's language."""
    known = example_case()
    yield from example_forms(t, known)
    yield Example("report_issue", "view", issue_form(_report(), t))
    yield _message("report", statistics_report(_report(), t))
    yield Example("reading", "view", reading(known, (), t))
    yield Example("reassign_all", "view", reassign_form(Leaver(_SOMEBODY, (_left(),), True), t))
    lines = Listing((ListLine(1, 1, known.state, known.summary, known.severity, known.deadline_at, True, True),), 1)
    yield Example("home", "view", home(lines, lines, t, VACANT))
    yield _message("card", card(known, t))
    yield _message("personal_card", card(known, t, list(Step), personal=True))
    yield _message("task", task(known, t, list(Step)))
    yield _message("list", listing(t("Cases"), lines, t))
    yield _message("help", help_message(t, v.Role))


def example_forms(t: Translator, shown: CaseCard | None = None) -> Iterator[Example]:
    """Yield the form of every step, once for each kind and severity of case for which it differs.

    The case that is `shown` stands above the questions, but for a report.
    """
    seen = set[str]()
    kinds = ((None, None), *((kind, None) for kind in v.Kind), *((v.Kind.FAULT, severity) for severity in v.Severity))
    for step, (kind, severity) in product(Step, kinds):
        above = None if step is Step.REPORT else shown
        view = form(step, t, facts=example_facts(kind, severity), answers={}, metadata="{}", card=above)
        made = json.dumps(view)
        if made not in seen:
            seen.add(made)
            yield Example(step.value, "view", view)


def example_facts(kind: v.Kind | None, severity: v.Severity | None) -> dict[str, Any]:
    """Return what `situation.facts` does, with values that make the forms show the most questions."""
    return {
        Fact.KIND: kind,
        Fact.MODULE_OF: "",
        Fact.SOURCE: v.Source.CUSTOMER,
        Fact.SEVERITY: severity,
        Fact.HAS_CUSTOMER: v.YesNo.NO,
        Fact.HAS_DEFAULT: v.YesNo.YES,
        Fact.FOREIGN_FOLLOWERS: v.YesNo.YES,
        Fact.PLACES: tuple(v.Place),
        Fact.SHARED_PLACES: tuple(v.Place),
        Fact.AS_CUSTOMER: v.YesNo.NO,
        Fact.AS_REPORTER: v.YesNo.NO,
        Fact.ALONE: v.YesNo.YES,
    }


def example_case() -> CaseCard:
    """Return an invented fault that is being analyzed."""
    return CaseCard(
        id=12,
        version=7,
        state=v.State.ANALYSIS,
        kind=v.Kind.FAULT,
        source=v.Source.CUSTOMER,
        reporter=_SOMEBODY,
        reported_at=_THEN,
        customer="Demo",
        contact="Demo",
        contact_way="demo@example.com",
        product="Demo",
        product_version="1.0",
        module=None,
        summary="An example",
        description="An example that nobody reported.",
        found_at=_THEN,
        channel=v.Channel.PHONE,
        suspected_urgency=v.Urgency.HIGH,
        attachments=(),
        symptom_kind=v.SymptomKind.EXIT,
        new_business=None,
        severity=v.Severity.SEVERE,
        deadline_at=_THEN + timedelta(days=3),
        first_deadline_at=_THEN + timedelta(days=3),
        deadline_basis=v.Basis.NEGOTIATED,
        moved_count=0,
        resolved_at=None,
        closed_at=None,
        overdue=False,
        on_time=None,
        on_hold=False,
        hold_until=None,
        in_discussion=False,
        negotiating=False,
        answer_round=0,
        test_round=0,
        reopen_count=0,
        build=None,
        target_version=None,
        fixed_version=None,
        master=None,
        master_state=None,
        places=dict.fromkeys(v.Place, (_SOMEBODY,)),
        papers=(),
        last=None,
    )


def _report() -> ReportCard:
    """Return the draft of a statistics report."""
    measures = (
        Measure(figure.code, figure.name, part, figure.unit, 1.5, 12, 6, 0.5)
        for figure in FIGURES
        for part in figure.parts or (None,)
    )
    made = Snapshot(
        first=_THEN.date(),
        last=_THEN.date(),
        zone="UTC",
        since=_THEN,
        until=_THEN + timedelta(days=1),
        made_at=_THEN,
        customer=None,
        product=None,
        measures=tuple(measures),
        counts=(),
        overdue=(),
        very_severe=(),
    )
    return ReportCard(1, 1, made, "")


def _left() -> LeftCase:
    return LeftCase(12, "An example", tuple(v.Place))


def _message(name: str, made: Message) -> Example:
    blocks: list[Block] = made.blocks
    return Example(name, "message", {"text": made.text, "blocks": blocks})
