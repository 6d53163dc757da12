"""The content of one document of a case as labelled text, independent of the file format."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, TypeAlias

from bot.casework.reading.file_cards import PICTURES, FileCard
from bot.casework.reading.full_record import FullRecord, Record, TakenStep
from bot.casework.reading.redaction import readable_record
from bot.documents.case.answers import NOTHING, Answer, answer, fact, fact_label
from bot.documents.case.history import Change, Signature, changes, signatures
from bot.documents.case.outlines import OUTLINES, Chapter, Outline, Part
from bot.documents.wording import Language, Wording
from bot.i18n.translator import _
from bot.workflow.reading_levels import Level, Visibility
from storage.vocabulary import SHEETS, Paper, PaperStatus, Step

#: The words that every document uses, by their names in templates.
WORDS: dict[str, str] = {
    "number": _("Number"),
    "case": _("Case"),
    "version": _("Version"),
    "status": _("Status"),
    "author": _("Author"),
    "date": _("Date"),
    "signatures": _("Signatures"),
    "act": _("Act"),
    "name": _("Name"),
    "role": _("Role"),
    "hash": _("Content hash (SHA-256)"),
    "history": _("Change history"),
    "legend": _("A added, M modified, D void"),
    "letter": _("A/M/D"),
    "what": _("What changed"),
    "title": _("Test case"),
    "expected": _("Expected"),
    "actual": _("Actual"),
    "result": _("Result"),
    "pictures": _("Pictures"),
}
_INTERNAL = _("Internal only")


@dataclass(frozen=True, slots=True)
class Entry:
    """One labelled answer. `code` is its name in templates."""

    code: str
    label: str
    value: Answer


@dataclass(frozen=True, slots=True)
class FilledPart:
    """A table of the document with its answers filled in. `code` is its name in templates."""

    code: str
    heading: str
    entries: tuple[Entry, ...]


#: The filled parts of a round, by code.
Parts: TypeAlias = dict[str, FilledPart]


@dataclass(frozen=True, slots=True)
class FilledRound:
    """One round of a repeated chapter. A chapter that is not repeated has a single round without a heading."""

    heading: str
    parts: Parts


@dataclass(frozen=True, slots=True)
class DocumentContents:
    """The content of a document.

    `form` is the company's number of this kind of document, and `number` that of this document. `notice` says who may
    read it. `inside` says whether it contains the answers for readers inside the center. `chapters` maps the code of a
    chapter to its rounds. `pictures` are files to be shown at the end. `created` and `modified` (aware UTC) are
    the moments of its first and its newest content.
    """

    paper: Paper
    language: Language
    form: str
    number: str
    case: str
    title: str
    version: int
    status: str
    notice: str
    inside: bool
    author: str
    date: str
    hash: str
    chapters: dict[str, tuple[FilledRound, ...]]
    signatures: tuple[Signature, ...]
    history: tuple[Change, ...]
    words: dict[str, str]
    created: datetime
    modified: datetime
    pictures: tuple[FileCard, ...] = ()


def document_contents(
    case: FullRecord,
    paper: Paper,
    t: Wording,
    prefix: str,
    *,
    level: Level = Level.CENTER,
    version: int | None = None,
) -> DocumentContents | None:
    """Return the case's document of this kind (process.md §4); None if there is none yet.

    `prefix` begins the company's numbers. Answers and names that `level` does not read are left out. `version` is the
    newest by default. Raises KeyError for a record that is not a document of its own, and ValueError
    if there is no such version.
    """
    outline = OUTLINES[paper]
    newest = case.newest(paper)
    if newest is None:
        return None
    full_record = readable_record(case, level)
    full_record = full_record if version is None else full_record.at_version(paper, version)
    record = full_record.versions(paper)[-1]
    acts = _acts_of(full_record, paper)
    form = f"{prefix}-{paper.value}"
    return DocumentContents(
        paper=paper,
        language=t.language,
        form=form,
        number=f"{form}-{full_record.card.number.replace('-', '')}",
        case=full_record.card.number,
        title=_title(record, newest, t),
        version=record.version,
        status=t.word(record.status),
        notice=t(_INTERNAL) if outline.internal else "",
        inside=level.may_read(Visibility.INTERNAL),
        author=full_record.author(record),
        date=t.moment(record.created_at),
        hash=record.content_hash,
        chapters={chapter.code: tuple(_rounds(chapter, full_record, acts, t)) for chapter in outline.chapters},
        signatures=tuple(signatures(outline.signatures, full_record, acts, t)),
        history=tuple(changes(outline.history, full_record, acts, t)),
        words={name: t(sentence) for name, sentence in WORDS.items()},
        created=full_record.versions(paper)[0].created_at,
        modified=_modified(outline, acts, record),
        pictures=tuple(_pictures(outline, full_record)),
    )


def _pictures(outline: Outline, full_record: FullRecord) -> Iterator[FileCard]:
    """Yield the pictures of the outline's steps of which there is a copy, oldest first."""
    for act in full_record.acts:
        if act.line.step in outline.pictures:
            yield from (file for file in act.files if file.sha256 and file.kind in PICTURES)


