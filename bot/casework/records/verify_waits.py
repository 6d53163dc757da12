"""Verifies that what is stored of whom cases wait for is what the rules say (process.md rule 2.7)."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.records.findings import Finding, FindingKind
from bot.casework.records.verify import UNREADABLE
from bot.casework.steps import load, waits
from bot.workflow.context import Center
from storage import cases
from storage import waits as stored
from storage.vocabulary import OPEN_STATES

#: How many cases are in memory at once.
_BATCH = 200


def verify_waits(session: Session, company: CompanySettings, now: datetime) -> Iterator[tuple[str, Finding]]:
    """Yield each case that waits for others than it must by its state and the present roles. `now` is aware UTC.

    What another day changes is written soon after it begins, so the deputies of the day before count, too. A case that
    cannot be read is left out; it has findings of its own.
    """
    every = sorted({*stored.all_cases(session), *cases.in_states(session, OPEN_STATES)})
    days = [_Day(moment, load.center(session, company, moment)) for moment in (now, now - timedelta(days=1))]
    for first in range(0, len(every), _BATCH):
        batch = every[first : first + _BATCH]
        there = stored.of_cases(session, batch)
        for case_id in batch:
            with suppress(*UNREADABLE):
                found = there.get(case_id, frozenset())
                if not any(found == _computed(session, case_id, day, company) for day in days):
                    yield f"F-{case_id}", Finding(FindingKind.WAITS_CHANGED, f"F-{case_id}")


class _Day(NamedTuple):
    """A moment (aware UTC) and who holds the roles then."""

    moment: datetime
    center: Center


def _computed(session: Session, case_id: int, day: _Day, company: CompanySettings) -> frozenset[stored.Waiting]:
    row = cases.get(session, case_id)
    case = load.case_context(session, row, company)
    return waits.computed(session, [row], [case], day.center, company, day.moment)[case_id]
