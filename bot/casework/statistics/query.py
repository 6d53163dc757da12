"""Requests for statistics: parses words to period, customer and product, and checks who may ask."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlmodel import Session, select

from bot.casework.company_settings import CompanySettings
from bot.casework.reading.cases import ListLine, lines_of
from bot.casework.statistics import periods
from bot.casework.statistics.measures import StatisticsQuery
from bot.casework.statistics.periods import Period
from bot.casework.steps import load
from bot.workflow import export_refusals
from bot.workflow import refusals as no
from bot.workflow.context import Policy
from bot.workflow.reading_rights import reads_center
from bot.workflow.refusal import Problem, Refused
from storage import cases, registers
from storage.tables import Customer, Product
from storage.vocabulary import comparable

#: A request with more words is not understood.
MAX_WORDS = 16
_MAX_ID = 2**31


class UnclearReason(StrEnum):
    """Why words are not understood."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    TWICE = "twice"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class UnclearQuery:
    """Words that are not understood; `names` are the candidates of ambiguous ones."""

    why: UnclearReason
    words: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Named:
    """What a run of words may name: a period, or names of one register."""

    kind: str
    found: tuple[Any, ...]


def allow(session: Session, person: str, company: CompanySettings, now: datetime) -> None:
    """Raise `Refused` for a person who does not read all cases, which statistics cover (process.md §6 R9)."""
    if not reads_center(load.person_context(session, person, company, now)):
        raise Refused(Problem(export_refusals.ForTheCenter()))


def read(session: Session, words: str, company: CompanySettings, now: datetime) -> StatisticsQuery | UnclearQuery:
    """Parse the words after `stats` as `named` does. Without a period, this month is meant."""
    found = named(session, words, company, now)
    if isinstance(found, UnclearQuery):
        return found
    return StatisticsQuery(found.pop("period", None) or this_month(company, now), **found)


def named(session: Session, words: str, company: CompanySettings, now: datetime) -> dict[str, Any] | UnclearQuery:
    """Return what the words name: `period`, `customer`, `product`, each at most once and in any order.

    The longest run of words that names something is matched first. A customer or product is found by its name or by
    whole words of it (a Chinese name by any two consecutive characters). `now` is aware.

    The names are lists of the center (process.md §6 R9), so the caller checks first that the asker may read them.
    """
    said = words.split()
    if len(said) > MAX_WORDS:
        return UnclearQuery(UnclearReason.UNKNOWN, words)
    found = dict[str, Any]()
    for run, one in _runs(said, _Register(session, said, company, now)):
        if one is None:
            return UnclearQuery(UnclearReason.UNKNOWN, run)
        if one.kind in found:
            return UnclearQuery(UnclearReason.TWICE, run)
        if len(one.found) > 1:
            return UnclearQuery(UnclearReason.AMBIGUOUS, run, one.found)
        found[one.kind] = one.found[0]
        if one.kind == "period" and found["period"].since > now:
            return UnclearQuery(UnclearReason.FUTURE, run)
    return found


def this_month(company: CompanySettings, now: datetime) -> Period:
    """Return the period that is meant where none is named."""
    month = periods.parse("", company, now)
    assert month is not None
    return month


class _Register:
    """Looks up everything that words can name. Of the names only those with one of the words are read, once each."""

    def __init__(self, session: Session, said: Sequence[str], company: CompanySettings, now: datetime) -> None:
        self._session, self._said, self._company, self._now = session, said, company, now

    def __call__(self, words: str) -> _Named | None:
        period = periods.parse(words, self._company, self._now)
        if period is not None:
            return _Named("period", (period,))
        for looked_for in (_Names.equal, _Names.containing):
            hits = {kind: looked_for(names, words) for kind, names in self._names.items()}
            kinds = [kind for kind, names in hits.items() if names]
            if len(kinds) == 1:
                return _Named(kinds[0], hits[kinds[0]])
            if kinds:  # the words match a customer and a product
                return _Named(kinds[0], tuple(name for kind in kinds for name in hits[kind]))
        return None

    @cached_property
    def _names(self) -> dict[str, "_Names"]:
        """The names that the words may stand for. A request for a period alone reads none."""
        tables: dict[str, type[Customer] | type[Product]] = {"customer": Customer, "product": Product}
        return {kind: _Names(registers.names_with(self._session, one, self._said)) for kind, one in tables.items()}


