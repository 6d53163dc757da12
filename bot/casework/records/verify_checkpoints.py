"""Compares what checkpoints list with what is there, and the checkpoints with each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlmodel import Session

from bot.casework.records import verify_signatures
from bot.casework.records.findings import Finding, FindingKind
from storage import checkpoints, desk_history, key_signatures, stored_rows
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
    findings += (finding for _number, finding in findings_of_checkpoints(session, keys))
    listed = checkpoints.missed(session, [SubjectKind.REPORT, SubjectKind.DESK])
    findings += dict.fromkeys(_finding(one, name_of(one.listed)) for one in listed)
    key, last = keys[-1].fingerprint if keys else None, checkpoints.last_number(session)
    return DeskVerification(len(history), last, key, tuple(findings))


def findings_of_checkpoints(session: Session, keys: Sequence[UsedKey]) -> Iterator[tuple[int, Finding]]:
    """Yield the findings about the checkpoints themselves, each with the number of its checkpoint."""
    every, previous = {one.number: one for one in checkpoints.every(session)}, ""
    roots: list[Any] = [one.root for one in every.values()]
    readable = [root for root in roots if isinstance(root, str)]
    signatures = verify_signatures.read(session, SignedKind.CHECKPOINT, readable)
    lists = checkpoints.lists(session)
    listed = next(lists, None)
    for number in range(1, max(every, default=0) + 1):
        subjects, listed = (listed[1], next(lists, None)) if listed and listed[0] == number else ([], listed)
        one = every.get(number)
        if one is None:
            yield number, Finding(FindingKind.CHECKPOINT_MISSING, str(number))
            continue
        root = _root_or_none(one, subjects)
        if (root, previous) != (one.root, one.previous_root):
            yield number, Finding(FindingKind.CHECKPOINT_CHANGED, str(number))
        previous = one.root
        if root is None:  # a damaged checkpoint
            continue
        for finding in verify_signatures.judged(
            SignedKind.CHECKPOINT, one.root, f"checkpoint {number}", one.at, signatures.get(one.root, {}), keys
        ):
            yield number, finding
    if listed is not None:  # a list without a checkpoint
        yield listed[0], Finding(FindingKind.CHECKPOINT_MISSING, str(listed[0]))


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
