"""Ended cases are settled: what they count is worked out once, by the same definitions, and kept.

Whoever changes a definition deletes all rows of `facts` and unsettles all cases in a migration; the workers then settle
them anew.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import literal, select, union_all
from sqlmodel import Session

from storage import settled
from storage.statistics.ledger import Ledger, Scope
from storage.statistics.measures import MEASURES
from storage.tables import Case

_ALWAYS = Scope(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


def settle(session: Session, limit: int) -> int:
    """Settle at most so many ended cases; returns how many there were."""
    ended = settled.to_settle(session, limit)
    if ended:
        settled.keep(session, ended, _worked_out(session, ended))
    return len(ended)


def is_settled_rightly(session: Session, case: Case) -> bool:
    """Whether what is kept of a settled case is what its history says."""
    return settled.is_as_kept(session, case, _worked_out(session, [case]))


def _worked_out(session: Session, cases: Sequence[Case]) -> Sequence[Any]:
    """Everything that these cases count, each fact with its measure."""
    ledger = Ledger(_ALWAYS, [case.id for case in cases if case.id])
    found = {measure: facts(ledger).subquery().c for measure, facts in MEASURES.items()}
    every = union_all(*(select(literal(measure).label("measure"), *columns) for measure, columns in found.items()))
    return session.connection().execute(every).all()
