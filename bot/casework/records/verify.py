"""Detects tampering: recomputes the chain of the history, every signature, and the stored statistics."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlmodel import Session

from bot.casework.records import verify_signatures
from bot.casework.records.findings import Finding, FindingKind
from bot.casework.records.verify_checkpoints import Proofs, read_proofs
from storage import audit, cases, documents, key_signatures, reports, statistics
from storage.tables import AuditEntry, Document, Report

#: What reading a case raises when its rows are missing or contain what no step can have written.
UNREADABLE = (LookupError, ValueError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and found. Without findings, nothing was tampered with."""

    number: str
    entries: int
    papers: int
    findings: tuple[Finding, ...]


def verify(session: Session, case_id: int, proofs: Proofs | None = None) -> Verification:
    """Recompute a case's chain and return the findings. Raises `KeyError` if there is no such case.

    `proofs` are those of all cases, to be read once for many of them; None reads those of this case.
    """
    proofs = proofs or read_proofs(session, case_id)
    case = cases.get(session, case_id)
    history = audit.entries(session, case_id)
    papers = documents.all_of(session, case_id)
    findings = [Finding(FindingKind.ENTRY_CHANGED, str(seq)) for seq in audit.broken(history)]
    last = (history[-1].seq, history[-1].hash) if history else (0, "")
    if not history or last != (case.audit_count, case.audit_head) or history[-1].to_state != case.state:
        findings.append(Finding(FindingKind.HISTORY_CUT, str(case.audit_count)))
    findings += _papers(history, papers)
    findings += proofs.of_case(case_id)
    findings += verify_signatures.of_records(session, papers, proofs.keys)
    # the statistics of a changed history prove nothing, and it may not even be readable
    if case.settled and not findings and not statistics.is_settled_rightly(session, case):
        findings.append(Finding(FindingKind.STATISTICS_CHANGED, f"F-{case_id}"))
    return Verification(f"F-{case_id}", len(history), len(papers), tuple(findings))


def verify_reports(
    session: Session, versions: Iterable[Report] | None = None
) -> Iterator[tuple[str, tuple[Finding, ...]]]:
    """Yield each of these versions of statistics reports, named by its days and version, with its findings.

    None stands for all versions of all reports.
    """
    keys = key_signatures.used(session)
    for report in reports.every(session) if versions is None else versions:
        name = f"T08 {report.first_day}–{report.last_day} v{report.version}"
        signed = verify_signatures.of_report(session, report, name, keys)
        yield name, (*(Finding(kind, name) for kind in _of_report(report)), *signed)


def _of_report(report: Report) -> Iterator[FindingKind]:
    if documents.hash_of(report.content) != report.content_hash:
        yield FindingKind.CONTENT_CHANGED
    issued = (report.comment, report.issued_by, report.issued_at)
    if report.signature is None and any(issued):
        yield FindingKind.SIGNATURE_BROKEN
    if report.signature is not None:
        comment, person, at = issued
        if at is None or report.signature != reports.signature_of(report, comment or "", person or "", at):
            yield FindingKind.SIGNATURE_BROKEN


def _papers(history: list[AuditEntry], papers: list[Document]) -> Iterator[Finding]:
    """Compare the records with what the history bound when they were written and signed."""
    hashes, signatures, statuses = _bound(history)
    stored = {_name(paper.paper, paper.version): paper for paper in papers}
    for name, paper in stored.items():
        if name not in hashes:
            yield Finding(FindingKind.RECORD_UNKNOWN, name)
        elif hashes[name] != paper.content_hash or documents.hash_of(paper.content) != paper.content_hash:
            yield Finding(FindingKind.CONTENT_CHANGED, name)
        if name in statuses and statuses[name] != paper.status:
            yield Finding(FindingKind.STATUS_CHANGED, name)
        if paper.signature != signatures.get(name) or not _signature_holds(paper):
            yield Finding(FindingKind.SIGNATURE_BROKEN, name)
    for name in hashes.keys() - stored.keys():
        yield Finding(FindingKind.RECORD_MISSING, name)


def _bound(history: list[AuditEntry]) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return what the history says of each record: first content hash, signature, last status."""
    hashes: dict[str, str] = {}
    signatures: dict[str, str] = {}
    statuses: dict[str, str] = {}
    for bound in (one for entry in history for one in _papers_of(entry)):
        name = _name(bound["paper"], bound["version"])
        hashes.setdefault(name, bound["hash"])
        statuses[name] = bound.get("status", "")
        if "signature" in bound:
            signatures[name] = bound["signature"]
    return hashes, signatures, statuses


def _papers_of(entry: AuditEntry) -> list[dict[str, str]]:
    """Return the records that an entry binds; none if the entry was changed and is unreadable."""
    try:
        papers = json.loads(entry.data).get("papers", ())
        return [bound for bound in papers if bound.keys() >= {"paper", "version", "hash"}]
    except (ValueError, TypeError, AttributeError):
        return []


def _signature_holds(paper: Document) -> bool:
    if paper.signer_id is None or paper.signed_at is None:
        return paper.signature is None
    role = paper.signer_role or ""
    return paper.signature == documents.signature_of(paper, paper.signer_id, role, paper.signed_at)


def _name(paper: str, version: int | str) -> str:
    return f"{paper} v{version}"
