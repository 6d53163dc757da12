"""Stores since when a deadline is in force, which one a resolved case is judged by, and every change of it.

What earlier versions did not store is computed from histories and from the fault record table. Measures are settled
anew, because on time is judged against the deadline that was in force when a case was resolved.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_MOMENT = sa.DateTime(timezone=True)
_CASES = sa.table(
    "cases",
    sa.column("id", sa.Integer()),
    sa.column("settled", sa.Boolean()),
    *(sa.column(name, _MOMENT) for name in ("deadline_at", "resolved_at", "deadline_since", "deadline_when_resolved")),
)
_RECORDS = sa.table("documents", *(sa.column(name) for name in ("case_id", "paper", "version", "content")))
_ENTRIES = sa.table(
    "audit_entries",
    *(sa.column(name) for name in ("case_id", "seq", "step", "to_state", "data")),
    sa.column("at", _MOMENT),
)
_RECORD = "T05"
_SETS = frozenset({"report", "publish_analysis", "change_severity", "change_deadline"})
_ENDED = frozenset({"closed", "handed_over", "withdrawn", "duplicate"})
#: Cases whose histories are read at once.
_BATCH = 500


def upgrade() -> None:
    for name in ("deadline_since", "deadline_when_resolved"):
        op.add_column("cases", sa.Column(name, _MOMENT, nullable=True))
    changes = op.create_table(
        "deadline_changes",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("deadline_at", _MOMENT, nullable=True),
        sa.Column("may_stop", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_deadline_changes_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_deadline_changes")),
    )
    _compute(op.get_bind(), changes)
    op.execute(sa.delete(sa.table("facts")))
    op.execute(sa.update(_CASES).values(settled=False))


def downgrade() -> None:
    op.drop_table("deadline_changes")
    op.drop_column("cases", "deadline_when_resolved")
    op.drop_column("cases", "deadline_since")


@dataclass
class _Replay:
    """The deadline of one case while its history is replayed. `rows` are the changes found."""

    deadline: Any = None
    basis: str | None = None
    since: Any = None
    when_resolved: Any = None
    resolved: bool = False
    on_hold: bool = False
    rows: list[dict[str, Any]] = field(default_factory=list)

    def take(self, entry: Any, record: dict[str, Any] | None, deadline_now: Any, last_move: int) -> None:
        """Apply one history entry. `record` is the version of the fault's row that it wrote, if any.

        How far a hold moved the deadline was not stored. The present deadline therefore counts from `last_move`, the
        last entry that can have moved it.
        """
        match entry.step:
            case "hold":
                self.on_hold = True
            case "resume":
                self.on_hold = False
            case "reply_customer":
                self.resolved, self.when_resolved = True, self.deadline
            case "reject_fix" | "reopen":
                self.resolved = False
        if record is not None and entry.step in _SETS:
            self.deadline, self.basis, self.since = record["deadline_at"], record["deadline_basis"], entry.at
            if entry.step == "report":  # an imported fault, which was resolved before
                self.resolved, self.when_resolved = True, self.deadline
        if entry.seq >= last_move:
            self.deadline = deadline_now
        self.on_hold &= entry.to_state not in _ENDED
        self._note(entry)

    def _note(self, entry: Any) -> None:
        judged = self.when_resolved if self.resolved else self.deadline
        stops = self.on_hold and not self.resolved and judged is not None and self.basis != "customer_stipulated"
        last = self.rows[-1] if self.rows else {"deadline_at": None, "may_stop": False}
        if (judged, stops) != (last["deadline_at"], last["may_stop"]):
            self.rows.append({"seq": entry.seq, "at": entry.at, "deadline_at": judged, "may_stop": stops})


def _compute(connection: sa.Connection, changes: sa.Table) -> None:
    """Replay the histories of all faults that have or had a deadline."""
    recorded = sa.select(_RECORDS.c.case_id).where(_RECORDS.c.paper == _RECORD)
    chosen = sa.or_(_CASES.c.deadline_at.is_not(None), _CASES.c.id.in_(recorded))
    columns = (_CASES.c.id, _CASES.c.deadline_at, _CASES.c.resolved_at)
    cases = connection.execute(sa.select(*columns).where(chosen).order_by(_CASES.c.id)).all()
    for start in range(0, len(cases), _BATCH):
        rows: list[dict[str, Any]] = []
        for case, replay in _replayed(connection, cases[start : start + _BATCH]):
            rows += [{"case_id": case.id, **row} for row in replay.rows]
            judged = replay.when_resolved if case.resolved_at is not None else None
            values = {"deadline_since": replay.since, "deadline_when_resolved": judged}
            connection.execute(sa.update(_CASES).where(_CASES.c.id == case.id).values(values))
        if rows:
            connection.execute(sa.insert(changes), rows)


def _replayed(connection: sa.Connection, cases: Sequence[Any]) -> Iterator[tuple[Any, _Replay]]:
    ids = [case.id for case in cases]
    records: dict[int, dict[int | None, dict[str, Any]]] = defaultdict(dict)
    entries: dict[int, list[Any]] = defaultdict(list)
    written = sa.select(_RECORDS).where(_RECORDS.c.paper == _RECORD, _RECORDS.c.case_id.in_(ids))
    for row in connection.execute(written):
        records[row.case_id][row.version] = _promise(row.content, connection.dialect.name)
    for row in connection.execute(sa.select(_ENTRIES).where(_ENTRIES.c.case_id.in_(ids)).order_by(_ENTRIES.c.seq)):
        entries[row.case_id].append(row)
    for case in cases:
        found, replay = entries[case.id], _Replay()
        last_move = max((one.seq for one in found if one.step in ("resume", "triage")), default=len(found))
        written_by = [(one, _version(one.data)) for one in found]
        sets = [one.seq for one, version in written_by if version is not None and one.step in _SETS]
        last_move = max([last_move, *sets])
        for entry, version in written_by:
            replay.take(entry, records[case.id].get(version), case.deadline_at, last_move)
        yield case, replay


def _promise(content: str, dialect: str) -> dict[str, Any]:
    """Return the deadline in a version of the fault's row, as the database stores moments."""
    said = _json(content)
    try:
        at = datetime.fromisoformat(said["deadline_at"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        at = None
    stored = at.replace(tzinfo=None) if at is not None and dialect == "sqlite" else at
    return {"deadline_at": stored, "deadline_basis": said.get("deadline_basis")}


def _version(data: str) -> int | None:
    """Return the version of the fault's row that a history entry wrote."""
    papers = _json(data).get("papers")
    found = (one for one in papers if isinstance(one, dict)) if isinstance(papers, list) else ()
    return next((one.get("version") for one in found if one.get("paper") == _RECORD), None)


def _json(text: str) -> dict[str, Any]:
    """Return the JSON object in a text; empty for a damaged one, which `verify` reports."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
