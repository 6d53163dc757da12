"""The measures of process.md §5, each with its numbers and the cases behind them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import accumulate

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.statistics.periods import Period
from bot.workflow import refusals as no
from bot.workflow.calendar import WorkingCalendar
from bot.workflow.refusal import Problem, Refused
from storage import registers
from storage import statistics as stored
from storage.statistics import BANDS, FIRST, IN_FORCE, Scope, Side, Tally
from storage.tables import Customer, Product
from storage.vocabulary import OPEN_STATES, Kind, State


class Unit(StrEnum):
    """The unit of a value. `WORKING` is seconds of working time."""

    CASES = "cases"
    SHARE = "share"
    SECONDS = "seconds"
    WORKING = "working"
    INDEX = "index"
    ROUNDS = "rounds"
    HOURS = "hours"
    SCORE = "score"


class Aggregate(StrEnum):
    """How a value is computed from the facts: what its numerator and its denominator are."""

    COUNT = "count"  # number of facts; no denominator
    PORTION = "portion"  # facts of this part / facts of all parts
    RATE = "rate"  # counted facts / facts in the denominator
    INDEX = "index"  # the same ratio × 100
    MEAN = "mean"  # sum of amounts / number of facts
    MEDIAN = "median"
    P90 = "p90"
    SUM = "sum"  # sum of amounts; no denominator


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a measure. With `parts` empty it covers all parts; with None it has a value for each part found."""

    code: str
    of: Aggregate
    unit: Unit
    name: str | None = None
    parts: tuple[str, ...] | None = ()


_OPEN = tuple(state for state in State if state in OPEN_STATES)
_WORK = (State.ANSWERING, State.ANALYSIS, State.MODIFICATION, State.TESTING)
#: The figures of the statistics, in the order of the report.
FIGURES = (
    Figure("M1", Aggregate.COUNT, Unit.CASES),
    Figure("M2", Aggregate.PORTION, Unit.SHARE, parts=(Kind.QUESTION, Kind.REQUIREMENT, Kind.FAULT)),
    Figure("M3", Aggregate.MEAN, Unit.SECONDS),
    Figure("M4", Aggregate.MEAN, Unit.SECONDS),
    Figure("M5", Aggregate.MEDIAN, Unit.SECONDS),
    Figure("M6", Aggregate.MEAN, Unit.SECONDS, parts=_OPEN),
    Figure("M7", Aggregate.MEAN, Unit.SECONDS, "mean"),
    Figure("M7", Aggregate.MEDIAN, Unit.SECONDS, "median"),
    Figure("M7", Aggregate.P90, Unit.SECONDS, "p90"),
    Figure("M7", Aggregate.MEAN, Unit.WORKING, "working_mean"),
    Figure("M7", Aggregate.MEDIAN, Unit.WORKING, "working_median"),
    Figure("M7", Aggregate.P90, Unit.WORKING, "working_p90"),
    Figure("M8", Aggregate.RATE, Unit.SHARE, parts=(IN_FORCE, FIRST)),
    Figure("M9", Aggregate.RATE, Unit.SHARE),
    Figure("M10", Aggregate.RATE, Unit.SHARE),
    Figure("M11", Aggregate.COUNT, Unit.CASES),
    Figure("M11", Aggregate.COUNT, Unit.CASES, "age", parts=tuple(name for name, _beyond in BANDS)),
    Figure("M12", Aggregate.INDEX, Unit.INDEX),
    Figure("M13", Aggregate.RATE, Unit.SHARE),
    Figure("M14", Aggregate.RATE, Unit.SHARE),
    Figure("M15", Aggregate.RATE, Unit.SHARE),
    Figure("M16", Aggregate.RATE, Unit.SHARE),
    Figure("M17", Aggregate.MEAN, Unit.ROUNDS, "rounds"),
    Figure("M17", Aggregate.RATE, Unit.SHARE, "satisfied_first"),
    Figure("M18", Aggregate.SUM, Unit.HOURS),
    Figure("M18", Aggregate.SUM, Unit.HOURS, "activity", parts=_WORK),
    Figure("M19", Aggregate.PORTION, Unit.SHARE, parts=None),
    Figure("M20", Aggregate.MEAN, Unit.SCORE, "mean"),
    Figure("M20", Aggregate.RATE, Unit.SHARE, "at_least_4"),
    Figure("apart", Aggregate.COUNT, Unit.CASES, parts=(State.WITHDRAWN, State.DUPLICATE)),
    Figure("historic", Aggregate.COUNT, Unit.CASES),
)
#: The measure that is also shown in working time.
TIMED = "M7"
CODES = tuple(dict.fromkeys(figure.code for figure in FIGURES))


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of the statistics. With an empty denominator, `value` is None and is shown as "–".

    `name` distinguishes several figures of one measure, `part` the parts of one figure. `numerator` is None for a
    median or p90, `denominator` for a count or a sum. `n` is the number of facts.
    """

    code: str
    name: str | None
    part: str | None
    unit: Unit
    numerator: float | None
    denominator: int | None
    n: int
    value: float | None


@dataclass(frozen=True, slots=True)
class StatisticsQuery:
    """What statistics are requested for: a period and optionally one customer and one product, by name."""

    period: Period
    customer: str | None = None
    product: str | None = None


def statistics(
    session: Session, asked: StatisticsQuery, company: CompanySettings, now: datetime, code: str | None = None
) -> tuple[Measure, ...]:
    """Return all measures, or those of one code, in the order of `FIGURES`.

    A period that has not ended counts up to `now`. Raises `Refused` for an unknown customer or product.
    """
    figures = [figure for figure in FIGURES if code in (None, figure.code)]
    scope = scope_of(session, asked, company, now)
    elapsed = stored.tallies(session, scope, [code] if code else CODES)
    working = [_in_working_time(tally, company.calendar) for tally in elapsed if tally.measure == TIMED]
    return tuple(
        measure
        for figure in figures
        for measure in _measures(figure, working if figure.unit is Unit.WORKING else elapsed)
    )


def _in_working_time(tally: Tally, calendar: WorkingCalendar) -> Tally:
    """Return M7 with each time from report to resolution in working time of the company's present calendar."""
    return stored.ranked(TIMED, tally.begun, calendar.working_times(tally.begun, tally.amounts))


