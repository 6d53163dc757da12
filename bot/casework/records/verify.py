"""Detects tampering: recomputes the chain of the history, every signature, the case itself, and its statistics."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice, pairwise
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from bot.casework.records import verify_signatures
from bot.casework.records.findings import Finding, FindingKind
from bot.casework.records.replay_check import changed_columns, changed_names, changed_values
from bot.casework.records.verify_checkpoints import Proofs, read_proofs
from bot.casework.records.verify_signatures import SignaturesOf
from storage import audit, documents, key_signatures, personal, replay, reports, statistics, stored_cases, stored_rows
from storage.personal import Values
from storage.stored_cases import StoredCase
from storage.tables import AuditEntry, Case, Document, Personal, Report
from storage.unavailable import is_damage

#: What reading a case raises when its rows are missing or contain what no step can have written.
UNREADABLE = (LookupError, ValueError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and found. Without findings, nothing was tampered with.

    `replayed_from` is the number of the entry from which on the case was compared with its history; None: from none.
    `undelivered` is the entry whose words did not reach the customer, which is no finding.
    """

    number: str
    entries: int
    papers: int
    findings: tuple[Finding, ...]
    replayed_from: int | None = 1
    undelivered: int | None = None


#: Findings that say nothing about what statistics count.
_APART = frozenset({FindingKind.PERSONAL_CHANGED, FindingKind.AUTHOR_CHANGED})
#: How many cases are in memory at once.
_BATCH = 100


def verify(session: Session, case_id: int, proofs: Proofs | None = None) -> Verification:
    """Verify one case. Raises `KeyError` if there is no such case, or if it was made unreadable.

    `proofs` are those of all cases, to be read once for many of them; None reads those of this case.
    """
    ((_number, verified),) = verify_each(session, [case_id], proofs or read_proofs(session, case_id))
    if verified is None:
        raise KeyError(case_id)
    return verified


def verify_each(session: Session, case_ids: Iterable[Any], proofs: Proofs) -> Iterator[tuple[Any, Verification | None]]:
    """Recompute these cases and yield each with the findings, of which damaged rows are some.

    None stands for a case that was removed or made unreadable; a number that is none is that of such a case. A case is
    read together with others, because a statement for each takes longer than all that is computed.
    """
    numbers = iter(case_ids)
    while batch := list(islice(numbers, _BATCH)):
        readable = [number for number in batch if isinstance(number, int)]
        verified = _verified(session, _read(session, readable), proofs)
        yield from ((number, verified.get(number)) for number in batch)


def _read(session: Session, numbers: Sequence[int]) -> dict[int, StoredCase]:
    """Return those of these cases that can be read. One on a damaged page of the file does not hide the others."""
    try:
        with session.begin_nested():  # on PostgreSQL the transaction would not go on after an error
            return stored_cases.read(session, numbers)
    except DBAPIError as error:
        if not is_damage(error):
            raise
    half = len(numbers) // 2
    return {**_read(session, numbers[:half]), **_read(session, numbers[half:])} if half else {}


def _verified(session: Session, cases: Mapping[int, StoredCase], proofs: Proofs) -> dict[int, Verification]:
    """Return the verifications of those of these cases that can be read."""
    signatures = verify_signatures.of_records(session, (one for case in cases.values() for one in case.records))
    found: dict[int, Verification] = {}
    for number, case in cases.items():
        with suppress(*UNREADABLE):
            found[number] = _recomputed(case, signatures, proofs)
    # the statistics of a changed case prove nothing, and it may not even be readable
    sound = (number for number, one in found.items() if all(finding.kind in _APART for finding in one.findings))
    for number in statistics.settled_wrongly(session, [cases[number].case for number in sound]):
        wrong = Finding(FindingKind.STATISTICS_CHANGED, f"F-{number}")
        found[number] = replace(found[number], findings=(*found[number].findings, wrong))
    return found


def _recomputed(case: StoredCase, signatures: SignaturesOf, proofs: Proofs) -> Verification:
    """Return what the rows of a case alone and the proofs show."""
    number, history, records = case.case.id or 0, case.history, case.records
    findings = [*_chain(case.case, history), *_papers(history, records, case.values), *changed_values(case)]
    findings += proofs.of_case(number)
    findings += verify_signatures.judged_records(records, signatures, proofs.keys)
    findings += changed_columns(case)
    findings += changed_names(history, proofs.names_of(case.case))
    since, stored = audit.replayed_from(history), case.case.undelivered
    missed = stored if isinstance(stored, int) else None  # a damaged value is a finding of its column
    return Verification(f"F-{number}", len(history), len(records), tuple(findings), since, missed)


def verify_facts(session: Session) -> Iterator[tuple[str, Finding]]:
    """Yield what is wrong with stored statistics beside the facts of settled cases, each with the finding.

    These are the cases of facts that belong to no settled case, and the days whose sums are not those of their facts.
    """
    for case_id in sorted(statistics.astray(session)):
        yield f"F-{case_id}", Finding(FindingKind.STATISTICS_CHANGED, f"F-{case_id}")
    for day in statistics.summed_wrongly(session):
        yield str(day or "?"), Finding(FindingKind.SUMS_CHANGED, str(day or "?"))


