"""Reads one sheet of an Excel workbook, as it is shown, in pieces: memory holds no more than a table within the limits.

The file is not trusted. Its unpacked size, rows and columns are limited while they are read, and a document type
declaration, which could define XML entities, is refused. Of a formula the value that Excel stored with it is read.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from itertools import islice
from posixpath import dirname, join, normpath
from typing import IO, Any, NoReturn
from xml.parsers import expat

from bot.casework.imports.columns import UnreadableCell
from bot.documents.tables.number_format import BUILT_IN, MAX_LENGTH, UnknownFormat, is_date, shown
from bot.i18n.translator import _

#: The largest unpacked size in bytes.
MAX_UNPACKED_BYTES = 500 * 2**20
#: The most columns that are read, and the most parts of a workbook.
MAX_COLUMNS, MAX_PARTS = 100, 1000
#: The most sheets, styles or other things of one kind. Excel itself stops at 65,490 styles.
_MAX_LISTED = 100_000
#: The last row and column of Excel.
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_CHUNK, _MAX_CHUNKS_OF_ONE_EVENT = 1 << 14, 64
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - Excel knows no zones

_UNKNOWN_FORMAT = UnreadableCell(_("is shown in a number format that is not read; format the cell as text"))

Attributes = dict[str, str]
#: `start` and `end` of an element with its name, or `text`.
Event = tuple[str, str, Attributes]
Row = tuple[int, Sequence[Any]]


class Unreadable(Exception):
    """The file is not a readable table; the text says why."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """A cell whose text stands in the table of shared texts."""

    index: int


@dataclass(slots=True)
class _Book:
    """What a workbook says of its sheets: the part of each by name, and how numbers are shown."""

    sheets: dict[str, str]
    texts: str | None
    formats: list[str | None] = field(default_factory=list)
    epoch: datetime = _EPOCHS[False]


def read_sheet(content: bytes, sheet: str | None, most: int) -> Iterator[Row]:
    """Yield at most so many rows of a sheet (default: the first) with their numbers; rows without cells are left out.

    A cell is text, a moment without a zone, None, or an `UnreadableCell`. Raises `Unreadable`.
    """
    with _reporting_damage(), zipfile.ZipFile(BytesIO(content)) as packed:
        parts = packed.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            raise Unreadable("unpacks to more than an Excel workbook of this kind should")
        book = _book(packed)
        if sheet is not None and sheet not in book.sheets:
            raise Unreadable(f"has no sheet {sheet}; it has: {', '.join(book.sheets)}")
        chosen = book.sheets[sheet] if sheet else next(iter(book.sheets.values()))
        rows = list(islice(_rows(_events(packed, chosen), book), most))
        texts = _shared_texts(packed, book.texts, rows)
    for number, cells in rows:
        yield number, tuple(texts[cell.index] if isinstance(cell, _Shared) else cell for cell in cells)


@contextmanager
def _reporting_damage() -> Iterator[None]:
    broken = (zipfile.BadZipFile, zlib.error, expat.ExpatError, NotImplementedError, RuntimeError, EOFError, OSError)
    try:
        yield
    except (*broken, KeyError, ValueError, StopIteration) as error:
        raise Unreadable(f"is no Excel workbook that can be read: {error}") from None


# ---- XML -----------------------------------------------------------------------------------------------------


def _events(packed: zipfile.ZipFile, part: str) -> Iterator[Event]:
    """Yield the elements and texts of a part while it is read. Names come without their namespaces."""
    found: list[Event] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda name, given: found.append(
        ("start", _local(name), {_local(key): value for key, value in given.items()})
    )
    parser.EndElementHandler = lambda name: found.append(("end", _local(name), {}))
    parser.CharacterDataHandler = lambda text: found.append(("text", text, {}))
    silent = 0
    with packed.open(part) as file:
        for chunk in _chunks(file):
            parser.Parse(chunk)
            silent = 0 if found else silent + 1
            if silent > _MAX_CHUNKS_OF_ONE_EVENT:
                _refuse()
            yield from found
            found.clear()
    parser.Parse(b"", True)
    yield from found


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


@lru_cache
def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse(*_declared: object) -> NoReturn:
    raise Unreadable("is no Excel workbook as Excel writes it")


def _elements(packed: zipfile.ZipFile, part: str, name: str, inside: str | None = None) -> Iterator[Attributes]:
    """Yield the attributes of each element of this name, which may have to stand inside another."""
    is_inside, listed = inside is None, 0
    for kind, called, attributes in _events(packed, part):
        if called == inside:
            is_inside = kind == "start"
        elif called == name and kind == "start" and is_inside:
            listed += 1
            if listed > _MAX_LISTED:
                _refuse()
            yield attributes


# ---- The parts of a workbook ---------------------------------------------------------------------------------


def _book(packed: zipfile.ZipFile) -> _Book:
    main = next(target for kind, _id, target in _related(packed, "") if kind == "officeDocument")
    related = list(_related(packed, main))
    targets = {id: target for _kind, id, target in related}
    sheets = {one["name"]: targets[one["id"]] for one in _elements(packed, main, "sheet", "sheets")}
    by_kind = {kind: target for kind, _id, target in related}
    book = _Book(sheets, by_kind.get("sharedStrings"))
    if any(one.get("date1904") in ("1", "true") for one in _elements(packed, main, "workbookPr")):
        book.epoch = _EPOCHS[True]
    if "styles" in by_kind:
        own = ((int(one["numFmtId"]), one["formatCode"]) for one in _elements(packed, by_kind["styles"], "numFmt"))
        known = BUILT_IN | {number: code if len(code) <= MAX_LENGTH else None for number, code in own}
        used = (int(one.get("numFmtId", 0)) for one in _elements(packed, by_kind["styles"], "xf", "cellXfs"))
        book.formats = [known.get(number) for number in used]
    return book


def _related(packed: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str, str]]:
    """Yield kind, id and part of each relation of a part (of the whole file: "") that stands in the file."""
    folder = dirname(part)
    for one in _elements(packed, join(folder, "_rels", f"{part.rpartition('/')[2]}.rels"), "Relationship"):
        if one.get("TargetMode") != "External":
            yield one["Type"].rpartition("/")[2], one["Id"], normpath(join("/", folder, one["Target"])).lstrip("/")


def _shared_texts(packed: zipfile.ZipFile, part: str | None, rows: list[Row]) -> dict[int, str]:
    """Return the shared texts that the rows use."""
    wanted = {cell.index for _number, cells in rows for cell in cells if isinstance(cell, _Shared)}
    if not wanted:
        return {}
    texts = enumerate(_texts(_events(packed, part or ""), "si"))
    kept = {index: text for index, text in texts if index in wanted}
    if len(kept) < len(wanted):
        raise ValueError("a text is missing")
    return kept


def _texts(events: Iterator[Event], name: str) -> Iterator[str]:
    """Yield the text of each element of this name, without how it is pronounced."""
    for kind, called, _attributes in events:
        if kind == "start" and called == name:
            yield _text(events, name)


def _text(events: Iterator[Event], end: str) -> str:
    """Return the text up to the end of an element."""
    pieces: list[str] = []
    reads = pronounced = False
    for kind, called, _attributes in events:
        if kind == "text":
            pieces += [called] if reads and not pronounced else []
        elif called == "t":
            reads = kind == "start"
        elif called == "rPh":
            pronounced = kind == "start"
        elif kind == "end" and called == end:
            break
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), "".join(pieces))


# ---- Cells ---------------------------------------------------------------------------------------------------


def _rows(events: Iterator[Event], book: _Book) -> Iterator[Row]:
    number, column, cells = 0, 0, list[Any]()
    for kind, name, attributes in events:
        if name == "row" and kind == "start":
            number = _following(number, int(attributes.get("r", number + 1)), _LAST_ROW)
            cells, column = [], 0
        elif name == "row" and kind == "end" and cells:
            yield number, cells
        elif name == "c" and kind == "start":
            column = _following(column, _column(attributes.get("r"), column + 1), _LAST_COLUMN)
            value = _cell(events, attributes, book)
            if value is not None:
                if column > MAX_COLUMNS:
                    raise Unreadable(f"has more than {MAX_COLUMNS} columns")
                cells += [None] * (column - 1 - len(cells)) + [value]


def _following(before: int, found: int, last: int) -> int:
    if not before < found <= last:
        raise ValueError("its rows and cells are not in order")
    return found


def _column(place: str | None, default: int) -> int:
    if place is None:
        return default
    found = _PLACE.fullmatch(place)
    if found is None:
        raise ValueError("a cell has no place")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def _cell(events: Iterator[Event], attributes: Attributes, book: _Book) -> Any:
    """Return the value of a cell, whose events are read up to its end; None for an empty one."""
    raw, inline, reads = "", None, False
    for kind, name, _attributes in events:
        if kind == "text":
            raw += name if reads else ""
        elif name == "v":
            reads = kind == "start"
        elif name == "is":
            inline = _text(events, "is")
        elif kind == "end" and name == "c":
            break
    stored_as = attributes.get("t", "n")
    if stored_as == "inlineStr":
        return inline or None
    return _CONVERTED[stored_as](raw, attributes, book) if raw else None


def _number(raw: str, attributes: Attributes, book: _Book) -> Any:
    style = int(attributes.get("s", 0))
    code = book.formats[style] if style < len(book.formats) else "General"
    if code is None:
        return _UNKNOWN_FORMAT
    if is_date(code):
        try:
            return book.epoch + timedelta(seconds=round(float(raw) * 86_400))
        except OverflowError:
            return UnreadableCell(_("is no date that Excel can show"))
    try:
        return shown(raw, code)
    except (UnknownFormat, ArithmeticError):
        return _UNKNOWN_FORMAT


def _moment(raw: str, _attributes: Attributes, _book: _Book) -> date:
    return datetime.fromisoformat(raw).replace(tzinfo=None)


_CONVERTED: dict[str, Callable[[str, Attributes, _Book], Any]] = {
    "n": _number,
    "s": lambda raw, _attributes, _book: _Shared(int(raw)),
    "str": lambda raw, _attributes, _book: _ESCAPED.sub(lambda found: chr(int(found[1], 16)), raw),
    "b": lambda raw, _attributes, _book: "TRUE" if raw == "1" else "FALSE",
    "e": lambda raw, _attributes, _book: UnreadableCell(_("is the error %(error)s; correct it in Excel"), error=raw),
    "d": _moment,
}
