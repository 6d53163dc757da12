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
from storage.tables import Module, ProductVersion
from storage.vocabulary import Step

PARTS: dict[Lookup, registers.Part] = {
    Lookup.VERSION: ProductVersion,
    Lookup.MODULE: Module,
}


def keep(session: Session, product_id: int, step: Step, answers: Mapping[str, Any], company: CompanySettings) -> None:
    """Add new versions and modules of the case's product to the register.

    Raises `Refused` for a new name where the company allows none.
    """
    for field in FORMS[step]:
        part = PARTS.get(field.register) if field.register else None
        name = answers.get(field.code)
        if part is None or name is None:
            continue
        if not company.new_names and not registers.knows_part(session, part, product_id, name):
            raise Refused(Problem(no.UnknownName(), field.code))
        registers.keep_part(session, part, product_id, name)


def called(session: Session, person: str) -> str:
    """Return a person's name, or the id until Slack has reported the name."""
    return people.names(session, [person]).get(person, person)
