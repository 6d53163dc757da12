"""The documents of a case as files: T01 to T04, T06 and T07 (process.md §4)."""

from typing import Literal, TypeAlias

from sqlmodel import Session

from bot.casework.reading.full_record import FullRecord, Record, full_record
from bot.documents.case.document import document_contents
from bot.documents.case.outlines import OUTLINES
from bot.documents.context import DocumentSettings
from bot.documents.file import File, safe_name
from bot.documents.word.pdf import pdf_for
from bot.documents.wording import Wording
from bot.workflow import export_refusals
from bot.workflow import refusals as no
from bot.workflow.context import Policy
from bot.workflow.reading_levels import Level
from bot.workflow.refusal import Problem, Refused
from storage.file_contents import FileContents
from storage.vocabulary import Paper, PaperStatus

Form: TypeAlias = Literal["docx", "pdf"]


def case_of(session: Session, case_id: int, policy: Policy) -> FullRecord:
    """Load the full record of a case, from which its documents are made. Raises `Refused` if there is no such case."""
    try:
        return full_record(session, case_id, policy)
    except KeyError:
        raise Refused(Problem(no.NoSuchCase(f"F-{case_id}"))) from None


def papers_in(case: FullRecord) -> tuple[Paper, ...]:
    """Return the documents that a case has so far, in the order of their numbers."""
    return tuple(paper for paper in OUTLINES if case.newest(paper))


def versions_in(case: FullRecord, paper: Paper) -> tuple[Record, ...]:
    """Return the submitted, published or recorded versions of a document; a draft only if it is the newest version."""
    versions = case.versions(paper)
    return tuple(one for one in versions if one.status is not PaperStatus.DRAFT or one is versions[-1])


def paper_file(
    case: FullRecord,
    paper: Paper,
    form: Form,
    wording: Wording,
    own: DocumentSettings,
    *,
    level: Level = Level.CENTER,
    version: int | None = None,
    contents: FileContents | None = None,
) -> File:
    """Make one document of a case. The same case gives the same bytes.

    It contains what its reader's `level` reads (process.md §6 R9). `version` is the newest by default. `contents`
    is where the files of cases are kept; without it the document shows no pictures. Raises `Refused` if the case has no
    such document yet or if no PDF can be made, and ValueError if there is no such version.
    """
    from bot.documents.word.fill_template import (
        word,  # imported here because the template libraries would slow every start
    )

    made = (
        document_contents(case, paper, wording, own.prefix, level=level, version=version) if paper in OUTLINES else None
    )
    if made is None:
        raise Refused(Problem(export_refusals.NoSuchPaper(case.card.number, paper)))
    content = word(made, own.templates, contents)
    if form == "pdf":
        content = pdf_for(content, made.modified)
    name = safe_name(f"{made.number}_V{made.version}_{wording.language}", form)
    return File(name, f"{made.number} V{made.version} {made.title}", content)
