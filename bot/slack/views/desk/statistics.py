"""The messages of `/fault stats` (process.md §5): all measures as text, and the cases behind each number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from slack_sdk.models.blocks import ButtonElement, Option, StaticSelectElement
from slack_sdk.models.blocks.block_elements import InteractiveElement

from bot.casework.reading.cases import ListLine
from bot.casework.statistics.measures import Aggregate, Measure, StatisticsQuery, bottleneck, figure_of, sides
from bot.casework.statistics.query import UnclearQuery, UnclearReason
from bot.documents import measure_words as said
from bot.i18n.translator import Translator
from bot.slack.views.case.buttons import button
from bot.slack.views.desk.lists import case_line
from bot.slack.views.escape import Block, dotted, escape, lines, moment, typed
from bot.slack.views.message import Message, compact, context, fitting, header, message, plain, section
from storage.statistics import Side

CASES = "stats_cases"
MORE = "stats_more"
CHARTS = "stats_charts"
#: The most cases in one message.
PAGE_SIZE = 20
#: Modules named in the overview; the chart and the table show more.
_MODULES = 5
#: The most numbers of one figure in a menu; more do not fit into a message.
_OFFERED = 30
#: Characters of typed names, and counts of cases, tried in this order until the message fits.
_NAME_LENGTHS, _COUNTS = (80, 50, 30, 15), (PAGE_SIZE, 12, 6, 3)
_PER_SECTION = 4
_LABEL = 75
EXAMPLES = (
    *("stats last month", "stats 2026-10 Billing Suite", "stats 2026-07 to 2026-09", "stats Q3", "stats last 30 days"),
    "统计 11月 南岭移动",
)


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a measure, its numerator or its denominator, with the cases it counts."""

    measure: Measure
    side: Side

    @property
    def key(self) -> str:
        """The value of a menu option. It hashes the part, because typed names are too long for a value."""
        measure = self.measure
        mark = sha256(measure.part.encode(errors="replace")).hexdigest()[:12] if measure.part is not None else ""
        return f"{figure_key(measure)}:{mark}:{self.side.value}"

    @property
    def size(self) -> float | None:
        """The number itself, or `n` (how many were looked at) for a measure with one side."""
        measure = self.measure
        if len(sides(measure)) == 1:
            return measure.n
        return measure.numerator if self.side is Side.NUMERATOR else measure.denominator


def figure_key(measure: Measure) -> str:
    """Return the value of a menu option that stands for a whole figure."""
    return f"{measure.code}:{measure.name or ''}"


def numbers(measures: Sequence[Measure]) -> Iterator[Number]:
    """Yield every number that counts cases. A denominator that all parts of a figure share comes once."""
    for _key, parts in said.figures(measures):
        for place, measure in enumerate(parts):
            for side in sides(measure):
                shared = figure_of(measure).of is Aggregate.PORTION and side is Side.DENOMINATOR and place > 0
                number = Number(measure, side)
                if number.size and not shared:
                    yield number


# ---- The overview ----------------------------------------------------------------------------------------------


def overview(
    asked: StatisticsQuery, measures: Sequence[Measure], carried: Mapping[str, Any], t: Translator, now: datetime
) -> Message:
    """Build the overview of all measures for the period, customer and product `asked` for.

    `carried` is the same question as plain data, which the controls keep. `now` is aware UTC.
    """
    return fitting(lambda limit: _overview(asked, measures, carried, t, now, limit), _NAME_LENGTHS)


