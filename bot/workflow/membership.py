"""Who is ours, who is an outsider, and who is refused everywhere (process.md §6 R10). Pure functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from bot.workflow import membership_refusals as no
from bot.workflow.field import Field, FieldKind, Form
from bot.workflow.refusal import Problem

#: Slackbot's id in every workspace. Slack does not report it as a bot.
SLACKBOT = "USLACKBOT"
PERSON_KINDS = frozenset({FieldKind.PERSON, FieldKind.PEOPLE})


class Membership(Enum):
    """How a person belongs to us."""

    OURS = auto()
    #: May report, and follow their own reports.
    OUTSIDER = auto()
    #: A bot, or a deactivated account: refused everywhere and chosen nowhere.
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Account:
    """What Slack reports of a person, and what the company's settings say.

    `foreign`: of neither our workspace nor our enterprise. `trusted`: holds a role, or is a guest whom the settings
    name as ours. `reported`: Slack has reported the person; somebody whom Slack has not reported is ours only if
    trusted.
    """

    id: str
    name: str = ""
    active: bool = True
    bot: bool = False
    foreign: bool = False
    guest: bool = False
    trusted: bool = False
    reported: bool = True


def membership_of(account: Account) -> Membership:
    """Return how a person belongs to us (process.md §6 R10)."""
    if account.bot or not account.active or account.id == SLACKBOT:
        return Membership.REFUSED
    if account.foreign:
        return Membership.OUTSIDER
    if (account.guest or not account.reported) and not account.trusted:
        return Membership.OUTSIDER
    return Membership.OURS


def is_ours(account: Account) -> bool:
    """Return whether a person is active and ours, so that they may be chosen in a form (process.md rule 2.6)."""
    return membership_of(account) is Membership.OURS


def people_named(form: Form, answers: Mapping[str, Any]) -> Iterator[tuple[Field, tuple[str, ...]]]:
    """Yield each person field of the form that is answered, with the user ids in it. `answers` may be unclean."""
    for field in form:
        if field.kind not in PERSON_KINDS:
            continue
        value = answers.get(field.code)
        ids = (value,) if isinstance(value, str) else value if isinstance(value, (list, tuple)) else ()
        named = tuple(one for one in ids if isinstance(one, str) and one)
        if named:
            yield field, named


def people_are_ours(form: Form, answers: Mapping[str, Any], chosen: Mapping[str, Account]) -> tuple[Problem, ...]:
    """Return a problem at each person field that names somebody who is not active or not ours (process.md rule 2.6).

    `chosen` are the accounts of the persons in the answers. Somebody who is not among them is not ours. Who leaves a
    place may have left the company.
    """
    problems = []
    for field, ids in people_named(form, answers):
        others = [] if field.former else [one for one in ids if one not in chosen or not is_ours(chosen[one])]
        if others:
            problems.append(Problem(no.NotOurs(", ".join(_name(chosen.get(one), one) for one in others)), field.code))
    return tuple(problems)


def _name(account: Account | None, person: str) -> str:
    return account.name or person if account else person
