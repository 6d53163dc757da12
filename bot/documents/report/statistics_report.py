"""The content of the maintenance statistics report (T08) as tables of cells, independent of the file format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.casework.statistics.measures import Measure, Unit
from bot.casework.statistics.monthly_report import ReportCard
from bot.casework.statistics.report_snapshot import Count, Fault, Grouping, word_of
from bot.documents import measure_words as said
from bot.documents.measure_words import NOTHING
from bot.documents.tables.workbook import Cell
from bot.i18n.translator import Translator, _
from storage.vocabulary import PaperStatus, Step

#: The company's number of this kind of document.
KIND = "T08"
TITLE = _("Maintenance statistics report")
#: The step whose form has the field by which faults are counted.
_ASKS: dict[Grouping, Step] = {
    Grouping.SEVERITY: Step.PUBLISH_ANALYSIS,
    Grouping.PRODUCT: Step.REPORT,
    Grouping.MODULE: Step.PUBLISH_ANALYSIS,
    Grouping.CAUSE: Step.PUBLISH_ANALYSIS,
    Grouping.CUSTOMER: Step.REPORT,
}
#: Figures that form a group of their own, after the other groups.
_ALONE = ("M6", "M19")


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its title and column headings."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class ReportContents:
    """A report to be written to a file. `t` translates for its reader; `number` is the document's number."""

    card: ReportCard
    t: Translator
    number: str

    @property
    def title(self) -> str:
        """The kind of document and the period."""
        return f"{self.t(TITLE)} {said.period_name(self.card.snapshot.period, self.t)}"

    @property
    def status(self) -> str:
        """Draft or issued."""
        return self.t.word(PaperStatus.PUBLISHED if self.card.issue else PaperStatus.DRAFT)

    @property
    def version(self) -> str:
        """The version's number; a dash for a report that is not stored."""
        return str(self.card.version) if self.card.id else NOTHING

    @property
    def notice(self) -> str:
        """The notice on every page of a report that was not issued; empty for an issued one."""
        if self.card.issue:
            return ""
        return self.t("DRAFT, not issued") if self.card.id else self.t("DRAFT, drawn up for this file alone")


def number_of(card: ReportCard, prefix: str) -> str:
    """Return the document's number: `prefix`, T08, and the month or the first and last day of the period."""
    first, last = card.snapshot.first, card.snapshot.last
    month = first.day == 1 and (last + timedelta(days=1)).day == 1 and (last - first).days < 31
    return f"{prefix}-{KIND}-{first:%Y%m}" if month else f"{prefix}-{KIND}-{first:%Y%m%d}-{last:%Y%m%d}"


# ---- The content ---------------------------------------------------------------------------------------------


def about(printed: ReportContents) -> tuple[tuple[str, str], ...]:
    """Return the labelled facts at the head of the report."""
    card, t = printed.card, printed.t
    snapshot, issue = card.snapshot, card.issue
    return (
        (t("Document number"), printed.number),
        (t("Period"), f"{snapshot.first} – {snapshot.last} ({snapshot.zone})"),
        (t("Version"), printed.version),
        (t("Status"), printed.status),
        (t("Figures as of"), t.moment(snapshot.made_at)),
        (t("Only"), t.listed(said.asked_for(snapshot.query, t)) or t("all customers and products")),
        (t("Issued by"), issue.name if issue else NOTHING),
        (t("Issued at"), t.moment(issue.at) if issue else NOTHING),
        (t("Replaces version"), str(card.replaces or NOTHING)),
        (t("Time zone of all times"), t.zone.key),
    )


def grouped(measures: Sequence[Measure], t: Translator) -> Iterator[tuple[str, tuple[Measure, ...]]]:
    """Yield the title of each group with its measures. Every measure is in exactly one group."""
    alone = tuple((said.NAMES[code, None], (code,)) for code in _ALONE)
    for title, codes in (*said.GROUPS, *alone):
        if found := tuple(measure for code in codes for measure in measures if measure.code == code):
            yield t(title), found


def name_of(measure: Measure, t: Translator) -> str:
    """Return the name of a figure or of a part of one."""
    part = said.part_name(measure, t)
    name = said.name(said.key_of(measure), t)
    return labelled(name, part, t) if part else name


def labelled(label: str, what: object, t: Translator) -> str:
    """Return a label and its value, joined as the language requires."""
    return t("%(label)s: %(what)s", label=label, what=what)


def numerator(measure: Measure, t: Translator) -> str:
    """Return the formatted numerator; a dash if there is none."""
    if measure.numerator is None:
        return NOTHING
    return said.amount(measure.numerator, added(measure), t)


def added(measure: Measure) -> Unit:
    """Return the unit of the numerator. It is a count if the measure is a share or an index."""
    return Unit.CASES if measure.unit in (Unit.SHARE, Unit.INDEX) else measure.unit


def counts(printed: ReportContents, by: Grouping) -> Table:
    """Return the table of faults received, closed and open, counted by one field, with a row for the total."""
    t = printed.t
    heads = (t.field(_ASKS[by], by), t("Received (signed)"), t("Closed in the period"), t("Open at the end"))
    found = printed.card.snapshot.counted(by)
    total = (t("All"), *(sum(getattr(one, name) for one in found) for name in ("received", "closed", "open")))
    rows = tuple((_counted(one, t), one.received, one.closed, one.open) for one in found)
    return Table(labelled(t("Faults by"), heads[0], t), heads, (*rows, total))


def _counted(count: Count, t: Translator) -> str:
    word = word_of(count.by, count.key)
    if word is None:
        return t("none") if count.by is Grouping.CUSTOMER else t("not analyzed yet")
    return word if count.by not in (Grouping.SEVERITY, Grouping.CAUSE) else str(t.word(word))  # type: ignore[arg-type]


def lists(printed: ReportContents) -> tuple[Table, Table]:
    """Return the lists of the overdue and of the very severe faults."""
    t, kept = printed.t, printed.card.snapshot
    return _list(t("Overdue"), kept.overdue, t), _list(t("Very severe"), kept.very_severe, t)


def _list(title: str, faults: Sequence[Fault], t: Translator) -> Table:
    heads = (
        *(t("Fault"), t.field(Step.REPORT, "summary"), t.field(Step.REPORT, "customer")),
        *(t.field(Step.REPORT, "product"), t("State"), t.field(Step.PUBLISH_ANALYSIS, "deadline_at"), t("Resolved")),
    )
    return Table(title, heads, tuple(_line(fault, t) for fault in faults))


def _line(fault: Fault, t: Translator) -> tuple[Cell, ...]:
    named = (fault.number, fault.summary, fault.customer, fault.product)
    return (*named, t.word(fault.state), fault.deadline_at, fault.resolved_at)
