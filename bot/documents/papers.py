"""The documents of a case as files: the one entry to T01 to T04, T06 and T07."""

from pathlib import Path
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.casework.dossier import Dossier, Record, dossier
from bot.documents.file import File, safe_name
from bot.documents.outlines import OUTLINES
from bot.documents.pdf import pdf_for
from bot.documents.sheet import sheet
from bot.documents.wording import Language, Wording
from bot.workflow import refusals as no
from bot.workflow import unmade
from bot.workflow.refusal import Problem, Refused
from storage.vocabulary import Paper, PaperStatus

Form: TypeAlias = Literal["docx", "pdf"]


def papers_of(session: Session, case_id: int) -> tuple[Paper, ...]:
    """Which documents a case has so far, in the company's order. `Refused` if there is no such case."""
    return papers_in(_dossier(session, case_id))


def versions_in(case: Dossier, paper: Paper) -> tuple[Record, ...]:
    """The versions of a document that somebody submitted, published or recorded; of drafts only the newest."""
    versions = case.versions(paper)
    return tuple(one for one in versions if one.status is not PaperStatus.DRAFT or one is versions[-1])


def papers_in(case: Dossier) -> tuple[Paper, ...]:
    """The same of a case that is at hand."""
    return tuple(paper for paper in OUTLINES if case.newest(paper))


def paper_file(
    session: Session,
    case_id: int,
    paper: Paper,
    form: Form,
    language: Language,
    prefix: str,
    zone: ZoneInfo,
    templates: Path | None,
    *,
    inside: bool = True,
) -> File:
    """One document of a case; the same case gives the same bytes.

    `prefix` begins the company's numbers (`BTSP-SM`), moments are shown in `zone`, `templates` is the folder of the
    company's own; `inside` False, for readers outside the center, leaves internal answers out. `Refused` if there is
    no such case, if it has no such document yet, or if no PDF can be made.
    """
    case = _dossier(session, case_id)
    return paper_from(case, paper, form, language, prefix, zone, templates, inside=inside)


def paper_from(
    case: Dossier,
    paper: Paper,
    form: Form,
    language: Language,
    prefix: str,
    zone: ZoneInfo,
    templates: Path | None,
    *,
    inside: bool = True,
    version: int | None = None,
) -> File:
    """The same of a case that is at hand; `version` is an earlier one."""
    from bot.documents.word import word  # loads what fills templates, which no start should wait for

    wording = Wording(language, zone)
    made = sheet(case, paper, wording, prefix, inside=inside, version=version) if paper in OUTLINES else None
    if made is None:
        raise Refused(Problem(unmade.NoSuchPaper(case.card.number, paper)))
    content = word(made, templates)
    if form == "pdf":
        content = pdf_for(content, made.modified)
    name = safe_name(f"{made.number}_V{made.version}_{language}", form)
    return File(name, f"{made.number} V{made.version} {made.title}", content)


def _dossier(session: Session, case_id: int) -> Dossier:
    try:
        return dossier(session, case_id)
    except KeyError:
        raise Refused(Problem(no.NoSuchCase(f"F-{case_id}"))) from None
