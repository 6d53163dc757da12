"""The versions of statistics reports, issued at most once, and their copies in Slack."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func
from sqlmodel import Session, col, select

from storage.concurrent_insert import insert_new
from storage.documents import canonical, hash_of, signature
from storage.tables import Case, Report, ReportCopy


def find(session: Session, report_id: int) -> Report | None:
    """Return one version; None if it does not exist."""
    return session.get(Report, report_id)


def hold(session: Session, report_id: int) -> Report | None:
    """Return one version and lock it, so that nobody else issues or replaces it until the transaction ends."""
    return session.get(Report, report_id, with_for_update={"key_share": True})


def versions(session: Session, first: date, last: date) -> list[Report]:
    """Return every version of the report of these days, oldest first."""
    query = select(Report).where(Report.first_day == first, Report.last_day == last)
    return list(session.exec(query.order_by(col(Report.version))))


def newest(session: Session, first: date, last: date) -> Report | None:
    """Return the newest version of the report of these days; None if there is none."""
    query = select(Report).where(Report.first_day == first, Report.last_day == last)
    return session.exec(query.order_by(col(Report.version).desc()).limit(1)).first()


def issued_before(session: Session, report: Report) -> Report | None:
    """Return the version that was issued before this one, and that this one replaces."""
    query = select(Report).where(
        Report.first_day == report.first_day,
        Report.last_day == report.last_day,
        Report.version < report.version,
        col(Report.signature).is_not(None),
    )
    return session.exec(query.order_by(col(Report.version).desc()).limit(1)).first()


def last_day(session: Session) -> date | None:
    """Return the last day that any report covers."""
    return session.exec(select(func.max(Report.last_day))).one()


def any_case(session: Session, before: datetime) -> bool:
    """Return whether a case was reported before this moment (aware UTC)."""
    return session.exec(select(exists().where(col(Case.reported_at) < before))).one()


def add(session: Session, first: date, last: date, version: int, content: Mapping[str, Any]) -> bool:
    """Write a version as a draft; False if another process wrote the same one."""
    text = canonical(content)
    there = any(report.version == version for report in versions(session, first, last))
    return not there and insert_new(
        session,
        Report,
        first_day=first,
        last_day=last,
        version=version,
        content=text,
        content_hash=hash_of(text),
    )


def signature_of(report: Report, comment: str, person: str, at: datetime) -> str:
    """Return the signature that binds this content, version and comment to a person and a moment (aware UTC).

    It also binds the person's name, unless the report is from before names were signed.
    """
    days = [report.first_day.isoformat(), report.last_day.isoformat()]
    named = {} if report.issuer_name is None else {"name": report.issuer_name}
    return signature(report, at, days=days, comment=comment, issuer=person, **named)


def issue(report: Report, comment: str, person: str, now: datetime, name: str | None = None) -> str:
    """Issue one version, once, and return its signature. `name` is the person's, if it is known.

    Raises `ValueError` if it is already issued.
    """
    if report.signature is not None:
        raise ValueError(f"version {report.version} of {report.first_day} is issued already")
    report.comment, report.issued_by, report.issued_at, report.issuer_name = comment, person, now, name
    report.signature = signature_of(report, comment, person, now)
    return report.signature


def keep_copy(session: Session, report_id: int, person: str, channel: str, ts: str) -> ReportCopy:
    """Record a direct message that was posted in Slack."""
    copy = ReportCopy(report_id=report_id, person_id=person, channel=channel, ts=ts)
    session.add(copy)
    session.flush()
    return copy


def copies(session: Session, report: Report) -> list[ReportCopy]:
    """Return the direct messages about the report's period, for whichever version they were sent."""
    of_period = select(Report.id).where(Report.first_day == report.first_day, Report.last_day == report.last_day)
    query = select(ReportCopy).where(col(ReportCopy.report_id).in_(of_period)).order_by(col(ReportCopy.id))
    return list(session.exec(query))
