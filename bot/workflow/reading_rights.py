"""The reading level of a person for a case (process.md §6 R8 to R10). Pure functions."""

from bot.workflow.context import CaseContext, PersonContext
from bot.workflow.membership import Membership
from bot.workflow.reading_levels import Level
from storage.vocabulary import CENTER_ROLES, Role


def reads_center(person: PersonContext) -> bool:
    """Return whether the person reads every case at the level `center`, and what belongs to no single case."""
    readers = CENTER_ROLES | {Role.VIEWER}
    return person.membership is Membership.OURS and bool((person.roles | person.acting) & readers)


def level_of(case: CaseContext, person: PersonContext) -> Level:
    """Return the person's level for the case: the highest that applies (process.md §6 R9)."""
    if reads_center(person):
        return Level.CENTER
    return _own_level(case, person) or _distant_level(case, person)


def _own_level(case: CaseContext, person: PersonContext) -> Level | None:
    """Return the level that a person has by their own part in the case; None without one.

    An outsider is at most the reporter or one of the customer's people, and a refused account is nobody (R10).
    """
    if person.membership is Membership.REFUSED:
        return Level.NONE
    if person.membership is Membership.OURS and person.id in case.assigned | case.named:
        return Level.ASSIGNED
    if person.id == case.reporter:
        return Level.REPORTER
    return Level.CUSTOMER if person.id in case.customers else None


def _distant_level(case: CaseContext, person: PersonContext) -> Level:
    if person.membership is Membership.OURS and Role.ADMIN in person.roles | person.acting:
        return Level.ADMIN
    return Level.FOLLOWER if person.id in case.followers else Level.NONE


def may_comment(case: CaseContext, person: PersonContext) -> bool:
    """Return whether the person may write on the case. A viewer without a part of their own in it only reads."""
    works = person.membership is Membership.OURS and (person.roles | person.acting) & CENTER_ROLES
    return bool(works) or _own_level(case, person) not in (None, Level.NONE)
