"""The names that forms find as one types: customers, products, their versions and modules."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import bindparam
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.insert import insert_new
from storage.tables import Customer, Module, Product, ProductVersion

Row = TypeVar("Row", Customer, Product)
#: What belongs to one product: its versions, its modules.
Part = type[ProductVersion] | type[Module]

_CUSTOMER = select(Customer).where(Customer.name == bindparam("name"))
_PRODUCT = select(Product).where(Product.name == bindparam("name"))
_PART = {
    part: select(part.id).where(part.product_id == bindparam("product"), part.name == bindparam("name"))
    for part in (ProductVersion, Module)
}


def find_customer(session: Session, name: str) -> Customer | None:
    """The customer of this name, if known."""
    return session.exec(_CUSTOMER, params={"name": name}).first()


def find_product(session: Session, name: str) -> Product | None:
    """The product of this name, if known."""
    return session.exec(_PRODUCT, params={"name": name}).first()


def customer(session: Session, name: str) -> Customer:
    """The customer of this name, new if need be."""
    return find_customer(session, name) or _added(session, Customer, _CUSTOMER, name)


def product(session: Session, name: str) -> Product:
    """The product of this name, new if need be."""
    return find_product(session, name) or _added(session, Product, _PRODUCT, name)


def knows_part(session: Session, part: Part, product_id: int, name: str) -> bool:
    """Whether the product has a version or module of this name."""
    return session.exec(_PART[part], params={"product": product_id, "name": name}).first() is not None


def keep_part(session: Session, part: Part, product_id: int, name: str) -> None:
    """A version or module of a product, new if need be."""
    if not knows_part(session, part, product_id, name):
        insert_new(session, part, product_id=product_id, name=name)


def names_like(session: Session, table: type[Customer] | type[Product], typed: str, limit: int) -> Sequence[str]:
    """Names that contain what was typed, in order."""
    query = select(table.name).where(col(table.name).icontains(typed, autoescape=True))
    return session.exec(query.order_by(table.name).limit(limit)).all()


def parts_like(session: Session, part: Part, product: str | None, typed: str, limit: int) -> Sequence[str]:
    """Versions or modules (of one product, if it is known) whose names contain what was typed."""
    query = select(part.name).where(col(part.name).icontains(typed, autoescape=True))
    if product is not None:
        query = query.join(Product).where(Product.name == product)
    return session.exec(query.distinct().order_by(part.name).limit(limit)).all()


def _added(session: Session, table: type[Row], query: SelectOfScalar[Row], name: str) -> Row:
    """Ours, or that of somebody who named it at the same moment."""
    insert_new(session, table, name=name)
    return session.exec(query, params={"name": name}).one()
