"""Every reason to refuse what one person requests too often. As in `refusals`, people read the docstrings."""

from dataclasses import dataclass
from datetime import datetime

from bot.workflow.refusal import Refusal


@dataclass(frozen=True)
class TooManyReports(Refusal):
    """One person can report at most %(most)s in an hour. You can send this from %(at)s on; what you typed is kept."""

    most: int
    at: datetime


@dataclass(frozen=True)
class TooManyExports(Refusal):
    """One person can export at most %(most)s files in an hour. You can export this one from %(at)s on."""

    most: int
    at: datetime


@dataclass(frozen=True)
class TooManyCallsForHelp(Refusal):
    """One person can ask for help at most %(most)s times in an hour. You can ask again from %(at)s on."""

    most: int
    at: datetime


#: The refusals of a form that can be sent later, whose answers are kept until then.
SENT_TOO_EARLY = (TooManyReports,)
