"""Reads tables for the import: CSV as Excel or a database writes it, or a sheet of an Excel workbook.

The files are not trusted. Their size, rows and columns are limited while they are read.
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from bot.casework.imports.import_table import Table
from bot.documents.tables.read_workbook import MAX_COLUMNS, Unreadable, read_sheet
from bot.documents.tables.workbook import RISKY

__all__ = ["Unreadable", "read_table"]

#: The largest file in bytes, the most rows below the headings, and the longest row of a CSV file in characters.
MAX_FILE_BYTES, MAX_ROWS, MAX_ROW_LENGTH = 50 * 2**20, 100_000, 2**20
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SIGNS = (",", "\t", ";")


def read_table(path: Path, sheet: str | None = None) -> Table:
    """Return the headings and rows of a `.csv` or `.xlsx` file. `sheet` names a sheet of the latter (default: first).

    Raises `Unreadable` if the content is not a table within the limits, and OSError if the file cannot be read.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Unreadable(f"is larger than {MAX_FILE_BYTES // 2**20} MiB")
    content = path.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(content)):
        return _table(read_sheet(content, sheet, MAX_ROWS + 2))  # one row of headings, and one too many
    if sheet is not None:
        raise Unreadable("has no sheets: it is no Excel workbook (.xlsx)")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("is an old or an encrypted Excel workbook; save it as .xlsx without a password")
    return _table(_csv_rows(_decoded(content)))


def _table(rows: Iterator[tuple[int, Sequence[Any]]]) -> Table:
    """Return the table. The first row that is not empty holds the headings."""
    for _line, cells in rows:
        headings = [str(cell).strip() if cell is not None else "" for cell in cells]
        while headings and not headings[-1]:
            headings.pop()
        if headings:
            break
    else:
        raise Unreadable("is empty: the first row must have the headings")
    if len(headings) > MAX_COLUMNS:
        raise Unreadable(f"has more than {MAX_COLUMNS} columns")
    below = list(islice(rows, MAX_ROWS + 1))
    if len(below) > MAX_ROWS:
        raise Unreadable(f"has more than {MAX_ROWS:,} rows; bring them in parts")
    return Table(headings, below)


# ---- CSV -----------------------------------------------------------------------------------------------------


def _decoded(content: bytes) -> str:
    """Decode the text by the file's byte order mark, or else as UTF-8, or else as GB 18030 (Chinese Windows)."""
    marked = next((encoding for mark, encoding in _MARKS.items() if content.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text.partition("\n")[0]:  # in a later line the import reports it
            return text
    raise Unreadable("is neither an Excel workbook (.xlsx) nor text in UTF-8 or GB18030")


def _csv_rows(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield each row with the number of its first line. The delimiter is the one used most in the headings."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    line, length = 1, 0

    def lines() -> Iterator[str]:
        nonlocal length
        for part in io.StringIO(text, newline=""):
            length += len(part)
            if length > MAX_ROW_LENGTH:
                raise Unreadable(f"has a row of more than {MAX_ROW_LENGTH:,} characters: line {line}")
            yield part

    reader = csv.reader(lines(), delimiter=max(_SIGNS, key=first.count), strict=True)
    try:
        for cells in reader:
            yield line, [_unguarded(cell) for cell in cells]
            line, length = reader.line_num + 1, 0
    except csv.Error as error:
        raise Unreadable(f"is no CSV: line {line}: {error}") from None


def _unguarded(cell: str) -> str:
    """Return a cell without the apostrophe that our own CSV puts before text that looks like a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(RISKY) else cell
