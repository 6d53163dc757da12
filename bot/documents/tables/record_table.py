"""The product fault record table (T05) as an Excel or CSV file, with one row per version of each fault's record."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

from sqlmodel import Session

from bot.casework.records.fault_records import CaseOutcome, RecordRow, record_rows_of
from bot.documents.context import DocumentContext
from bot.documents.tables.csv import csv_table
from bot.documents.tables.workbook import MAX_ROWS, Cell, Sheet, Style, Workbook, lines_of, workbook
from bot.i18n.translator import Translator, _
from storage.record_rows import RecordFilter
from storage.tables import Customer, Product
from storage.vocabulary import Paper, Step, YesNo

Form: TypeAlias = Literal["xlsx", "csv"]
Value: TypeAlias = Callable[[RecordRow, Translator], Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `heading` is a text, or the form field whose label it takes. `about` explains the column."""

    heading: str | tuple[Step, str]
    value: Value
    width: int
    about: str | None = None

    def title(self, t: Translator) -> str:
        """Return the heading in the reader's language."""
        return t(self.heading) if isinstance(self.heading, str) else t.field(*self.heading)


def _plain(name: str) -> Value:
    """Return the attribute of the row with this name."""
    return lambda row, _t: getattr(row, name)


def _severity(row: RecordRow, t: Translator) -> Cell:
    return t.word(row.severity) if row.severity else t("The record cannot be read")


def _yes_no(value: bool | None, t: Translator) -> str | None:
    return None if value is None else t.word(YesNo.YES if value else YesNo.NO)


def _of_outcome(value: Callable[[CaseOutcome, Translator], Cell]) -> Value:
    """Return a value of the fault's status; None in rows that do not state the status."""
    return lambda row, t: value(row.outcome, t) if row.outcome else None


_ABOUT_WIDTHS = (34, 90)
_REPORT, _ANALYSIS = Step.REPORT, Step.PUBLISH_ANALYSIS
COLUMNS: tuple[Column, ...] = (
    Column(_("Fault"), _plain("number"), 9, _("The number of the case.")),
    Column(
        _("Record version"),
        _plain("version"),
        9,
        _("Each change of severity or deadline, each new analysis and each closing makes a new version."),
    ),
    Column(
        _("Current"),
        lambda row, t: _yes_no(row.current, t),
        9,
        _(
            "Yes: the newest version of the fault, one row for each fault. No: an earlier version as it was written,"
            " or a case that is no longer a fault."
        ),
    ),
    Column((_REPORT, "summary"), _plain("summary"), 42),
    Column((_REPORT, "customer"), _plain("customer"), 26),
    Column((_REPORT, "product"), _plain("product"), 24),
    Column(
        (Step.UPDATE_MANUAL, "product_version"),
        _plain("product_version"),
        11,
        _("The version in which the fault was reported."),
    ),
    Column((_ANALYSIS, "module"), _plain("module"), 18),
    Column((_ANALYSIS, "severity"), _severity, 13),
    Column((_ANALYSIS, "severity_reason"), _plain("severity_reason"), 36),
    Column(
        (_ANALYSIS, "deadline_basis"), lambda row, t: t.word(row.deadline_basis) if row.deadline_basis else None, 17
    ),
    Column(
        (_ANALYSIS, "deadline_at"),
        _plain("deadline_at"),
        17,
        _("In the current row the deadline in force; empty: no deadline."),
    ),
    Column((_ANALYSIS, "deadline_contact"), _plain("deadline_contact"), 18),
    Column((_ANALYSIS, "deadline_agreed_at"), _plain("deadline_agreed_at"), 17),
    Column((_ANALYSIS, "deadline_evidence"), _plain("deadline_evidence"), 26),
    Column(_("First deadline"), _plain("first_deadline_at"), 17, _("It is kept when the deadline is moved.")),
    Column(_("Why the deadline was moved"), _plain("deadline_reason"), 26),
    Column(
        _("State"),
        _of_outcome(lambda outcome, t: t.word(outcome.state)),
        30,
        _(
            "From here to the duplicates: how the fault stands now, in its current row; in an earlier version only"
            " where that version closed the fault, and as it was then."
        ),
    ),
    Column(_("Reported"), _plain("reported_at"), 17, _("When the case was reported; the clock runs from here.")),
    Column(
        _("Resolved"),
        _of_outcome(lambda outcome, _t: outcome.resolved_at),
        17,
        _("When the customer was replied to; the clock stops here."),
    ),
    Column(_("Closed"), _of_outcome(lambda outcome, _t: outcome.closed_at), 17),
    Column(
        _("On time"),
        _of_outcome(lambda outcome, t: _yes_no(outcome.on_time, t)),
        9,
        _(
            "Resolved by the deadline in force. No also for an open fault past its deadline;"
            " empty while the deadline lies ahead or where there is none."
        ),
    ),
    Column(
        _("On time by the first deadline"),
        _of_outcome(lambda outcome, t: _yes_no(outcome.on_time_at_first, t)),
        14,
    ),
    Column(_("Deadline moved (times)"), _of_outcome(lambda outcome, _t: outcome.moved_count), 11),
    Column(_("Fixed in"), _of_outcome(lambda outcome, _t: outcome.fixed_version), 13),
    Column(
        _("Reopened (times)"),
        _of_outcome(lambda outcome, _t: outcome.reopen_count),
        11,
        _("How often the fix was rejected or the fault reopened."),
    ),
    Column(
        _("Duplicates"),
        lambda row, _t: ", ".join(row.duplicates) or None,
        16,
        _("Cases that were merged into this one."),
    ),
    Column(
        _("Old number"),
        _plain("reference"),
        16,
        _("The number of a fault that was brought in from before this desk; empty for all others."),
    ),
    Column(_("Recorded by"), _plain("author"), 16, _("Who wrote this version.")),
    Column(_("Recorded at"), _plain("written_at"), 17),
)


