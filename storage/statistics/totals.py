"""Adds up the facts of measures into tallies, wherever the facts come from."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Tally:
    """The facts of one part of one measure: how many, how many in each number, and the sum of their amounts.

    A ranked measure also has `p90`, the smallest amount that at least nine in ten do not exceed, and the `amounts`
    themselves, each with the time of its case's report in `begun` (seconds since 1970), from which M7 computes working
    time.
    """

    measure: str
    part: str | None
    facts: int
    counted: int
    based: int
    amount: float
    median: float | None = None
    p90: float | None = None
    begun: Sequence[float] = ()
    amounts: Sequence[float] = ()


class Totals:
    """The running sums of each part of each measure, and the single amounts of ranked measures."""

    def __init__(self) -> None:
        self._sums = defaultdict[tuple[str, str | None], list[float]](lambda: [0, 0, 0, 0.0])
        self._begun = defaultdict[str, list[float]](list)
        self._amounts = defaultdict[str, list[float]](list)

    def add(
        self, measure: str, part: str | None, facts: int, counted: int, based: int, amount: float, *, times: int = 1
    ) -> None:
        """Add facts of a part, given as their sums; with `times` -1 take them away."""
        sums = self._sums[measure, part]
        sums[0] += times * facts
        sums[1] += times * counted
        sums[2] += times * based
        sums[3] += times * amount

    def add_each(self, measure: str, begun: Iterable[float], amounts: Iterable[float]) -> None:
        """Add facts of a ranked measure: times of report in seconds since 1970, and amounts in the same order."""
        self._begun[measure] += begun
        self._amounts[measure] += amounts

    def tallies(self) -> list[Tally]:
        """Return the tallies of all parts that have facts."""
        return [
            *(_summed(measure, part, *sums) for (measure, part), sums in self._sums.items() if sums[0]),
            *(ranked(measure, self._begun[measure], found) for measure, found in self._amounts.items() if found),
        ]


def ranked(measure: str, begun: Sequence[float], amounts: Sequence[float]) -> Tally:
    """Return the tally of a ranked measure."""
    ordered, size = sorted(amounts), len(amounts)
    whole, middle, p90 = map(float, (sum(ordered), median(ordered), ordered[-(-9 * size // 10) - 1]))
    return Tally(measure, None, size, size, size, whole, middle, p90, begun, amounts)


def _summed(measure: str, part: str | None, facts: float, counted: float, based: float, amount: float) -> Tally:
    """Return the tally of sums. The amount is rounded to a millionth: a sum of fractions depends on their order."""
    return Tally(measure, part, int(facts), int(counted), int(based), round(amount, 6))
