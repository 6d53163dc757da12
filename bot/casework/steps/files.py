"""The files that steps bring: queued in the step's transaction, fetched after it, then written to the history.

What became of a file is an entry of its own, which is no step: it changes neither the version of the case nor what it
counts in the measures.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps.notify import MessageKind
from bot.workflow.field import FieldKind
from bot.workflow.fields import FORMS
from storage import audit, case_files, cases, outbox, replay
from storage.audit import NewEntry
from storage.tables import CaseFile, Outgoing
from storage.vocabulary import HistoryEvent, NotKept, Step

#: The steps that bring files.
BRINGING = tuple(step for step, form in FORMS.items() if any(field.kind is FieldKind.FILES for field in form))


def brought(step: Step, answers: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    """Yield the files that the answers of a step name, each with its `id` in Slack and its `name`."""
    for field in FORMS[step]:
        if field.kind is FieldKind.FILES:
            yield from answers.get(field.code) or ()


def fetch_later(
    session: Session, case_id: int, seq: int, step: Step, answers: Mapping[str, Any], now: datetime
) -> None:
    """Queue the files that a step brought, whose entry is `seq`. They are fetched after its transaction.

    `now` is aware UTC.
    """
    outbox.put_all(session, [_to_fetch(case_id, seq, file, now) for file in brought(step, answers)])


def _to_fetch(case_id: int, seq: int, file: Mapping[str, str], now: datetime) -> outbox.Row:
    arguments = {"seq": seq, "file": dict(file)}
    target = file["id"]  # files do not wait for each other
    return outbox.message(MessageKind.FETCH_FILE, target, now, case_id=case_id, arguments=arguments, aside=True)


def record(session: Session, found: CaseFile, company: CompanySettings, now: datetime) -> None:
    """Write what became of a file, also to the history. What is written already stays. `now` is aware UTC.

    When this is known of all files of their entry, they are queued for the thread of the case's card.
    """
    case = cases.hold(session, found.case_id)
    if case is None or case_files.find(session, found.case_id, found.seq, found.file_id):
        return
    session.add(found)
    session.flush()
    event = HistoryEvent.FILE_NOT_KEPT if found.sha256 is None else HistoryEvent.FILE_KEPT
    new = NewEntry(event, audit.NOBODY, case.state, _told(found), replay.filed(found))
    audit.append_events(session, [(case, new)], now)
    entry = cases.entry(session, found.case_id, found.seq)
    named = {file["id"] for file in brought(Step(entry.step), json.loads(entry.data))}
    if named == {one.file_id for one in case_files.of_entry(session, found.case_id, found.seq)}:
        arguments = {"seq": found.seq}
        row = outbox.message(
            *(MessageKind.THREAD_FILES, company.desk_channel, now), case_id=case.id, arguments=arguments, aside=True
        )
        outbox.put_all(session, [row])


def named(row: Outgoing) -> CaseFile:
    """Return what is known of the file of a row before it is fetched."""
    said = json.loads(row.arguments)
    file = said["file"]
    own = {"file_id": file["id"], "name": file["name"], "link": file.get("link", "")}
    return CaseFile(case_id=row.case_id or 0, seq=said["seq"], **own)


def lost(row: Outgoing) -> CaseFile:
    """Return what becomes of the file of a row that is given up."""
    found = named(row)
    found.reason = NotKept.FAILED
    return found


def _told(found: CaseFile) -> dict[str, Any]:
    """Return the data of the entry: the entry that brought the file, and the copy or why there is none."""
    about = {"brought": found.seq, "file": found.file_id, "name": found.name}
    if found.sha256 is None:
        return {**about, "reason": found.reason, "link": found.link}
    return {**about, "size": found.size, "sha256": found.sha256}
