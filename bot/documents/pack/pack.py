"""Makes an evidence pack: one ZIP with everything that proves how cases were handled, and with its own checksums."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from sqlmodel import Session

from bot.casework.reading.full_record import FullRecord, full_record
from bot.casework.records.export_orders import ExportOrder
from bot.casework.records.findings import Finding, FindingKind
from bot.casework.records.missing_records import Gap, GapReason, MissingRecord, gaps
from bot.casework.records.verify import UNREADABLE, verify, verify_reports
from bot.casework.records.verify_checkpoints import Proofs, read_proofs, verify_desk
from bot.casework.statistics.measures import scope_of
from bot.documents.case_files import paper_file, papers_in, versions_in
from bot.documents.context import DocumentContext
from bot.documents.pack import verify as pack_verify
from bot.documents.pack.attachments import attachments
from bot.documents.pack.chains import Chains
from bot.documents.pack.cmmi_practices import PROOFS, STATISTICS
from bot.documents.pack.index import INDEX, Contents, Differing, PackedCase, PackedFile, data, index_page, packed_case
from bot.documents.pack.zip_with_sums import ZipWithSums, zip_with_sums
from bot.documents.report.files import report_files
from bot.documents.tables.record_table import record_table
from bot.documents.wording import Language, Wording
from bot.seal_key import SealKey
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused
from storage import cases, key_signatures, reports
from storage.tables import Report
from storage.vocabulary import Paper, SignedKind

_TABLE = "product-fault-record-table.xlsx"
_CHECK = "verify.py"


@dataclass(frozen=True, slots=True)
class Pack:
    """The counts of a finished pack, and its `seal`.

    The seal is the SHA-256 of the pack's checksums. It proves the pack as a whole if it is kept apart from the pack.
    """

    cases: int
    documents: int
    gaps: int
    seal: str


def case_ids(order: ExportOrder, context: DocumentContext) -> list[int]:
    """Return the cases of a pack: the ordered one, or those reported or closed in the period.

    The customer and the product of the order narrow the latter. Raises `Refused` for an unknown case, customer or
    product.
    """
    if order.case_id is not None:
        if cases.find(context.session, order.case_id) is None:
            raise Refused(Problem(no.NoSuchCase(f"F-{order.case_id}")))
        return [order.case_id]
    asked = order.statistics_query(context.company.zone)
    assert asked is not None
    scope = scope_of(context.session, asked, context.company, asked.period.until)
    return cases.reported_or_closed(context.session, scope.since, scope.until, scope.customer, scope.product)


def pack(order: ExportOrder, context: DocumentContext, numbers: Iterable[int], path: Path) -> Pack:
    """Write the pack of these cases to `path`. The file appears when it is complete.

    Only one case at a time is in memory. A case that was made unreadable gets no documents and is listed as a gap.
    """
    bound, found, told = list[PackedFile](), list[Gap](), list[PackedCase]()
    keys = [key for key in key_signatures.used(context.session) if key.since <= context.now]
    signer = context.signer if keys else None
    proofs = read_proofs(context.session, order.case_id)
    differing = list(_of_desk(order, context, proofs))
    with zip_with_sums(path) as archive, TemporaryDirectory() as folder, Chains(Path(folder)) as chains:
        for case_id in numbers:
            findings = _findings(context.session, case_id, proofs)
            as_written = all(finding.kind is FindingKind.STATISTICS_CHANGED for finding in findings)
            differing += (Differing(case_id, finding) for finding in findings)
            try:
                chains.write(context.session, case_id)
                case = full_record(context.session, case_id, context.company.policy)
                bound += _papers(order, context, case, archive)
                for one in attachments(context, case_id, archive):
                    if isinstance(one, Differing):
                        differing.append(one)
                    else:
                        bound.append(one)
                lacking, of_case = list(gaps(case, as_written=as_written)), packed_case(case.card)
            except UNREADABLE:
                if as_written:
                    raise
                # a case that was tampered with must not prevent the pack of the other cases
                lacking, of_case = [Gap(case_id, MissingRecord.HISTORY, GapReason.TAMPERED)], PackedCase(case_id)
            found += lacking
            told.append(of_case)
            context.session.expunge_all()
        chains.write_reports(context.session, _reports(order, context))
        chains.write_keys(context.session, keys)
        chains.write_settings(context.session, context.now)
        bound += chains.bind(archive)
        bound.append(_table(order, context, Path(folder) / _TABLE, archive))
        bound += _statistics(order, context, archive)
        key, days = keys[-1].fingerprint if signer else None, (order.first, order.last)
        files, lacks = tuple(bound), tuple(found)
        contents = Contents(*days, order.case_id, tuple(told), files, lacks, tuple(differing), context.now, key)
        return Pack(len(told), len(bound), len(found), _finished(archive, contents, order, context, signer))


def _finished(
    archive: ZipWithSums, contents: Contents, order: ExportOrder, context: DocumentContext, signer: SealKey | None
) -> str:
    """Add the script, the index, the sums and their signature. Return the seal."""
    archive.put(_CHECK, Path(pack_verify.__file__).read_bytes())
    archive.put("index.json", (json.dumps(data(contents), ensure_ascii=False) + "\n").encode())
    archive.put(INDEX, index_page(contents, context.speaking(order.language)).encode())
    seal = archive.seal()
    if signer:
        archive.sign(signer.public, signer.sign(SignedKind.PACK, seal))
    return seal


def _findings(session: Session, case_id: int, proofs: Proofs) -> tuple[Finding, ...]:
    """Return what is not as written in a case. The derived figures for statistics count among it."""
    try:
        return verify(session, case_id, proofs).findings
    except UNREADABLE:
        return (Finding(FindingKind.UNREADABLE, f"F-{case_id}"),)


def _of_desk(order: ExportOrder, context: DocumentContext, proofs: Proofs) -> Iterator[Differing]:
    """Yield what is not as written beside the cases, for a period: removed cases, checkpoints, keys, its reports."""
    if order.first is None:
        return
    for case_id in proofs.removed_cases:
        yield Differing(case_id, Finding(FindingKind.SUBJECT_REMOVED, f"F-{case_id}"))
    yield from (Differing(None, finding) for finding in verify_desk(context.session).findings)
    for _name, findings in verify_reports(context.session, _reports(order, context)):
        yield from (Differing(None, finding) for finding in findings)


def _papers(
    order: ExportOrder, context: DocumentContext, case: FullRecord, archive: ZipWithSums
) -> Iterator[PackedFile]:
    """Add the documents of a case in all their versions, as Word files."""
    own, wording = context.document_settings, Wording(cast(Language, order.language), context.zone)
    for record in (record for paper in papers_in(case) for record in versions_in(case, paper)):
        paper, version, newest = record.paper, record.version, case.newest(record.paper)
        file = paper_file(case, paper, "docx", wording, own, version=version, contents=context.contents)
        name = f"documents/{case.card.number}/{file.name}"
        later = newest.version if newest and newest.version > version else None
        digest = archive.put(name, file.content)
        yield PackedFile(name, digest, PROOFS[paper], case.card.id, paper, version, record.status, later)


def _table(order: ExportOrder, context: DocumentContext, path: Path, archive: ZipWithSums) -> PackedFile:
    wanted = order.wanted(context.session, context.company.zone, closed=True)
    number = f"{context.document_settings.prefix}-{Paper.FAULT_RECORD.value}"
    record_table(context, wanted, context.speaking(order.language), "xlsx", path, number)
    digest = archive.put_file(_TABLE, path)
    return PackedFile(_TABLE, digest, PROOFS[Paper.FAULT_RECORD], None, Paper.FAULT_RECORD)


def _reports(order: ExportOrder, context: DocumentContext) -> list[Report]:
    """Return every version of the period's statistics report; none for a pack of a case, customer or product."""
    if order.first is None or order.last is None or order.customer or order.product:
        return []
    return reports.versions(context.session, order.first, order.last)


def _statistics(order: ExportOrder, context: DocumentContext, archive: ZipWithSums) -> Iterator[PackedFile]:
    """Add the period's statistics report: every issued version, or else the newest draft or a report made for this."""
    asked, t = order.statistics_query(context.company.zone), context.speaking(order.language)
    if asked is None:
        return
    issued = tuple(report.version for report in _reports(order, context) if report.issued_at)
    for version in issued or (None,):
        for file in report_files(asked, "docx", context, t, version):
            yield PackedFile(file.name, archive.put(file.name, file.content), STATISTICS)
