"""The sums of the facts of each day, which a period adds up instead of the facts themselves.

A day is one of UTC and stands for the settled cases that were reported on it, so its sums serve every time zone: a
period takes the sums of the days that lie within it, and reads the facts of the hours at its ends. Cases of these days
that ended after the period are subtracted.

Sums are computed from the facts, never changed: whoever changes facts marks their day in the same transaction, and a
worker sums it up anew. Until then the facts of the day are read. So figures depend neither on sums nor on workers.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, insert, select
from sqlmodel import Session

from storage import stored_rows
from storage.concurrent_insert import one_at_a_time
from storage.documents import canonical
from storage.settled_facts import BEGUN, COLUMNS, KINDS, day_of, start_of
from storage.statistics.histories import Scope
from storage.statistics.measures import RANKED
from storage.tables import METADATA

#: Stands for every customer or every product.
EVERY = 0
#: Further than any day on which a case can be reported, and within the days of a calendar.
_FAR = 365 * 1000
#: The number of a customer and of a product; either may be `EVERY`.
_Group: TypeAlias = tuple[int, int]
_DAYS, _CHANGED = (METADATA.tables[name] for name in ("daily_sums", "changed_days"))
_OF_DAY = (
    COLUMNS.reported_at >= bindparam("since", type_=COLUMNS.reported_at.type),
    COLUMNS.reported_at < bindparam("until", type_=COLUMNS.reported_at.type),
)
_BY = (COLUMNS.customer_id, COLUMNS.product_id, COLUMNS.kind_id)
_NUMBERS = (func.count(), *(func.sum(column) for column in (COLUMNS.counted, COLUMNS.based, COLUMNS.amount)))
_ANY_KIND = COLUMNS.kind_id.in_(select(KINDS.id))  # so that the facts' key is used
_RANKED_KIND = COLUMNS.kind_id.in_(select(KINDS.id).where(KINDS.measure.in_(sorted(RANKED))))
_SUMS = select(*_BY, func.max(COLUMNS.ended_at), *_NUMBERS).where(_ANY_KIND, *_OF_DAY).group_by(*_BY)
_RANKED_FACTS = select(*_BY, BEGUN, COLUMNS.amount).where(_RANKED_KIND, *_OF_DAY)


# ---- Summing up ---------------------------------------------------------------------------------------------------


def anything_to_sum(session: Session) -> bool:
    """Return whether the facts of any day were changed since it was summed up."""
    return bool(session.connection().execute(select(exists(select(_CHANGED.c.day)))).scalar())


def sum_up(session: Session) -> bool:
    """Sum up the first changed day; return whether there was one."""
    connection = session.connection()
    one_at_a_time(connection, _DAYS.name)
    day = connection.execute(select(func.min(_CHANGED.c.day))).scalar()
    if day is None:
        return False
    # the marks first: one that is committed while the facts are read stays for the next time
    for table in (_CHANGED, _DAYS):
        connection.execute(delete(table).where(table.c.day == day))
    if rows := _computed(session, day):
        connection.execute(insert(_DAYS), rows)
    return True


@dataclass(slots=True)
class _Sums:
    """What the cases of a group count on one day: numbers by kind, and each amount of ranked ones."""

    ended_at: datetime
    numbers: dict[int, list[float]] = field(default_factory=dict)
    each: defaultdict[int, list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: int, ended_at: datetime, numbers: Sequence[float]) -> None:
        before = self.numbers.get(kind, [0] * len(numbers))
        self.numbers[kind] = [one + more for one, more in zip(before, numbers, strict=True)]
        self.ended_at = max(self.ended_at, ended_at)

    def text(self) -> str:
        """Return the sums as JSON, which is the same for the same facts in any order.

        Each fact of a ranked kind is in two lists: of times of report (seconds since 1970), and of amounts.
        """
        ranked = {str(kind): list(zip(*sorted(found), strict=True))[::-1] for kind, found in self.each.items()}
        summed = self.numbers.keys() - self.each.keys()
        numbers = {str(kind): [*self.numbers[kind][:-1], round(self.numbers[kind][-1], 6)] for kind in summed}
        return canonical({"numbers": numbers, "each": ranked})


def _computed(session: Session, day: int) -> list[dict[str, Any]]:
    """Return the rows of a day, computed from its facts."""
    connection, period = session.connection(), {"since": start_of(day), "until": start_of(day + 1)}
    groups: dict[_Group, _Sums] = {}
    for customer, product, kind, ended_at, *numbers in connection.execute(_SUMS, period):
        for group in _groups(customer, product):
            groups.setdefault(group, _Sums(ended_at)).add(kind, ended_at, numbers)
    for customer, product, kind, begun, amount in connection.execute(_RANKED_FACTS, period):
        for group in _groups(customer, product):
            groups[group].each[kind].append((_short(amount), begun))
    return [
        {"customer_id": customer, "product_id": product, "day": day, "ended_at": sums.ended_at, "sums": sums.text()}
        for (customer, product), sums in groups.items()
    ]


def _short(amount: float) -> float:
    """Return a whole amount as an integer, which JSON reads in half of the time."""
    return int(amount) if amount.is_integer() else amount


def _groups(customer: int | None, product: int) -> Iterator[_Group]:
    """Yield every group that a fact belongs to. A case of no customer counts in those of every customer alone."""
    for of_customer in (EVERY,) if customer is None else (EVERY, customer):
        yield from ((of_customer, EVERY), (of_customer, product))


def summed_wrongly(session: Session) -> Iterator[date | None]:
    """Yield the days whose sums are not those of the stored facts; None stands for rows without a readable day."""
    reported = stored_rows.cells(session, [COLUMNS.reported_at], distinct=True)
    days = {day_of(moment) for (moment,) in reported if isinstance(moment, datetime)}
    days |= {day for (day,) in stored_rows.cells(session, [_DAYS.c.day], distinct=True)}
    for day in days - changed_days(session):
        if not _is_day(day):
            yield None
        elif not _agrees(session, day):
            yield start_of(day).date()


def _is_day(day: Any) -> bool:
    return isinstance(day, int) and abs(day) < _FAR


def _agrees(session: Session, day: int) -> bool:
    """Return whether the stored rows of a day are those that its facts make."""
    stored = list(stored_rows.cells(session, list(_DAYS.c), _DAYS.c.day == day))
    try:
        expected = [tuple(row[column.name] for column in _DAYS.c) for row in _computed(session, day)]
    except (TypeError, ValueError, AttributeError, OverflowError):  # a damaged fact
        return False
    return len(stored) == len(expected) and all(row in stored for row in expected)


# ---- Reading ------------------------------------------------------------------------------------------------------


def open_since(session: Session, scope: Scope, moment: datetime) -> datetime:
    """Return a moment since when all settled cases of the scope were reported that had not ended at `moment`."""
    last, connection = day_of(moment), session.connection()
    still_open = select(func.min(_DAYS.c.day)).where(*_of(scope), _DAYS.c.day <= last, _DAYS.c.ended_at >= moment)
    found = [connection.execute(query).scalar() for query in (still_open, select(func.min(_CHANGED.c.day)))]
    return start_of(min((day for day in found if day is not None), default=last))


def changed_days(session: Session) -> frozenset[int]:
    """Return the days whose sums are out of date."""
    return frozenset(session.connection().execute(select(_CHANGED.c.day).distinct()).scalars())


class SummedDay(NamedTuple):
    """The sums of a day for one customer and product, or for all, and when the last of the cases ended."""

    day: int
    ended_at: datetime
    sums: Mapping[str, Any]


def of_days(session: Session, scope: Scope, days: range) -> Iterator[SummedDay]:
    """Yield the sums of each of these days, also those that are out of date."""
    in_range = (_DAYS.c.day >= days.start, _DAYS.c.day < days.stop)
    query = select(_DAYS.c.day, _DAYS.c.ended_at, _DAYS.c.sums).where(*_of(scope), *in_range)
    for day, ended_at, sums in session.connection().execute(query):
        yield SummedDay(day, ended_at, json.loads(sums))


def _of(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that sums are of the scope's customer and product."""
    return _DAYS.c.customer_id == (scope.customer or EVERY), _DAYS.c.product_id == (scope.product or EVERY)
