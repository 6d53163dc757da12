"""Stores who has or had a place of a case or is named on it, from which reading rights are derived."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

#: The answers that name people, by the steps that were in use.
NAMING = {
    "sign_sheet": ("testers", "technicians", "dev_owner"),
    "call_discussion": ("invitees",),
    "publish_analysis": ("analysts",),
    "decide_modification": ("modifier", "owner"),
    "complete_handling": ("verified_by",),
    "update_manual": ("reviewed_by",),
    "answer": ("consulted",),
    "reassign": ("person",),
}
BATCH = 1000


def upgrade() -> None:
    table = op.create_table(
        "case_assigned",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_assigned_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_case_assigned")),
    )
    op.create_index(op.f("ix_case_assigned_person_id"), "case_assigned", ["person_id"])
    rows = [{"case_id": case, "person_id": person} for case, person in sorted(_assigned(op.get_bind()))]
    for first in range(0, len(rows), BATCH):
        op.bulk_insert(table, rows[first : first + BATCH])


def _assigned(connection: sa.Connection) -> set[tuple[int, str]]:
    """Return who holds a place now, and who was named by an answer, with their cases."""
    found = {
        (case, person) for case, person in connection.execute(sa.text("SELECT case_id, person_id FROM case_places"))
    }
    entries = sa.text("SELECT case_id, step, data FROM audit_entries WHERE step IN :steps")
    for case, step, data in connection.execute(entries.bindparams(sa.bindparam("steps", list(NAMING), expanding=True))):
        found |= {(case, person) for person in _named(_answers(data), NAMING[step])}
    return found


def _answers(data: str) -> dict[str, Any]:
    """Return the answers of an entry; none for a damaged one, which `verify` reports."""
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _named(answers: dict[str, Any], codes: tuple[str, ...]) -> Iterator[str]:
    for code in codes:
        named = answers.get(code) or ()
        people = (named,) if isinstance(named, str) else named
        yield from (one for one in people if isinstance(one, str)) if isinstance(people, (tuple, list)) else ()


def downgrade() -> None:
    op.drop_table("case_assigned")
