"""Ended cases are settled: what they count is worked out once, by the same definitions, and kept."""

from datetime import UTC, datetime

from sqlalchemy import literal, select, union_all
from sqlmodel import Session

from storage import facts as kept
from storage.statistics.facts import FACTS
from storage.statistics.ledger import Ledger, Scope

_ALWAYS = Scope(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


def settle(session: Session, limit: int) -> int:
    """Settle at most so many ended cases; returns how many there were.

    Whoever changes a definition of `FACTS` or `facts` unsettles all cases in a migration.
    """
    ended = kept.to_settle(session, limit)
    if ended:
        ledger = Ledger(_ALWAYS, [case.id for case in ended if case.id])
        found = (FACTS[measure](ledger).subquery() for measure in FACTS)
        statement = union_all(
            *(select(literal(measure).label("measure"), *facts.c) for measure, facts in zip(FACTS, found, strict=True))
        )
        kept.keep(session, ended, session.connection().execute(statement))
    return len(ended)
