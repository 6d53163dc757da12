"""Refusals because of words that could not be delivered to the customer."""

from dataclasses import dataclass

from bot.workflow.refusal import Refusal


@dataclass(frozen=True)
class CustomerNotReached(Refusal):
    """Our last message did not reach the customer, so their silence is no reason to close the case."""


@dataclass(frozen=True)
class WordsUnderWay(Refusal):
    """Our last message has not reached the customer yet; the time to answer begins only when it has."""