def record_table(
    context: DocumentContext, wanted: RecordFilter, t: Translator, form: Form, path: Path, number: str = ""
) -> int:
    """Write the table to `path` in the language and zone of `t`. Return its number of rows.

    The time of `context` decides what is overdue and is the creation date of the file, so the same records at the same
    moment give the same file. The memory used does not depend on the number of rows. `number` is the company's number
    of the table, if it has one.
    """
    session, now = context.session, context.now
    rows = record_rows_of(session, wanted, context.company.policy, now)
    cells = ([column.value(row, t) for column in COLUMNS] for row in rows)
    titles = [column.title(t) for column in COLUMNS]
    if form == "csv":
        return csv_table(path, titles, cells, t.zone)
    title = f"{number} {t.word(Paper.FAULT_RECORD)}".strip()
    with workbook(path, title, t.zone, now, streaming=True) as book:
        written = _table(book, titles, cells, t)
        _about(book, title, _conditions(session, wanted, t, now, written), t)
    return written


def _table(book: Workbook, titles: list[str], rows: Iterable[list[Cell]], t: Translator) -> int:
    """Write the rows on one sheet, and on further sheets when a sheet is full. Return the number of rows."""
    written, row, sheet = 0, 0, _sheet(book, titles, t.word(Paper.FAULT_RECORD))
    for written, cells in enumerate(rows, start=1):  # noqa: B007 - it is returned
        if row == MAX_ROWS - 1:
            sheet.filters(row, len(titles))
            row, sheet = 0, _sheet(book, titles, f"{t.word(Paper.FAULT_RECORD)} {len(book.raw.worksheets()) + 1}")
        row += 1
        sheet.row(row, cells)
    sheet.filters(row, len(titles))
    return written


def _sheet(book: Workbook, titles: list[str], name: str) -> Sheet:
    sheet = book.sheet(name, wide=True)
    sheet.headings(titles, [column.width for column in COLUMNS], frozen_columns=1)
    return sheet


def _about(book: Workbook, title: str, conditions: Iterable[tuple[str, Cell]], t: Translator) -> None:
    """Write a further sheet that says which faults the table contains and what the columns mean."""
    sheet = book.sheet(t("About this table"))
    for column, width in enumerate(_ABOUT_WIDTHS):
        sheet.raw.set_column(column, column, width)
    sheet.row(0, (title,), Style.TITLE, 2)
    row = 2
    for name, value in conditions:
        sheet.row(row, (name, value))
        row += 1
    sheet.row(row + 1, (t("Column"), t("Meaning")), Style.HEADING)
    meanings = [(column.title(t), t(column.about)) for column in COLUMNS if column.about]
    for below, meaning in enumerate(meanings, start=row + 2):
        sheet.row(below, meaning, Style.WRAPPED, max(map(lines_of, meaning, _ABOUT_WIDTHS)))


def _conditions(
    session: Session, wanted: RecordFilter, t: Translator, now: datetime, written: int
) -> Iterator[tuple[str, Cell]]:
    """Yield the conditions that selected the rows, each with its label."""
    customer = session.get(Customer, wanted.customer_id) if wanted.customer_id else None
    product = session.get(Product, wanted.product_id) if wanted.product_id else None
    yield t("Reported from"), wanted.since or t("the beginning")
    yield t("Reported before"), wanted.until or t("no end")
    yield t.field(_REPORT, "customer"), customer.name if customer else t("all")
    yield t.field(_REPORT, "product"), product.name if product else t("all")
    if wanted.case_id:
        yield t("Fault"), f"F-{wanted.case_id}"
    yield t("Rows"), str(written)
    yield t("Data from"), t.moment(now)
    yield t("Time zone of all times"), t.zone.key
