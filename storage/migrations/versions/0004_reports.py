"""Adds statistics reports: figures never change, and an issued report is immutable."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

#: The columns of a version that never change, and those that issuing makes final.
WRITTEN = ("first_day", "last_day", "version", "content", "content_hash")
BOUND = ("comment", "issued_by", "issued_at", "signature")
STAYS = "what was drawn up or issued stays"
#: The triggers. SQLite's INSERT OR REPLACE deletes conflicting rows without firing the DELETE trigger.
UPDATED, DELETED, REPLACED = (f"reports_{event}_refused" for event in ("update", "delete", "replace"))


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("issued_by", sa.String(length=32), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signature", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("first_day", "last_day", "version", name=op.f("uq_reports_first_day_last_day_version")),
    )
    op.create_table(
        "report_copies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("ts", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_copies_report_id_reports")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_copies")),
    )
    op.create_index("ix_report_copies_report_id", "report_copies", ["report_id"])
    (_guard_sqlite if _is_sqlite() else _guard_postgresql)()


def downgrade() -> None:
    op.drop_index("ix_report_copies_report_id", "report_copies")
    op.drop_table("report_copies")
    op.drop_table("reports")  # also drops its triggers
    if not _is_sqlite():
        op.execute("DROP FUNCTION reports_refused()")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _changed(differs: str) -> str:
    """Return the condition of a forbidden update; `differs` is the dialect's NULL-safe comparison."""
    written, bound = (" OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in names) for names in (WRITTEN, BOUND))
    return f"{written} OR (OLD.signature IS NOT NULL AND ({bound}))"


def _guard_sqlite() -> None:
    same = "id = NEW.id OR (first_day = NEW.first_day AND last_day = NEW.last_day AND version = NEW.version)"
    there = f"EXISTS (SELECT 1 FROM reports WHERE {same})"  # noqa: S608 - constants only
    for name, event, condition in (
        (UPDATED, "UPDATE", _changed("IS NOT")),
        (DELETED, "DELETE", "TRUE"),
        (REPLACED, "INSERT", there),
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON reports WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{STAYS}'); END"
        )


def _guard_postgresql() -> None:
    op.execute(
        f"CREATE FUNCTION reports_refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{STAYS}'; "
        "END $$"
    )
    for name, event, condition in ((UPDATED, "UPDATE", _changed("IS DISTINCT FROM")), (DELETED, "DELETE", "TRUE")):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON reports FOR EACH ROW WHEN ({condition}) "
            "EXECUTE FUNCTION reports_refused()"
        )
