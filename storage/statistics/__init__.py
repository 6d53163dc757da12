"""The measures of process.md §5, computed by SQL from the histories of cases.

`ledger` reads each case's history once, `facts` says for each measure what it counts, `settling` keeps what ended
cases count (`storage.facts`), `tallies` adds up.

What *happened* is read from the history until the period's end, so it stays the same whatever happens later.
What a case *is* (kind, severity, deadlines, module, sheet, withdrawn or duplicate) is read as it stands.
"""

from storage.statistics.facts import FACTS
from storage.statistics.ledger import Scope
from storage.statistics.resolution import BANDS, FIRST, IN_FORCE
from storage.statistics.settling import settle
from storage.statistics.tallies import Side, Tally, case_ids, ranked, tallies

__all__ = [
    "BANDS",
    "FACTS",
    "FIRST",
    "IN_FORCE",
    "Scope",
    "Side",
    "Tally",
    "case_ids",
    "ranked",
    "settle",
    "tallies",
]
