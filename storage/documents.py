"""Versioned records: written once, signed at most once. Only the status changes as the case proceeds."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from storage.tables import AuditEntry, Document
from storage.vocabulary import SHEETS, Paper, PaperStatus

#: Built once, because `json.dumps` would build one for each text.
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical(content: Mapping[str, Any] | list[Any]) -> str:
    """Return JSON text that is identical for identical content, so that its hash is too."""
    return _CANONICAL.encode(content)


def parsed(text: Any) -> dict[str, Any] | None:
    """Return the JSON object that a stored text is; None if somebody made it anything else."""
    try:
        found = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def hash_of(text: str) -> str:
    """Return the SHA-256 of the text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


class Versioned(Protocol):
    """A version of a hashed content, which can be signed."""

    version: int
    content_hash: str


def signature(signed: Versioned, at: datetime, **named: Any) -> str:
    """Return the signature that binds this content and version to a moment (aware UTC) and to the named values."""
    bound = {**named, "version": signed.version, "content": signed.content_hash, "at": at.isoformat()}
    return hash_of(canonical(bound))


_OF_CASE = Document.case_id == bindparam("case")
_NEWEST_OF = (
    select(Document)
    .where(_OF_CASE, Document.paper == bindparam("paper"))
    .order_by(col(Document.version).desc())
    .limit(1)
)
_LATEST = select(func.max(Document.id)).where(_OF_CASE).group_by(col(Document.paper))
_NEWEST = select(Document).where(col(Document.id).in_(_LATEST)).order_by(col(Document.id))
_COUNT = select(func.count()).where(
    col(Document.case_id).in_(bindparam("cases", expanding=True)),
    col(Document.paper).in_(bindparam("papers", expanding=True)),
)


def newest_of(session: Session, case_id: int, paper: Paper) -> Document | None:
    """Return the newest version of one record of a case; None if there is none."""
    return session.exec(_NEWEST_OF, params={"case": case_id, "paper": paper}).first()


def newest(session: Session, case_id: int) -> list[Document]:
    """Return the newest version of each record of a case, in the order in which they were written."""
    return list(session.exec(_NEWEST, params={"case": case_id}))


def signers(session: Session, case_id: int) -> frozenset[str]:
    """Return whoever signed the newest task sheet of a case; nobody if it is not signed, or void."""
    newest_sheet = [one for one in newest(session, case_id) if one.paper in SHEETS][-1:]
    signed = (one for one in newest_sheet if one.status is PaperStatus.SIGNED)
    return frozenset(one.signer_id for one in signed if one.signer_id)


def all_of(session: Session, case_id: int) -> list[Document]:
    """Return every version of every record of a case, in the order in which they were written."""
    return list(session.exec(select(Document).where(Document.case_id == case_id).order_by(col(Document.id))))


def count(session: Session, case_ids: Collection[int], papers: Iterable[Paper]) -> int:
    """Return how many versions of these records the cases have."""
    return session.exec(_COUNT, params={"cases": list(case_ids), "papers": list(papers)}).one()


def add(
    session: Session,
    case_id: int,
    paper: Paper,
    before: Document | None,
    content: Mapping[str, Any],
    status: PaperStatus,
    author: str,
    now: datetime,
    author_name: str | None = None,
) -> Document:
    """Write the version of a record that follows `before`. `author_name` is the author's name at this moment, if it is
    known; that of a person without a role is the text of a reference (`storage.personal`).
    """
    text = canonical(content)
    document = Document(
        case_id=case_id,
        paper=paper,
        version=before.version + 1 if before else 1,
        status=status,
        content=text,
        content_hash=hash_of(text),
        author_id=author,
        author_name=author_name,
        created_at=now,
    )
    session.add(document)
    return document


def bound(document: Document) -> dict[str, Any]:
    """Return what a history entry binds of a record that it touches: kind, version, status, hash, signature."""
    named = {"paper": document.paper, "version": document.version, "status": document.status}
    signed = {"signature": document.signature} if document.signature else {}
    return {**named, "hash": document.content_hash, **signed}


def bound_as_written(document: Document) -> dict[str, Any]:
    """Return what the entry that writes a record binds: also author, the author's name, and time."""
    written = {"name": document.author_name, "written": document.created_at.isoformat()}
    return {**bound(document), "author": document.author_id, **written}


def signature_of(document: Document, signer: str, role: str, at: datetime) -> str:
    """Return the signature that binds this content and version to a person, a role and a moment (aware UTC)."""
    return signature(document, at, case=document.case_id, paper=document.paper, signer=signer, role=role)


def sign(document: Document, signer: str, role: str, now: datetime) -> str:
    """Sign one version, once, and return the signature. Raises `ValueError` if it is already signed."""
    if document.signer_id is not None:
        raise ValueError(f"{document.paper} version {document.version} is signed already")
    document.status = PaperStatus.SIGNED
    document.signer_id, document.signer_role, document.signed_at = signer, role, now
    document.signature = signature_of(document, signer, role, now)
    return document.signature


def name_of(document: Document) -> str:
    """Return the name of a version. A damaged one has no words of its own."""
    return _name(document.paper, document.version)


def _name(paper: str, version: int) -> str:
    return f"{paper} v{version}"


def bound_by(history: Iterable[AuditEntry]) -> dict[str, dict[str, Any]]:
    """Return what a history says of each version of a record, by its name: as it was written, last status, signature"""
    found: dict[str, dict[str, Any]] = {}
    for bound in (one for entry in history for one in _papers_of(entry)):
        known = found.setdefault(_name(bound["paper"], bound["version"]), {})
        first = {name: known[name] for name in ("hash", "author", "name", "written") if name in known}
        known.update({"status": ""} | bound | first)
    return found


def _papers_of(entry: AuditEntry) -> list[dict[str, Any]]:
    """Return the records that an entry binds; none if the entry was changed and is unreadable."""
    try:
        papers = (parsed(entry.data) or {}).get("papers", ())
        return [bound for bound in papers if bound.keys() >= {"paper", "version", "hash"}]
    except (TypeError, AttributeError):
        return []
