"""The measures of process.md §5, computed by SQL from the histories of cases.

`histories` reads the histories of cases, `measures` defines what each measure counts (facts about cases), `settling`
stores what ended cases count (`storage.settled_facts`), `daily_sums` sums that up by day, and `tallies` adds up
everything in `totals`.

What *happened* is read from the history until the period's end, so later events do not change it.
What a case *is* (kind, severity, deadlines, module, sheet, withdrawn or duplicate) is read in its present state.
"""

from storage.settled_facts import astray
from storage.statistics.daily_sums import summed_wrongly
from storage.statistics.histories import Scope
from storage.statistics.measures import MEASURES
from storage.statistics.resolution import BANDS, FIRST, IN_FORCE
from storage.statistics.settling import SettleResult, anything_to_settle, settle, settled_wrongly
from storage.statistics.tallies import Side, case_ids, cases_counted, tallies
from storage.statistics.totals import Tally, ranked

__all__ = [
    "BANDS",
    "FIRST",
    "IN_FORCE",
    "MEASURES",
    "Scope",
    "SettleResult",
    "Side",
    "Tally",
    "anything_to_settle",
    "astray",
    "case_ids",
    "cases_counted",
    "ranked",
    "settle",
    "settled_wrongly",
    "summed_wrongly",
    "tallies",
]
