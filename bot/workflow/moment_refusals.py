"""Every reason to refuse a moment or a change of the deadline. As in `refusals`, people read the docstrings."""

from dataclasses import dataclass

from bot.workflow.refusal import Refusal


class NotAMoment(Refusal):
    """Please choose a date and a time."""


class NotYetPast(Refusal):
    """This moment lies in the future. Please choose when it happened."""


@dataclass(frozen=True)
class OutsideCalendar(Refusal):
    """Please choose a moment in the years %(first)s to %(last)s."""

    first: int
    last: int


class NotInFuture(Refusal):
    """Please choose a moment in the future."""


class SameDeadline(Refusal):
    """This is the deadline already in force."""


class NoDeadlineYet(Refusal):
    """No deadline is in force. It is set when the analysis report is published."""


class DeadlineMissing(Refusal):
    """Set the time the customer stipulated before recording this severity."""


class AgreementMissing(Refusal):
    """Set the time agreed with the user before recording this severity."""
