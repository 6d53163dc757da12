"""Records what each history entry changes, and who its persons were. Adopts the cases that there are.

Earlier entries keep their hashes.
"""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from alembic import op

from storage.migrations.adoption import adopt

revision = "0009"
down_revision = "0008"

#: The columns of records and of reports that never change, those that signing or issuing makes final, and the refusal.
GUARDED = {
    "documents": (
        ("case_id", "paper", "version", "content", "content_hash", "author_id", "author_name", "created_at"),
        ("signer_id", "signer_role", "signed_at", "signature"),
        "what was written or signed stays",
    ),
    "reports": (
        ("first_day", "last_day", "version", "content", "content_hash"),
        ("comment", "issued_by", "issuer_name", "issuer_name_at_upgrade", "issued_at", "signature"),
        "what was drawn up or issued stays",
    ),
}
#: The same without the columns that this migration adds.
GUARDED_BEFORE = {
    table: (
        tuple(name for name in written if name != "author_name"),
        tuple(name for name in bound if not name.startswith("issuer_name")),
        why,
    )
    for table, (written, bound, why) in GUARDED.items()
}


def upgrade() -> None:
    op.add_column("audit_entries", sa.Column("changes", sa.Text(), nullable=True))
    op.add_column("audit_entries", sa.Column("identities", sa.Text(), nullable=True))
    op.add_column("documents", sa.Column("author_name", sa.String(), nullable=True))
    op.add_column("reports", sa.Column("issuer_name", sa.String(), nullable=True))
    op.add_column("reports", sa.Column("issuer_name_at_upgrade", sa.String(), nullable=True))
    op.create_table(
        "personal",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_personal_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", "hash", name=op.f("pk_personal")),
    )
    for table, column, person, name in (
        ("documents", "author_name", "author_id", "author_name"),
        ("reports", "issuer_name_at_upgrade", "issued_by", "issuer_name_at_upgrade"),
    ):
        known = f"(SELECT name FROM people WHERE people.id = {table}.{person} AND name <> '')"  # noqa: S608 - constants only
        op.execute(f"UPDATE {table} SET {column} = {known} WHERE {name} IS NULL")  # noqa: S608 - constants only
    _guard(GUARDED)
    adopt(op.get_bind())


def downgrade() -> None:
    # entries written since then cover what is dropped here, so that their hashes no longer verify
    _guard(GUARDED_BEFORE)
    op.drop_table("personal")
    for table, column in (
        *(("reports", name) for name in ("issuer_name_at_upgrade", "issuer_name")),
        ("documents", "author_name"),
        *(("audit_entries", name) for name in ("identities", "changes")),
    ):
        op.drop_column(table, column)


def _guard(tables: Mapping[str, tuple[Sequence[str], Sequence[str], str]]) -> None:
    """Replace the triggers that keep what was written, and what was signed or issued, so that they cover these columns.

    On PostgreSQL a trigger calls the function of its table, which stays.
    """
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    differs = "IS NOT" if on_sqlite else "IS DISTINCT FROM"

    def changed(names: Sequence[str]) -> str:
        return "(" + " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in names) + ")"

    for table, (written, bound, why) in tables.items():
        name = f"{table}_update_refused"
        function = name if table == "documents" else f"{table}_refused"
        condition = f"{changed(written)} OR (OLD.signature IS NOT NULL AND {changed(bound)})"
        op.execute(f"DROP TRIGGER IF EXISTS {name}" if on_sqlite else f"DROP TRIGGER IF EXISTS {name} ON {table}")
        refuse = f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{why}'); END"
        for_each = f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {function}()"
        op.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} {refuse if on_sqlite else for_each}")
