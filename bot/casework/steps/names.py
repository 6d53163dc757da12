"""Names on forms: known names, new names where the company allows them, and display names of people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.workflow import refusals as no
from bot.workflow.field import Lookup
from bot.workflow.fields import FORMS
from bot.workflow.refusal import Problem, Refused
from storage import people, registers
from storage.tables import Customer, Module, Product, ProductVersion
from storage.vocabulary import Step, is_whole

PARTS: dict[Lookup, registers.Part] = {
    Lookup.VERSION: ProductVersion,
    Lookup.MODULE: Module,
}


@dataclass(frozen=True, slots=True)
class Registered:
    """The answers of a form with its names as they are registered, and what was found of them.

    `customer` and `product` are None if they are not registered, or not asked; `parts` are the registered versions and
    modules, by field.
    """

    answers: Mapping[str, Any]
    customer: Customer | None
    product: Product | None
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Owners:
    """The customer and the product that the answers of a form name."""

    customer: Customer | None
    product: Product

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of a case that keep them."""
        return {"customer_id": self.customer.id if self.customer else None, "product_id": self.product.id}


def names_owners(step: Step) -> bool:
    """Return whether the form of a step names the customer and the product of its case."""
    return any(field.register is Lookup.PRODUCT for field in FORMS[step])


def owners(
    session: Session, found: Registered, answers: Mapping[str, Any], company: CompanySettings, *, outsider: bool
) -> Owners:
    """Return the customer and the product of these clean answers, which are added if they are new.

    A new name of an outsider is to be confirmed. Raises `Refused` for a new name where the company allows none.
    """
    rows = {"customer": found.customer, "product": found.product}
    unknown = [code for code, row in rows.items() if row is None and code in answers]
    if unknown and not (outsider or company.new_names):
        raise Refused(*(Problem(no.UnknownName(), code) for code in unknown))
    product = found.product or registers.product(session, answers["product"], unconfirmed=outsider)
    if found.customer is not None or "customer" not in answers:
        return Owners(found.customer, product)
    return Owners(registers.customer(session, answers["customer"], unconfirmed=outsider), product)


def keep(
    session: Session,
    product_id: int,
    step: Step,
    answers: Mapping[str, Any],
    registered: Mapping[str, str],
    company: CompanySettings,
    *,
    outsider: bool = False,
) -> None:
    """Add new versions and modules of the case's product to the register.

    `registered` are those that were found there, by field. A new name of an outsider is to be confirmed. Raises
    `Refused` for a new name where the company allows none.
    """
    new_names = company.new_names or outsider
    for field in FORMS[step]:
        part = PARTS.get(field.register) if field.register else None
        name = answers.get(field.code)
        if part is None or name is None or registered.get(field.code) == name:
            continue
        if not new_names and not registers.knows_part(session, part, product_id, name):
            raise Refused(Problem(no.UnknownName(), field.code))
        registers.keep_part(session, part, product_id, name, unconfirmed=outsider)


def as_registered(
    session: Session, step: Step, answers: Mapping[str, Any], product_id: int | None = None
) -> Registered:
    """Return the answers of a step, cleaned or not, with their names as registered; one that is not registered stays.

    Names are compared by `storage.vocabulary.comparable`. `product_id` is the product of the case; None for a report.
    """
    customer = product = None
    if names_owners(step):
        named = {code: answers[code] for code in ("customer", "product") if _is_storable(answers.get(code))}
        customer = registers.find_customer(session, named["customer"]) if "customer" in named else None
        product = registers.find_product(session, named["product"]) if "product" in named else None
        product_id = product.id if product else None
    parts = _registered_parts(session, product_id, step, answers) if product_id else {}
    spelled = {code: row.name for code, row in (("customer", customer), ("product", product)) if row}
    return Registered({**answers, **spelled, **parts}, customer, product, parts)


def _is_storable(name: Any) -> bool:
    """Return whether a database can look for an answer that was not judged yet."""
    return isinstance(name, str) and is_whole(name) and "\x00" not in name


def _registered_parts(session: Session, product_id: int, step: Step, answers: Mapping[str, Any]) -> dict[str, str]:
    """Return the versions and modules in the answers of a step, cleaned or not, as registered for the product.

    They are returned by field. One that is not registered is left out.
    """
    found = {}
    for field in FORMS[step]:
        part, name = PARTS.get(field.register) if field.register else None, answers.get(field.code)
        if part is not None and isinstance(name, str) and _is_storable(name):
            found[field.code] = registers.part_name(session, part, product_id, name)
    return {code: name for code, name in found.items() if name is not None}


def called(session: Session, person: str) -> str:
    """Return a person's name, or the id until Slack has reported the name."""
    return people.names(session, [person]).get(person, person)
