"""Verifies that what is stored of whom cases wait for is what the rules say (process.md rule 2.7)."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.records.findings import Finding, FindingKind
from bot.casework.records.verify import UNREADABLE
from bot.casework.steps import load, waits
from storage import cases
from storage import waits as stored
from storage.vocabulary import OPEN_STATES

#: How many cases are in memory at once.
_BATCH = 200


def verify_waits(session: Session, company: CompanySettings, now: datetime) -> Iterator[tuple[str, Finding]]:
    """Yield each case that waits for others than it must by its state and the present roles. `now` is aware UTC.

    A case that cannot be read is left out; it has findings of its own.
    """
    every = sorted({*stored.all_cases(session), *cases.in_states(session, OPEN_STATES)})
    for first in range(0, len(every), _BATCH):
        batch = every[first : first + _BATCH]
        there = stored.of_cases(session, batch)
        for case_id in batch:
            with suppress(*UNREADABLE):
                if there.get(case_id, frozenset()) != _computed(session, case_id, company, now):
                    yield f"F-{case_id}", Finding(FindingKind.WAITS_CHANGED, f"F-{case_id}")


def _computed(session: Session, case_id: int, company: CompanySettings, now: datetime) -> frozenset[stored.Waiting]:
    row = cases.get(session, case_id)
    case, center = load.case_context(session, row, company), load.center(session, company, now)
    return waits.computed(session, [row], [case], center, company, now)[case_id]
