"""Queries about cases, their places and their history. Every function uses an open session."""

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import bindparam, delete
from sqlmodel import Session, col, select

from storage import dialects
from storage.audit import IS_STEP
from storage.bulk_insert import insert_all
from storage.concurrent_insert import one_at_a_time, together
from storage.core_reads import read
from storage.registers import ProductFacts
from storage.tables import METADATA, AuditEntry, Case, CaseAssigned, CasePlace, Customer, Product, ProductVersion
from storage.vocabulary import HANDING_OVER, OPEN_STATES, Place, State


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a case's customer and product. `unconfirmed` are the fields of its report to be confirmed."""

    customer: str | None
    product: str
    unconfirmed: tuple[str, ...]


class NamedCase(NamedTuple):
    """A case with its names, and what rules know of its product."""

    row: Case
    names: Names
    product: ProductFacts


_ONE = select(Case).where(Case.id == bindparam("case"))
#: `key_share` lets others write rows that only refer to the case, so acknowledging a reminder does not wait.
_HELD = (
    select(Case)
    .where(col(Case.id).in_(bindparam("cases", expanding=True)))
    .order_by(col(Case.id))
    .with_for_update(key_share=True)
)


#: What those who lock cases do together, and whoever changes people does alone.
_PEOPLE = "waits"


def keep_people(session: Session) -> None:
    """Let people who change meanwhile wait for this transaction, which may write whom cases wait for.

    Whoever changes people locks cases afterwards, so it is called before a case is locked and before roles are read.
    """
    together(session.connection(), _PEOPLE)


def change_people(session: Session) -> None:
    """Wait for the transactions that keep people, and make others wait until this one ends."""
    one_at_a_time(session.connection(), _PEOPLE)


def find(session: Session, case_id: int) -> Case | None:
    """Return the case; None if it does not exist."""
    return session.exec(_ONE, params={"case": case_id}).one_or_none()


def several(session: Session, case_ids: Iterable[int]) -> list[Case]:
    """Return these cases, ordered by number."""
    return list(session.exec(select(Case).where(col(Case.id).in_(dialects.listed(case_ids))).order_by(col(Case.id))))


def hold(session: Session, case_id: int, *others: int) -> Case | None:
    """Return the case and lock it, and lock the others, until the transaction ends; None if the case does not exist.

    Code that writes to a case locks it first, so that everything written to it is in order. From here on nobody changes
    people, for whatever is written to a case may decide whom it waits for.
    """
    keep_people(session)
    rows = session.exec(_HELD, params={"cases": [case_id, *others]})
    return next((row for row in rows.all() if row.id == case_id), None)


def hold_all(session: Session, case_ids: Iterable[int]) -> list[Case]:
    """Return these cases, ordered by number, and lock them until the transaction ends.

    The caller keeps people, or changes them alone.
    """
    return list(session.exec(_HELD, params={"cases": sorted(case_ids)}))


def get(session: Session, case_id: int) -> Case:
    """Return the case. Raises `KeyError` if it does not exist."""
    row = find(session, case_id)
    if row is None:
        raise KeyError(case_id)
    return row


_CUSTOMER = Customer.id == Case.customer_id
_VERSION = ProductVersion.product_id == Case.product_id, ProductVersion.name == Case.product_version
_NAMES = (
    sqlalchemy.select(select(Customer.name).where(_CUSTOMER).scalar_subquery(), col(Product.name))
    .add_columns(
        select(Customer.unconfirmed).where(_CUSTOMER).scalar_subquery(),
        col(Product.unconfirmed),
        select(ProductVersion.unconfirmed).where(*_VERSION).scalar_subquery(),
    )
    .join_from(Case, Product, col(Product.id) == col(Case.product_id))
    .where(col(Case.id) == bindparam("case"))
)
_NAMED: Any = _NAMES.add_columns(col(Product.default_days), Case)


def names(session: Session, row: Case) -> Names:
    """Return the names of the case's customer and product, and which of the report's names are to be confirmed."""
    return _names(*read(session, _NAMES, case=row.id).one())