def _overview(
    asked: StatisticsQuery,
    measures: Sequence[Measure],
    carried: Mapping[str, Any],
    t: Translator,
    now: datetime,
    limit: int,
) -> Message:
    title = t("Statistics: %(period)s", period=said.period_name(asked.period, t))
    stuck = _bottleneck(measures, t)
    filters = dotted(*(typed(one, limit) for one in said.asked_for(asked, t))) or t("All customers and products")
    lasting = t("Still lasts: counted up to %(moment)s", moment=moment(now, t)) if now < asked.period.until else ""
    head = (header(title), context(dotted(filters, lasting)))
    if not any(measure.n for measure in measures):
        nothing = escape(t("No case was open in this period."))
        return message(dotted(escape(title), nothing), *head, section(nothing), context(_such_as(EXAMPLES, t)))
    return message(
        dotted(escape(title), stuck.replace("*", "")),
        *head,
        section(f"⏳ {stuck}") if stuck else None,
        *(section(text) for text in _groups(measures, t, limit)),
        context(t("In brackets: numerator / denominator; n: how many were looked at; –: nothing to count.")),
        _controls(measures, carried, t),
    )


def _bottleneck(measures: Sequence[Measure], t: Translator) -> str:
    found = bottleneck(measures)
    if found is None:
        return ""
    state, share = found
    where = t("Bottleneck: %(state)s", state=said.part_name(state, t))
    spent = t("%(share)s of the time that cases stood open", share=said.share(share))
    each = t("%(time)s for each of %(count)s cases", time=said.value(state, t), count=state.n)
    return f"*{escape(where)}* · {escape(spent)} · {escape(each)}"


def _groups(measures: Sequence[Measure], t: Translator, limit: int) -> Iterator[str]:
    figures = dict(said.figures(measures))
    times = [measure for measure in measures if measure.code == "M6" and measure.n]
    if times:
        by_time = sorted(times, key=lambda measure: -(measure.numerator or 0))
        yield lines(f"*{escape(said.name(('M6', None), t))}*", *(_part(measure, t, limit) for measure in by_time))
    for title, codes in said.GROUPS:
        shown = [_figure(key, parts, t, limit) for key, parts in figures.items() if key[0] in codes]
        yield lines(f"*{escape(t(title))}*", *shown)
    if modules := figures.get(("M19", None)):
        left = len(modules) - _MODULES
        more = t("and %(count)s more", count=left) if left > 0 else ""
        named = [_part(measure, t, limit) for measure in modules[:_MODULES]]
        yield lines(f"*{escape(said.name(('M19', None), t))}*", *named, escape(more))


def _figure(key: said.Key, parts: Sequence[Measure], t: Translator, limit: int) -> str:
    """Return a figure as one line, or as its name and a line for each part."""
    name = _figure_label(parts[0], t)
    if figure_of(parts[0]).parts == ():
        return _line(name, parts[0], t)
    return lines(escape(name), *(_part(measure, t, limit) for measure in parts))


def _part(measure: Measure, t: Translator, limit: int) -> str:
    return f"• {_line(said.part_name(measure, t), measure, t, limit)}"


def _line(name: str, measure: Measure, t: Translator, limit: int = 80) -> str:
    basis = said.basis(measure, t)
    return f"{typed(name, limit)}  *{escape(said.value(measure, t))}*" + (f"  ({escape(basis)})" if basis else "")


def _controls(measures: Sequence[Measure], carried: Mapping[str, Any], t: Translator) -> Block | None:
    open_ones = {figure_key(number.measure): number.measure for number in numbers(measures)}
    if not open_ones:
        return None
    options = [_option(_figure_label(measure, t), key) for key, measure in open_ones.items()]
    menu = _menu(t("Show the cases of …"), options)
    return _row(carried, menu, button(CHARTS, t("Send me the charts"), {}))


def _figure_label(measure: Measure, t: Translator) -> str:
    code = measure.code if measure.code.startswith("M") else ""
    return f"{code} {said.name(said.key_of(measure), t)}".strip()


# ---- The cases behind a number ---------------------------------------------------------------------------------


def cases_behind(
    chosen: Number,
    of: Sequence[Measure],
    found: Sequence[ListLine],
    place: tuple[int, int],
    carried: Mapping[str, Any],
    t: Translator,
) -> Message:
    """Build the list of the cases behind a number, with a menu of the other numbers of its figure.

    `of` are the measures of the figure and `found` the cases to show. `place` is the index of the first one, from 0,
    and the number of all cases.
    """
    return fitting(lambda count: _cases_behind(chosen, of, found[:count], place, carried, t), _COUNTS)


