"""A second, simple implementation of the measures of process.md §5.

It loads every row into memory and has one loop for each measure. It shares nothing with `storage.statistics`. A fact is
(measure, part, case, amount, counted, based).
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from storage.statistics import Scope
from storage.tables import AuditEntry, Case, DeadlineChange, Document, Product

OPEN = (
    *("triage", "answering", "answer_confirming", "sheet_drafting", "sheet_signing", "analysis", "decision"),
    *("handling", "modification", "testing", "manual_update", "release", "replying", "fix_confirming"),
)


@dataclass(frozen=True)
class Fact:
    measure: str
    part: str | None
    case: int
    amount: float = 0
    counted: bool = True
    based: bool = True


@dataclass
class History:
    """One case: its row, all its entries before the end of the period, and its documents."""

    row: Case
    entries: list[AuditEntry]
    papers: list[Document]
    product: str
    since: datetime
    until: datetime
    changes: list[DeadlineChange]
    hold_stops_clock: bool

    def judged_by(self, seq: int) -> tuple[datetime | None, bool]:
        """The deadline after the entry `seq`, and whether a hold may stop its clock then."""
        deadline, may_stop = None, False
        for change in self.changes:
            if change.seq <= seq:
                deadline, may_stop = change.deadline_at, change.may_stop
        return deadline, may_stop

    def id(self) -> int:
        assert self.row.id is not None
        return self.row.id

    def in_period(self, at: datetime) -> bool:
        return self.since <= at < self.until

    def taken(self, *steps: str) -> list[AuditEntry]:
        return [entry for entry in self.entries if entry.step in steps]

    def moves(self) -> list[AuditEntry]:
        return [entry for entry in self.entries if entry.from_state != entry.to_state]

    def state_then(self) -> str:
        return self.moves()[-1].to_state

    def entered_then(self) -> datetime:
        return self.moves()[-1].at

    def left_out(self) -> bool:
        return self.row.state in ("withdrawn", "duplicate")

    def is_fault(self) -> bool:
        return self.row.kind == "fault" and not self.left_out()

    def resolved(self) -> datetime | None:
        """The moment of resolution that the entries lead to, or None."""
        resolved = None
        for entry in self.entries:
            if entry.step == "reply_customer":
                resolved = entry.at
            if entry.step in ("reject_fix", "reopen"):
                resolved = None
        return resolved


def facts(session: Session, scope: Scope) -> list[Fact]:
    """Every fact of every measure."""
    return [fact for history in _histories(session, scope) for fact in _facts(history)]


def _histories(session: Session, scope: Scope) -> Iterator[History]:
    entries, papers, changes = defaultdict(list), defaultdict(list), defaultdict(list)
    for change in session.exec(select(DeadlineChange).order_by(col(DeadlineChange.seq))):
        changes[change.case_id].append(change)
    for entry in session.exec(select(AuditEntry).order_by(col(AuditEntry.case_id), col(AuditEntry.seq))):
        if entry.at < scope.until:
            entries[entry.case_id].append(entry)
    for paper in session.exec(select(Document)):
        papers[paper.case_id].append(paper)
    for row in session.exec(select(Case)):
        if scope.customer not in (None, row.customer_id) or scope.product not in (None, row.product_id):
            continue
        if row.id is not None and row.reported_at < scope.until:
            product = session.get_one(Product, row.product_id).name
            found = (entries[row.id], papers[row.id], product, scope.since, scope.until, changes[row.id])
            yield History(row, *found, scope.hold_stops_clock)


def _facts(h: History) -> Iterator[Fact]:
    for loop in (_received, _first_times, _signed, _states, _effort, _sheets, _judged, _questions, _scores, _apart):
        yield from loop(h)
    if not h.left_out():
        for loop in (_resolution, _lateness, _backlog, _quality):
            yield from loop(h)


def _received(h: History) -> Iterator[Fact]:
    if not h.in_period(h.row.reported_at):
        return
    if h.row.kind is not None:
        yield Fact("M2", str(h.row.kind), h.id())
    if any(paper.paper == "T02" and paper.status == "signed" for paper in h.papers):
        yield Fact("M1", None, h.id())
        module = None if h.row.module is None else f"{h.product} / {h.row.module}"
        yield Fact("M19", module, h.id())


def _first_times(h: History) -> Iterator[Fact]:
    for measure, steps in (("M3", ("triage",)), ("M4", ("answer", "reply_customer"))):
        taken = h.taken(*steps)
        if taken and h.in_period(taken[0].at):
            yield Fact(measure, None, h.id(), _seconds(h.row.reported_at, taken[0].at))


def _signed(h: History) -> Iterator[Fact]:
    submitted = None
    for entry in h.entries:
        if entry.step == "draft_sheet":
            submitted = entry.at
        if entry.step == "sign_sheet" and h.in_period(entry.at):
            assert submitted is not None
            yield Fact("M5", None, h.id(), _seconds(submitted, entry.at))


def _states(h: History) -> Iterator[Fact]:
    spent: dict[str, float] = {}
    moves = h.moves()
    for number, move in enumerate(moves):
        left = moves[number + 1].at if number + 1 < len(moves) else h.until
        start, end = max(move.at, h.since), min(left, h.until)
        if move.to_state in OPEN and start < end:
            spent[move.to_state] = spent.get(move.to_state, 0) + _seconds(start, end)
    for state, seconds in spent.items():
        yield Fact("M6", state, h.id(), seconds)


def _effort(h: History) -> Iterator[Fact]:
    for entry in h.moves():
        hours = json.loads(entry.data).get("effort_hours")
        if hours is not None and h.in_period(entry.at):
            yield Fact("M18", str(entry.from_state), h.id(), float(hours))


def _sheets(h: History) -> Iterator[Fact]:
    sheets: list[list[AuditEntry]] = []
    for entry in h.entries:
        if entry.step == "triage":
            sheets.append([])
        if entry.step in ("draft_sheet", "return_sheet"):
            sheets[-1].append(entry)
    for sheet in sheets:
        if sheet and h.in_period(sheet[0].at):
            yield Fact("M15", None, h.id(), counted=any(entry.step == "return_sheet" for entry in sheet))


def _judged(h: History) -> Iterator[Fact]:
    if any(h.in_period(entry.at) for entry in h.taken("triage")):
        yield Fact("M16", None, h.id(), counted=bool(h.taken("reclassify", "reject_sheet")))


def _questions(h: History) -> Iterator[Fact]:
    rounds = len(h.taken("answer"))
    reclassified = any(entry.from_state in ("answering", "answer_confirming") for entry in h.taken("reclassify"))
    if h.row.kind != "question" or h.left_out() or not rounds or reclassified:
        return
    if h.state_then() == "closed" and h.in_period(h.entered_then()):
        number, satisfied = 0, False
        for entry in h.taken("answer", "record_verdict"):
            number += entry.step == "answer"
            if entry.step == "record_verdict" and number == 1 and json.loads(entry.data)["satisfied"] == "yes":
                satisfied = True
        yield Fact("M17", None, h.id(), rounds, counted=satisfied)


def _scores(h: History) -> Iterator[Fact]:
    for entry in h.taken("record_verdict", "confirm_fix"):
        score = json.loads(entry.data).get("score")
        if score is not None and h.in_period(entry.at):
            yield Fact("M20", None, h.id(), float(score), counted=float(score) >= 4)


def _apart(h: History) -> Iterator[Fact]:
    if h.left_out() and h.state_then() == h.row.state and h.in_period(h.entered_then()):
        yield Fact("apart", str(h.row.state), h.id())


def _resolution(h: History) -> Iterator[Fact]:
    resolved = h.resolved()
    if resolved is None or not h.in_period(resolved):
        return
    yield Fact("M7", None, h.id(), _seconds(h.row.reported_at, resolved))
    deadline = h.judged_by(max(entry.seq for entry in h.taken("reply_customer")))[0]
    if deadline is not None:
        yield Fact("M8", "in_force", h.id(), counted=resolved <= deadline)
        yield Fact("M9", None, h.id(), counted=resolved > deadline)
    if deadline is not None and h.row.first_deadline_at is not None:
        yield Fact("M8", "first", h.id(), counted=resolved <= h.row.first_deadline_at)


def _lateness(h: History) -> Iterator[Fact]:
    then, may_stop = h.judged_by(h.entries[-1].seq)
    past = then is not None and then < h.until and not (may_stop and h.hold_stops_clock)
    if past and h.state_then() in OPEN and h.resolved() is None:
        yield Fact("M9", None, h.id())
    if h.is_fault() and h.in_period(h.row.reported_at) and h.row.deadline_at is not None:
        yield Fact("M10", None, h.id(), counted=h.row.moved_count > 0)


def _backlog(h: History) -> Iterator[Fact]:
    if not h.is_fault():
        return
    if h.state_then() in OPEN:
        age = _seconds(h.row.reported_at, h.until)
        days = age // 86400
        band = "0-3" if days <= 3 else "4-7" if days <= 7 else "8-30" if days <= 30 else ">30"
        yield Fact("M11", band, h.id(), age)
    closed = h.state_then() == "closed" and h.in_period(h.entered_then())
    arrived = h.in_period(h.row.reported_at)
    if closed or arrived:
        yield Fact("M12", None, h.id(), counted=closed, based=arrived)


def _quality(h: History) -> Iterator[Fact]:
    if not h.is_fault():
        return
    if any(h.in_period(entry.at) for entry in h.taken("reply_customer")):
        yield Fact("M13", None, h.id(), counted=bool(h.taken("reject_fix", "reopen")))
    tests = h.taken("pass_test", "fail_test")
    if tests and h.in_period(tests[0].at):
        yield Fact("M14", None, h.id(), counted=tests[0].step == "pass_test")


def _seconds(start: datetime, end: datetime) -> float:
    """The seconds between two moments, each cut to whole seconds."""
    return math.floor(end.timestamp()) - math.floor(start.timestamp())


def middle(amounts: list[float]) -> float:
    """The median."""
    ordered = sorted(amounts)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def nine_in_ten(amounts: list[float]) -> float:
    """The smallest amount that at least nine in ten amounts do not exceed."""
    for amount in sorted(amounts):
        if sum(other <= amount for other in amounts) * 10 >= 9 * len(amounts):
            return amount
    raise AssertionError("there is always one")


def tallied(found: list[Fact]) -> dict[tuple[str, str | None], dict[str, Any]]:
    """For each part of each measure, the sums of its facts and the cases behind each number."""
    groups: dict[tuple[str, str | None], list[Fact]] = {}
    for fact in found:
        groups.setdefault((fact.measure, fact.part), []).append(fact)
    return {
        key: {
            "facts": len(group),
            "counted": sum(fact.counted for fact in group),
            "based": sum(fact.based for fact in group),
            "amount": sum(fact.amount for fact in group),
            "median": middle([fact.amount for fact in group]) if key[0] in ("M5", "M7") else None,
            "p90": nine_in_ten([fact.amount for fact in group]) if key[0] in ("M5", "M7") else None,
            "numerator": sorted({fact.case for fact in group if fact.counted}),
            "denominator": sorted({fact.case for fact in group if fact.based}),
        }
        for key, group in groups.items()
    }
