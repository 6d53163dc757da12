"""Everything that verifying a whole database finds."""

from bot.casework.records.findings import FindingKind
from bot.casework.records.verify import verify_each, verify_facts, verify_reports
from bot.casework.records.verify_checkpoints import read_proofs, verify_desk
from storage import stored_cases
from storage.database import Database


def found_in(database: Database) -> list[tuple[str, FindingKind | None, str]]:
    """Return every finding: the case, report or desk, the kind (None: the case is gone), and the subject."""
    found: list[tuple[str, FindingKind | None, str]] = []
    with database.read() as session:
        for number, verified in verify_each(session, stored_cases.numbers(session), read_proofs(session)):
            if verified is None:
                found.append((f"F-{number if isinstance(number, int) else '?'}", None, "cases"))
            else:
                found += [(verified.number, finding.kind, finding.subject) for finding in verified.findings]
        found += [(number, finding.kind, finding.subject) for number, finding in verify_facts(session)]
        for name, findings in verify_reports(session):
            found += [(name, finding.kind, finding.subject) for finding in findings]
        found += [("desk", finding.kind, finding.subject) for finding in verify_desk(session).findings]
    return found
