"""The registered names that forms suggest while typing: customers, products, their versions and modules.

A name is found by its exact spelling, or else by `comparable`. Names that were registered before these were compared
may be equal; then the exact spelling decides, and otherwise the older one is meant.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import bindparam
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.concurrent_insert import insert_new
from storage.tables import Customer, Module, Product, ProductVersion
from storage.vocabulary import comparable

Row = TypeVar("Row", Customer, Product)
#: The tables of names that belong to one product: versions and modules.
Part = type[ProductVersion] | type[Module]

_CUSTOMER = select(Customer).where(Customer.name == bindparam("name"))
_PRODUCT = select(Product).where(Product.name == bindparam("name"))
_PART = {
    part: select(part.id).where(part.product_id == bindparam("product"), part.name == bindparam("name"))
    for part in (ProductVersion, Module)
}


def find_customer(session: Session, name: str) -> Customer | None:
    """Return the customer of this name; None if unknown."""
    return session.exec(_CUSTOMER, params={"name": spelled(session, Customer, name)}).first()


def find_product(session: Session, name: str) -> Product | None:
    """Return the product of this name; None if unknown."""
    return session.exec(_PRODUCT, params={"name": spelled(session, Product, name)}).first()


def customer(session: Session, name: str, *, unconfirmed: bool = False) -> Customer:
    """Return the customer of this name, adding it if it is new; then it may be marked as to be confirmed."""
    return find_customer(session, name) or _added(session, Customer, _CUSTOMER, name, unconfirmed)


def product(session: Session, name: str, *, unconfirmed: bool = False) -> Product:
    """Return the product of this name, adding it if it is new; then it may be marked as to be confirmed."""
    return find_product(session, name) or _added(session, Product, _PRODUCT, name, unconfirmed)


def spelled(session: Session, table: type[Customer] | type[Product], name: str) -> str:
    """Return the registered spelling of a name; the name itself if none is registered."""
    if session.exec(_CUSTOMER if table is Customer else _PRODUCT, params={"name": name}).first() is not None:
        return name
    return _spellings(session, table).get(comparable(name), name)


def spelled_part(session: Session, part: Part, product_id: int, name: str) -> str:
    """Return the spelling of a version or module that is registered for a product; the name itself if none is."""
    if session.exec(_PART[part], params={"product": product_id, "name": name}).first() is not None:
        return name
    return _spellings(session, part, product_id).get(comparable(name), name)


def _spellings(session: Session, table: Any, product_id: int | None = None) -> dict[str, str]:
    """Return the registered spellings by what names are compared by, read once in a transaction."""
    known: dict[object, dict[str, str]] = session.info.setdefault("spellings", {})
    if (table, product_id) not in known:
        query = select(table.name).order_by(col(table.id).desc())  # the oldest of equal names comes last, and wins
        of_one = query if product_id is None else query.where(table.product_id == product_id)
        known[table, product_id] = {comparable(name): name for name in session.exec(of_one).all()}
    return known[table, product_id]


def _note(session: Session, table: Any, name: str, product_id: int | None = None) -> None:
    """Add a new name to the spellings, if they were read."""
    spellings = session.info.get("spellings", {}).get((table, product_id))
    if spellings is not None:
        spellings.setdefault(comparable(name), name)


def alike(session: Session) -> dict[str, list[tuple[int, ...]]]:
    """Return the customers and products whose names compare equal, as groups of their ids, by the table's name."""
    found = {}
    for table in (Customer, Product):
        rows = session.exec(select(table.name, table.id)).all()
        named = sorted((comparable(name), id or 0) for name, id in rows)
        groups = (tuple(id for _name, id in group) for _key, group in groupby(named, key=lambda one: one[0]))
        found[str(table.__tablename__)] = [group for group in groups if len(group) > 1]
    return {table: groups for table, groups in found.items() if groups}


def knows_part(session: Session, part: Part, product_id: int, name: str) -> bool:
    """Return whether the product has a version or module of this name."""
    name = spelled_part(session, part, product_id, name)
    return session.exec(_PART[part], params={"product": product_id, "name": name}).first() is not None


def keep_part(session: Session, part: Part, product_id: int, name: str, *, unconfirmed: bool = False) -> None:
    """Add a version or module to a product unless it exists; then it may be marked as to be confirmed."""
    if not knows_part(session, part, product_id, name):
        insert_new(session, part, product_id=product_id, name=name, unconfirmed=unconfirmed)
        _note(session, part, name, product_id)


def names_like(session: Session, table: type[Customer] | type[Product], typed: str, limit: int) -> Sequence[str]:
    """Return names that contain the typed text, in order."""
    query = select(table.name).where(col(table.name).icontains(typed, autoescape=True))
    return session.exec(query.order_by(table.name).limit(limit)).all()


def parts_like(session: Session, part: Part, product: str | None, typed: str, limit: int) -> Sequence[str]:
    """Return versions or modules whose names contain the typed text, of one product if it is given."""
    query = select(part.name).where(col(part.name).icontains(typed, autoescape=True))
    if product is not None:
        query = query.join(Product).where(Product.name == product)
    return session.exec(query.distinct().order_by(part.name).limit(limit)).all()


def _added(session: Session, table: type[Row], query: SelectOfScalar[Row], name: str, unconfirmed: bool) -> Row:
    """Add the name and return its row, which another transaction may have added at the same time."""
    insert_new(session, table, name=name, unconfirmed=unconfirmed)
    _note(session, table, name)
    return session.exec(query, params={"name": name}).one()
