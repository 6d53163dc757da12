"""Read models hold only what their reader may read (process.md §6 R9)."""

from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from typing import Any

import pytest

from bot.casework.reading.full_record import NOBODY, full_record
from bot.casework.reading.read_models import CaseCard
from bot.casework.reading.redaction import CARD, readable_card, readable_line, readable_record
from bot.workflow.fields import FORMS
from bot.workflow.paper_fields import ANSWERS, content_visibility
from bot.workflow.reading_levels import Level, Visibility
from storage.vocabulary import Paper, Place, Step
from tests.support.acceptance_scenarios import AcceptanceScenarios
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.sample_cases import a_card, a_line
from tests.support.team import ANNA, LIN

OUTSIDE = (Level.REPORTER, Level.CUSTOMER)


def test_every_attribute_of_a_card_has_a_visibility() -> None:
    named = [name for names in CARD.values() for name in names]
    assert sorted(named) == sorted(field.name for field in fields(CaseCard))


def test_the_center_reads_everything() -> None:
    assert readable_card(a_card(), Level.CENTER) == a_card()


def test_the_assigned_read_all_but_other_customers() -> None:
    card = readable_card(a_card(), Level.ASSIGNED)
    both = zip(a_card().papers, card.papers, strict=True)
    lost = {(one.paper, code) for one, kept in both for code in one.content.keys() - kept.content.keys()}
    assert {(paper, code) for paper, code in lost if code in ANSWERS[paper]} == {
        (paper, "other_customers") for paper in (Paper.ANALYSIS_REPORT, Paper.FAULT_RECORD)
    }


def test_the_last_step_on_a_card_has_only_the_answers_that_its_reader_reads() -> None:
    said = {"direct_cause": "Overflow", "other_customers": "Beta Bank"}
    whole = a_card(last=replace(a_line(Step.PUBLISH_ANALYSIS, ""), data=said))
    kept = readable_card(whole, Level.ASSIGNED).last
    assert kept is not None
    assert kept.data == {"direct_cause": "Overflow"}
    assert readable_card(whole, Level.CENTER) == whole


@pytest.mark.parametrize("level", OUTSIDE)
def test_reporters_and_customers_hold_no_internal_value(level: Level) -> None:
    whole, card = a_card(), readable_card(a_card(), level)
    assert card.places == {place: people for place, people in whole.places.items() if place is Place.SERVICE_MANAGER}
    assert card.last is None
    assert {one.paper for one in card.papers} <= {Paper.CASE, Paper.SERVICE_REPORT, Paper.REPLY, Paper.MANUAL_PART}
    for paper in card.papers:
        for code in paper.content:
            assert content_visibility(paper.paper, code) is not Visibility.INTERNAL
    for name in ("severity", "module", "first_deadline_at", "new_business", "build", "master"):
        assert getattr(card, name) is None, name
    assert (card.summary, card.contact_way, card.deadline_at) == (whole.summary, whole.contact_way, whole.deadline_at)


def _told(value: Any) -> Iterator[str]:
    """Every text in a read model."""
    if isinstance(value, dict):
        for one in value.values():
            yield from _told(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _told(one)
    elif isinstance(value, str):
        yield value


@pytest.fixture
def played(builder: CaseBuilder, clock: ManualClock) -> CaseBuilder:
    """The six acceptance scenarios, at their ends."""
    AcceptanceScenarios(builder, clock).all()
    return builder


def test_every_stored_value_of_a_record_is_known_to_a_form_or_to_the_table(played: CaseBuilder) -> None:
    with played.database.read() as session:
        for case in range(1, 7):
            for record in full_record(session, case, played.company.policy).records:
                for code in record.content:
                    assert content_visibility(record.paper, code) is not Visibility.CENTER, (record.paper, code)


@pytest.mark.parametrize("level", OUTSIDE)
def test_the_full_record_of_a_reporter_holds_no_internal_answer(played: CaseBuilder, level: Level) -> None:
    with played.database.read() as session:
        for case in range(1, 7):
            whole = full_record(session, case, played.company.policy)
            kept = readable_record(whole, level)
            for act in kept.acts:
                form = {one.code for one in FORMS[act.line.step] if level.may_read(one.visibility)}
                assert set(act.line.data) <= form
            named = set(_told([asdict(one) for one in kept.records]))
            assert not named & {"Told on the phone", "Phone 电话", "Nobody checks the size", "Widen the column"}
            known = set(kept.card.places.get(Place.SERVICE_MANAGER, ())) | {kept.card.reporter}
            mentioned = {act.line.person for act in whole.acts} | {one.author for one in whole.records}
            assert {one for act in kept.acts for one in mentioned if act.called(one) != NOBODY} <= known


def test_a_line_of_the_history_keeps_its_step_and_loses_its_person_and_reasons(played: CaseBuilder) -> None:
    with played.database.read() as session:
        record = full_record(session, 4, played.company.policy)
        published = next(act.line for act in record.acts if act.line.step is Step.PUBLISH_ANALYSIS)
        kept = readable_line(published, record.card, Level.REPORTER)
    assert (kept.step, kept.person, kept.data) == (Step.PUBLISH_ANALYSIS, None, {})
    assert ANSWERS[Paper.ANALYSIS_REPORT].keys() & published.data.keys()


def test_the_comment_of_another_is_in_no_line_and_no_full_record_of_a_reporter(builder: CaseBuilder) -> None:
    case = builder.report(ANNA)
    builder.take(Step.COMMENT, LIN, case, text="Seen before")
    with builder.database.read() as session:
        record = full_record(session, case, builder.company.policy)
    line = record.acts[-1].line
    for level, words in ((Level.CENTER, line.data), (Level.ASSIGNED, line.data), (Level.REPORTER, {})):
        assert readable_line(line, record.card, level).data == words
        assert readable_record(record, level).acts[-1].line.data == words
