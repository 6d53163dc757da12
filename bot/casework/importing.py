"""Customers, products and historic faults from a table: every row is judged, then all are brought in, or none."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from bot.casework import import_columns as columns
from bot.casework.historic_faults import write_fault, wrong_with
from bot.casework.import_columns import Column, Reading, Unreadable, plainly
from bot.casework.office import Office
from storage import historic, registers
from storage.tables import Module, ProductVersion


class What(StrEnum):
    """What a table holds."""

    CUSTOMERS = "customers"
    PRODUCTS = "products"
    FAULTS = "faults"


COLUMNS: dict[What, tuple[Column, ...]] = {
    What.CUSTOMERS: columns.CUSTOMERS,
    What.PRODUCTS: columns.PRODUCTS,
    What.FAULTS: columns.FAULTS,
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was read: its headings, and each row with its line in the file."""

    headings: Sequence[str]
    rows: Sequence[tuple[int, Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Bad:
    """What is wrong in a line; `column` is the heading in the file, None where the row as a whole is wrong."""

    line: int
    column: str | None
    why: str


class Refused(Exception):
    """The table cannot be brought in; nothing was written. `bad` is everything that is wrong, by line."""

    def __init__(self, bad: Sequence[Bad]) -> None:
        super().__init__(f"{len(bad)} wrong")
        self.bad = tuple(bad)


@dataclass
class Tally:
    """How many of each kind of thing are new, and how many were there already."""

    added: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)

    def count(self, kind: str, *, new: bool) -> None:
        """One more."""
        (self.added if new else self.there)[kind] += 1


@dataclass(frozen=True, slots=True)
class Row:
    """A row understood: values by column code, of the cells that are filled."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Import:
    """What the rows are written with. `by`: the Slack user id in whose name; `now` is aware UTC."""

    session: Session
    office: Office
    by: str
    now: datetime
    tally: Tally = field(default_factory=Tally)


def bring_in(what: What, table: Table, into: Import) -> Tally:
    """Write a table in the caller's transaction and say what was new; `Refused` before anything is written.

    What is there already (by name, or a fault by its reference) is left as it is. Nobody is told or reminded.
    """
    given, headings = _understood(table.headings, COLUMNS[what])
    reading = Reading(into.office.zone, into.now)
    bad: list[Bad] = []
    rows = [row for line, cells in table.rows if (row := _row(line, cells, given, reading, bad))]
    bad += [Bad(line, headings.get(code or ""), why) for line, code, why in _JUDGES[what](rows, into)]
    if bad:
        raise Refused(sorted(bad, key=lambda one: one.line))
    _WRITERS[what](rows, into)
    return into.tally


def _understood(headings: Sequence[str], known: Sequence[Column]) -> tuple[list[tuple[Column, str]], dict[str, str]]:
    """The column of each heading in order, and the headings by code; `Refused` if they are not as they must be."""
    by_heading = {heading: column for column in known for heading in column.headings}
    found = [(by_heading.get(plainly(heading)), heading) for heading in headings]
    times = Counter(column.code for column, _heading in found if column)
    bad = [Bad(1, heading, "is no column of this import") for column, heading in found if column is None]
    bad += [Bad(1, code, "is there more than once") for code, count in times.items() if count > 1]
    bad += [Bad(1, column.code, "is missing") for column in known if column.required and column.code not in times]
    if bad:
        raise Refused(bad)
    given = [(column, heading) for column, heading in found if column]
    return given, {column.code: heading for column, heading in given}


def _row(
    line: int, cells: Sequence[Any], given: Sequence[tuple[Column, str]], reading: Reading, bad: list[Bad]
) -> Row | None:
    """The values of a row, None if it has none; what is wrong with them is added to `bad`."""
    if all(_empty(cell) for cell in cells):
        return None
    values: dict[str, Any] = {}
    for (column, heading), cell in zip(given, (*cells, *[None] * len(given)), strict=False):
        try:
            if not _empty(cell):
                values[column.code] = column.read(cell, reading)
            elif column.required:
                bad.append(Bad(line, heading, "is empty"))
        except Unreadable as unreadable:
            bad.append(Bad(line, heading, str(unreadable)))
    bad += [Bad(line, None, f"has a cell beyond the last column: {cell}") for cell in cells[len(given) :] if cell]
    return Row(line, values)


def _empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


# ---- Judging: (line, column, why) of what is wrong with rows whose cells are readable -------------------------

Wrong = Iterator[tuple[int, str | None, str]]


def _judge_customers(_rows: Sequence[Row], _into: Import) -> Wrong:
    yield from ()


def _judge_products(rows: Sequence[Row], into: Import) -> Wrong:
    """A default once set is not changed by an import."""
    days: dict[str, int | None] = {}
    for row in rows:
        name, wanted = row.values.get("product"), row.values.get("default_days")
        if name is None or wanted is None:
            continue
        if name not in days:
            product = registers.find_product(into.session, name)
            days[name] = product.default_days if product else None
        if days[name] not in (None, wanted):
            yield row.line, "default_days", f"is {wanted}, but {days[name]} for this product already"
        days[name] = wanted


def _judge_faults(rows: Sequence[Row], into: Import) -> Wrong:
    lines: dict[str, int] = {}
    known = _Known(into)
    for row in rows:
        reference = row.values.get("reference")
        if reference in lines:
            yield row.line, "reference", f"is that of line {lines[reference]} as well"
        elif reference is not None:
            lines[reference] = row.line
        yield from ((row.line, code, why) for code, why in (*wrong_with(row.values), *known.unknown(row.values)))


class _Known:
    """Which names are known, each looked up once; where reporters may bring new ones, so may an import."""

    def __init__(self, into: Import) -> None:
        self._into = into
        self._found: dict[tuple[str, ...], bool] = {}

    def unknown(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """The columns of a fault whose names are not known and must be."""
        if self._into.office.new_names:
            return
        session, product = self._into.session, values.get("product", "")
        asks: dict[str, tuple[tuple[str, ...], Callable[[], bool]]] = {
            "customer": ((), lambda: registers.find_customer(session, values["customer"]) is not None),
            "product": ((), lambda: registers.find_product(session, product) is not None),
            "version": ((product,), lambda: self._knows(ProductVersion, product, values["version"])),
            "module": ((product,), lambda: self._knows(Module, product, values["module"])),
        }
        for code, (of, look) in asks.items():
            key = (code, *of, values.get(code, ""))
            if code in values and key not in self._found:
                self._found[key] = look()
            if code in values and not self._found[key]:
                yield code, f"{values[code]} is not known; import customers and products first"

    def _knows(self, part: registers.Part, product: str, name: str) -> bool:
        row = registers.find_product(self._into.session, product)
        return row is not None and registers.knows_part(self._into.session, part, row.id or 0, name)


_JUDGES: dict[What, Callable[[Sequence[Row], Import], Wrong]] = {
    What.CUSTOMERS: _judge_customers,
    What.PRODUCTS: _judge_products,
    What.FAULTS: _judge_faults,
}

# ---- Writing -------------------------------------------------------------------------------------------------


def _write_customers(rows: Sequence[Row], into: Import) -> None:
    for row in rows:
        new = registers.find_customer(into.session, row.values["customer"]) is None
        registers.customer(into.session, row.values["customer"])
        into.tally.count("customer", new=new)


def _write_products(rows: Sequence[Row], into: Import) -> None:
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


def _write_faults(rows: Sequence[Row], into: Import) -> None:
    there = historic.references(into.session)
    for row in rows:
        new = row.values["reference"] not in there
        if new:
            write_fault(into.session, row.values, into.by, into.now)
            into.session.flush()
            into.session.expunge_all()  # however many faults there are, one at a time is in memory
        into.tally.count("fault", new=new)


_WRITERS: dict[What, Callable[[Sequence[Row], Import], None]] = {
    What.CUSTOMERS: _write_customers,
    What.PRODUCTS: _write_products,
    What.FAULTS: _write_faults,
}
