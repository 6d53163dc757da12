"""Which messages of a case carry the words that its customer is to read (customers.md §6)."""

import json

from sqlmodel import Session

from bot.casework.steps.notify import MessageKind
from storage import lanes
from storage.tables import Case, Outgoing
from storage.vocabulary import Source, Step

#: The messages that a person reads of a step.
PERSONAL_VIEWS = (MessageKind.NOTICE, MessageKind.TASK)
#: The messages that can carry words for the customer.
VIEWS = (MessageKind.CUSTOMER, *PERSONAL_VIEWS)
#: The steps that answer the customer.
ANSWERS = (Step.ANSWER, Step.REPLY_CUSTOMER)


def is_receipt(message: Outgoing) -> bool:
    """Return whether a message is the receipt of a report, which has no words for a customer."""
    return message.view in PERSONAL_VIEWS and bool(json.loads(message.arguments).get("receipt"))


def is_for_customer(case: Case, message: Outgoing, step: str) -> bool:
    """Return whether the case's customer is to read this message of a step.

    The customer of an internal case is its reporter, who gets the words directly.
    """
    if case.source is Source.CUSTOMER:
        return message.view == MessageKind.CUSTOMER
    return message.view in PERSONAL_VIEWS and message.target == case.reporter_id and step in ANSWERS


def are_under_way(session: Session, case: Case) -> bool:
    """Return whether a message to the case's customer is neither sent nor given up yet."""
    of_customer = case.source is Source.CUSTOMER
    target, views = (case.origin_channel, VIEWS[:1]) if of_customer else (case.reporter_id, PERSONAL_VIEWS)
    return target is not None and lanes.has_pending(session, case.id or 0, target, views)
