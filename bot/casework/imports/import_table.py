"""Imports customers, products and historic faults. All rows are checked first; then all are written, or none."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.imports import columns
from bot.casework.imports.columns import Column, ReadingContext, Unreadable, normalized, unreadable
from bot.casework.imports.historic_faults import problems_of, write_fault
from bot.i18n.translator import Translator
from storage import historic_faults, registers
from storage.tables import Module, ProductVersion
from storage.vocabulary import is_visible


class ImportKind(StrEnum):
    """The kinds of tables that can be imported."""

    CUSTOMERS = "customers"
    PRODUCTS = "products"
    FAULTS = "faults"


COLUMNS: dict[ImportKind, tuple[Column, ...]] = {
    ImportKind.CUSTOMERS: columns.CUSTOMERS,
    ImportKind.PRODUCTS: columns.PRODUCTS,
    ImportKind.FAULTS: columns.FAULTS,
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was read: its headings, and each row with its line number in the file."""

    headings: Sequence[str]
    rows: Sequence[tuple[int, Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class BadCell:
    """One error in a line, in the reader's words.

    `column` is the heading in the file, or the column's usual heading if the file lacks it. It is None where the row as
    a whole is wrong.
    """

    line: int
    column: str | None
    why: str


class WrongTable(Exception):
    """The table cannot be imported; nothing was written. `bad` lists every error by line."""

    def __init__(self, bad: Sequence[BadCell]) -> None:
        super().__init__(f"{len(bad)} wrong")
        self.bad = tuple(bad)


@dataclass
class ImportCount:
    """The numbers of new and existing entries by kind."""

    added: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)

    def count(self, kind: str, *, new: bool) -> None:
        """Count one entry."""
        (self.added if new else self.there)[kind] += 1


@dataclass(frozen=True, slots=True)
class Row:
    """A parsed row: the values of its filled cells by column code."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ImportContext:
    """The context in which rows are written. `by` is a Slack user id, `now` aware UTC; `t` translates the errors."""

    session: Session
    company: CompanySettings
    by: str
    now: datetime
    t: Translator
    tally: ImportCount = field(default_factory=ImportCount)


def import_table(what: ImportKind, table: Table, into: ImportContext) -> ImportCount:
    """Write a table in the caller's transaction and count what is new. Raises `WrongTable` before anything is written.

    Existing entries (by name, or a fault by its reference) are left unchanged. Nobody is notified or reminded.
    """
    given = _understood(table.headings, COLUMNS[what], into.t)
    names = {column.code: f"{column.title(into.t)} ({column.code})" for column in COLUMNS[what]}
    names |= {column.code: heading for column, heading in given}
    reading = ReadingContext(into.company.zone, into.now, into.t)
    bad: list[BadCell] = []
    rows = [row for line, cells in table.rows if (row := _row(line, cells, given, reading, bad))]
    unread = {(one.line, one.column) for one in bad}
    judged = _JUDGES[what](rows, into, names)
    bad += [BadCell(line, names[code], why) for line, code, why in judged if (line, names[code]) not in unread]
    if bad:
        raise WrongTable(sorted(bad, key=lambda one: one.line))
    _WRITERS[what](rows, into)
    return into.tally


def _understood(headings: Sequence[str], known: Sequence[Column], t: Translator) -> list[tuple[Column, str]]:
    """Return the column of each heading in order. Raises `WrongTable` for unknown, repeated or missing headings."""
    by_heading = {heading: column for column in known for heading in column.headings}
    given: list[tuple[Column, str]] = []
    first: dict[str, str] = {}
    bad: list[BadCell] = []
    for heading in headings:
        column = by_heading.get(normalized(heading))
        if column is None:
            bad.append(BadCell(1, heading, t("is no column of this import")))
        elif column.code in first:
            bad.append(BadCell(1, heading, t("is the same column as “%(column)s”", column=first[column.code])))
        else:
            first[column.code] = heading
            given.append((column, heading))
    missing = (column for column in known if column.required and column.code not in first)
    bad += [BadCell(1, None, _missing(column, t)) for column in missing]
    if bad:
        raise WrongTable(bad)
    return given


def _missing(column: Column, t: Translator) -> str:
    return t("the column “%(title)s” (%(code)s) is missing", title=column.title(t), code=column.code)


def _row(
    line: int, cells: Sequence[Any], given: Sequence[tuple[Column, str]], reading: ReadingContext, bad: list[BadCell]
) -> Row | None:
    """Return the values of a row, or None for an empty row; errors are added to `bad`."""
    if all(_empty(cell) for cell in cells):
        return None
    values: dict[str, Any] = {}
    for (column, heading), cell in zip(given, (*cells, *[None] * len(given)), strict=False):
        try:
            if not _empty(cell):
                values[column.code] = _read(column, cell, reading)
            elif column.required:
                bad.append(BadCell(line, heading, reading.t("is empty")))
        except Unreadable as wrong:
            bad.append(BadCell(line, heading, str(wrong)))
    beyond = (cell for cell in cells[len(given) :] if not _empty(cell))
    bad += [BadCell(line, None, reading.t("has a cell beyond the last column: %(cell)s", cell=cell)) for cell in beyond]
    return Row(line, values)


def _read(column: Column, cell: Any, reading: ReadingContext) -> Any:
    if why := unreadable(cell, reading.t):
        raise Unreadable(why)
    return column.read(cell, reading)


def _empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not is_visible(cell))


# ---- Checks of readable rows: each yields (line, column's code, reason) ---------------------------------------

Names = Mapping[str, str]
Wrong = Iterator[tuple[int, str, str]]


def _check_customers(_rows: Sequence[Row], _into: ImportContext, _names: Names) -> Wrong:
    yield from ()


def _check_products(rows: Sequence[Row], into: ImportContext, _names: Names) -> Wrong:
    """A default deadline that is already set cannot be changed by an import."""
    days: dict[str, int | None] = {}
    for row in rows:
        name, wanted = row.values.get("product"), row.values.get("default_days")
        if name is None or wanted is None:
            continue
        if name not in days:
            product = registers.find_product(into.session, name)
            days[name] = product.default_days if product else None
        if days[name] not in (None, wanted):
            said = into.t("is %(days)s, but %(before)s for this product already", days=wanted, before=days[name])
            yield row.line, "default_days", said
        days[name] = wanted


def _check_faults(rows: Sequence[Row], into: ImportContext, names: Names) -> Wrong:
    lines: dict[str, int] = {}
    known = _KnownNames(into)
    for row in rows:
        reference = row.values.get("reference")
        if reference in lines:
            yield row.line, "reference", into.t("is that of line %(line)s as well", line=lines[reference])
        elif reference is not None:
            lines[reference] = row.line
        wrong = (*problems_of(row.values, names, into.t), *known.unknown(row.values))
        yield from ((row.line, code, why) for code, why in wrong)


class _KnownNames:
    """Which names are known, each looked up once. Where reporters may add names, an import may too."""

    def __init__(self, into: ImportContext) -> None:
        self._into = into
        self._found: dict[tuple[str, ...], bool] = {}

    def unknown(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield the columns of a fault whose names must be known but are not."""
        if self._into.company.new_names:
            return
        session, product = self._into.session, values.get("product", "")
        asks: dict[str, tuple[tuple[str, ...], Callable[[], bool]]] = {
            "customer": ((), lambda: registers.find_customer(session, values["customer"]) is not None),
            "product": ((), lambda: registers.find_product(session, product) is not None),
            "version": ((product,), lambda: self._is_known(ProductVersion, product, values["version"])),
            "module": ((product,), lambda: self._is_known(Module, product, values["module"])),
        }
        for code, (of, look) in asks.items():
            key = (code, *of, values.get(code, ""))
            if code in values and key not in self._found:
                self._found[key] = look()
            if code in values and not self._found[key]:
                t = self._into.t
                yield code, t("“%(name)s” is not known; import customers and products first", name=values[code])

    def _is_known(self, part: registers.Part, product: str, name: str) -> bool:
        row = registers.find_product(self._into.session, product)
        return row is not None and registers.knows_part(self._into.session, part, row.id or 0, name)


_JUDGES: dict[ImportKind, Callable[[Sequence[Row], ImportContext, Names], Wrong]] = {
    ImportKind.CUSTOMERS: _check_customers,
    ImportKind.PRODUCTS: _check_products,
    ImportKind.FAULTS: _check_faults,
}

# ---- Writing -------------------------------------------------------------------------------------------------


def _write_customers(rows: Sequence[Row], into: ImportContext) -> None:
    for row in rows:
        new = registers.find_customer(into.session, row.values["customer"]) is None
        registers.customer(into.session, row.values["customer"])
        into.tally.count("customer", new=new)


def _write_products(rows: Sequence[Row], into: ImportContext) -> None:
    session, seen = into.session, set[str]()
    for row in rows:
        name = row.values["product"]
        new = registers.find_product(session, name) is None
        product = registers.product(session, name)
        assert product.id is not None
        if name not in seen:
            into.tally.count("product", new=new)
        seen.add(name)
        product.default_days = product.default_days or row.values.get("default_days")
        for code, part in (("version", ProductVersion), ("module", Module)):
            if called := row.values.get(code):
                into.tally.count(code, new=not registers.knows_part(session, part, product.id, called))
                registers.keep_part(session, part, product.id, called)


def _write_faults(rows: Sequence[Row], into: ImportContext) -> None:
    there = historic_faults.references(into.session)
    for row in rows:
        new = row.values["reference"] not in there
        if new:
            write_fault(into.session, row.values, into.by, into.now)
            into.session.flush()
            into.session.expunge_all()  # keep one fault at a time in memory
        into.tally.count("fault", new=new)


_WRITERS: dict[ImportKind, Callable[[Sequence[Row], ImportContext], None]] = {
    ImportKind.CUSTOMERS: _write_customers,
    ImportKind.PRODUCTS: _write_products,
    ImportKind.FAULTS: _write_faults,
}
