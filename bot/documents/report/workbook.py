"""The statistics report as an Excel workbook, with numeric cells that can be filtered and added up."""

import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from bot.casework.statistics.measures import Measure, Unit
from bot.casework.statistics.report_snapshot import Grouping
from bot.documents import measure_words as said
from bot.documents.charts.charts import charts
from bot.documents.report.statistics_report import ReportContents, Table, about, added, counts, grouped, lists, name_of
from bot.documents.tables.workbook import Cell, Sheet, Style, Workbook, lines_of, workbook

_HOUR = 3600
#: The scale of a picture, and the number of sheet columns that a picture of this scale covers.
_SCALE, _PICTURE_COLUMNS = {"x_scale": 0.8, "y_scale": 0.8}, 9
_ABOUT = (30, 90)
_MEASURES = (8, 52, 26, 12, 14, 14, 14, 8)
_COUNTS = (18, 44, 12, 12, 16)
_LISTS = (9, 44, 28, 26, 30, 17, 17)


def report_workbook(printed: ReportContents) -> bytes:
    """Return the workbook of a report. The same report gives the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report"
        title = f"{printed.number} {printed.title}"
        with workbook(path, title, printed.t.zone, printed.card.snapshot.made_at) as book:
            _about(book, printed, title)
            _measures(book, printed)
            _counts(book, printed)
            for table in lists(printed):
                _listed(book.sheet(table.title), table.heads, list(table.rows), _LISTS)
            _charts(book, printed)
        return path.read_bytes()


def _about(book: Workbook, printed: ReportContents, title: str) -> None:
    t, card = printed.t, printed.card
    sheet = book.sheet(t("About this report"))
    for column, width in enumerate(_ABOUT):
        sheet.raw.set_column(column, column, width)
    sheet.row(0, (title,), Style.TITLE, 2)
    sheet.row(1, (printed.notice,), Style.TITLE)
    comment = card.issue.comment if card.issue else said.NOTHING
    facts = (*about(printed), (t("Content hash (SHA-256)"), card.content_hash), *_signature(printed))
    for row, (label, value) in enumerate((*facts, (t("Analysis and advice"), comment)), start=3):
        sheet.row(row, (label, value), Style.WRAPPED, lines_of(value, _ABOUT[1]))


def _signature(printed: ReportContents) -> Iterator[tuple[str, str]]:
    if issue := printed.card.issue:
        yield printed.t("Signature (SHA-256)"), issue.signature


def _measures(book: Workbook, printed: ReportContents) -> None:
    t = printed.t
    heads = (
        *(t("Measure no."), t("Measure"), t("Group"), t("Value"), t("Unit")),
        *(t("Numerator"), t("Denominator"), "n"),
    )
    sheet = book.sheet(t("Measures"))
    sheet.headings(heads, _MEASURES, frozen_columns=2)
    row = 0
    for group, found in grouped(printed.card.snapshot.measures, t):
        for measure in found:
            row += 1
            _measure(sheet, row, measure, group, printed)
    sheet.filters(row, len(heads))


def _measure(sheet: Sheet, row: int, measure: Measure, group: str, printed: ReportContents) -> None:
    """Write one measure. Times and their sums are in hours."""
    t = printed.t
    named = (measure.code if measure.code.startswith("M") else None, name_of(measure, t), group)
    value, above = _number(measure.value, measure.unit), _number(measure.numerator, added(measure))
    sheet.row(row, (*named, None, _unit(measure.unit, printed), above, measure.denominator, measure.n))
    sheet.write(row, len(named), value, Style.SHARE if measure.unit is Unit.SHARE and value is not None else None)


def _number(number: float | None, unit: Unit) -> Cell:
    """Return a count as a whole number, a time in hours, and any other value unchanged."""
    if number is None:
        return None
    if unit is Unit.CASES:
        return int(number)
    return number / _HOUR if unit in (Unit.SECONDS, Unit.WORKING) else float(number)


def _unit(unit: Unit, printed: ReportContents) -> str:
    t = printed.t
    words = {
        Unit.CASES: t("cases"),
        Unit.SHARE: t("share"),
        Unit.SECONDS: t("hours"),
        Unit.WORKING: t("working hours"),
        Unit.INDEX: t("index"),
        Unit.ROUNDS: t("rounds"),
        Unit.HOURS: t("hours"),
        Unit.SCORE: t("score 1–5"),
    }
    return words[unit]


def _counts(book: Workbook, printed: ReportContents) -> None:
    """Write all counts on one sheet, where the first column names the field counted by.

    The totals are left out, because they would be added again when a reader sums a column.
    """
    t = printed.t
    tables: list[Table] = [counts(printed, by) for by in Grouping]
    rows = [(table.heads[0], *line) for table in tables for line in table.rows[:-1]]
    heads = (t("Counted by"), t("Of"), *tables[0].heads[1:])
    _listed(book.sheet(t("Faults counted")), heads, rows, _COUNTS)


def _charts(book: Workbook, printed: ReportContents) -> None:
    """Write the charts side by side on one sheet."""
    sheet, kept = book.sheet(printed.t("Charts")), printed.card.snapshot
    drawn = charts(kept.measures, kept.query, printed.t, kept.made_at)
    for place, chart in enumerate(drawn):
        shown = {"image_data": BytesIO(chart.content), "description": chart.title, **_SCALE}
        sheet.raw.insert_image(0, place * _PICTURE_COLUMNS, chart.name, shown)


def _listed(sheet: Sheet, heads: tuple[str, ...], rows: list[tuple[Cell, ...]], widths: tuple[int, ...]) -> None:
    sheet.headings(heads, widths, frozen_columns=1)
    for row, line in enumerate(rows, start=1):
        sheet.row(row, line)
    sheet.filters(len(rows), len(heads))
