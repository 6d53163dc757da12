"""The deadline of a case as it was from one history entry on. Measures of a past period judge by what held then."""

from datetime import datetime

from sqlmodel import Session

from storage.tables import Case, DeadlineChange


def record(session: Session, case: Case, deadline: datetime | None, may_stop: bool, at: datetime) -> None:
    """Record what the case is judged by from its last history entry on.

    `at` is the time of that entry (aware UTC). `bot.workflow.lateness.in_force` returns `deadline` and `may_stop`.
    """
    assert case.id is not None
    session.add(DeadlineChange(case_id=case.id, seq=case.audit_count, at=at, deadline_at=deadline, may_stop=may_stop))
