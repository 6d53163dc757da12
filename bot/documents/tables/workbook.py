"""Excel workbooks in the company's style. The same content at the same moment gives the same bytes.

Typed text stays text, character for character. It never becomes a formula, a link, a number or XML of the file.
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

from bot.documents.xml_text import allowed_in_xml

if TYPE_CHECKING:
    from xlsxwriter import Workbook as Writer
    from xlsxwriter.worksheet import Worksheet

#: The value of a cell; a datetime is aware.
Cell: TypeAlias = str | int | float | datetime | None
#: Excel's limits: the rows of a sheet, and the length of a cell's text in UTF-16 code units.
MAX_ROWS, MAX_TEXT_LENGTH = 1_048_576, 32_767
#: A text with such a beginning could become a formula when somebody edits the cell.
RISKY = tuple("=+-@\t\r\n＝＋－＠")
_MAX_NAME_LENGTH = 31
_A3, _A4 = 8, 9
_LINE_HEIGHT = 15
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
#: XlsxWriter takes text between these two as XML and writes it unescaped.
_TAKEN_FOR_XML = ("<r>", "</r>")


class Style(StrEnum):
    """The style of a cell."""

    PLAIN = "plain"
    QUOTED = "quoted"  # text that stays text even after it is edited
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
    """A sheet that is written row by row. Moments are shown in `zone`. `raw` is XlsxWriter's own sheet."""

    raw: "Worksheet"
    styles: dict[Style, Any]
    zone: ZoneInfo

    def write(self, row: int, column: int, value: Cell, style: Style | None = None) -> None:
        """Write one cell. `row` and `column` count from 0. The default style depends on the type of the value."""
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
        """Write a row of cells from the first column on. `lines` is the height of the row in lines of text."""
        if lines > 1:
            self.raw.set_row(row, lines * _LINE_HEIGHT)
        for column, value in enumerate(values):
            self.write(row, column, value, style)

    def headings(self, titles: Sequence[str], widths: Sequence[float], *, frozen_columns: int = 0) -> None:
        """Write the first row, which stays visible when scrolling. `widths` are the column widths in characters."""
        for column, width in enumerate(widths):
            self.raw.set_column(column, column, width)
        lines = max(lines_of(title, width) for title, width in zip(titles, widths, strict=True))
        self.row(0, titles, Style.HEADING, lines)
        self.raw.freeze_panes(1, frozen_columns)
        self.raw.repeat_rows(0)
        if frozen_columns:
            self.raw.repeat_columns(0, frozen_columns - 1)

    def filters(self, rows: int, columns: int) -> None:
        """Add filters to the headings, for this many rows and columns."""
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
    """A workbook being written. `raw` is XlsxWriter's own workbook."""

    raw: "Writer"
    styles: dict[Style, Any]
    zone: ZoneInfo

    def sheet(self, name: str, *, wide: bool = False) -> Sheet:
        """Add a sheet after the others. Its name is shortened and cleaned as Excel requires.

        A printed page is as wide as all columns. A `wide` sheet has too many for that and is printed on A3.
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
    """Write a workbook to `path`. It is complete at the end of the block, and absent if the block raises.

    Moments are shown in `zone`. `created` (aware) is the creation date of the file. With `streaming`, only one row is
    kept in memory, and each sheet must be written from its first row to its last.
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
    """Estimate the lines of a text in a column `width` characters wide. East Asian wide characters count as two."""
    taken = sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
    return max(1, ceil(1.2 * taken / width))  # lines break before whole words, so they are not full


def safe_text(text: str) -> str:
    """Return the text without characters that XML does not allow, cut to the length that a cell can hold."""
    text = allowed_in_xml(text)
    if len(text) <= MAX_TEXT_LENGTH // 2:
        return text
    return text.encode("utf-16-le")[: 2 * MAX_TEXT_LENGTH].decode("utf-16-le", "ignore")


def sheet_name(name: str) -> str:
    """Return a name that Excel accepts for a sheet."""
    return _NOT_IN_NAMES.sub(" ", name).strip(" '")[:_MAX_NAME_LENGTH]
