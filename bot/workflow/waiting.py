"""Whom a case waits for in its state. Pure functions."""

from bot.workflow.context import CaseContext, Center
from bot.workflow.people import ROLE_OF_PLACE, persons
from bot.workflow.situation import Position, Who
from bot.workflow.steps import WAITS_FOR
from storage.vocabulary import Place, Role


def vacant_roles(case: CaseContext, center: Center) -> tuple[Role, ...]:
    """Return the roles that the case waits for if nobody holds any of them; empty if somebody can be reached."""
    who = WAITS_FOR.get(case.state, ())
    if persons(who, case, center):
        return ()
    return tuple(dict.fromkeys(role for one in who if (role := _role(one)) is not None))


def _role(who: Who) -> Role | None:
    match who:
        case Role():
            return who
        case Place():
            return ROLE_OF_PLACE.get(who)
    return Role.SERVICE_MANAGER if who is Position.CARETAKER else None