def _cases_behind(
    chosen: Number,
    of: Sequence[Measure],
    shown: Sequence[ListLine],
    place: tuple[int, int],
    carried: Mapping[str, Any],
    t: Translator,
) -> Message:
    first, total = place
    last = first + len(shown)
    title = _figure_label(chosen.measure, t)
    listed = [case_line(one, t) for one in shown]
    others = [_option(_number_label(number, t), number.key) for number in numbers(of)][:_OFFERED]
    rest = button(MORE, t("Show more"), {"key": chosen.key, "first": last}) if last < total else None
    said_of_all = t("%(first)s–%(last)s of %(count)s cases", first=first + 1, last=last, count=total)
    return message(
        dotted(escape(title), *(line.number for line in shown)),
        header(title),
        section(_line(_number_label(chosen, t), chosen.measure, t)),
        *(section("\n".join(listed[start : start + _PER_SECTION])) for start in range(0, len(listed), _PER_SECTION)),
        context(escape(said_of_all) if listed else t("There are no such cases now.")),
        _row(carried, _menu(t("Another number …"), others) if len(others) > 1 else None, rest),
    )


def _number_label(number: Number, t: Translator) -> str:
    """Name a number by its part and as numerator, denominator or n, with its value."""
    part, parted = said.part_name(number.measure, t), len(sides(number.measure)) > 1
    shared = figure_of(number.measure).of is Aggregate.PORTION and number.side is Side.DENOMINATOR
    count = f"{number.size or 0:,.0f}"
    if not parted:
        which = t("n: %(count)s", count=count)
    elif number.side is Side.NUMERATOR:
        which = t("numerator: %(count)s", count=count)
    else:
        which = t("denominator: %(count)s", count=count)
    return which if shared or not part else f"{_short(part)} · {which}"


def _short(part: str) -> str:
    return plain(" ".join(part.split()), 50).text or said.NOTHING


# ---- What was not understood -----------------------------------------------------------------------------------


def unclear(found: UnclearQuery, t: Translator, examples: Sequence[str] = EXAMPLES) -> Message:
    """Build the answer to words that were not understood.

    `examples` are words after `/fault` that are understood.
    """
    words = typed(found.words)
    names = dotted(*(f"“{typed(name, 60)}”" for name in found.names[:10]))
    sentences = {
        UnclearReason.UNKNOWN: t("“%(words)s” is neither a period nor the name of a customer or product.", words=words),
        UnclearReason.AMBIGUOUS: t("“%(words)s” may mean: %(names)s", words=words, names=names),
        UnclearReason.TWICE: t("“%(words)s” is one too many: name one period, one customer, one product.", words=words),
        UnclearReason.FUTURE: t("“%(words)s” has not begun yet; there is nothing to count.", words=words),
    }
    told = sentences[found.why]
    return message(told, section(told), context(_such_as(examples, t)))


def _such_as(examples: Sequence[str], t: Translator) -> str:
    return t("For example: %(examples)s", examples=dotted(*(f"`/fault {example}`" for example in examples)))


# ---- Controls --------------------------------------------------------------------------------------------------


def _option(label: str, key: str) -> Option:
    return Option(text=plain(label, _LABEL), value=key)


def _menu(placeholder: str, options: Sequence[Option]) -> StaticSelectElement:
    return StaticSelectElement(action_id=CASES, placeholder=plain(placeholder, 150), options=list(options))


def _row(carried: Mapping[str, Any], *elements: InteractiveElement | ButtonElement | None) -> Block | None:
    """Build the controls.

    Their `block_id` holds the question, because Slack does not send an ephemeral message back with a press.
    """
    held = [element.to_dict() for element in elements if element]
    return {"type": "actions", "block_id": compact(dict(carried)), "elements": held} if held else None
