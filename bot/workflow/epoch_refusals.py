"""Reasons to refuse what was posted before the database was restored. As in `refusals`, people read the docstrings.

The number is the one that the button names. It may be another case now, of which nothing is said.
"""

from dataclasses import dataclass

from bot.workflow.refusal import Refusal


class FromBeforeRestore(Refusal):
    """This button or form is from before the database was restored, so nothing was done. Please open it again, from
    Home or with `/fault`.
    """


@dataclass(frozen=True)
class CaseFromBeforeRestore(Refusal):
    """This button or form is from before the database was restored, so nothing was done. Please open %(number)s again
    with `/fault %(number)s`, and check that it still is the case that you mean.
    """

    number: str
