"""History is append-only and what was written or signed stays: the database itself refuses changes."""

from alembic import op

revision = "0002"
down_revision = "0001"

#: (table, event, condition on OLD and NEW, what it protects)
PROTECTED = (
    ("audit_entries", "UPDATE", "TRUE", "history is append-only"),
    ("audit_entries", "DELETE", "TRUE", "history is append-only"),
    ("documents", "DELETE", "TRUE", "records are kept"),
    (
        "documents",
        "UPDATE",
        "OLD.content <> NEW.content OR OLD.content_hash <> NEW.content_hash OR OLD.author_id <> NEW.author_id"
        " OR OLD.version <> NEW.version"
        " OR (OLD.signature IS NOT NULL AND (NEW.signature IS NULL OR OLD.signature <> NEW.signature"
        " OR OLD.signer_id <> NEW.signer_id OR OLD.signed_at <> NEW.signed_at))",
        "what was written or signed stays",
    ),
)


def upgrade() -> None:
    write = _sqlite if op.get_bind().dialect.name == "sqlite" else _postgresql
    for table, event, condition, why in PROTECTED:
        write(f"{table}_{event.lower()}_refused", table, event, condition, why)


def downgrade() -> None:
    for table, event, _condition, _why in PROTECTED:
        on = "" if op.get_bind().dialect.name == "sqlite" else f" ON {table}"
        op.execute(f"DROP TRIGGER {table}_{event.lower()}_refused{on}")


def _sqlite(name: str, table: str, event: str, condition: str, why: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


def _postgresql(name: str, table: str, event: str, condition: str, why: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{why}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({condition}) "
        f"EXECUTE FUNCTION {name}()"
    )