def _names(customer: str | None, product: str, *marks: bool | None) -> Names:
    marked = zip(("customer", "product", "version"), marks, strict=True)
    return Names(customer, product, tuple(code for code, mark in marked if mark))


def find_named(session: Session, case_id: int) -> NamedCase | None:
    """Return the case with its names and what rules know of its product; None if it does not exist."""
    found = session.exec(_NAMED, params={"case": case_id}).one_or_none()
    if found is None:
        return None
    *named, default_days, row = found
    called = _names(*named)
    return NamedCase(row, called, ProductFacts(called.product, default_days))


_PLACES = select(CasePlace).where(CasePlace.case_id == bindparam("case"))


def places(session: Session, case_id: int) -> dict[Place, frozenset[str]]:
    """Return who holds each place of the case."""
    people: dict[Place, set[str]] = defaultdict(set)
    for row in session.exec(_PLACES, params={"case": case_id}):
        people[row.place].add(row.person_id)
    return {place: frozenset(ids) for place, ids in people.items()}


_CASE_PLACES, _CASE_ASSIGNED = (METADATA.tables[table.__tablename__] for table in (CasePlace, CaseAssigned))
_VACATE = delete(_CASE_PLACES).where(
    *(_CASE_PLACES.c.case_id == bindparam("case"), _CASE_PLACES.c.place == bindparam("vacated")),
    _CASE_PLACES.c.person_id.in_(bindparam("people", expanding=True)),
)


def change_place(session: Session, case_id: int, place: Place, before: Set[str], after: Set[str]) -> None:
    """Let the people of `after` hold the `place` that those of `before` hold. The case is stored."""
    if gone := sorted(before - after):
        session.connection().execute(_VACATE, {"case": case_id, "vacated": place, "people": gone})
    if new := [{"case_id": case_id, "place": place, "person_id": person} for person in sorted(after - before)]:
        insert_all(session.connection(), _CASE_PLACES, new)


def assign(session: Session, case_id: int, people: Iterable[str]) -> None:
    """Remember that these people have a place on the case or are named on it. None of them may be remembered yet."""
    if new := [{"case_id": case_id, "person_id": person} for person in sorted(people)]:
        insert_all(session.connection(), _CASE_ASSIGNED, new)


_HISTORY = select(AuditEntry).where(AuditEntry.case_id == bindparam("case"))
_LAST_ENTRY = _HISTORY.where(IS_STEP).order_by(col(AuditEntry.seq).desc()).limit(1)
_ENTRY = _HISTORY.where(AuditEntry.seq == bindparam("seq"))


def last_entry(session: Session, case_id: int) -> AuditEntry:
    """Return the newest step in the case's history. Every case has at least its report."""
    return session.exec(_LAST_ENTRY, params={"case": case_id}).one()


def last_move(session: Session, case_id: int) -> AuditEntry | None:
    """Return the newest entry that changed the case's state; None if there is none."""
    return session.exec(
        select(AuditEntry)
        .where(AuditEntry.case_id == case_id, col(AuditEntry.from_state) != col(AuditEntry.to_state))
        .order_by(col(AuditEntry.seq).desc())
        .limit(1)
    ).first()


_MOVED = col(AuditEntry.from_state) != col(AuditEntry.to_state)
_HANDED_OVER = (
    _HISTORY.where(col(AuditEntry.seq) > bindparam("seq"), _MOVED | col(AuditEntry.step).in_(HANDING_OVER))
    .order_by(col(AuditEntry.seq).desc())
    .limit(1)
)


def handed_over_after(session: Session, row: Case, seq: int) -> AuditEntry | None:
    """Return the newest entry after `seq` that passed the case on, by a move or to other people; None without one."""
    if row.audit_count <= seq:
        return None
    return session.exec(_HANDED_OVER, params={"case": row.id, "seq": seq}).first()


def entry(session: Session, case_id: int, seq: int) -> AuditEntry:
    """Return one entry of the history, which must exist."""
    return session.exec(_ENTRY, params={"case": case_id, "seq": seq}).one()


