"""The registered names that forms suggest while typing: customers, products, their versions and modules."""

from collections.abc import Collection, Sequence
from typing import TypeVar
from unicodedata import normalize

from sqlalchemy import bindparam, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.concurrent_insert import insert_new
from storage.tables import Customer, Module, Product, ProductVersion

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
    return session.exec(_CUSTOMER, params={"name": name}).first()


def find_product(session: Session, name: str) -> Product | None:
    """Return the product of this name; None if unknown."""
    return session.exec(_PRODUCT, params={"name": name}).first()


def customer(session: Session, name: str, *, unconfirmed: bool = False) -> Customer:
    """Return the customer of this name, adding it if it is new; then it may be marked as to be confirmed."""
    return find_customer(session, name) or _added(session, Customer, _CUSTOMER, name, unconfirmed)


def product(session: Session, name: str, *, unconfirmed: bool = False) -> Product:
    """Return the product of this name, adding it if it is new; then it may be marked as to be confirmed."""
    return find_product(session, name) or _added(session, Product, _PRODUCT, name, unconfirmed)


def key(name: str) -> str:
    """Return what names are compared by: compatible characters, upper and lower case and spaces do not differ."""
    return " ".join(normalize("NFKC", normalize("NFKC", name).casefold()).split())


def spelled(session: Session, table: type[Customer] | type[Product], name: str) -> str:
    """Return the registered spelling of a name; the name itself if none is registered."""
    if session.exec(select(table.id).where(table.name == name)).first() is not None:
        return name
    return _like(session.exec(select(table.name).order_by(col(table.id))).all(), name)


def spelled_part(session: Session, part: Part, product_id: int, name: str) -> str:
    """Return the spelling of a version or module that is registered for a product; the name itself if none is."""
    if knows_part(session, part, product_id, name):
        return name
    query = select(part.name).where(part.product_id == product_id).order_by(col(part.id))
    return _like(session.exec(query).all(), name)


def _like(names: Sequence[str], name: str) -> str:
    wanted = key(name)
    return next((one for one in names if key(one) == wanted), name)


def knows_part(session: Session, part: Part, product_id: int, name: str) -> bool:
    """Return whether the product has a version or module of this name."""
    return session.exec(_PART[part], params={"product": product_id, "name": name}).first() is not None


def keep_part(session: Session, part: Part, product_id: int, name: str, *, unconfirmed: bool = False) -> None:
    """Add a version or module to a product unless it exists; then it may be marked as to be confirmed."""
    if not knows_part(session, part, product_id, name):
        insert_new(session, part, product_id=product_id, name=name, unconfirmed=unconfirmed)


def names_like(session: Session, table: type[Customer] | type[Product], typed: str, limit: int) -> Sequence[str]:
    """Return names that contain the typed text, in order."""
    query = select(table.name).where(col(table.name).icontains(typed, autoescape=True))
    return session.exec(query.order_by(table.name).limit(limit)).all()


def names_with(session: Session, table: type[Customer] | type[Product], words: Collection[str]) -> Sequence[str]:
    """Return names that contain one of the words, in order.

    The database knows upper and lower case of ASCII letters alone. A letter of another alphabet stands for any text
    here, so that some names are returned which contain none of the words.
    """
    has_one = or_(*(col(table.name).ilike(f"%{''.join(map(_pattern, word))}%", escape="\\") for word in words))
    return session.exec(select(table.name).where(has_one).order_by(table.name)).all()


def _pattern(sign: str) -> str:
    if sign.isascii():
        return "\\" + sign if sign in "%_\\" else sign
    return sign if sign.lower() == sign.upper() else "%"


def parts_like(session: Session, part: Part, product: str | None, typed: str, limit: int) -> Sequence[str]:
    """Return versions or modules whose names contain the typed text, of one product if it is given."""
    query = select(part.name).where(col(part.name).icontains(typed, autoescape=True))
    if product is not None:
        query = query.join(Product).where(Product.name == product)
    return session.exec(query.distinct().order_by(part.name).limit(limit)).all()


def _added(session: Session, table: type[Row], query: SelectOfScalar[Row], name: str, unconfirmed: bool) -> Row:
    """Add the name and return its row, which another transaction may have added at the same time."""
    insert_new(session, table, name=name, unconfirmed=unconfirmed)
    return session.exec(query, params={"name": name}).one()
