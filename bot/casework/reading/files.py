"""The files of a case as its reader may have them (process.md §6 R9), and the order for a copy."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.reading import cases
from bot.casework.reading.cases import CaseForPerson
from bot.casework.reading.file_cards import REPORT_SEQ, FileCard, file_card
from bot.casework.reading.read_models import HistoryLine
from bot.casework.steps.files import brought
from bot.casework.steps.notify import MessageKind
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused
from storage import case_files, deliveries, outbox, turns
from storage.vocabulary import Step


class FileRef(NamedTuple):
    """Which file of which case: its id in Slack, and the entry `seq` that brought it."""

    case_id: int
    seq: int
    file_id: str


def readable_files(session: Session, shown: CaseForPerson, comments: Iterable[HistoryLine]) -> tuple[FileCard, ...]:
    """Return the files of the report and of these comments, which the reader of the case may read, oldest first."""
    known = {(one.seq, one.file_id): one for one in case_files.of_case(session, shown.card.id)}
    told: list[tuple[int, Mapping[str, str]]] = [(REPORT_SEQ, file) for file in shown.card.attachments]
    told += [(line.seq, file) for line in comments for file in brought(Step.COMMENT, line.data)]
    return tuple(file_card(shown.card.id, seq, file, known.get((seq, file["id"]))) for seq, file in told)


def file_for(session: Session, wanted: FileRef, person: str, company: CompanySettings, now: datetime) -> FileCard:
    """Return a file as this person may have it. Raises `Refused`; one that they may not read is refused as unknown."""
    shown = cases.show(session, wanted.case_id, person, company, now)
    files = readable_files(session, shown, cases.comments(session, shown, person))
    found = next((one for one in files if (one.seq, one.file_id) == wanted[1:]), None)
    if found is None or found.sha256 is None:
        raise Refused(Problem(no.NotOffered()))
    return found


def order_copy(
    session: Session, wanted: FileRef, person: str, delivery: str, company: CompanySettings, now: datetime
) -> None:
    """Queue a copy of a file for this person, once per `delivery` (a Slack request). Raises `Refused` as `file_for`."""
    file_for(session, wanted, person, company, now)
    if deliveries.first(session, delivery, now):
        turns.caused_by(session, person)
        arguments = {"seq": wanted.seq, "file": wanted.file_id}
        row = outbox.message(
            *(MessageKind.SENT_FILE, person, now), case_id=wanted.case_id, arguments=arguments, aside=True
        )
        outbox.put_all(session, [row])
