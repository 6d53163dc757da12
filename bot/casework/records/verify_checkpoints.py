"""Compares checkpoints with what is there and with each other, and the settings with the history of the desk."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlmodel import Session

from bot.casework.records import verify_signatures
from bot.casework.records.findings import Finding, FindingKind
from bot.casework.records.verify_signatures import Signatures
from storage import checkpoints, desk_history, key_signatures, settings, stored_rows
from storage.checkpoints import Missed, Subject
from storage.key_signatures import UsedKey
from storage.tables import METADATA, Case, Checkpoint
from storage.vocabulary import SignedKind, SubjectKind

_CUSTOMERS, _PRODUCTS = METADATA.tables["customers"].c, METADATA.tables["products"].c


@dataclass(frozen=True, slots=True)
class DeskVerification:
    """What was checked that belongs to no case: the history of the desk, its keys and checkpoints, listed reports."""

    entries: int
    checkpoints: int
    key: str | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Proofs:
    """What cases are compared with: the keys of the desk, and what is no longer as a checkpoint lists it, by case.

    `customers` and `products` are the registered names by id.
    """

    keys: tuple[UsedKey, ...]
    missed: Mapping[int, tuple[Missed, ...]]
    customers: Mapping[int, Any]
    products: Mapping[int, Any]

    def names_of(self, case: Case) -> dict[str, Any]:
        """Return the registered names of a case's customer and product, by the field of the report."""
        customer, product = case.customer_id or 0, case.product_id
        return {"customer": self.customers.get(customer), "product": self.products.get(product)}

    @property
    def removed_cases(self) -> list[int]:
        """The cases that a checkpoint lists and of which nothing is left."""
        return sorted(case for case, found in self.missed.items() if not found[0].left)

    def of_case(self, case_id: int) -> Iterator[Finding]:
        """Yield the findings about a case whose entries are no longer as a checkpoint lists them."""
        yield from dict.fromkeys(_finding(one, str(one.listed.entries)) for one in self.missed.get(case_id, ()))


def read_proofs(session: Session, case_id: int | None = None) -> Proofs:
    """Return what one case, or all of them, are compared with."""
    found = checkpoints.missed(session, [SubjectKind.CASE], case_id)
    by_case = {case: tuple(ones) for case, ones in groupby(found, key=lambda one: one.listed.id)}
    customers, products = (dict(stored_rows.cells(session, [of.id, of.name])) for of in (_CUSTOMERS, _PRODUCTS))
    return Proofs(tuple(key_signatures.used(session)), by_case, customers, products)


def verify_desk(session: Session) -> DeskVerification:
    """Recompute the history of the desk and all checkpoints, check their signatures, and return the findings."""
    history, keys = desk_history.entries(session), key_signatures.used(session)
    findings = [Finding(FindingKind.DESK_ENTRY_CHANGED, str(seq)) for seq in desk_history.broken(history)]
    findings += verify_signatures.of_keys(session, keys)
    findings += (Finding(FindingKind.SETTING_CHANGED, name) for name in settings.wrongly_stored(session))
    if settings.is_wrong_version(session):
        findings.append(Finding(FindingKind.COLUMN_CHANGED, "epochs.settings_version"))
    findings += (finding for _number, finding in findings_of_checkpoints(session, keys))
    listed = checkpoints.missed(session, [SubjectKind.REPORT, SubjectKind.DESK])
    findings += dict.fromkeys(_finding(one, name_of(one.listed)) for one in listed)
    key = keys[-1].fingerprint if keys else None
    return DeskVerification(len(history), checkpoints.count(session), key, tuple(findings))


def findings_of_checkpoints(session: Session, keys: Sequence[UsedKey]) -> Iterator[tuple[int, Finding]]:
    """Yield the findings about the checkpoints themselves, each with the number of its checkpoint."""
    every = checkpoints.every(session)
    roots: list[Any] = [one.root for one in every]
    readable = [root for root in roots if isinstance(root, str)]
    signatures = verify_signatures.read(session, SignedKind.CHECKPOINT, readable)
    previous, expected, lists = "", 1, checkpoints.lists(session)
    listed = next(lists, None)
    for one in every:
        if one.number > expected:
            yield expected, _missing(expected, one.number - 1)
        while listed and listed[0] < one.number:  # the list of a missing checkpoint
            listed = next(lists, None)
        subjects = listed[1] if listed and listed[0] == one.number else []
        signed = signatures.get(one.root, {})
        yield from ((one.number, finding) for finding in _of_checkpoint(one, subjects, previous, signed, keys))
        previous, expected = one.root, one.number + 1
    while listed:
        if listed[0] >= expected:
            yield listed[0], _missing(listed[0], listed[0])
        listed = next(lists, None)


def _missing(first: int, last: int) -> Finding:
    return Finding(FindingKind.CHECKPOINT_MISSING, str(first) if first == last else f"{first}–{last}")


def _of_checkpoint(
    one: Checkpoint, subjects: Sequence[Subject], previous: str, signed: Signatures, keys: Sequence[UsedKey]
) -> Iterator[Finding]:
    """Yield the findings about a checkpoint with its list, which follows the one whose root is `previous`."""
    root = _root_or_none(one, subjects)
    if (root, previous) != (one.root, one.previous_root):
        yield Finding(FindingKind.CHECKPOINT_CHANGED, str(one.number))
    if root is not None:  # not damaged
        yield from verify_signatures.judged(
            SignedKind.CHECKPOINT, one.root, f"checkpoint {one.number}", one.at, signed, keys
        )


def _root_or_none(one: Checkpoint, subjects: Sequence[Subject]) -> str | None:
    """Return the root that a checkpoint must have; None if it or its list is unreadable."""
    try:
        return checkpoints.root_of(one.number, one.at, one.key, one.previous_root, subjects)
    except (AttributeError, TypeError):
        return None


def _finding(one: Missed, name: str) -> Finding:
    if not one.left or (one.listed.kind is SubjectKind.REPORT and one.found is None):
        return Finding(FindingKind.SUBJECT_REMOVED, name_of(one.listed))
    return Finding(FindingKind.ENTRY_REMOVED if one.found is None else FindingKind.ENTRY_RECOMPUTED, name)


def name_of(subject: Subject) -> str:
    """Return what people call a subject."""
    match subject.kind:
        case SubjectKind.CASE:
            return f"F-{subject.id}"
        case SubjectKind.REPORT:
            return f"T08 #{subject.id}"
        case SubjectKind.DESK:
            return f"#{subject.entries}"