def last_entry_of(session: Session, case_id: int, step: str) -> AuditEntry:
    """Return the newest entry of one step, which must exist."""
    query = select(AuditEntry).where(AuditEntry.case_id == case_id, AuditEntry.step == step)
    return session.exec(query.order_by(col(AuditEntry.seq).desc()).limit(1)).one()


def in_states(session: Session, states: Iterable[State]) -> list[int]:
    """Return the ids of the cases in these states, in order."""
    query = select(Case.id).where(col(Case.state).in_(sorted(states))).order_by(col(Case.id))
    return [case_id for case_id in session.exec(query) if case_id]


class HeldPlace(NamedTuple):
    """A place of a case that somebody holds."""

    case_id: int
    place: Place


def open_places(session: Session, persons: Iterable[str]) -> dict[str, list[HeldPlace]]:
    """Return the places of open cases that these people hold, in the order of cases and places."""
    query = select(CasePlace).join(Case, col(Case.id) == col(CasePlace.case_id))
    query = query.where(col(CasePlace.person_id).in_(sorted(persons)), col(Case.state).in_(sorted(OPEN_STATES)))
    found = defaultdict[str, list[HeldPlace]](list)
    for row in session.exec(query.order_by(col(CasePlace.case_id), col(CasePlace.place))):
        found[row.person_id].append(HeldPlace(row.case_id, row.place))
    return dict(found)


_DUPLICATES = select(Case).where(Case.master_id == bindparam("case")).order_by(col(Case.id))
_DUPLICATE_IDS = select(Case.id).where(Case.master_id == bindparam("case")).order_by(col(Case.id))
_MASTER_ID = select(Case.master_id).where(Case.id == bindparam("case"))


def duplicates(session: Session, case_id: int) -> list[Case]:
    """Return the cases merged into this one, ordered by number."""
    return list(session.exec(_DUPLICATES, params={"case": case_id}))


def duplicate_ids(session: Session, case_id: int) -> frozenset[int]:
    """Return the ids of the cases merged into this one, as they are stored now."""
    return frozenset(found for found in session.exec(_DUPLICATE_IDS, params={"case": case_id}) if found)


def master_id(session: Session, case_id: int) -> int | None:
    """Return the id of the case that this one is merged into, as it is stored now; None without one."""
    return session.exec(_MASTER_ID, params={"case": case_id}).one_or_none()


_UNDELIVERED = select(Case.undelivered).where(Case.id == bindparam("case"))


def undelivered(session: Session, case_id: int) -> int | None:
    """Return the number of the entry whose words for the customer could not be delivered; None if all arrived."""
    return session.exec(_UNDELIVERED, params={"case": case_id}).one_or_none()


def similar(session: Session, typed: str, case_id: int | None, limit: int) -> list[Case]:
    """Return other open cases of the same product whose number or summary matches the typed text, newest first."""
    product = select(Case.product_id).where(Case.id == case_id).scalar_subquery()
    query = select(Case).where(
        col(Case.state).in_(sorted(OPEN_STATES)), col(Case.id) != case_id, col(Case.product_id) == product
    )
    digits = typed.upper().removeprefix("F-").strip()
    if digits.isdigit():
        query = query.where(Case.id == int(digits))
    elif typed.strip():
        query = query.where(col(Case.summary).icontains(typed.strip(), autoescape=True))
    return list(session.exec(query.order_by(col(Case.id).desc()).limit(limit)))


def reported_or_closed(
    session: Session, since: datetime, until: datetime, customer: int | None = None, product: int | None = None
) -> list[int]:
    """Return the ids of cases that were reported or closed in [since, until), both aware UTC, in order."""
    reported, closed = col(Case.reported_at), col(Case.closed_at)
    within = ((reported >= since) & (reported < until)) | ((closed >= since) & (closed < until))
    query = select(Case.id).where(within).order_by(col(Case.id))
    if customer is not None:
        query = query.where(Case.customer_id == customer)
    if product is not None:
        query = query.where(Case.product_id == product)
    return [case_id for case_id in session.exec(query) if case_id]
