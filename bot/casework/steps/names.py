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
from storage.vocabulary import Step

PARTS: dict[Lookup, registers.Part] = {
    Lookup.VERSION: ProductVersion,
    Lookup.MODULE: Module,
}


@dataclass(frozen=True, slots=True)
class Registered:
    """The answers of a report with its names as they are registered, and what was found of them.

    `customer` and `product` are None if they are not registered; `parts` are the registered versions and modules, by
    field.
    """

    answers: Mapping[str, Any]
    customer: Customer | None
    product: Product | None
    parts: Mapping[str, str]

    @property
    def unknown(self) -> list[str]:
        """The fields that name a customer or a product that is not registered."""
        customer = ["customer"] if self.customer is None and "customer" in self.answers else []
        return [*customer, *(["product"] if self.product is None else [])]


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


def as_registered(session: Session, answers: Mapping[str, Any]) -> Registered:
    """Return the answers of a report with its names as they are registered; a name that is not registered stays.

    Names are compared by `storage.vocabulary.comparable`.
    """
    customer = registers.find_customer(session, answers["customer"]) if "customer" in answers else None
    product = registers.find_product(session, answers["product"])
    parts = registered_parts(session, product.id or 0, Step.REPORT, answers) if product else {}
    spelled = {code: row.name for code, row in (("customer", customer), ("product", product)) if row}
    return Registered({**answers, **spelled, **parts}, customer, product, parts)


def registered_parts(session: Session, product_id: int, step: Step, answers: Mapping[str, Any]) -> dict[str, str]:
    """Return the versions and modules in the answers of a step, cleaned or not, as registered for the product.

    They are returned by field. One that is not registered is left out.
    """
    found = {}
    for field in FORMS[step]:
        part, name = PARTS.get(field.register) if field.register else None, answers.get(field.code)
        if part is not None and isinstance(name, str):
            found[field.code] = registers.part_name(session, part, product_id, name)
    return {code: name for code, name in found.items() if name is not None}


def called(session: Session, person: str) -> str:
    """Return a person's name, or the id until Slack has reported the name."""
    return people.names(session, [person]).get(person, person)