def _title(record: Record, newest: Record, t: Wording) -> str:
    """Return the title of the document. It says if the version is void, reclassified or superseded."""
    if record.status in (PaperStatus.VOID, PaperStatus.RECLASSIFIED):
        return t("%(title)s (%(status)s)", title=record.paper, status=record.status)
    if record.version != newest.version:
        return t("%(title)s (superseded by version %(version)s)", title=record.paper, version=newest.version)
    return t.word(record.paper)


def _acts_of(full_record: FullRecord, paper: Paper) -> tuple[TakenStep, ...]:
    """Return the acts that concern a document: all except those that touch only another task sheet.

    A sheet keeps the report as it was when the sheet was drafted, because what is signed stays as signed (rule 2.2).
    """
    others = [sheet for sheet in SHEETS if sheet is not paper]
    acts = (act for act in full_record.acts if act.touches(paper) or not any(map(act.touches, others)))
    if paper not in SHEETS:
        return tuple(acts)
    drafted = max(act.line.seq for act in full_record.acts if any(record.paper is paper for record in act.wrote))
    return tuple(act for act in acts if act.line.step is not Step.CORRECT or act.line.seq < drafted)


def _modified(outline: Outline, acts: tuple[TakenStep, ...], newest: Record) -> datetime:
    """Return the moment of the newest content of the document."""
    shown = {step for chapter in outline.chapters for part in chapter.parts for step in part.steps}
    told = (act.line.at for act in acts if act.line.step in shown or any(map(act.touches, outline.history)))
    return max(newest.created_at, *told)


def _rounds(
    chapter: Chapter, full_record: FullRecord, acts: tuple[TakenStep, ...], t: Wording
) -> Iterator[FilledRound]:
    if chapter.item is None:
        filled = _parts(chapter.parts, full_record, acts, t)
        yield from (FilledRound("", filled),) if filled else ()
        return
    begins = [place for place, act in enumerate(acts) if act.line.step in chapter.parts[0].steps]
    for number, (start, end) in enumerate(pairwise([*begins, len(acts)]), start=1):
        yield FilledRound(t(chapter.heading, number=number), _parts(chapter.parts, full_record, acts[start:end], t))


def _parts(parts: tuple[Part, ...], full_record: FullRecord, acts: tuple[TakenStep, ...], t: Wording) -> Parts:
    """Fill each part from the newest act of its steps. A part without steps is filled from all acts."""
    filled = {}
    for part in parts:
        act = next((act for act in reversed(acts) if act.line.step in part.steps), None) or _import_report(part, acts)
        if act is not None or not part.steps:
            filled[part.code] = FilledPart(part.code, t(part.heading), tuple(_entries(part, act, full_record, acts, t)))
    return filled


def _import_report(part: Part, acts: tuple[TakenStep, ...]) -> TakenStep | None:
    """Return the report of an imported historic case, if it wrote the record that this part shows."""
    reports = (act for act in acts if act.line.step is Step.REPORT)
    return next((act for act in reports if any(record.paper in part.papers for record in act.wrote)), None)


def _answers_of(part: Part, act: TakenStep) -> dict[str, Any]:
    """Return the answers of an act for a part, by field code."""
    if act.line.step in part.steps:
        return (act.content(part.record) if part.record else {}) or act.answers
    return act.content(*part.papers)


def _entries(
    part: Part, act: TakenStep | None, full_record: FullRecord, acts: tuple[TakenStep, ...], t: Wording
) -> Iterator[Entry]:
    said = _answers_of(part, act) if act else {}
    for step, field in part.fields():
        yield Entry(field.code, t.field(step, field.code), answer(field, said.get(field.code), act, t))
    for code in part.facts:
        yield Entry(code, fact_label(code, t), fact(code, act, full_record, acts, t) or NOTHING)
