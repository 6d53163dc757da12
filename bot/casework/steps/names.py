"""Names on forms: known ones, new ones where the company allows them, and what people are called."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from bot.casework.company_settings import Office
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


def keep(session: Session, product_id: int, step: Step, answers: Mapping[str, Any], office: Office) -> None:
    """Take new versions and modules of the case's product into the register, or raise `Refused`."""
    for field in FORMS[step]:
        part = PARTS.get(field.register) if field.register else None
        name = answers.get(field.code)
        if part is None or name is None:
            continue
        if not office.new_names and not registers.knows_part(session, part, product_id, name):
            raise Refused(Problem(no.UnknownName(), field.code))
        registers.keep_part(session, part, product_id, name)


def called(session: Session, person: str) -> str:
    """What somebody is called; the id until Slack told the name."""
    return people.names(session, [person]).get(person, person)
