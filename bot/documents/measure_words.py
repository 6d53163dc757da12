"""The measures of process.md §5 in words: their names, their formatted values and their groups."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby

from babel.dates import format_date

from bot.casework.statistics.measures import Aggregate, Measure, StatisticsQuery, Unit, figure_of
from bot.casework.statistics.periods import Period
from bot.i18n.translator import Translator, _
from storage.statistics import FIRST, IN_FORCE
from storage.vocabulary import Kind, State

#: Shown instead of a value whose denominator is empty.
NOTHING = "–"
#: The key of a figure: the code of its measure, and its name within the measure.
Key = tuple[str, str | None]

NAMES: Mapping[Key, str] = {
    ("M1", None): _("Faults received"),
    ("M2", None): _("Problems by kind"),
    ("M3", None): _("Time to acknowledge, mean"),
    ("M4", None): _("Time to first response, mean"),
    ("M5", None): _("Signing time, median"),
    ("M6", None): _("Time in state, mean"),
    ("M7", "mean"): _("Time to resolve, mean"),
    ("M7", "median"): _("Time to resolve, median"),
    ("M7", "p90"): _("Time to resolve, 90% within"),
    ("M7", "working_mean"): _("Time to resolve in working time, mean"),
    ("M7", "working_median"): _("Time to resolve in working time, median"),
    ("M7", "working_p90"): _("Time to resolve in working time, 90% within"),
    ("M8", None): _("On-time rate"),
    ("M9", None): _("Late rate"),
    ("M10", None): _("Deadlines moved"),
    ("M11", None): _("Backlog"),
    ("M11", "age"): _("Backlog by age"),
    ("M12", None): _("Backlog index (closed / reported)"),
    ("M13", None): _("Reopen rate"),
    ("M14", None): _("First-pass test rate"),
    ("M15", None): _("Sheet return rate"),
    ("M16", None): _("Misclassification rate"),
    ("M17", "rounds"): _("Answer rounds, mean"),
    ("M17", "satisfied_first"): _("First-answer satisfaction"),
    ("M18", None): _("Effort in hours"),
    ("M18", "activity"): _("Effort in hours by activity"),
    ("M19", None): _("Faults by module"),
    ("M20", "mean"): _("Customer satisfaction, mean"),
    ("M20", "at_least_4"): _("Customer satisfaction, 4 or 5"),
    ("apart", None): _("Ended without a solution (not in times, deadlines, backlog or tests)"),
    ("historic", None): _("Faults from before Faultdesk (in no other figure)"),
}
#: The groups of a report in their order. M6 and M19 are not in a group; the report shows them in their own sections.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (_("What came in"), ("M1", "M2")),
    (_("How fast"), ("M3", "M4", "M5", "M7")),
    (_("Deadlines"), ("M8", "M9", "M10")),
    (_("Open faults"), ("M11", "M12")),
    (_("Quality"), ("M13", "M14", "M15", "M16")),
    (_("Answers and satisfaction"), ("M17", "M20")),
    (_("Effort"), ("M18",)),
    (_("Counted apart"), ("apart", "historic")),
)
_PARTS: Mapping[str, str] = {
    IN_FORCE: _("against the deadline in force"),
    FIRST: _("against the first deadline"),
}
_MONTH = {"en": "MMMM y", "zh-CN": "y年M月"}
_DAY = {"en": "d MMM y", "zh-CN": "y年M月d日"}


def key_of(measure: Measure) -> Key:
    """Return the key of the figure to which a measure belongs."""
    return measure.code, measure.name


def figures(measures: Sequence[Measure]) -> Iterator[tuple[Key, tuple[Measure, ...]]]:
    """Yield each figure with its parts. A figure without parts has one measure. `measures` are ordered by figure."""
    for key, parts in groupby(measures, key_of):
        yield key, tuple(parts)


def name(key: Key, t: Translator) -> str:
    """Return the name of a figure (process.md §5)."""
    return t(NAMES[key])


def part_name(measure: Measure, t: Translator) -> str:
    """Return the name of a part of a figure; empty if it has no parts. A module keeps the name that people typed."""
    if measure.code == "M19":
        return measure.part or t("not analyzed yet")
    if measure.part is None:
        return ""
    match measure.code:
        case "M2":
            return t.word(Kind(measure.part))
        case "M8":
            return t(_PARTS[measure.part])
        case "M11" if measure.part.startswith(">"):
            return t("over %(days)s days", days=measure.part[1:])
        case "M11":
            return t("%(band)s days", band=measure.part.replace("-", "–"))
    return t.word(State(measure.part))


def value(measure: Measure, t: Translator) -> str:
    """Return the formatted value, such as "2 d 3 h", "82.1%" or "23"; "–" if the denominator is empty."""
    return NOTHING if measure.value is None else amount(measure.value, measure.unit, t)


def amount(number: float, unit: Unit, t: Translator) -> str:
    """Format a number in its unit. Times are in seconds, shares are parts of one."""
    match unit:
        case Unit.SECONDS:
            return duration(number, t)
        case Unit.WORKING:
            return hours(number, t)
        case Unit.SHARE:
            return share(number)
        case Unit.CASES:
            return f"{number:,.0f}"
        case Unit.INDEX:
            return f"{number:,.0f}"
    return f"{number:,.1f}".removesuffix(".0")


def share(part: float) -> str:
    """Format a part of one as a percentage."""
    return f"{100 * part:.1f}".removesuffix(".0") + "%"


def basis(measure: Measure, t: Translator) -> str:
    """Return the basis of the value, such as "23 / 28" or "n = 12"; empty for a plain count."""
    if figure_of(measure).of is Aggregate.COUNT:
        return ""
    if measure.denominator is None or measure.numerator is None:
        return f"n = {measure.n:,}"
    added = Unit.CASES if measure.unit in (Unit.SHARE, Unit.INDEX) else measure.unit
    made = f"{amount(measure.numerator, added, t)} / {measure.denominator:,}"
    return made if measure.n in (measure.denominator, measure.numerator) else f"{made}, n = {measure.n:,}"


def duration(seconds: float, t: Translator) -> str:
    """Format elapsed seconds in days and hours, in hours and minutes, or in minutes."""
    if round(seconds / 60) < 24 * 60:
        return hours(seconds, t)
    days, rest = divmod(round(round(seconds / 60) / 60), 24)
    days_said = f"{days:,}"
    return t("%(days)s d %(hours)s h", days=days_said, hours=rest) if rest else t("%(days)s d", days=days_said)


def hours(seconds: float, t: Translator) -> str:
    """Format seconds in hours and minutes. It never uses days, because a working day does not have 24 hours."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return t("< 1 min") if seconds > 0 else t("%(minutes)s min", minutes=0)
    if minutes < 60:
        return t("%(minutes)s min", minutes=minutes)
    whole, rest = divmod(minutes, 60)
    said = f"{whole:,}"
    return t("%(hours)s h %(minutes)s min", hours=said, minutes=rest) if rest else t("%(hours)s h", hours=said)


def period_name(period: Period, t: Translator) -> str:
    """Return the name of a month or a year, or the first and last day of any other period."""
    first, last, language = period.first, period.last, t.locale[:2]
    ends_month = (last + timedelta(days=1)).day == 1
    if first.day == 1 and ends_month and (first.year, first.month) == (last.year, last.month):
        return format_date(first, _MONTH[t.locale], locale=language)
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return t("the year %(year)s", year=first.year)
    begun, ended = (format_date(day, _DAY[t.locale], locale=language) for day in (first, last))
    return begun if first == last else f"{begun} – {ended}"


def named(asked: StatisticsQuery) -> tuple[str, ...]:
    """Return the names of the customer and the product to which statistics are narrowed, if any."""
    return tuple(name for name in (asked.customer, asked.product) if name)


def asked_for(asked: StatisticsQuery, t: Translator) -> tuple[str, ...]:
    """Return the same names, each with its label; empty if the statistics cover all customers and products."""
    customer = t("Customer: %(name)s", name=asked.customer) if asked.customer else ""
    product = t("Product: %(name)s", name=asked.product) if asked.product else ""
    return tuple(name for name in (customer, product) if name)
