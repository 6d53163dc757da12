"""Names on forms: known names, new names where the company allows them, and display names of people."""

from collections.abc import Mapping
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


def keep(
    session: Session,
    product_id: int,
    step: Step,
    answers: Mapping[str, Any],
    company: CompanySettings,
    *,
    outsider: bool = False,
) -> None:
    """Add new versions and modules of the case's product to the register.

    A new name of an outsider is to be confirmed. Raises `Refused` for a new name where the company allows none.
    """
    new_names = company.new_names or outsider
    for field in FORMS[step]:
        part = PARTS.get(field.register) if field.register else None
        name = answers.get(field.code)
        if part is None or name is None:
            continue
        if not new_names and not registers.knows_part(session, part, product_id, name):
            raise Refused(Problem(no.UnknownName(), field.code))
        registers.keep_part(session, part, product_id, name, unconfirmed=outsider)


def as_registered(session: Session, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers of a report with its names as they are registered; a name that is not registered stays.

    Names are compared by `storage.vocabulary.comparable`.
    """
    found = dict(answers)
    if "customer" in found:
        found["customer"] = registers.spelled(session, Customer, found["customer"])
    found["product"] = registers.spelled(session, Product, found["product"])
    product = registers.find_product(session, found["product"])
    return found if product is None else parts_as_registered(session, product.id or 0, Step.REPORT, found)


def parts_as_registered(session: Session, product_id: int, step: Step, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers of a step, cleaned or not, with versions and modules as registered for the product."""
    found = dict(answers)
    for field in FORMS[step]:
        part, name = PARTS.get(field.register) if field.register else None, found.get(field.code)
        if part is not None and isinstance(name, str):
            found[field.code] = registers.spelled_part(session, part, product_id, name)
    return found


def called(session: Session, person: str) -> str:
    """Return a person's name, or the id until Slack has reported the name."""
    return people.names(session, [person]).get(person, person)
