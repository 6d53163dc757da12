"""Every reason to refuse a change of the company's settings. As in `refusals`, people read the docstrings."""

from dataclasses import dataclass

from bot.workflow.refusal import Refusal


@dataclass(frozen=True)
class FixedByEnvironment(Refusal):
    """The variable %(name)s in the bot's environment sets this. Only whoever operates the bot can change it, there."""

    name: str


@dataclass(frozen=True)
class ChangedMeanwhile(Refusal):
    """Somebody else has changed this meanwhile; it is “%(value)s” now."""

    value: str
