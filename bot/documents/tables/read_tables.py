"""Tables that people bring: CSV as Excel or a database writes it, or a sheet of an Excel workbook, guarded.

Nothing in a file is trusted: its size, how much it unpacks to, its rows and its columns are limited, no entity of its
XML is resolved, and of a formula only the value that Excel left beside it is read.
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

from bot.casework.imports.import_table import Table
from bot.documents.tables.workbook import RISKY

#: Bytes of a file, and bytes that an Excel file may unpack to.
LARGEST, LARGEST_UNPACKED = 50 * 2**20, 500 * 2**20
MOST_ROWS, MOST_COLUMNS, MOST_PARTS = 100_000, 100, 1000
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SIGNS = (",", "\t", ";")
#: The parts of a workbook that are read as XML, and the bytes in which each must come to its first element.
_MARKUP, _PROLOG = (".xml", ".rels"), 1 << 16


class Unreadable(Exception):
    """The file is no table that can be read; the text says why."""


def read_table(path: Path, sheet: str | None = None) -> Table:
    """The headings and rows of a `.csv` or `.xlsx` file; `sheet` names a sheet of the latter (else the first).

    Raises `Unreadable`, and OSError where the file itself cannot be read.
    """
    if path.stat().st_size > LARGEST:
        raise Unreadable(f"is larger than {LARGEST // 2**20} MiB")
    content = path.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(content)):
        return _table(_excel_rows(content, sheet))
    if sheet is not None:
        raise Unreadable("has no sheets: it is no Excel workbook (.xlsx)")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("is an old or an encrypted Excel workbook; save it as .xlsx without a password")
    return _table(_csv_rows(_decoded(content)))


def _table(rows: Iterator[tuple[int, Sequence[Any]]]) -> Table:
    """The first row that says anything has the headings."""
    for _line, cells in rows:
        headings = [str(cell).strip() if cell is not None else "" for cell in cells]
        while headings and not headings[-1]:
            headings.pop()
        if headings:
            break
    else:
        raise Unreadable("is empty: the first row must have the headings")
    if len(headings) > MOST_COLUMNS:
        raise Unreadable(f"has more than {MOST_COLUMNS} columns")
    below = list(islice(rows, MOST_ROWS + 1))
    if len(below) > MOST_ROWS:
        raise Unreadable(f"has more than {MOST_ROWS:,} rows; bring them in parts")
    return Table(headings, below)


# ---- CSV -----------------------------------------------------------------------------------------------------


def _decoded(content: bytes) -> str:
    """The text, in the encoding that the file's mark names, or in UTF-8, or as Chinese Windows writes it."""
    marked = next((encoding for mark, encoding in _MARKS.items() if content.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text.partition("\n")[0]:  # further below, it is a wrong cell's
            return text
    raise Unreadable("is neither an Excel workbook (.xlsx) nor text in UTF-8 or GB18030")


def _csv_rows(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Each row with the line on which it begins; columns are parted by whatever parts the headings."""
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
    """A cell without the apostrophe that our own CSV puts before what could be taken for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(RISKY) else cell


# ---- Excel ---------------------------------------------------------------------------------------------------


def _excel_rows(content: bytes, sheet: str | None) -> Iterator[tuple[int, Sequence[Any]]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    _guard(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, TypeError, SyntaxError, OSError) as error:  # as openpyxl fails
        raise Unreadable(f"is no Excel workbook that can be read: {error}") from None
    try:
        names = [one.title for one in book.worksheets]
        if sheet is not None and sheet not in names:
            raise Unreadable(f"has no sheet {sheet}; it has: {', '.join(names)}")
        chosen = book[sheet] if sheet else book.worksheets[0]
        chosen.reset_dimensions()  # what the file says of its own size may be wrong
        yield from _cut(chosen.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1))
    except (KeyError, ValueError, TypeError, IndexError, SyntaxError, zipfile.BadZipFile) as error:
        raise Unreadable(f"is no Excel workbook that can be read: {error}") from None
    finally:
        book.close()


def _cut(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows with their numbers, without the empty cells behind the last one; Excel's `_x000D_` is the sign it means."""
    from openpyxl.utils.escape import unescape

    for number, row in enumerate(rows, start=1):
        filled = max((place for place, cell in enumerate(row, start=1) if cell is not None), default=0)
        yield number, tuple(unescape(cell) if isinstance(cell, str) else cell for cell in row[:filled])


def _guard(content: bytes) -> None:
    """Look at a packed file before anything unpacks it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise Unreadable("unpacks to more than an Excel workbook of this kind should")
            for part in parts:
                if part.filename.lower().endswith(_MARKUP):
                    with packed.open(part) as file:
                        _guard_markup(file.read(_PROLOG))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise Unreadable(f"is no Excel workbook that can be read: {error}") from None


def _guard_markup(begin: bytes) -> None:
    """No document type, which may hold entities, stands before the first element; Excel writes none.

    What is broken is left to whoever reads it.
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