def figure_of(measure: Measure) -> Figure:
    """Return the figure that the measure belongs to."""
    return next(one for one in FIGURES if (one.code, one.name) == (measure.code, measure.name))


def sides(measure: Measure) -> tuple[Side, ...]:
    """Return the sides of a measure that have different cases behind them; most measures have only one."""
    parted = figure_of(measure).of in (Aggregate.RATE, Aggregate.INDEX, Aggregate.PORTION)
    return (Side.NUMERATOR, Side.DENOMINATOR) if parted else (Side.DENOMINATOR,)


def behind(
    session: Session, asked: StatisticsQuery, measure: Measure, side: Side, company: CompanySettings, now: datetime
) -> list[int]:
    """Return the ids of the cases behind the numerator or the denominator of a measure."""
    figure = figure_of(measure)
    whole = figure.parts == () or (figure.of is Aggregate.PORTION and side is Side.DENOMINATOR)
    side = side if figure.of in (Aggregate.RATE, Aggregate.INDEX) else Side.DENOMINATOR
    scope = scope_of(session, asked, company, now)
    return stored.case_ids(session, scope, measure.code, side, part=measure.part, whole=whole)


def bottleneck(measures: Sequence[Measure]) -> tuple[Measure, float] | None:
    """Return the state of M6 in which cases together spent the longest, and its share of the time in all states."""
    times = [measure for measure in measures if measure.code == "M6" and measure.numerator]
    whole = sum(measure.numerator or 0.0 for measure in times)
    longest = max(times, key=lambda measure: measure.numerator or 0.0, default=None)
    return (longest, (longest.numerator or 0.0) / whole) if longest else None


def pareto(measures: Sequence[Measure]) -> tuple[float, ...]:
    """Return the cumulative shares of the parts of M19, in their order."""
    return tuple(accumulate(measure.value or 0.0 for measure in measures))


def scope_of(session: Session, asked: StatisticsQuery, company: CompanySettings, now: datetime) -> Scope:
    """Return what to count: the period up to `now`, the ids of customer and product, and what a hold does (§3.5)."""
    since, until = asked.period.since, min(asked.period.until, now)
    ids = ids_of(session, asked.customer, asked.product)
    return Scope(since, until, *ids, hold_stops_clock=company.policy.hold_stops_clock)


def ids_of(session: Session, customer: str | None, product: str | None) -> tuple[int | None, int | None]:
    """Return the ids of a customer and a product by name. Raises `Refused` for unknown names."""
    found = (
        registers.find_customer(session, customer) if customer else None,
        registers.find_product(session, product) if product else None,
    )
    named = {"customer": (customer, found[0]), "product": (product, found[1])}
    unknown = [field for field, (name, row) in named.items() if name and row is None]
    if unknown:
        raise Refused(*(Problem(no.UnknownName(), field) for field in unknown))
    return _id(found[0]), _id(found[1])


def _id(row: Customer | Product | None) -> int | None:
    return row.id if row else None


def _measures(figure: Figure, found: Sequence[Tally]) -> Iterator[Measure]:
    tallies = [tally for tally in found if tally.measure == figure.code]
    if figure.parts == ():
        yield _measure(figure, None, tallies, tallies)
        return
    for part in _found(tallies) if figure.parts is None else figure.parts:
        yield _measure(figure, part, [tally for tally in tallies if tally.part == part], tallies)


def _found(tallies: Sequence[Tally]) -> list[str | None]:
    """Return the parts that occur, the largest first."""
    return [tally.part for tally in sorted(tallies, key=lambda tally: (-tally.facts, tally.part or ""))]


def _measure(figure: Figure, part: str | None, tallies: Sequence[Tally], all_parts: Sequence[Tally]) -> Measure:
    n, based = sum(one.facts for one in tallies), sum(one.based for one in tallies)
    counted, amount = sum(one.counted for one in tallies), sum(one.amount for one in tallies)
    median, p90 = (tallies[0].median, tallies[0].p90) if tallies else (None, None)

    def told(numerator: float | None, denominator: int | None, value: float | None) -> Measure:
        return Measure(figure.code, figure.name, part, figure.unit, numerator, denominator, n, value)

    match figure.of:
        case Aggregate.COUNT:
            return told(n, None, n)
        case Aggregate.SUM:
            return told(amount, None, amount)
        case Aggregate.PORTION:
            of_all = sum(one.facts for one in all_parts)
            return told(n, of_all, _ratio(n, of_all))
        case Aggregate.RATE:
            return told(counted, based, _ratio(counted, based))
        case Aggregate.INDEX:
            return told(counted, based, _ratio(100 * counted, based))
        case Aggregate.MEAN:
            return told(amount, n, _ratio(amount, n))
        case Aggregate.MEDIAN:
            return told(None, n, median)
    return told(None, n, p90)


def _ratio(numerator: float, denominator: int) -> float | None:
    return numerator / denominator if denominator else None
