"""Excel workbooks in the house's style: the same content at the same moment is the same file, byte for byte.

What people typed stays text, letter for letter: never a formula, a link, a number or part of the file's own XML.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

from bot.documents.xml_text import holdable

if TYPE_CHECKING:
    from xlsxwriter import Workbook as Writer
    from xlsxwriter.worksheet import Worksheet

#: What a cell may hold; a moment is aware.
Cell: TypeAlias = str | int | float | datetime | None
#: The most rows of one sheet, and the longest text of one cell, in UTF-16 units.
MOST_ROWS, LONGEST_TEXT = 1_048_576, 32_767
#: With these a text could be taken for a formula, once somebody edits the cell.
RISKY = tuple("=+-@\t\r\n＝＋－＠")
_LONGEST_NAME = 31
_A3, _A4 = 8, 9
_LINE_HEIGHT = 15
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
#: XlsxWriter takes text between these two for XML and writes it as it is.
_TAKEN_FOR_XML = ("<r>", "</r>")


class Style(StrEnum):
    """How a cell looks."""

    PLAIN = "plain"
    QUOTED = "quoted"  # text that stays text also when it is edited
    WRAPPED = "wrapped"
    MOMENT = "moment"
    COUNT = "count"
    NUMBER = "number"
    SHARE = "share"
    HEADING = "heading"
    TITLE = "title"


_BODY = {"valign": "top"}
STYLES: dict[Style, dict[str, Any]] = {
    Style.PLAIN: _BODY,
    Style.QUOTED: {**_BODY, "quote_prefix": True},
    Style.WRAPPED: {**_BODY, "text_wrap": True},
    Style.MOMENT: {**_BODY, "num_format": "yyyy-mm-dd hh:mm", "align": "left"},
    Style.COUNT: {**_BODY, "num_format": "0", "align": "center"},
    Style.NUMBER: {**_BODY, "num_format": "0.0"},
    Style.SHARE: {**_BODY, "num_format": "0.0%"},
    Style.HEADING: {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E8EDF3", "bottom": 1},
    Style.TITLE: {"bold": True, "font_size": 14, "valign": "top"},
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that is written row by row. `raw` is XlsxWriter's, for charts and whatever else it can do."""

    raw: "Worksheet"
    styles: dict[Style, Any]
    zone: ZoneInfo

    def write(self, row: int, column: int, value: Cell, style: Style | None = None) -> None:
        """One cell, both counted from 0; without a style, in the one that fits the value."""
        match value:
            case None:
                return
            case str():
                self._text(row, column, safe_text(value), style)
            case datetime():
                local = value.astimezone(self.zone).replace(tzinfo=None, microsecond=0)
                self.raw.write_datetime(row, column, local, self.styles[style or Style.MOMENT])
            case _:
                fitting = Style.COUNT if isinstance(value, int) else Style.NUMBER
                self.raw.write_number(row, column, value, self.styles[style or fitting])

    def row(self, row: int, values: Sequence[Cell], style: Style | None = None, lines: int = 1) -> None:
        """A row of cells from the first column on, so many lines high."""
        if lines > 1:
            self.raw.set_row(row, lines * _LINE_HEIGHT)
        for column, value in enumerate(values):
            self.write(row, column, value, style)

    def headings(self, titles: Sequence[str], widths: Sequence[float], *, frozen_columns: int = 0) -> None:
        """The first row, wrapped, which stays in sight; `widths` are of the columns, in characters."""
        for column, width in enumerate(widths):
            self.raw.set_column(column, column, width)
        lines = max(lines_of(title, width) for title, width in zip(titles, widths, strict=True))
        self.row(0, titles, Style.HEADING, lines)
        self.raw.freeze_panes(1, frozen_columns)
        self.raw.repeat_rows(0)
        if frozen_columns:
            self.raw.repeat_columns(0, frozen_columns - 1)

    def filters(self, rows: int, columns: int) -> None:
        """Filters over the headings and the rows below them."""
        self.raw.autofilter(0, 0, rows, columns - 1)

    def _text(self, row: int, column: int, text: str, style: Style | None) -> None:
        look = self.styles[style or (Style.QUOTED if text.startswith(RISKY) else Style.PLAIN)]
        begin, end = _TAKEN_FOR_XML
        if text.startswith(begin) and text.endswith(end):
            self.raw.write_rich_string(row, column, text[:1], text[1:3], text[3:], look)
        else:
            self.raw.write_string(row, column, text, look)


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook under way. `raw` is XlsxWriter's."""

    raw: "Writer"
    styles: dict[Style, Any]
    zone: ZoneInfo

    def sheet(self, name: str, *, wide: bool = False) -> Sheet:
        """A new sheet, behind those before; its name is cut and cleaned as Excel wants it.

        Printed, its columns share one page, unless there are too many (`wide`).
        """
        raw = self.raw.add_worksheet(sheet_name(name))
        raw.set_landscape()
        raw.set_paper(_A3 if wide else _A4)
        if not wide:
            raw.fit_to_pages(1, 0)
        return Sheet(raw, self.styles, self.zone)


@contextmanager
def workbook(
    path: Path, title: str, zone: ZoneInfo, created: datetime, *, streaming: bool = False
) -> Iterator[Workbook]:
    """Write a workbook to `path`; it is complete at the end of the block, and absent if the block raises.

    Moments are shown in `zone`; `created` (aware) is the file's own date. `streaming` keeps only one row in memory:
    then each sheet is written from its first row to its last.
    """
    import xlsxwriter

    with tempfile.TemporaryDirectory() as folder:
        options = {"constant_memory": streaming, "tmpdir": folder, "use_zip64": True, **_TEXT_IS_TEXT}
        raw = xlsxwriter.Workbook(str(path), options)
        raw.set_properties({"title": title, "created": created.astimezone(UTC).replace(tzinfo=None, microsecond=0)})
        try:
            yield Workbook(raw, {style: raw.add_format(look) for style, look in STYLES.items()}, zone)
            raw.close()
        except BaseException:
            for sheet in raw.worksheets() if streaming else ():
                sheet.row_data_fh.close()
            path.unlink(missing_ok=True)
            raise


_TEXT_IS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def lines_of(text: str, width: float) -> int:
    """How many lines the text takes in a column so many characters wide; wide characters count as two."""
    taken = sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
    return max(1, ceil(1.2 * taken / width))  # words break early


def safe_text(text: str) -> str:
    """The text without what XML forbids, and no longer than a cell can be."""
    text = holdable(text)
    if len(text) <= LONGEST_TEXT // 2:
        return text
    return text.encode("utf-16-le")[: 2 * LONGEST_TEXT].decode("utf-16-le", "ignore")


def sheet_name(name: str) -> str:
    """A name that Excel takes for a sheet."""
    return _NOT_IN_NAMES.sub(" ", name).strip(" '")[:_LONGEST_NAME]
