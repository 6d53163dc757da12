"""What admins do with messages that Slack refused: list, send again, discard. Admins never read them (§6 R8)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.casework.administrators import administrators, only_admins
from bot.casework.company_settings import CompanySettings
from bot.casework.steps.notify import MessageKind
from storage import dead_letters, outbox
from storage.dead_letters import Cause
from storage.tables import Outgoing
from storage.vocabulary import OutboxState

#: The most causes shown at once.
MAX_CAUSES = 20
#: Admins are told of the same cause again after this time.
NOTIFY_AGAIN_AFTER = timedelta(days=1)
#: Errors that concern the target of a message; all others concern the message itself.
_ABOUT_TARGET = frozenset(
    {
        *(
            "channel_not_found",
            "not_in_channel",
            "is_archived",
            "is_inactive",
            "restricted_action",
            "team_access_not_granted",
        ),
        *(
            "user_not_found",
            "user_disabled",
            "user_not_visible",
            "users_not_found",
            "cannot_dm_bot",
            "messages_tab_disabled",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of the outbox: messages that wait, and the causes for which others were refused."""

    waiting: int
    sending: int
    causes: tuple[Cause, ...]


def overview(session: Session, person: str, company: CompanySettings, now: datetime) -> Overview:
    """Return the state of the outbox. Raises `Refused` for everybody but admins."""
    only_admins(session, person, company, now)
    waiting, sending = (outbox.count(session, state) for state in (OutboxState.WAITING, OutboxState.SENDING))
    return Overview(waiting, sending, tuple(dead_letters.causes(session, MAX_CAUSES)))


def send_again(session: Session, person: str, error: str, target: str, company: CompanySettings, now: datetime) -> int:
    """Queue the messages of one cause again and return their number. Raises `Refused` for everybody but admins."""
    only_admins(session, person, company, now)
    return dead_letters.send_again(session, error, target)


def discard(session: Session, person: str, error: str, target: str, company: CompanySettings, now: datetime) -> int:
    """Discard the messages of one cause and return their number. Raises `Refused` for everybody but admins."""
    only_admins(session, person, company, now)
    return dead_letters.discard(session, error, target)


def notify_admins(session: Session, row: Outgoing, error: str, company: CompanySettings, now: datetime) -> None:
    """Send each admin one direct message per cause and day, however many messages the cause stops."""
    about = row.target if error in _ABOUT_TARGET else ""
    number = f"F-{row.case_id}" if row.case_id else ""
    said = {"number": number, "view": row.view, "target": row.target, "error": error}
    for admin in sorted(administrators(session, company, now)):
        topic = f"dead:{error}:{about}:{admin}"[:80]
        if not dead_letters.is_told(session, topic, now - NOTIFY_AGAIN_AFTER):
            outbox.put(session, MessageKind.DEAD_LETTER, admin, now, arguments=said, topic=topic)
