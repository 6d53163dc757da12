"""Drafted and issued reports cannot be changed, and a change that bypasses the guards is found."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bot.casework.records.findings import Finding, FindingKind
from bot.casework.records.verify import verify_reports
from bot.casework.statistics import monthly_report
from tests.support.case_builder import CaseBuilder
from tests.support.november_report import beat, issue, november
from tests.support.tampering import tamper
from tests.support.team import CHEN

__all__ = ["november"]


#: Changes that the database refuses for drafts and for issued versions. `AFTER_ISSUE` holds those refused after the
#: issue alone.
CHANGES = (
    "UPDATE reports SET content = '{}'",
    "UPDATE reports SET content_hash = 'x'",
    "UPDATE reports SET version = 7",
    "UPDATE reports SET last_day = '2026-11-29'",
    "DELETE FROM reports",
)
AFTER_ISSUE = (
    "UPDATE reports SET comment = 'Better'",
    "UPDATE reports SET issued_at = NULL",
    "UPDATE reports SET issued_by = 'U0ZHOU'",
    "UPDATE reports SET signature = NULL",
)


def run(builder: CaseBuilder, statement: str) -> None:
    with builder.database.write() as session:
        execute(session, statement)


def execute(session: Session, statement: str) -> None:
    session.connection().execute(text(statement))


def test_an_issued_report_cannot_be_changed(november: CaseBuilder) -> None:
    beat(november)
    issue(november)
    for statement in (*CHANGES, *AFTER_ISSUE):
        with pytest.raises(DBAPIError, match="what was drawn up or issued stays"):
            run(november, statement)


def test_the_figures_of_a_draft_cannot_be_changed(november: CaseBuilder) -> None:
    beat(november)
    for statement in CHANGES:
        with pytest.raises(DBAPIError, match="what was drawn up or issued stays"):
            run(november, statement)


def test_a_report_cannot_be_overwritten_by_insert_or_replace(november: CaseBuilder) -> None:
    if not november.database.is_sqlite:
        pytest.skip("PostgreSQL knows no INSERT OR REPLACE")
    beat(november)
    for number in ("id", "id + 1"):
        columns = "first_day, last_day, version, content, content_hash"
        with pytest.raises(DBAPIError, match="what was drawn up or issued stays"):
            run(november, f"INSERT OR REPLACE INTO reports (id, {columns}) SELECT {number}, {columns} FROM reports")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("comment = 'Better'", FindingKind.SIGNATURE_BROKEN),
        ("issued_by = 'U0ZHOUM'", FindingKind.SIGNATURE_BROKEN),
        ("content = '{}'", FindingKind.CONTENT_CHANGED),
        ("signature = NULL", FindingKind.SIGNATURE_BROKEN),
    ],
)
def test_a_tampered_issued_report_is_found(november: CaseBuilder, change: str, kind: FindingKind) -> None:
    assert beat(november) == 1
    with november.database.write() as session:
        monthly_report.issue(session, 1, "All is well", CHEN, "delivery", november.company, november.clock())
    assert dict(verified(november)) == {"T08 2026-11-01–2026-11-30 v1": ()}
    tamper(november.database, f"UPDATE reports SET {change}")
    ((name, findings),) = verified(november)
    assert [finding.kind for finding in findings] == [kind]
    assert {finding.subject for finding in findings} == {name}


def verified(builder: CaseBuilder) -> list[tuple[str, tuple[Finding, ...]]]:
    with builder.database.read() as session:
        return list(verify_reports(session))
