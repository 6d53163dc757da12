"""A computed due time is shown with how it was computed (process.md §3.9)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.casework.reading.read_models import CaseCard
from bot.i18n.translator import Translator
from bot.slack.views.case.card import card as draw_card
from bot.slack.views.case.reminder import reminder
from storage import vocabulary as v
from tests.support.sample_cases import CHINESE, ENGLISH, NOW, a_card, a_paper, a_reminder, as_read


def with_default(recorded: datetime = NOW + timedelta(hours=5), **changes: Any) -> CaseCard:
    """A case whose deadline is in five hours; `recorded` is the one that was computed."""
    record = a_paper(v.Paper.FAULT_RECORD)
    kept = replace(record, content={**record.content, "default_days": 10, "deadline_at": recorded.isoformat()})
    default: dict[str, Any] = {
        "deadline_basis": v.Basis.DEFAULT,
        "moved_count": 0,
    }
    return a_card(papers=(kept,), **{**default, **changes})


def shown(card: CaseCard, t: Translator) -> str:
    return as_read(draw_card(card, t).blocks, t)


def test_a_default_deadline_shows_its_working_days() -> None:
    said = shown(with_default(), ENGLISH)
    assert "Default · end of working day 10 after" in said
    assert "on hold" not in said.split("end of working day")[1].splitlines()[0]
    assert "默认 · " in shown(with_default(), CHINESE)
    assert "第 10 个工作日" in shown(with_default(), CHINESE)


def test_a_default_deadline_that_a_hold_moved_says_so() -> None:
    moved = with_default(recorded=NOW - timedelta(hours=5))
    assert "and the working time on hold" in shown(moved, ENGLISH)
    assert "挂起" in shown(moved, CHINESE)


def test_a_default_deadline_after_a_reopening_is_counted_from_its_publication() -> None:
    card = with_default()
    since = NOW - timedelta(hours=20)
    again = replace(card.papers[0], content={**card.papers[0].content, "default_since": since.isoformat()})
    assert replace(card, papers=(again,)).default_since == since
    assert card.default_since == card.reported_at


def test_a_negotiated_deadline_is_not_explained() -> None:
    assert "working day" not in shown(with_default(deadline_basis=v.Basis.NEGOTIATED), ENGLISH)


def test_a_waiting_reminder_shows_the_working_time_after_which_it_is_due() -> None:
    waiting = a_reminder(v.Rule.UNTRIAGED, waited=(NOW - timedelta(days=2), 4.0))
    for t, hours in ((ENGLISH, "due after 4 working hours"), (CHINESE, "4 个工作小时")):
        made = reminder(a_card(), waiting, t, steps=())
        assert hours in as_read(made.blocks, t)
    quarter = replace(waiting, waited=(NOW, 11.25))
    assert "after 11.25 working hours" in as_read(reminder(a_card(), quarter, ENGLISH, steps=()).blocks)


def test_a_reminder_says_past_only_of_a_deadline_whose_clock_runs() -> None:
    past = a_card(deadline_at=NOW - timedelta(hours=3), overdue=True)
    ended = a_reminder(v.Rule.HOLD_ENDED)
    for card, said in ((past, True), (replace(past, overdue=False), False)):
        shown_to = as_read(reminder(card, ended, ENGLISH, steps=(), now=NOW).blocks)
        assert ("overdue by" in shown_to) is said