class _Names:
    """Names of one register, each with what it is compared by."""

    def __init__(self, names: Sequence[tuple[str, str]]) -> None:
        self._names = names
        self._text = "\n".join(compared for _name, compared in names)

    def equal(self, words: str) -> tuple[str, ...]:
        """Return the names that are these words; the exact spelling alone if there is one."""
        wanted = comparable(words)
        equal = tuple(name for name, compared in self._containing(wanted) if compared == wanted)
        return (words,) if words in equal else equal

    def containing(self, words: str) -> tuple[str, ...]:
        """Return the names that contain these words, with no letter or digit directly before or after."""
        wanted = comparable(words)
        if len(wanted) < 2:
            return ()
        edges = r"(?<![a-z0-9]){}(?![a-z0-9])" if wanted.isascii() else "{}"
        pattern = re.compile(edges.format(re.escape(wanted)))
        return tuple(name for name, compared in self._containing(wanted) if pattern.search(compared))

    def _containing(self, wanted: str) -> Iterator[tuple[str, str]]:
        """Yield the names with these words in them. Most runs of words are in no name, which one search tells."""
        return (one for one in self._names if wanted in one[1]) if wanted in self._text else iter(())


def _runs(said: Sequence[str], known: _Register) -> Iterator[tuple[str, _Named | None]]:
    """Yield the words as the longest runs that name something; a run without a match is yielded with None."""
    if not said:
        return
    for length in range(len(said), 0, -1):
        for start in range(len(said) - length + 1):
            run = " ".join(said[start : start + length])
            if (named := known(run)) is not None:
                yield from _runs(said[:start], known)
                yield run, named
                yield from _runs(said[start + length :], known)
                return
    yield " ".join(said), None


# ---- Values of buttons ----------------------------------------------------------------------------------------


def to_json(session: Session, asked: StatisticsQuery) -> dict[str, Any]:
    """Return the request as plain data for a button: the days, and the ids of customer and product."""
    customer = registers.find_customer(session, asked.customer) if asked.customer else None
    product = registers.find_product(session, asked.product) if asked.product else None
    days = {"first": asked.period.first.isoformat(), "last": asked.period.last.isoformat()}
    return {**days, "customer": customer and customer.id, "product": product and product.id}


def from_json(session: Session, data: Mapping[str, Any], company: CompanySettings) -> StatisticsQuery:
    """Return the request that a button carries. Raises `Refused` for unknown data (of an old or forged button)."""
    try:
        first, last = (date.fromisoformat(data[name]) for name in ("first", "last"))
        period = periods.between(first, last, company.zone)
        return StatisticsQuery(
            period, _name(session, Customer, data["customer"]), _name(session, Product, data["product"])
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        raise Refused(Problem(no.NotOffered())) from None


def _name(session: Session, table: type[Customer] | type[Product], carried_id: int | None) -> str | None:
    if carried_id is None:
        return None
    query = select(table.name).where(table.id == carried_id)
    named = session.exec(query).first() if 0 < carried_id < _MAX_ID else None
    if named is None:
        raise ValueError(carried_id)
    return named


# ---- The cases behind a number --------------------------------------------------------------------------------


def lines(session: Session, ids: Sequence[int], policy: Policy, now: datetime) -> tuple[ListLine, ...]:
    """Return these cases as lines of a list, newest first. Whoever may ask for statistics may see all cases."""
    return lines_of(cases.several(session, ids)[::-1], policy, now)
