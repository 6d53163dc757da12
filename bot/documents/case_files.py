"""The documents of a case as files: the one entry to T01 to T04, T06 and T07."""

from typing import Literal, TypeAlias

from sqlmodel import Session

from bot.casework.reading.full_record import Dossier, Record, dossier
from bot.documents.case.document import sheet
from bot.documents.case.outlines import OUTLINES
from bot.documents.context import Stationery
from bot.documents.file import File, safe_name
from bot.documents.word.pdf import pdf_for
from bot.documents.wording import Wording
from bot.workflow import export_refusals
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused
from storage.vocabulary import Paper, PaperStatus

Form: TypeAlias = Literal["docx", "pdf"]


def case_of(session: Session, case_id: int) -> Dossier:
    """The case that documents are made of. `Refused` if there is no such case."""
    try:
        return dossier(session, case_id)
    except KeyError:
        raise Refused(Problem(no.NoSuchCase(f"F-{case_id}"))) from None


def papers_in(case: Dossier) -> tuple[Paper, ...]:
    """Which documents a case has so far, in the company's order."""
    return tuple(paper for paper in OUTLINES if case.newest(paper))


def versions_in(case: Dossier, paper: Paper) -> tuple[Record, ...]:
    """The versions of a document that somebody submitted, published or recorded; of drafts only the newest."""
    versions = case.versions(paper)
    return tuple(one for one in versions if one.status is not PaperStatus.DRAFT or one is versions[-1])


def paper_file(
    case: Dossier,
    paper: Paper,
    form: Form,
    wording: Wording,
    own: Stationery,
    *,
    inside: bool = True,
    version: int | None = None,
) -> File:
    """One document of a case, the newest version unless said otherwise; the same case gives the same bytes.

    `inside` False, for readers outside the center, leaves internal answers out. `Refused` if the case has no such
    document yet, or if no PDF can be made.
    """
    from bot.documents.word.word import word  # loads what fills templates, which no start should wait for

    made = sheet(case, paper, wording, own.prefix, inside=inside, version=version) if paper in OUTLINES else None
    if made is None:
        raise Refused(Problem(export_refusals.NoSuchPaper(case.card.number, paper)))
    content = word(made, own.templates)
    if form == "pdf":
        content = pdf_for(content, made.modified)
    name = safe_name(f"{made.number}_V{made.version}_{wording.language}", form)
    return File(name, f"{made.number} V{made.version} {made.title}", content)
