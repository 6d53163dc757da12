"""Histories, records, reports, keys and settings of a pack as JSON lines, from which `verify.py` computes all again."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any, TypeAlias

from sqlmodel import Session

from bot.casework.records.replay_check import stored_projection
from bot.casework.records.verify_signatures import read
from bot.documents.pack import verify as pack_verify
from bot.documents.pack.cmmi_practices import HISTORY
from bot.documents.pack.index import PackedFile
from bot.documents.pack.zip_with_sums import ZipWithSums
from storage import audit, cases, desk_history, documents, personal, stored_cases
from storage.key_signatures import UsedKey
from storage.tables import AuditEntry, Case, DeskEntry, Document, Personal, Report
from storage.vocabulary import KEY_EVENTS, DeskEvent, SignedKind

#: Lines of JSON data.
Lines: TypeAlias = Iterable[dict[str, Any]]


class Chains:
    """The histories, records and projections of all cases as JSON lines, in temporary files until they are added.

    `personal.jsonl` has the values that histories and records hold only as hashes.
    """

    NAMES = (
        *("history.jsonl", "records.jsonl", "cases.jsonl", "personal.jsonl", "reports.jsonl"),
        *(pack_verify.KEYS, pack_verify.SIGNATURES, pack_verify.SETTINGS),
    )

    def __init__(self, folder: Path) -> None:
        self._paths = [folder / name for name in self.NAMES]
        self._files: list[IO[str]] = []

    def __enter__(self) -> "Chains":
        self._files = [path.open("w", encoding="utf-8", newline="\n") for path in self._paths]
        return self

    def __exit__(self, *details: object) -> None:
        for file in self._files:
            file.close()

    def write(self, session: Session, case_id: int) -> None:
        """Write the lines of one case."""
        case = cases.get(session, case_id)
        history = [_entry(entry) for entry in audit.entries(session, case_id)]
        records = documents.all_of(session, case_id)
        signed = _signatures(session, SignedKind.RECORD, [one.signature for one in records if one.signature])
        ends = [_end(case) | {"stands": stored_projection(stored_cases.read(session, [case_id])[case_id])}]
        values = map(_value, personal.rows(session, case_id))
        self._add(history, map(_record, records), ends, values, signatures=signed)

    def write_reports(self, session: Session, found: Sequence[Report]) -> None:
        """Write the lines of versions of statistics reports."""
        signed = _signatures(session, SignedKind.REPORT, [one.signature for one in found if one.signature])
        self._add(reports=map(_version, found), signatures=signed)

    def write_keys(self, session: Session, found: Sequence[UsedKey]) -> None:
        """Write the lines of the keys of the desk."""
        entries = {entry.seq: entry for entry in desk_history.entries(session, KEY_EVENTS)}
        signed = _signatures(session, SignedKind.DESK_ENTRY, [one.digest for one in found])
        self._add(keys=(_key(one, entries[one.entry]) for one in found), signatures=signed)

    def write_settings(self, session: Session, until: datetime) -> None:
        """Write the lines of the changes of the company's settings until a moment (aware UTC)."""
        entries = desk_history.entries(session, [DeskEvent.SETTING_CHANGED])
        self._add(settings=(_desk_entry(one) for one in entries if desk_history.hash_or_none(one) and one.at <= until))

    def _add(
        self,
        history: Lines = (),
        records: Lines = (),
        cases: Lines = (),
        values: Lines = (),
        reports: Lines = (),
        keys: Lines = (),
        signatures: Lines = (),
        settings: Lines = (),
    ) -> None:
        """Write these lines: all of them or, if one is damaged, none."""
        parts = (history, records, cases, values, reports, keys, signatures, settings)
        texts = ["".join(_json(line) + "\n" for line in lines) for lines in parts]
        for file, text in zip(self._files, texts, strict=True):
            file.write(text)

    def bind(self, archive: ZipWithSums) -> Iterator[PackedFile]:
        """Add the files to the pack."""
        for file, path in zip(self._files, self._paths, strict=True):
            file.close()
            yield PackedFile(path.name, archive.put_file(path.name, path), HISTORY)


def _entry(entry: AuditEntry) -> dict[str, Any]:
    """Return everything that an entry's hash covers, and the hash."""
    return {**audit.covered(entry), "hash": entry.hash}


def _record(record: Document) -> dict[str, Any]:
    """Return everything that a record's hash and signature cover, and both (`storage.documents.signature_of`)."""
    return {
        "case": record.case_id,
        "paper": record.paper,
        "version": record.version,
        "status": record.status,
        "content": record.content,
        "hash": record.content_hash,
        "author": record.author_id,
        "name": record.author_name,
        "written": record.created_at.isoformat(),
        "signer": record.signer_id,
        "role": record.signer_role,
        "at": record.signed_at.isoformat() if record.signed_at else None,
        "signature": record.signature,
    }


def _value(row: Personal) -> dict[str, Any]:
    return {"case": row.case_id, "hash": row.hash, "salt": row.salt, "value": row.value}


def _version(report: Report) -> dict[str, Any]:
    """Return everything that a report's hash and signature cover, and both (`storage.reports.signature_of`)."""
    return {
        "days": [report.first_day.isoformat(), report.last_day.isoformat()],
        "version": report.version,
        "content": report.content,
        "hash": report.content_hash,
        "comment": report.comment,
        "issuer": report.issued_by,
        "name": report.issuer_name,
        "at": report.issued_at.isoformat() if report.issued_at else None,
        "signature": report.signature,
    }


def _key(key: UsedKey, entry: DeskEntry) -> dict[str, Any]:
    """Return a key, and everything that the hash of the entry that introduced it covers."""
    return {"key": key.fingerprint, "public": key.public, **_desk_entry(entry)}


def _desk_entry(entry: DeskEntry) -> dict[str, Any]:
    """Return everything that the hash of an entry of the desk covers, and the hash."""
    return {**desk_history.covered(entry), "digest": entry.hash}


def _signatures(session: Session, kind: SignedKind, digests: Sequence[str]) -> Iterator[dict[str, Any]]:
    for digest, found in read(session, kind, digests).items():
        yield from ({"kind": kind, "digest": digest, "key": key, "signature": one} for key, one in found.items())


def _end(case: Case) -> dict[str, Any]:
    return {"case": case.id, "entries": case.audit_count, "head": case.audit_head, "state": case.state}


def _json(line: Any) -> str:
    return json.dumps(line, ensure_ascii=False)
