"""The deadline of a case as it was from one history entry on. Measures of a past period judge by what held then."""

from datetime import datetime

from sqlmodel import Session

from storage.tables import Case, DeadlineChange


def record(session: Session, case: Case, deadline: datetime | None, may_stop: bool, at: datetime) -> DeadlineChange:
    """Record what the case is judged by from its next history entry on, and return the row for that entry's changes.

    `at` is the time of that entry (aware UTC). `bot.workflow.lateness.in_force` returns `deadline` and `may_stop`.
    """
    assert case.id is not None
    seq = case.audit_count + 1
    row = DeadlineChange(case_id=case.id, seq=seq, at=at, deadline_at=deadline, may_stop=may_stop)
    session.add(row)
    return row
