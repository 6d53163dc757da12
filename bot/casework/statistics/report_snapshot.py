"""The content of a statistics report (process.md §4 T08): figures, counts and lists at the time it was created."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.statistics.measures import Measure, StatisticsQuery, scope_of, statistics
from bot.casework.statistics.periods import Period
from storage.report_rows import ReportRow, report_rows
from storage.vocabulary import SEVERITY_ORDER, CauseClass, Severity, State


class Grouping(StrEnum):
    """What faults are grouped by. Each is a field of the forms."""

    SEVERITY = "severity"
    PRODUCT = "product"
    MODULE = "module"
    CAUSE = "cause_class"
    CUSTOMER = "customer"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Count(_Frozen):
    """The faults of one severity, product …: received and closed in the period, open at its end.

    `key` is a code, or a name as people typed it; None means not known (yet).
    """

    by: Grouping
    key: str | None
    received: int
    closed: int
    open: int


class Fault(_Frozen):
    """One line of a list. State, deadline and `resolved_at` are those at the period's end. Moments are aware UTC."""

    number: str
    summary: str
    customer: str | None
    product: str
    severity: Severity | None
    state: State
    reported_at: datetime
    deadline_at: datetime | None
    resolved_at: datetime | None


class Snapshot(_Frozen):
    """The content of a report, stored as `canonical` JSON.

    `first` to `last` are days of the company's `zone`, both included; `since` and `until` are the same period in UTC. A
    period that had not ended is counted up to `made_at`. `customer` and `product` are the filters.
    """

    first: date
    last: date
    zone: str
    since: datetime
    until: datetime
    made_at: datetime
    customer: str | None
    product: str | None
    measures: tuple[Measure, ...]
    counts: tuple[Count, ...]
    overdue: tuple[Fault, ...]
    very_severe: tuple[Fault, ...]

    @property
    def period(self) -> Period:
        """The days as a period."""
        return Period(self.first, self.last, self.since, self.until)

    @property
    def query(self) -> StatisticsQuery:
        """The request that the report answers."""
        return StatisticsQuery(self.period, self.customer, self.product)

    def measure(self, code: str, name: str | None = None, part: str | None = None) -> Measure:
        """Return one of the measures, which must exist."""
        return next(one for one in self.measures if (one.code, one.name, one.part) == (code, name, part))

    def counted(self, by: Grouping) -> tuple[Count, ...]:
        """Return the lines of one table of counts."""
        return tuple(count for count in self.counts if count.by is by)


def snapshot(session: Session, asked: StatisticsQuery, company: CompanySettings, now: datetime) -> Snapshot:
    """Compute the figures of a period at `now` (aware UTC), without writing them.

    The overdue list holds the cases behind M9's numerator: resolved late in the period, or open past their deadline at
    its end, unless a hold stops its clock. Raises `Refused` for an unknown customer or product.
    """
    rows = report_rows(session, scope_of(session, asked, company, now))
    return Snapshot(
        first=asked.period.first,
        last=asked.period.last,
        zone=str(company.zone),
        since=asked.period.since,
        until=asked.period.until,
        made_at=now,
        customer=asked.customer,
        product=asked.product,
        measures=statistics(session, asked, company, now),
        counts=tuple(_counts(rows)),
        overdue=tuple(_fault(row) for row in rows if row.late),
        very_severe=tuple(_fault(row) for row in rows if row.severity is Severity.VERY_SEVERE),
    )


def _fault(row: ReportRow) -> Fault:
    return Fault(
        number=f"F-{row.case_id}",
        summary=row.summary,
        customer=row.customer,
        product=row.product,
        severity=row.severity,
        state=State(row.state),
        reported_at=row.reported_at,
        deadline_at=row.deadline_at,
        resolved_at=row.resolved_at,
    )


class _Analysis(BaseModel):
    """The part of an analysis report that is counted."""

    cause_class: CauseClass | None = None


def _cause(row: ReportRow) -> CauseClass | None:
    """Return the cause class; None also for an unreadable report. `verify` detects such a change."""
    try:
        return _Analysis.model_validate_json(row.analysis or "{}").cause_class
    except ValidationError:
        return None


_KEYS: dict[Grouping, Callable[[ReportRow], str | None]] = {
    Grouping.SEVERITY: lambda row: row.severity,
    Grouping.PRODUCT: lambda row: row.product,
    Grouping.MODULE: lambda row: f"{row.product} / {row.module}" if row.module else None,
    Grouping.CAUSE: _cause,
    Grouping.CUSTOMER: lambda row: row.customer,
}
_GRAVEST_FIRST = tuple(reversed(SEVERITY_ORDER))


def _counts(rows: Sequence[ReportRow]) -> Iterator[Count]:
    for by, key_of in _KEYS.items():
        received = Counter(key_of(row) for row in rows if row.received)
        closed = Counter(key_of(row) for row in rows if row.closed)
        still = Counter(key_of(row) for row in rows if row.open)
        keys = _ordered(by, received, closed, still)
        yield from (Count(by=by, key=key, received=received[key], closed=closed[key], open=still[key]) for key in keys)


def _ordered(by: Grouping, *counters: Counter[str | None]) -> Iterable[str | None]:
    """Return severities from the highest, all other keys from the largest count. Unknown comes last."""
    keys = set().union(*counters)
    if by is Grouping.SEVERITY:
        return (*(severity for severity in _GRAVEST_FIRST if severity in keys), *([None] if None in keys else []))
    return sorted(keys, key=lambda key: (key is None, *(-counter[key] for counter in counters), key or ""))


def word_of(by: Grouping, key: str | None) -> StrEnum | str | None:
    """Return what a count is of: a word of the vocabulary, or a name as people typed it."""
    coded: dict[Grouping, type[StrEnum]] = {Grouping.SEVERITY: Severity, Grouping.CAUSE: CauseClass}
    return coded[by](key) if key is not None and by in coded else key
