"""Reads tables for the import: CSV as Excel or a database writes it, or a sheet of an Excel workbook.

The files are not trusted. Their size, unpacked size, rows and columns are limited. A document type declaration, which
could define XML entities, is refused. Of a formula only the value that Excel stored with it is read.
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

from bot.casework.importing.import_table import Table
from bot.documents.tables.workbook import RISKY

#: The largest file, and the largest unpacked size of an Excel file, in bytes.
MAX_FILE_BYTES, MAX_UNPACKED_BYTES = 50 * 2**20, 500 * 2**20
MAX_ROWS, MAX_COLUMNS, MAX_PARTS = 100_000, 100, 1000
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SIGNS = (",", "\t", ";")
#: The endings of the XML parts of a workbook, and the number of bytes in which each must reach its first element.
_MARKUP, _PROLOG = (".xml", ".rels"), 1 << 16


class Unreadable(Exception):
    """The file is not a readable table; the text says why."""


def read_table(path: Path, sheet: str | None = None) -> Table:
    """Return the headings and rows of a `.csv` or `.xlsx` file. `sheet` names a sheet of the latter (default: first).

    Raises `Unreadable` if the content is not a table within the limits, and OSError if the file cannot be read.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Unreadable(f"is larger than {MAX_FILE_BYTES // 2**20} MiB")
    content = path.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(content)):
        return _table(_excel_rows(content, sheet))
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
    first = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_SIGNS, key=first.count), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, [_unguarded(cell) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(f"is no CSV: line {line}: {error}") from None


def _unguarded(cell: str) -> str:
    """Return a cell without the apostrophe that our own CSV puts before text that looks like a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(RISKY) else cell


# ---- Excel ---------------------------------------------------------------------------------------------------


def _excel_rows(content: bytes, sheet: str | None) -> Iterator[tuple[int, Sequence[Any]]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    _guard(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, TypeError, SyntaxError, OSError) as error:  # openpyxl's errors
        raise Unreadable(f"is no Excel workbook that can be read: {error}") from None
    try:
        names = [one.title for one in book.worksheets]
        if sheet is not None and sheet not in names:
            raise Unreadable(f"has no sheet {sheet}; it has: {', '.join(names)}")
        chosen = book[sheet] if sheet else book.worksheets[0]
        chosen.reset_dimensions()  # the dimensions stated in the file may be wrong
        yield from _cut(chosen.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1))
    except (KeyError, ValueError, TypeError, IndexError, SyntaxError, zipfile.BadZipFile) as error:
        raise Unreadable(f"is no Excel workbook that can be read: {error}") from None
    finally:
        book.close()


def _cut(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, Sequence[Any]]]:
    """Yield rows with their numbers, without trailing empty cells. Excel's escapes such as `_x000D_` are decoded."""
    from openpyxl.utils.escape import unescape

    for number, row in enumerate(rows, start=1):
        filled = max((place for place, cell in enumerate(row, start=1) if cell is not None), default=0)
        yield number, tuple(unescape(cell) if isinstance(cell, str) else cell for cell in row[:filled])


def _guard(content: bytes) -> None:
    """Check a packed file before any library unpacks it. Raises `Unreadable` if it exceeds the limits."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise Unreadable("unpacks to more than an Excel workbook of this kind should")
            for part in parts:
                if part.filename.lower().endswith(_MARKUP):
                    with packed.open(part) as file:
                        _guard_markup(file.read(_PROLOG))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise Unreadable(f"is no Excel workbook that can be read: {error}") from None


def _guard_markup(begin: bytes) -> None:
    """Refuse a document type declaration before the first element. It may define entities, and Excel writes none.

    Malformed XML is not reported here; openpyxl reports it when it reads the part.
    """
    elements: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda name, _attributes: elements.append(name)
    with suppress(expat.ExpatError):
        parser.Parse(begin)
        if not elements and len(begin) == _PROLOG:
            _refuse()


def _refuse(*_declared: object) -> NoReturn:
    raise Unreadable("is no Excel workbook as Excel writes it")
