"""The monthly statistics report (process.md T08): created as a draft, commented, issued, then frozen."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from bot.casework import signing
from bot.casework.company_settings import CompanySettings
from bot.casework.statistics.measures import StatisticsQuery
from bot.casework.statistics.periods import Period, between, parse
from bot.casework.statistics.report_snapshot import Snapshot, snapshot
from bot.casework.steps import load, submission
from bot.casework.steps.names import called
from bot.casework.steps.notify import MessageKind
from bot.workflow import export_refusals
from bot.workflow import refusals as no
from bot.workflow.field import MAX_TEXT_LENGTH
from bot.workflow.refusal import Problem, Refused
from storage import deliveries, outbox, people, reports
from storage.tables import Report, ReportCopy
from storage.vocabulary import Role, SignedKind

#: The time of a month's first day at which the report of the month before is created, in the company's zone.
MORNING = timedelta(hours=8)
#: The roles that may issue reports.
ISSUERS = frozenset({Role.SERVICE_MANAGER, Role.CENTER_MANAGER})
COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Issue:
    """Who issued a version, when (aware UTC) and with which comment; `signature` binds these to the content."""

    person: str
    name: str
    at: datetime
    comment: str
    signature: str


@dataclass(frozen=True, slots=True)
class ReportCard:
    """One version of a report as people read it. `issue` is None for a draft, `id` for a version that is not stored.

    `replaces` is the number of the version that was issued before it.
    """

    id: int | None
    version: int
    snapshot: Snapshot
    content_hash: str
    issue: Issue | None = None
    replaces: int | None = None


# ---- Drafts --------------------------------------------------------------------------------------------------


def due(session: Session, company: CompanySettings, now: datetime) -> Period | None:
    """Return the first month that is over, has no report yet and has somebody to read it; None if there is none.

    After a downtime, each month since the last report is returned in turn. `now` is aware UTC.
    """
    newest = parse("last month", company, now - MORNING)
    assert newest is not None
    drawn = reports.last_day(session)
    period = _month_of(drawn + timedelta(days=1), company) if drawn else newest
    if period.last > newest.last or not reports.any_case(session, period.until):
        return None
    return period if _readers(session, company, now) else None


def _month_of(first: date, company: CompanySettings) -> Period:
    after = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    return between(first, after - timedelta(days=1), company.zone)


def figures_due(session: Session, company: CompanySettings, now: datetime) -> Snapshot | None:
    """Return the figures of the month that is due; None if none is due.

    All are of one moment. They are computed in a read transaction, so that no writer waits.
    """
    period = due(session, company, now)
    return snapshot(session, StatisticsQuery(period), company, now) if period else None


def draft(session: Session, drawn: Snapshot, company: CompanySettings, now: datetime) -> bool:
    """Write the first version and send it to those who issue it; False if another process did. `now` is aware UTC."""
    report = _write(session, drawn, 1)
    if report is None:
        return False
    _send(session, report, _readers(session, company, now), now)
    return True


def _readers(session: Session, company: CompanySettings, now: datetime) -> frozenset[str]:
    """Return who comments and issues: the service managers, or the center managers where there are none."""
    holders = people.holders(session, company.today(now)).all
    return holders.get(Role.SERVICE_MANAGER) or holders.get(Role.CENTER_MANAGER) or frozenset()


def _send(session: Session, report: Report, to: Iterable[str], now: datetime) -> None:
    """Queue one message per person. A message that is still waiting serves for any version."""
    for person in sorted(to):
        topic = f"report:{report.first_day}:{report.last_day}:{person}"
        outbox.put(session, MessageKind.REPORT, person, now, arguments={"report": report.id}, topic=topic)


def _write(session: Session, drawn: Snapshot, version: int) -> Report | None:
    """Write a version with these figures; None if another process wrote it."""
    written = reports.add(session, drawn.first, drawn.last, version, drawn.model_dump(mode="json"))
    return reports.newest(session, drawn.first, drawn.last) if written else None


# ---- Steps of people -----------------------------------------------------------------------------------------


def issue(
    session: Session, report_id: int, comment: str, person: str, delivery: str, company: CompanySettings, now: datetime
) -> None:
    """Issue a version with a comment, once per `delivery` (a Slack request). `now` is aware UTC.

    The center managers receive it now, unless they already have the draft. Raises `Refused` for everybody but the
    `ISSUERS`, without a comment, and if the version was already issued or replaced by a newer one.
    """
    if not submission.is_first(session, delivery, {COMMENT: comment}, now):
        return
    report = _ready(session, report_id, person, company, now)
    _not_issued(session, report)
    name = people.names(session, [person]).get(person)
    signature = reports.issue(report, _commented(comment), person, now, name)
    signing.sign(session, SignedKind.REPORT, signature, company, now)
    _redraw_copies(session, report, now)
    managers = people.holding(session, Role.CENTER_MANAGER, company.today(now))
    have_it = {copy.person_id for copy in reports.copies(session, report)}
    _send(session, report, managers - have_it, now)


def figures_again(session: Session, report_id: int, person: str, company: CompanySettings, now: datetime) -> Snapshot:
    """Return the present figures for the next version. Raises `Refused` for everybody but the `ISSUERS`."""
    _may_issue(session, person, company, now)
    report = _known(reports.find(session, report_id))
    return snapshot(session, StatisticsQuery(between(report.first_day, report.last_day, company.zone)), company, now)


def redraw(
    session: Session,
    report_id: int,
    drawn: Snapshot,
    person: str,
    delivery: str,
    company: CompanySettings,
    now: datetime,
) -> None:
    """Write the next version with these figures as a draft, once per `delivery`.

    If the previous version was issued, it is kept; the new one replaces it once issued. Raises `Refused` like `issue`.
    """
    if not deliveries.first(session, delivery, now):
        return
    report = _ready(session, report_id, person, company, now)
    _write(session, drawn, report.version + 1)
    _redraw_copies(session, report, now)


def ready(session: Session, report_id: int, person: str, company: CompanySettings, now: datetime) -> ReportCard:
    """Return the version that somebody is about to issue. Raises `Refused` like `issue`."""
    report = _ready(session, report_id, person, company, now, find=reports.find)
    _not_issued(session, report)
    return card_of(session, report)


def _ready(
    session: Session,
    report_id: int,
    person: str,
    company: CompanySettings,
    now: datetime,
    find: Callable[[Session, int], Report | None] = reports.hold,
) -> Report:
    """Return this version if it is the newest and the person may issue it. It is locked unless `find` only reads."""
    _may_issue(session, person, company, now)
    report = _known(find(session, report_id))
    newest = reports.newest(session, report.first_day, report.last_day)
    if newest is not None and newest.version > report.version:
        raise Refused(Problem(export_refusals.DrawnAnew(newest.version)))
    return report


def _may_issue(session: Session, person: str, company: CompanySettings, now: datetime) -> None:
    seen = load.person_context(session, person, company, now)
    if not ISSUERS & (seen.roles | seen.acting):
        raise Refused(Problem(export_refusals.OnlyIssuers()))


def _known(report: Report | None) -> Report:
    if report is None:
        raise Refused(Problem(no.NotOffered()))
    return report


def _not_issued(session: Session, report: Report) -> None:
    if report.issued_by is not None and report.issued_at is not None:
        by = _issuer(session, report, report.issued_by)
        raise Refused(Problem(export_refusals.IssuedAlready(report.version, by, report.issued_at)))


def _commented(comment: str) -> str:
    said = comment.replace("\x00", "").strip()
    if not said:
        raise Refused(Problem(no.Missing(), COMMENT))
    if len(said) > MAX_TEXT_LENGTH:
        raise Refused(Problem(no.TooLong(MAX_TEXT_LENGTH, len(said)), COMMENT))
    return said


# ---- Copies in Slack and read models -------------------------------------------------------------------------


def _redraw_copies(session: Session, report: Report, now: datetime) -> None:
    for copy in reports.copies(session, report):
        _edit(session, copy, now)


def _edit(session: Session, copy: ReportCopy, now: datetime) -> None:
    outbox.put(session, MessageKind.REPORT_EDIT, copy.channel, now, arguments={"copy": copy.id})


def keep_copy(session: Session, report_id: int, person: str, channel: str, ts: str, now: datetime) -> None:
    """Record a message that was posted in Slack. A change made while it was on its way is queued as an edit at once."""
    report = reports.hold(session, report_id)
    assert report is not None
    copy = reports.keep_copy(session, report_id, person, channel, ts)
    newest = reports.newest(session, report.first_day, report.last_day)
    if newest is not report or report.issued_at is not None:
        _edit(session, copy, now)


def newest_card(session: Session, report_id: int) -> ReportCard:
    """Return the newest version of the report that this version belongs to."""
    known = reports.find(session, report_id)
    assert known is not None
    newest = reports.newest(session, known.first_day, known.last_day)
    assert newest is not None
    return card_of(session, newest)


def kept(session: Session, first: date, last: date, version: int | None = None) -> ReportCard | None:
    """Return a version of the report of these days: `version`, else the newest issued one, else the newest draft."""
    versions = reports.versions(session, first, last)
    issued = [report for report in versions if report.issued_at]
    wanted = [report for report in versions if report.version == version] if version else issued or versions
    return card_of(session, wanted[-1]) if wanted else None


def card_of(session: Session, report: Report) -> ReportCard:
    """Return the read model of one version."""
    before = reports.issued_before(session, report)
    return ReportCard(
        report.id,
        report.version,
        Snapshot.model_validate_json(report.content),
        report.content_hash,
        _issue(session, report),
        before.version if before else None,
    )


def _issue(session: Session, report: Report) -> Issue | None:
    if report.issued_by is None or report.issued_at is None:
        return None
    by = _issuer(session, report, report.issued_by)
    return Issue(report.issued_by, by, report.issued_at, report.comment or "", report.signature or "")


def _issuer(session: Session, report: Report, person: str) -> str:
    """Return the issuer's name at that moment, or as it was known at the upgrade; the present one if neither was."""
    return report.issuer_name or report.issuer_name_at_upgrade or called(session, person)
