"""Imported faults that ended before this service desk existed: how their cases are recognized and found."""

import json

from sqlmodel import Session, col, select

from storage.tables import AuditEntry
from storage.vocabulary import State, Step

#: The first entry of such a case has its end state as both states, so it is no move, and nothing happened to the
#: fault at the time of that entry. Until it is reopened, the case therefore counts only in a measure of its own.
#: What is known of its past is stored on the case.
STATE = State.CLOSED
#: The conditions of such a first entry.
ENTRY = (
    col(AuditEntry.seq) == 1,
    col(AuditEntry.step) == Step.REPORT,
    col(AuditEntry.from_state) == STATE,
)


def references(session: Session) -> frozenset[str]:
    """Return the old numbers of all imported faults."""
    return frozenset(json.loads(data)["reference"] for data in session.exec(select(AuditEntry.data).where(*ENTRY)))
