"""Replaces the key of the desk: by one that its predecessor signs as well, or, if that was lost, by one alone."""

from datetime import datetime

from sqlmodel import Session

from bot.casework import signing
from bot.casework.company_settings import CompanySettings
from bot.casework.records.checkpoints import witnesses
from bot.casework.steps.notify import MessageKind
from bot.seal_key import SealKey
from storage import key_signatures, outbox
from storage.vocabulary import DeskEvent


def rotate(session: Session, old: SealKey, new: SealKey, now: datetime) -> None:
    """Write the entry that both keys sign. From then on the new one is in use. `now` is aware UTC."""
    signing.introduce(session, DeskEvent.KEY_ROTATED, new, "", now, by=(old,))


def replace_lost(session: Session, new: SealKey, company: CompanySettings, now: datetime) -> None:
    """Write the entry that the new key signs alone, and tell all admins and viewers. `now` is aware UTC."""
    lost = key_signatures.current(session)
    assert lost is not None
    signing.introduce(session, DeskEvent.KEY_LOST, new, "", now, more={"lost": lost.fingerprint})
    for person in witnesses(session, company, now):
        arguments = {"key": new.fingerprint, "lost": lost.fingerprint}
        outbox.put(session, MessageKind.KEY_LOST, person, now, arguments=arguments)
