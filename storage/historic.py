"""Faults that were over before this desk began: how their cases are told from others, and found again."""

import json

from sqlmodel import Session, col, select

from storage.tables import AuditEntry
from storage.vocabulary import State, Step

#: The first entry of such a case stays where the case ended: it is no move, and the time it was written is no time
#: at which anything happened to the fault. So it counts in no measure but one of its own, unless it is
#: reopened; what is known of its past stands on the case.
STATE = State.CLOSED
#: That an entry of a history is such a first one.
ENTRY = (
    col(AuditEntry.seq) == 1,
    col(AuditEntry.step) == Step.REPORT,
    col(AuditEntry.from_state) == STATE,
)


def references(session: Session) -> frozenset[str]:
    """The old numbers of all faults that were brought in."""
    return frozenset(json.loads(data)["reference"] for data in session.exec(select(AuditEntry.data).where(*ENTRY)))