def _chain(case: Case, history: list[AuditEntry]) -> Iterator[Finding]:
    for seq in audit.broken(history):
        yield Finding(FindingKind.ENTRY_CHANGED, str(seq))
    last = (history[-1].seq, history[-1].hash) if history else (0, "")
    if not history or last != (case.audit_count, case.audit_head):
        count: Any = case.audit_count  # no number if it was made unreadable
        yield Finding(FindingKind.HISTORY_CUT, str(count if isinstance(count, int) else len(history)))


def verify_reports(
    session: Session, versions: Iterable[Report] | None = None
) -> Iterator[tuple[str, tuple[Finding, ...]]]:
    """Yield each of these versions of statistics reports, named by its days and version, with its findings.

    None stands for all versions of all reports, whose order is checked as well.
    """
    keys, numbers = key_signatures.used(session), Counter[tuple[date, date]]()
    every = stored_rows.read(session, Report, order=[col(Report.id)]) if versions is None else versions
    for report in every:
        name = f"T08 {report.first_day}–{report.last_day} v{report.version}"
        numbers[report.first_day, report.last_day] += 1
        in_order = versions is not None or numbers[report.first_day, report.last_day] == report.version
        kinds = [*_of_report(report), *(() if in_order else (FindingKind.ORDER_CHANGED,))]
        signed = verify_signatures.of_report(session, report, name, keys)
        yield name, (*(Finding(kind, name) for kind in kinds), *signed)


def _of_report(report: Report) -> Iterator[FindingKind]:
    days = (str(report.first_day), str(report.last_day))
    if _hash_of(report.content) != report.content_hash or _days_told(report.content) != days:
        yield FindingKind.CONTENT_CHANGED
    issued = (report.comment, report.issued_by, report.issued_at)
    names = (report.issuer_name, report.issuer_name_at_upgrade)
    if (report.signature is None and any((*issued, *names))) or all(names):
        yield FindingKind.SIGNATURE_BROKEN
    if report.signature is not None and report.signature != _issue_signature(report):
        yield FindingKind.SIGNATURE_BROKEN


def _issue_signature(report: Report) -> str | None:
    """Return the signature that an issued report must have; None if what it covers is missing or unreadable."""
    try:
        at: Any = report.issued_at
        return reports.signature_of(report, report.comment or "", report.issued_by or "", at)
    except (AttributeError, TypeError):
        return None


def _days_told(content: str) -> tuple[Any, Any]:
    """Return the first and the last day of a report's figures; None where they are unreadable."""
    told = documents.parsed(content) or {}
    return told.get("first"), told.get("last")


def _papers(history: list[AuditEntry], papers: list[Document], values: list[Personal]) -> Iterator[Finding]:
    """Compare the records with what the history bound when they were written and signed."""
    bound = documents.bound_by(history)
    stored = {documents.name_of(paper): paper for paper in papers}
    for name, times in Counter(map(documents.name_of, papers)).items():
        if times > 1:  # where somebody removed the constraint of the table
            yield Finding(FindingKind.RECORD_UNKNOWN, name)
    for name, paper in stored.items():
        if name not in bound:
            yield Finding(FindingKind.RECORD_UNKNOWN, name)
        for kind in _differences(paper, bound.get(name, {}), {row.hash: row.value for row in values}):
            yield Finding(kind, name)
    for name in bound.keys() - stored.keys():
        yield Finding(FindingKind.RECORD_MISSING, name)
    places = {name: place for place, name in enumerate(bound)}
    for earlier, later in pairwise(name for name in stored if name in bound):
        if places[earlier] > places[later]:
            yield Finding(FindingKind.ORDER_CHANGED, later)


def _differences(paper: Document, bound: dict[str, Any], values: Values) -> Iterator[FindingKind]:
    """Yield in what a version differs from what the history binds of it; `bound` is empty for an unknown one."""
    if bound and not bound["hash"] == paper.content_hash == _hash_of(paper.content):
        yield FindingKind.CONTENT_CHANGED
    if bound.get("status", paper.status) != paper.status:
        yield FindingKind.STATUS_CHANGED
    written = {"author": paper.author_id, "name": paper.author_name, "written": replay.plain(paper.created_at)}
    if "author" in bound and written != {
        "name": None,
        **personal.resolved({name: bound[name] for name in written}, values),
    }:
        yield FindingKind.AUTHOR_CHANGED
    if paper.signature != bound.get("signature") or not _signature_holds(paper):
        yield FindingKind.SIGNATURE_BROKEN


def _hash_of(content: Any) -> str | None:
    return documents.hash_of(content) if isinstance(content, str) else None


def _signature_holds(paper: Document) -> bool:
    if paper.signer_id is None or paper.signed_at is None:
        return paper.signature is None
    try:
        signed = documents.signature_of(paper, paper.signer_id, paper.signer_role or "", paper.signed_at)
    except (AttributeError, TypeError):  # a damaged value
        return False
    return paper.signature == signed
