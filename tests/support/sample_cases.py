"""Invented cases, steps and documents as read models, with any text in every field that people type."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.casework.reading.read_models import CaseCard, HistoryLine, PaperCard, ReminderCard
from bot.i18n.translator import Translator, translator
from bot.sandbox.blocks.mrkdwn import Reader
from bot.sandbox.blocks.plain_text import read_blocks
from bot.slack.views.examples import example_facts
from bot.workflow.conditions import Fact
from bot.workflow.deadlines import WAITING_RULES
from bot.workflow.field import Field, FieldKind
from bot.workflow.fields import FORMS
from bot.workflow.steps import TABLE
from storage import vocabulary as v
from storage.vocabulary import Step

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
ENGLISH, CHINESE = translator("en", "Europe/London"), translator("zh-CN", "Asia/Shanghai")
TRANSLATORS = (ENGLISH, CHINESE)
CROWD = tuple(f"U0PERSON{number:02}" for number in range(50))

#: Difficult text that people may paste, by the kind of difficulty.
HOSTILE = {
    "empty": "",
    "blank": " \n\t ",
    "pings": "<!channel> <!here|x> <!everyone> <@U0VICTIM> <@W0VICTIM> <!subteam^S0ALL> <#C0DESK> @here #all",
    "link": "<https://evil.example|Sign here> https://evil.example mailto:a@b.c <mailto:a@b.c|you>",
    "markup": "*bold* _it_ ~no~ `code` ```block``` > quote\n> *State* Closed\n:red_circle: :100:",
    "markup_line": "*State* Closed · ✓ *all good*",
    "entities": "&lt;!channel&gt; &amp; <b>&</b> " + "&<>" * 1000,
    "chinese": "批价进程异常退出，重启后仍然出现。" * 180,
    "emoji": "👩‍💻🏳️‍🌈👍🏽é" * 400,
    "right_to_left": "\u202eevil\u202c العربية ثم English \u2067x\u2069 עברית",
    "control": "a\x00b\x07c\x1b[31m\r\nd\u2028e\ud800f\ufeff",
    "json": '"\\{}[]' * 500,
    "format": "%(who)s %s %% {0} {name}",
    "one_word": "x" * 3000,
    "many_lines": "line\n" * 600,
    "fence": "`" * 3000,
}


def answer(field: Field, text: str) -> Any:
    """A recorded answer, as plain JSON data, with `text` wherever people type."""
    match field.kind:
        case FieldKind.CHOICE:
            return next(iter(field.options or ()), v.Place.TESTERS).value
        case FieldKind.PERSON:
            return CROWD[0]
        case FieldKind.PEOPLE:
            return list(CROWD)
        case FieldKind.MOMENT:
            return NOW.isoformat()
        case FieldKind.HOURS:
            return 1.5
        case FieldKind.FILES:
            return [{"id": f"F0{number}", "name": text} for number in range(10)]
        case FieldKind.TEST_CASES:
            case = {"title": text, "expected": text, "actual": text, "passed": True}
            return [case, {**case, "passed": False}]
    return text[: field.longest]


def answers(step: Step, text: str) -> dict[str, Any]:
    return {field.code: answer(field, text) for field in FORMS[step]}


def a_line(step: Step, text: str = "x", **changes: Any) -> HistoryLine:
    row = next(row for row in TABLE if row.step is step)
    came_from = next(iter(sorted(row.sources)), None)
    data = {**answers(step, text), "papers": [{"paper": "T02", "version": 1, "hash": "ab"}]}
    to = row.to[0] if row.to else came_from or v.State.TRIAGE
    return replace(HistoryLine(7, NOW, "U0CHEN", step, came_from, to, data), **changes)


def a_paper(paper: v.Paper, text: str = "x", **changes: Any) -> PaperCard:
    steps = [row.step for row in TABLE if paper in row.papers]
    content = {code: value for step in steps for code, value in answers(step, text).items()}
    more = {"round": 2, "case": "F-12", "summary": text, "description": text, "conclusion": "pass"}
    card = PaperCard(paper, 2, v.PaperStatus.RECORDED, {**more, **content}, "a1b2c3d4e5f60718" * 4, "U0CHEN", NOW)
    return replace(card, **changes)


def a_card(text: str = "Rating process exits with ORA-01438 批价进程异常退出", **changes: Any) -> CaseCard:
    """F-12 with every field filled in and `text` wherever people typed."""
    line = text[:140]
    card = CaseCard(
        id=12,
        version=7,
        state=v.State.ANALYSIS,
        kind=v.Kind.FAULT,
        source=v.Source.CUSTOMER,
        reporter="U0SUN",
        reported_at=NOW - timedelta(days=2),
        customer=line,
        contact=line,
        contact_way=line,
        product=line,
        product_version=line,
        module=line,
        summary=line,
        description=text,
        found_at=NOW - timedelta(days=3),
        channel=v.Channel.PHONE,
        suspected_urgency=v.Urgency.HIGH,
        attachments=({"id": "F0A", "name": text},),
        symptom_kind=v.SymptomKind.EXIT,
        new_business=text,
        severity=v.Severity.VERY_SEVERE,
        deadline_at=NOW + timedelta(hours=5),
        first_deadline_at=NOW + timedelta(hours=2),
        deadline_basis=v.Basis.CUSTOMER_STIPULATED,
        moved_count=2,
        resolved_at=None,
        closed_at=None,
        on_time=None,
        overdue=True,
        on_hold=True,
        hold_until=NOW + timedelta(days=1),
        in_discussion=True,
        negotiating=True,
        answer_round=3,
        test_round=2,
        reopen_count=2,
        build=line,
        target_version=line,
        fixed_version=line,
        master="F-3",
        master_state=v.State.TESTING,
        places=dict.fromkeys(v.Place, CROWD),
        papers=tuple(a_paper(paper, text) for paper in v.Paper if paper is not v.Paper.CASE),
        last=a_line(Step.SIGN_SHEET, text),
    )
    return replace(card, **changes)


def a_new_card() -> CaseCard:
    """F-12 just reported internally, with as few fields as a case can have."""
    nothing: dict[str, Any] = dict.fromkeys(
        (
            *("kind", "customer", "module", "suspected_urgency", "symptom_kind", "new_business", "severity"),
            *("deadline_at", "first_deadline_at", "deadline_basis", "hold_until", "build", "target_version"),
            *("fixed_version", "master", "master_state"),
        )
    )
    zero: dict[str, Any] = {"moved_count": 0, "answer_round": 0, "test_round": 0, "reopen_count": 0}
    off = dict.fromkeys(("overdue", "on_hold", "in_discussion", "negotiating"), False)
    empty: dict[str, Any] = {"attachments": (), "places": {}, "papers": (), "last": a_line(Step.REPORT)}
    inside: dict[str, Any] = {"state": v.State.TRIAGE, "source": v.Source.INTERNAL}
    return a_card("Login page is blank", **nothing, **zero, **off, **empty, **inside)


def a_reminder(rule: v.Rule, **changes: Any) -> ReminderCard:
    when = NOW - timedelta(hours=29), NOW, 30
    waited = (NOW - timedelta(days=2), 4.0) if rule in WAITING_RULES.values() else None
    return replace(ReminderCard(5, rule, 80, *when, True, None, None, waited), **changes)


def facts(kind: v.Kind | None, severity: v.Severity | None, customer: bool = False) -> dict[str, Any]:
    """What `situation.facts` returns, with values that make the forms show the most questions."""
    said = v.YesNo.YES if customer else v.YesNo.NO
    return {**example_facts(kind, severity), Fact.AS_CUSTOMER: said, Fact.AS_REPORTER: said}


def as_read(blocks: Iterable[Mapping[str, Any]], t: Translator = ENGLISH) -> str:
    """The blocks as a person reads them."""
    reader = Reader(lambda user: "@" + user, t.zone, t.locale.replace("-", "_"), lambda: NOW)
    return read_blocks([dict(block) for block in blocks], reader)
