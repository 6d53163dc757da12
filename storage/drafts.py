"""What people typed into forms that were not saved. Only the person who typed it may read it."""

from datetime import datetime

from sqlmodel import Session, col, delete, select

from storage.tables import Draft


def keep(session: Session, person: str, form: str, case_id: int | None, answers: str, now: datetime) -> None:
    """Keep the answers (JSON) of a form, once however often they are sent. `now` is aware UTC."""
    same = (Draft.person_id == person, Draft.form == form, Draft.case_id == case_id, Draft.answers == answers)
    known = session.exec(select(Draft).where(*same)).first()
    draft = known or Draft(person_id=person, form=form, case_id=case_id, answers=answers, at=now)
    draft.at = now
    session.add(draft)


def of(session: Session, person: str) -> list[Draft]:
    """Return the drafts of a person, the newest first."""
    return list(session.exec(select(Draft).where(Draft.person_id == person).order_by(col(Draft.at).desc())))


def forget_before(session: Session, moment: datetime) -> None:
    """Delete the drafts that were kept before a moment (aware)."""
    session.exec(delete(Draft).where(col(Draft.at) < moment))
