"""Leaves out of read models what their reader may not read (process.md §6 R9).

Screens and documents receive read models that went through here, so no renderer decides who may read what.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.casework.reading.full_record import NOBODY, FullRecord, Record, TakenStep
from bot.casework.reading.read_models import CaseCard, HistoryLine, PaperCard
from bot.casework.steps.files import brought
from bot.workflow.fields import FORMS, before
from bot.workflow.paper_fields import content_visibility, paper_visibility
from bot.workflow.reading_levels import Level, Visibility, doer_visibility
from bot.workflow.waiting import Addressee
from storage.vocabulary import Bucket, Paper, Place, Step

#: What every attribute of a card shows. An attribute that is missing here fails the test of this table.
CARD: dict[Visibility, tuple[str, ...]] = {
    Visibility.STATUS: ("id", "version", "state", "master_state", "reported_at", "closed_at"),
    Visibility.PROMISED_TIME: ("deadline_at", "resolved_at", "overdue", "on_time"),
    Visibility.REPORT: (
        *("source", "reporter", "customer", "contact", "contact_way", "product", "product_version", "summary"),
        *("description", "found_at", "channel", "suspected_urgency", "attachments"),
    ),
    Visibility.INTERNAL: (
        *("kind", "module", "symptom_kind", "new_business", "severity", "first_deadline_at", "deadline_basis"),
        *("moved_count", "on_hold", "hold_until", "in_discussion", "negotiating", "answer_round", "test_round"),
        *("reopen_count", "build", "target_version", "fixed_version", "last", "unconfirmed", "undelivered"),
    ),
    Visibility.OTHER_CUSTOMERS: ("master",),
    #: Judged one by one.
    Visibility.SERVICE_MANAGER: ("places", "papers", "waits_for"),
}
#: What stands in the place of an attribute that the reader may not read.
_HIDDEN: dict[str, Any] = {
    **dict.fromkeys(("moved_count", "answer_round", "test_round", "reopen_count"), 0),
    **dict.fromkeys(("on_hold", "in_discussion", "negotiating", "overdue"), False),
    **dict.fromkeys(("attachments", "unconfirmed"), ()),
}


def readable_card(card: CaseCard, level: Level) -> CaseCard:
    """Return the card with only what this level reads. The level must read the report of the case."""
    hidden: dict[str, Any] = {
        name: _HIDDEN.get(name)
        for visibility, names in CARD.items()
        if not level.may_read(visibility)
        for name in names
    }
    hidden["last"] = (
        readable_line(card.last, card, level) if card.last and level.may_read(Visibility.INTERNAL) else None
    )
    known = _people_known(card, level)
    places = card.places if known is None else _only_service_manager(card)
    papers = tuple(_readable_paper(paper, level, known) for paper in card.papers if _has(paper.paper, level))
    return replace(card, **hidden, places=places, papers=papers, waits_for=tuple(_readable_waits(card, known)))


def _readable_waits(card: CaseCard, known: frozenset[str] | None) -> Iterator[Addressee]:
    """Yield whom the case waits for, as far as the reader may know them. `known` None stands for everybody."""
    for one in card.waits_for:
        if known is None:
            yield one
        elif one.bucket is not Bucket.VACANT and (one.person is None or one.person in known):
            yield replace(one, not_person=None)


def _only_service_manager(card: CaseCard) -> dict[Place, tuple[str, ...]]:
    return {place: people for place, people in card.places.items() if place is Place.SERVICE_MANAGER}


def readable_line(line: HistoryLine, card: CaseCard, level: Level) -> HistoryLine:
    """Return an entry of the history with only the answers that this level reads. `card` is that of its case."""
    return _readable_line(line, _own_people(card), level)


def _own_people(card: CaseCard) -> frozenset[str]:
    """Return the people of a case whom everybody knows who reads its report."""
    return frozenset({*card.places.get(Place.SERVICE_MANAGER, ()), card.reporter})


def _readable_line(line: HistoryLine, known: frozenset[str], level: Level) -> HistoryLine:
    knows = level.may_read(doer_visibility(line.step)) or line.person in known
    return replace(line, person=line.person if knows else None, data=_readable_answers(line, level))


def readable_record(record: FullRecord, level: Level) -> FullRecord:
    """Return the full record with only the answers and names that this level reads."""
    known = _own_people(record.card)
    return replace(
        record,
        card=readable_card(record.card, level),
        acts=tuple(_readable_act(act, level, known) for act in record.acts),
        records=tuple(_readable_version(one, level) for one in record.records if _has(one.paper, level)),
    )


def _people_known(card: CaseCard, level: Level) -> frozenset[str] | None:
    """Return the people of the case whom the reader may know besides its reporter; None stands for everybody."""
    if level.may_read(Visibility.INTERNAL):
        return None
    return frozenset(card.places.get(Place.SERVICE_MANAGER, ()))


def _has(paper: Paper, level: Level) -> bool:
    return level.may_read(paper_visibility(paper))


def _readable_paper(paper: PaperCard, level: Level, known: frozenset[str] | None) -> PaperCard:
    author = paper.author if known is None or paper.author in known else None
    return replace(paper, author=author, content=_readable_content(paper.paper, paper.content, level))


def _readable_version(record: Record, level: Level) -> Record:
    return replace(record, content=_readable_content(record.paper, record.content, level))


def _readable_content(paper: Paper, content: Mapping[str, Any], level: Level) -> dict[str, Any]:
    return {code: value for code, value in content.items() if level.may_read(content_visibility(paper, code))}


def _readable_act(act: TakenStep, level: Level, known: frozenset[str]) -> TakenStep:
    """Return the act with only what this level reads. `known` are people of the case whom everybody knows."""
    line = _readable_line(act.line, known, level)
    knows_all = level.may_read(Visibility.INTERNAL)
    unnamed = {act.line.person} - {line.person} if knows_all else act.names.keys() - known
    names = {person: NOBODY if person in unnamed else name for person, name in act.names.items()}
    wrote = tuple(_readable_version(one, level) for one in act.wrote if _has(one.paper, level))
    named = {file["id"] for file in brought(line.step, line.data)}
    files = tuple(file for file in act.files if file.file_id in named)
    return replace(act, line=line, wrote=wrote, names=names, files=files)


def _readable_answers(line: HistoryLine, level: Level) -> dict[str, Any]:
    """Return the answers of a step that this level reads.

    A comment counts as another's and is internal; `readable_comments` returns the reader's own.
    """
    form = FORMS[line.step]
    visibility = {code: field.visibility for field in form for code in (field.code, before(field.code))}
    visibility |= dict.fromkeys(("papers", *Place), Visibility.INTERNAL)
    if line.step is Step.COMMENT:
        visibility = dict.fromkeys(visibility, Visibility.INTERNAL)
    return {code: value for code, value in line.data.items() if level.may_read(visibility.get(code, Visibility.CENTER))}


def readable_comments(comments: Iterable[HistoryLine], person: str, level: Level) -> tuple[HistoryLine, ...]:
    """Return the comments that the person may read: their own, or all where the level reads what is internal."""
    return tuple(line for line in comments if level.may_read(Visibility.INTERNAL) or line.person == person)
