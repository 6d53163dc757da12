"""Random case histories, written directly as rows: random walks through the table of steps."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bot.workflow.situation import Row
from bot.workflow.steps import TABLE
from storage.database import Database
from storage.tables import AuditEntry, Case, Customer, DeadlineChange, Document, Product
from storage.vocabulary import END_STATES, Basis, Channel, Kind, Paper, PaperStatus, Source, State, Step

NOW = datetime(2026, 10, 1, tzinfo=UTC)
#: Steps that are rarely taken, so that most walks get far.
ASIDE = {
    *(Step.WITHDRAW, Step.MERGE_DUPLICATE, Step.RECLASSIFY, Step.REJECT_SHEET, Step.COMMENT, Step.HOLD, Step.RESUME),
    *(Step.REASSIGN, Step.CHANGE_SEVERITY, Step.CALL_DISCUSSION, Step.CLOSE_DISCUSSION, Step.REANALYZE),
    *(Step.TAKE, Step.CORRECT),
}
#: Steps that are taken now and then.
BACK = {
    *(Step.RETURN_SHEET, Step.FAIL_TEST, Step.CHANGE_DEADLINE, Step.REJECT_FIX, Step.REOPEN, Step.UNDO_MERGE),
}
EFFORT = {Step.ANSWER, Step.PUBLISH_ANALYSIS, Step.SUBMIT_MODIFICATION, Step.PASS_TEST, Step.FAIL_TEST}
SCORED = {Step.RECORD_VERDICT, Step.CONFIRM_FIX}
MODULES = (None, "Rating", "Invoicing", "批价")


@dataclass
class Walk:
    """One case on a random walk. Each step writes what `casework.perform` would write."""

    case: Case
    chance: Random
    now: datetime
    entries: list[AuditEntry] = field(default_factory=list)
    papers: list[Document] = field(default_factory=list)
    changes: list[DeadlineChange] = field(default_factory=list)

    def go(self, steps: int) -> None:
        self._enter(Step.REPORT, None, {})
        for _ in range(steps):
            rows = [row for row in TABLE if self.case.state in row.sources and self._wanted(row)]
            if rows:
                self.now += self._pause()
                self._take(self.chance.choice(rows).step)

    def _pause(self) -> timedelta:
        """A random pause: often none, sometimes weeks. Moments have fractions of seconds."""
        longest = self.chance.choice((0, 10, 86_400, 20 * 86_400))
        return timedelta(seconds=self.chance.randint(0, longest), microseconds=self.chance.randint(0, 999_999))

    def _wanted(self, row: Row) -> bool:
        if row.step is Step.REOPEN and self.case.kind is Kind.REQUIREMENT:
            return False
        return self.chance.random() < (0.04 if row.step in ASIDE else 0.3 if row.step in BACK else 1)

    def _take(self, step: Step) -> None:
        before, data, judged = self.case.state, self._data(step), self._judged()
        to = self._to(step, data)
        self._change(step, to)
        self._change_deadline(step)
        if to is not None and to is not before:
            self.case.state, self.case.entered_at = to, self.now
        self.case.on_hold = self.case.on_hold and self.case.state not in END_STATES
        self._enter(step, before, data)
        self._note_deadline(judged)

    def _data(self, step: Step) -> dict[str, Any]:
        data: dict[str, Any] = {"text": 'He said "effort_hours": 12, then left. 他走了。'}
        if step in EFFORT:
            data["effort_hours"] = self.chance.randint(1, 40) / 4
        if step in SCORED and self.chance.random() < 0.7:
            data["score"] = self.chance.choice("12345")
        if step is Step.RECORD_VERDICT:
            data["satisfied"] = self.chance.choice(("yes", "yes", "no"))
        return data

    def _to(self, step: Step, data: dict[str, Any]) -> State | None:
        fault = self.case.kind is Kind.FAULT
        match step:
            case Step.TRIAGE:
                self.case.kind = self.chance.choice((Kind.FAULT, Kind.FAULT, Kind.QUESTION, Kind.REQUIREMENT))
                return State.ANSWERING if self.case.kind is Kind.QUESTION else State.SHEET_DRAFTING
            case Step.SIGN_SHEET:
                return State.ANALYSIS if fault else State.HANDED_OVER
            case Step.RECORD_VERDICT:
                return State.CLOSED if data["satisfied"] == "yes" else State.ANSWERING
            case Step.REOPEN:
                return State.ANALYSIS if fault else State.ANSWERING
            case Step.UNDO_MERGE:
                return self.case.earlier_state
            case Step.PUBLISH_ANALYSIS if self.chance.random() < 0.2:
                return None  # the deadline is still negotiated
        row = next(row for row in TABLE if row.step is step and self.case.state in row.sources)
        return self.chance.choice(row.to) if row.to else None

    def _change(self, step: Step, to: State | None) -> None:
        case = self.case
        match step:
            case Step.DRAFT_SHEET:
                self._draft(Paper.FAULT_SHEET if case.kind is Kind.FAULT else Paper.REQUIREMENT_SHEET)
            case Step.SIGN_SHEET:
                self._newest().status, self._newest().signed_at = PaperStatus.SIGNED, self.now
            case Step.RETURN_SHEET:
                self._newest().status = PaperStatus.RETURNED
            case Step.RECLASSIFY | Step.REJECT_SHEET:
                self._void()
                case.kind = None
            case Step.WITHDRAW:
                self._void()
            case Step.MERGE_DUPLICATE:
                case.earlier_state = case.state
            case Step.PUBLISH_ANALYSIS if to is not None:
                case.module = self.chance.choice(MODULES[1:])
                self._promise()
            case Step.CHANGE_DEADLINE:
                case.moved_count += case.deadline_at is not None
                self._promise()

    def _change_deadline(self, step: Step) -> None:
        case = self.case
        match step:
            case Step.REPLY_CUSTOMER:
                case.resolved_at, case.deadline_when_resolved = self.now, case.deadline_at
            case Step.REJECT_FIX | Step.REOPEN:
                case.resolved_at = case.deadline_when_resolved = None
                if case.deadline_at is not None and case.deadline_at < self.now:
                    case.deadline_at = None
            case Step.HOLD | Step.RESUME:
                case.on_hold = step is Step.HOLD

    def _promise(self) -> None:
        if self.chance.random() < 0.7:
            self.case.deadline_at = self.now + timedelta(days=self.chance.choice((1, 3, 10, 60)))
            self.case.deadline_basis = self.chance.choice((Basis.NEGOTIATED, Basis.CUSTOMER_STIPULATED))
            self.case.first_deadline_at = self.case.first_deadline_at or self.case.deadline_at

    def _note_deadline(self, before: tuple[datetime | None, bool]) -> None:
        if self._judged() != before:
            deadline, stops = self._judged()
            self.changes.append(
                DeadlineChange(case_id=0, seq=len(self.entries), at=self.now, deadline_at=deadline, may_stop=stops)
            )

    def _judged(self) -> tuple[datetime | None, bool]:
        """What the case is judged by: its deadline, and whether its hold may stop the clock."""
        case = self.case
        if case.resolved_at is not None:
            return case.deadline_when_resolved, False
        stops = case.on_hold and case.deadline_basis is not Basis.CUSTOMER_STIPULATED
        return case.deadline_at, stops and case.deadline_at is not None

    def _draft(self, paper: Paper) -> None:
        version = 1 + sum(document.paper is paper for document in self.papers)
        self.papers.append(
            Document(
                case_id=0,
                paper=paper,
                version=version,
                status=PaperStatus.SUBMITTED,
                content="{}",
                content_hash="",
                author_id="U1",
                created_at=self.now,
            )
        )

    def _newest(self) -> Document:
        return self.papers[-1]

    def _void(self) -> None:
        """Make the newest version of each sheet void."""
        for paper in {document.paper: document for document in self.papers}.values():
            paper.status = PaperStatus.VOID

    def _enter(self, step: Step, before: State | None, data: dict[str, Any]) -> None:
        self.entries.append(
            AuditEntry(
                case_id=0,
                seq=len(self.entries) + 1,
                at=self.now,
                person_id="U1",
                step=step,
                from_state=before,
                to_state=self.case.state,
                data=json.dumps(data, ensure_ascii=False),
                previous_hash="",
                hash="",
            )
        )


def walks(chance: Random, cases: int, steps: int) -> Iterator[Walk]:
    """Random cases of two customers and two products, reported within six weeks."""
    for _ in range(cases):
        now = NOW + timedelta(seconds=chance.randint(0, 42 * 86_400), microseconds=chance.randint(0, 999_999))
        case = Case(
            state=State.TRIAGE,
            entered_at=now,
            source=Source.CUSTOMER,
            reporter_id="U1",
            reported_at=now,
            customer_id=chance.choice((None, 1, 2)),
            product_id=chance.choice((1, 2)),
            summary="S",
            description="D",
            found_at=now,
            channel=Channel.PHONE,
        )
        walk = Walk(case, chance, now)
        walk.go(chance.randint(0, steps))
        yield walk


def write(database: Database, found: list[Walk]) -> None:
    """Write the rows of these walks to an empty database."""
    with database.write() as session:
        session.add_all(Customer(id=number, name=f"Customer {number}") for number in (1, 2))
        session.add_all(Product(id=number, name=f"Product {number}") for number in (1, 2))
        session.flush()
        session.add_all(walk.case for walk in found)
        session.flush()
        for walk in found:
            assert walk.case.id is not None
            rows = (*walk.entries, *walk.papers, *walk.changes)
            for row in rows:
                row.case_id = walk.case.id
            session.add_all(rows)
