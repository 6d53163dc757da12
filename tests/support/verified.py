"""Everything that verifying a whole database finds."""

from typing import Any

from sqlmodel import select

from bot.casework.records.findings import FindingKind
from bot.casework.records.verify import verify_each, verify_facts, verify_reports
from bot.casework.records.verify_checkpoints import read_proofs, verify_desk
from storage.database import Database
from storage.tables import AuditEntry, Case, CasePlace, Document, Personal


def found_in(database: Database) -> list[tuple[str, FindingKind | None, str]]:
    """Return every finding: the case, report or desk, the kind (None: the case is gone), and the subject."""
    found: list[tuple[str, FindingKind | None, str]] = []
    with database.read() as session:
        columns = (Case.id, AuditEntry.case_id, Document.case_id, CasePlace.case_id, Personal.case_id)
        numbers: set[Any] = {number for column in columns for number in session.exec(select(column))}
        readable = sorted(number for number in numbers if isinstance(number, int))
        for number, verified in verify_each(session, readable, read_proofs(session)):
            if verified is None:
                found.append((f"F-{number}", None, "cases"))
            else:
                found += [(verified.number, finding.kind, finding.subject) for finding in verified.findings]
        found += [("F-?", None, "case_id") for number in numbers if not isinstance(number, int)]
        found += [(number, finding.kind, finding.subject) for number, finding in verify_facts(session)]
        for name, findings in verify_reports(session):
            found += [(name, finding.kind, finding.subject) for finding in findings]
        found += [("desk", finding.kind, finding.subject) for finding in verify_desk(session).findings]
    return found
