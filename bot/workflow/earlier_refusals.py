"""Every reason to refuse a form that was saved with an earlier text. As in `refusals`, people read the docstrings."""

from dataclasses import dataclass
from datetime import datetime

from bot.workflow.refusal import Refusal
from storage.vocabulary import Step


@dataclass(frozen=True)
class ReportedEarlier(Refusal):
    """Saved on %(at)s as %(number)s with the earlier text. What you changed since then is not saved, but kept as your
    draft."""

    at: datetime
    number: str


@dataclass(frozen=True)
class TakenEarlier(Refusal):
    """“%(step)s” of %(number)s was saved on %(at)s with the earlier text. What you changed since then is not saved, but
    kept as your draft."""

    at: datetime
    step: Step
    number: str


@dataclass(frozen=True)
class IssuedEarlier(Refusal):
    """The report was issued on %(at)s with the earlier comment. What you changed since then is not saved, but kept as
    your draft."""

    at: datetime


#: The refusals of a form that was saved before its person changed it, and whose changes are kept.
SAVED_EARLIER = (ReportedEarlier, TakenEarlier, IssuedEarlier)
