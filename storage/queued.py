"""Whether a transaction leaves messages to be sent, which those who deliver must hear of after its commit."""

from sqlmodel import Session

_QUEUED = "queued"


def note(session: Session) -> None:
    """Note that the transaction queues messages, or lets some be sent that could not be sent before."""
    session.info[_QUEUED] = True


def is_noted(session: Session) -> bool:
    """Return whether the transaction queues messages."""
    return _QUEUED in session.info
