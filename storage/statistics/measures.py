"""THE TABLE OF MEASURES: what each counts (process.md §5). The docstrings of its functions are the definitions.

An event counts in the period in which it happened, and a time in the period in which it ended. A case reported in one
month and resolved in the next therefore has its time to resolve in the next. Times are elapsed time.
"""

from collections.abc import Callable
from typing import Any

from storage.statistics import intake, resolution, work
from storage.statistics.histories import CaseHistories

Facts = Callable[[CaseHistories], Any]

MEASURES: dict[str, Facts] = {
    "M1": intake.faults_received,
    "M2": intake.mix,
    "M3": intake.time_to_acknowledge,
    "M4": intake.first_response,
    "M5": intake.signing_time,
    "M6": work.time_in_state,
    "M7": resolution.time_to_resolve,
    "M8": resolution.on_time,
    "M9": resolution.late,
    "M10": resolution.deadline_moved,
    "M11": resolution.backlog,
    "M12": resolution.backlog_index,
    "M13": resolution.reopened,
    "M14": resolution.first_pass,
    "M15": intake.sheets_returned,
    "M16": intake.misclassified,
    "M17": work.answered,
    "M18": work.effort,
    "M19": intake.by_module,
    "M20": work.satisfaction,
    "apart": resolution.apart,
    "historic": intake.historic_faults,
}
#: Measures whose amounts are also sorted, for median and p90. They have no parts, and each fact is in both numbers.
RANKED = frozenset({"M5", "M7"})
