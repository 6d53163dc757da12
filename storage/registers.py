"""The registered names that forms suggest while typing: customers, products, their versions and modules.

A name is found by its exact spelling, or else by `comparable`. Names that were registered before these were compared
may be equal; then the exact spelling decides, and otherwise the older one is meant.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import bindparam, false, func, or_
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.concurrent_insert import insert_new
from storage.core_reads import read
from storage.tables import Customer, Module, Product, ProductVersion
from storage.vocabulary import comparable

Row = TypeVar("Row", Customer, Product)
#: The tables of names that belong to one product: versions and modules.
Part = type[ProductVersion] | type[Module]


def _matching(table: Any, *of_one: bool) -> SelectOfScalar[Any]:
    is_exact = col(table.name) == bindparam("name")
    is_alike = or_(is_exact, table.compared_as == bindparam("compared_as"))
    return select(table).where(*of_one, is_alike).order_by(is_exact.desc(), table.id).limit(1)


_MATCHING: dict[type[SQLModel], SelectOfScalar[Any]] = {
    Customer: _matching(Customer),
    Product: _matching(Product),
    ProductVersion: _matching(ProductVersion, ProductVersion.product_id == bindparam("product")),
    Module: _matching(Module, Module.product_id == bindparam("product")),
}


class ProductFacts(NamedTuple):
    """What rules know of a product: its name, and the default deadline of its faults in working days."""

    name: str
    default_days: int | None


_PRODUCTS = select(Product.id, Product.name, Product.default_days).where(
    col(Product.id).in_(bindparam("products", expanding=True))
)


def facts_of(session: Session, product_ids: Iterable[int]) -> dict[int, ProductFacts]:
    """Return what rules know of these products."""
    found = read(session, _PRODUCTS, products=sorted(set(product_ids)))
    return {product: ProductFacts(name, default_days) for product, name, default_days in found}


_ANY_CUSTOMER = select(Customer.id).limit(1)


def has_customers(session: Session) -> bool:
    """Return whether any customer is registered."""
    return read(session, _ANY_CUSTOMER).first() is not None


def find_customer(session: Session, name: str) -> Customer | None:
    """Return the customer of this name; None if unknown."""
    found: Customer | None = _find(session, Customer, name)
    return found


def find_product(session: Session, name: str) -> Product | None:
    """Return the product of this name; None if unknown."""
    found: Product | None = _find(session, Product, name)
    return found


def customer(session: Session, name: str, *, unconfirmed: bool = False) -> Customer:
    """Return the customer of this name, adding it if it is new; then it may be marked as to be confirmed."""
    return find_customer(session, name) or _added(session, Customer, name, unconfirmed)


def product(session: Session, name: str, *, unconfirmed: bool = False) -> Product:
    """Return the product of this name, adding it if it is new; then it may be marked as to be confirmed."""
    return find_product(session, name) or _added(session, Product, name, unconfirmed)


def part_name(session: Session, part: Part, product_id: int, name: str) -> str | None:
    """Return the spelling of a version or module that is registered for a product; None if none is."""
    found = _find(session, part, name, product=product_id)
    return found.name if found else None


def alike(session: Session) -> dict[str, list[tuple[int, ...]]]:
    """Return the customers and products whose names compare equal, as groups of their ids, by the table's name."""
    found = {}
    for table in (Customer, Product):
        several = select(table.compared_as).group_by(table.compared_as).having(func.count() > 1)
        query = select(table.compared_as, table.id).where(col(table.compared_as).in_(several))
        rows = session.exec(query.order_by(col(table.compared_as), col(table.id))).all()
        found[str(table.__tablename__)] = [
            tuple(id or 0 for _name, id in group) for _key, group in groupby(rows, key=lambda row: row[0])
        ]
    return {table: groups for table, groups in found.items() if groups}


def knows_part(session: Session, part: Part, product_id: int, name: str) -> bool:
    """Return whether the product has a version or module of this name."""
    return part_name(session, part, product_id, name) is not None


def keep_part(session: Session, part: Part, product_id: int, name: str, *, unconfirmed: bool = False) -> None:
    """Add a version or module to a product unless it exists; then it may be marked as to be confirmed."""
    if not knows_part(session, part, product_id, name):
        insert_new(session, part, product_id=product_id, name=name, unconfirmed=unconfirmed)


def names_like(session: Session, table: type[Customer] | type[Product], typed: str, limit: int) -> Sequence[str]:
    """Return names that contain the typed text, in order."""
    query = select(table.name).where(col(table.name).icontains(typed, autoescape=True))
    return session.exec(query.order_by(table.name).limit(limit)).all()


def names_with(
    session: Session, table: type[Customer] | type[Product], words: Collection[str]
) -> Sequence[tuple[str, str]]:
    """Return names that contain one of the words, in order, and what each is compared by."""
    compared = [word for word in map(comparable, words) if word]
    has_one = or_(false(), *(col(table.compared_as).contains(word, autoescape=True) for word in compared))
    return session.exec(select(table.name, table.compared_as).where(has_one).order_by(table.name)).all()


def parts_like(session: Session, part: Part, product: str | None, typed: str, limit: int) -> Sequence[str]:
    """Return versions or modules whose names contain the typed text, of one product if it is given."""
    query = select(part.name).where(col(part.name).icontains(typed, autoescape=True))
    if product is not None:
        query = query.join(Product).where(Product.name == product)
    return session.exec(query.distinct().order_by(part.name).limit(limit)).all()


def _find(session: Session, table: type[Any], name: str, **of_one: int) -> Any:
    typed = {"name": name, "compared_as": comparable(name), **of_one}
    return session.exec(_MATCHING[table], params=typed).first()


def _added(session: Session, table: type[Row], name: str, unconfirmed: bool) -> Row:
    """Add the name and return its row, which another transaction may have added at the same time."""
    insert_new(session, table, name=name, unconfirmed=unconfirmed)
    return session.exec(select(table).where(table.name == name)).one()
