"""Reasons to refuse people who are not ours, and the choice of such people (process.md §6 R10, rule 2.6)."""

from dataclasses import dataclass

from bot.workflow.refusal import Refusal


@dataclass(frozen=True)
class NotOurs(Refusal):
    """Choose active people of your own company only: no guests, bots, deactivated accounts or people of other
    companies. Not possible: %(names)s.
    """

    names: str


class NotForOutsiders(Refusal):
    """You can report a problem with `/fault` and follow your own reports with `/fault mine`. Everything else is for the
    people of the service desk's own company; please ask your contact there.
    """


class AccountRefused(Refusal):
    """Bots and deactivated accounts cannot use Faultdesk."""
