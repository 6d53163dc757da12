"""Lets the service desk follow into another channel when `FAULT_CHANNEL` changes.

Each open case gets a card there, and the old card links to it. The messages of a case follow its card, so whatever is
queued goes to the new card's thread. A discussion stays in the thread in which it was called.
"""

from datetime import datetime

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps.notify import MessageKind, moved_card
from storage import desk_channel, epochs, outbox

#: The most cases that move in one transaction.
BATCH_SIZE = 200
#: The messages that are for the service-desk channel, wherever that is.
_FOR_DESK = (
    *(MessageKind.CARD, MessageKind.STORY, MessageKind.DISCUSSION, MessageKind.REROUTED, MessageKind.UNDELIVERED),
    *(MessageKind.THREAD_FILES, MessageKind.RESTORED),
)


def is_followed(session: Session, company: CompanySettings) -> bool:
    """Return whether the cards of open cases have moved to the channel of the settings since that changed.

    Then nothing waits for a channel, unless it was queued just when one was set.
    """
    if epochs.current(session).desk_channel != company.desk_channel:
        return False
    return not (company.has_desk_channel and outbox.is_pending(session, outbox.LACKS_CHANNEL))


def follow(session: Session, company: CompanySettings, now: datetime) -> int:
    """Queue the cards of open cases that are in another channel; return their number, at most `BATCH_SIZE`.

    Two processes that start together move each card once. Without a channel the cards stay where they are. `now` is
    aware UTC.
    """
    desk_channel.move_alone(session)
    desk = company.desk_channel
    epochs.hold(session).desk_channel = desk
    if not company.has_desk_channel:
        return 0
    desk_channel.redirect(session, _FOR_DESK, desk)
    elsewhere = desk_channel.cards_elsewhere(session, MessageKind.CARD, MessageKind.CARD_MOVED, desk, BATCH_SIZE)
    outbox.put_all(session, [moved_card(case_id, desk, now) for case_id in elsewhere])
    return len(elsewhere)
