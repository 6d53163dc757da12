"""The charts of the statistics: small files that are readable on a phone and without colors."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.casework.statistics.measures import Measure, StatisticsQuery, Unit, bottleneck, pareto
from bot.documents import measure_words as said
from bot.documents.charts import fonts
from bot.documents.charts.canvas import BLUE, MUTED, PALE, SKY, SMALL, TITLE, VERMILLION, Picture
from bot.documents.charts.fonts import Typeface
from bot.documents.charts.rows import Row, bars, below_names, marks, panel
from bot.documents.file import File, safe_name
from bot.i18n.translator import Translator, _, translator

Figures = Mapping[said.Key, Sequence[Measure]]

#: The largest number of modules shown by name.
_MODULES = 10
#: The share of the faults at which the chart of modules draws its line.
_VITAL = 0.8
#: The colors of the age bands; darker is older.
_AGES = ("#9CCBE8", "#4F9FCF", "#0072B2", "#003F66")
_MORE_IS_BETTER: tuple[said.Key, ...] = (
    *(("M8", None), ("M14", None), ("M17", "satisfied_first")),
    ("M20", "at_least_4"),
)
_FEWER_IS_BETTER: tuple[said.Key, ...] = (
    *(("M9", None), ("M10", None), ("M13", None)),
    *(("M15", None), ("M16", None)),
)
_TIMES: tuple[said.Key, ...] = (
    *(("M3", None), ("M4", None), ("M5", None)),
    *(("M7", "median"), ("M7", "mean"), ("M7", "p90")),
)


@dataclass(frozen=True, slots=True)
class ChartContext:
    """The data that every chart is drawn from."""

    measures: Sequence[Measure]
    figures: Figures
    heading: str
    typeface: Typeface
    t: Translator

    def begin(self, title: str, subtitle: str) -> Picture:
        """Return a new picture with its title, heading and subtitle."""
        picture = Picture(self.typeface)
        picture.paragraph(title, TITLE, most=2)
        picture.y += 6
        picture.paragraph(self.heading, SMALL, MUTED)
        picture.paragraph(subtitle, SMALL, MUTED)
        picture.y += 30
        return picture

    def part(self, measure: Measure, place: int) -> str:
        """Return the name of a part. If the font cannot draw a typed name, it is `#` and its place."""
        name = self.typeface.legible(said.part_name(measure, self.t))
        return name if any(sign.isalnum() for sign in name) else f"#{place}"


def charts(
    measures: Sequence[Measure], asked: StatisticsQuery, t: Translator, now: datetime, typeface: Typeface | None = None
) -> tuple[File, ...]:
    """Draw the charts as PNG files; a chart without data is left out. The same measures give the same bytes.

    `t` translates for the reader; without a Chinese font the charts are in English. `now` (aware) is the moment up to
    which an unfinished period was counted. `typeface` replaces the font of this installation.
    """
    typeface = typeface or fonts.typeface()
    t = t if typeface.chinese else replace(translator("en", None), zone=t.zone)
    sheet = ChartContext(measures, dict(said.figures(measures)), typeface.legible(_heading(asked, t, now)), typeface, t)
    return tuple(_files(sheet, asked))


def _files(sheet: ChartContext, asked: StatisticsQuery) -> Iterator[File]:
    about = " ".join(map(str, (asked.period.first, asked.period.last, *said.named(asked), sheet.t.locale)))
    for number, (name, (subject, draw)) in enumerate(_CHARTS.items(), 1):
        if drawn := draw(sheet):
            title, picture = drawn
            yield File(safe_name(f"statistics {about} {number}_{name}", "png"), title, picture.png(), sheet.t(subject))


def _heading(asked: StatisticsQuery, t: Translator, now: datetime) -> str:
    lasting = t("counted up to %(moment)s", moment=now) if now < asked.period.until else ""
    said_of = (said.period_name(asked.period, t), *said.asked_for(asked, t), lasting)
    return " · ".join(part for part in said_of if part)


# ---- The charts -----------------------------------------------------------------------------------------------


def _times_in_state(sheet: ChartContext) -> tuple[str, Picture] | None:
    """Draw the time in each state (M6): a bar per state, the longest on top."""
    t, found = sheet.t, bottleneck(sheet.measures)
    if found is None:
        return None
    longest, share = found
    title = t("Bottleneck: %(state)s, %(share)s of the time", state=said.part_name(longest, t), share=said.share(share))
    subtitle = t("Share of all the time that cases stood open. At the right: mean time × cases.")
    picture = sheet.begin(title, subtitle)
    whole = (longest.numerator or 0) / share
    stays = [measure for measure in sheet.figures["M6", None] if measure.n]
    stays.sort(key=lambda measure: -(measure.numerator or 0))
    rows = [_state_row(measure, whole, t) for measure in stays]
    bars(picture, [replace(rows[0], ink=VERMILLION, strong=True), *rows[1:]])
    return title, picture


def _state_row(measure: Measure, whole: float, t: Translator) -> Row:
    spent = measure.numerator or 0
    note = f"{said.value(measure, t)} × {measure.n:,}"
    return Row(said.part_name(measure, t), spent, said.share(spent / whole if whole else 0), note)


def _reported_and_closed(sheet: ChartContext) -> tuple[str, Picture] | None:
    """Draw the faults reported, closed and open (M11, M12), and the age of the open ones."""
    t = sheet.t
    (index,), (backlog,) = sheet.figures["M12", None], sheet.figures["M11", None]
    arrived, closed, left = index.denominator or 0, index.numerator or 0, backlog.value or 0
    if not (arrived or closed or left):
        return None
    title = t(
        "Faults: %(arrived)s reported, %(closed)s closed, %(left)s open",
        arrived=arrived,
        closed=f"{closed:.0f}",
        left=f"{left:.0f}",
    )
    subtitle = t("Backlog index: %(index)s closed for 100 reported, signed or not yet.", index=said.value(index, t))
    picture = sheet.begin(title, subtitle)
    moved = [
        Row(name, size, f"{size:,.0f}", ink=ink)
        for name, size, ink in (
            (t("Reported in the period"), arrived, SKY),
            (t("Closed in the period"), closed, BLUE),
            (t("Open at the end"), left, VERMILLION),
        )
    ]
    by_age = zip(sheet.figures["M11", "age"], _AGES, strict=True)
    ages = [Row(said.part_name(age, t), age.n, said.value(age, t), ink=ink) for age, ink in by_age]
    bars(picture, moved, like=[*moved, *ages])
    panel(picture, t("Open at the end, by age"))
    bars(picture, ages, like=[*moved, *ages])
    return title, picture


def _speed_and_quality(sheet: ChartContext) -> tuple[str, Picture] | None:
    """Draw the times and the rates, each with its numerator and denominator or its n."""
    t = sheet.t
    shown = [sheet.figures[key][0] for key in (*_TIMES, *_MORE_IS_BETTER, *_FEWER_IS_BETTER)]
    if all(measure.value is None for measure in shown):
        return None
    title = t("Times, deadlines and quality")
    picture = sheet.begin(title, t("At the right: numerator / denominator, or how many were looked at."))
    panel(picture, t("From the report, or the submission"), first=True)
    bars(picture, [_time(key, sheet.figures[key][0], t) for key in _TIMES])
    good, bad = (
        [_rate(key, sheet.figures[key][0], ink, t) for key in keys]
        for keys, ink in ((_MORE_IS_BETTER, BLUE), (_FEWER_IS_BETTER, VERMILLION))
    )
    panel(picture, t("Higher is better"))
    marks(picture, good, "o", like=[*good, *bad])
    panel(picture, t("Lower is better"))
    marks(picture, bad, "D", like=[*good, *bad])
    return title, picture


def _time(key: said.Key, measure: Measure, t: Translator) -> Row:
    return Row(said.name(key, t), measure.value or 0, said.value(measure, t), f"n = {measure.n:,}")


def _rate(key: said.Key, measure: Measure, ink: str, t: Translator) -> Row:
    return Row(said.name(key, t), measure.value, said.value(measure, t), said.basis(measure, t), ink)


def _modules(sheet: ChartContext) -> tuple[str, Picture] | None:
    """Draw the faults by module (M19), the largest number first, with the running share."""
    t, found = sheet.t, sheet.figures.get(("M19", None), ())
    named = [measure for measure in found if measure.part is not None]
    if not named:
        return None
    running = pareto(named)
    few = next((place for place, share in enumerate(running, 1) if share >= _VITAL), len(named))
    share = said.share(running[few - 1])
    line = few < len(named)
    vital = t("%(share)s of the faults in %(few)s of %(all)s modules", share=share, few=few, all=len(named))
    title = vital if line else t("Faults by module")
    plain, lined = t("At the right: the running share."), t("At the right: the running share, 80% at the dashed line.")
    picture = sheet.begin(title, lined if line else plain)
    rows = [
        Row(sheet.part(measure, place), measure.n, f"{measure.n:,}", said.share(reached), BLUE if place <= few else SKY)
        for place, (measure, reached) in enumerate(zip(named[:_MODULES], running, strict=False), 1)
    ]
    others = {
        t("Other modules: %(count)s", count=len(named) - _MODULES): (named[_MODULES:], said.share(running[-1])),
        t("not analyzed yet"): ([measure for measure in found if measure.part is None], ""),
    }
    for name, (measures, note) in others.items():
        if count := sum(measure.n for measure in measures):
            rows.append(Row(name, count, f"{count:,}", note, PALE))
    below_names(picture, rows, few if line else 0)
    return title, picture


def _mix_and_effort(sheet: ChartContext) -> tuple[str, Picture] | None:
    """Draw the problems by kind (M2) and the effort by activity (M18)."""
    t = sheet.t
    kinds, (effort,) = sheet.figures["M2", None], sheet.figures["M18", None]
    came, hours = kinds[0].denominator or 0, effort.value or 0
    if not came and not hours:
        return None
    title = t("%(count)s problems, %(hours)s hours of work", count=came, hours=said.amount(hours, Unit.HOURS, t))
    picture = sheet.begin(title, t("Problems that came in and were triaged, by kind; hours recorded, by activity."))
    panel(picture, said.name(("M2", None), t), first=True)
    bars(picture, [Row(said.part_name(kind, t), kind.n, f"{kind.n:,}", said.value(kind, t), BLUE) for kind in kinds])
    panel(picture, said.name(("M18", "activity"), t))
    work = sheet.figures["M18", "activity"]
    bars(picture, [Row(said.part_name(one, t), one.value or 0, said.value(one, t), f"n = {one.n:,}") for one in work])
    return title, picture


#: The charts by the last part of their file names, each with its subject and the function that draws it.
_CHARTS: Mapping[str, tuple[str, Callable[[ChartContext], tuple[str, Picture] | None]]] = {
    "time": (_("where the time goes"), _times_in_state),
    "flow": (_("what came in and what stays open"), _reported_and_closed),
    "quality": (_("how fast and how well"), _speed_and_quality),
    "modules": (_("faults by module"), _modules),
    "work": (_("kinds of problems and effort"), _mix_and_effort),
}
