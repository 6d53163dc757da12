"""Makes history append-only and written or signed records immutable: the database refuses changes."""

from alembic import op

revision = "0002"
down_revision = "0001"

#: The columns of a record that never change, and those that its signature makes final.
WRITTEN = ("case_id", "paper", "version", "content", "content_hash", "author_id", "created_at")
BOUND = ("signer_id", "signer_role", "signed_at", "signature")


def _changed(*columns: str) -> str:
    """Return the condition that any of these columns changes; {differs} is the dialect's NULL-safe comparison."""
    return "(" + " OR ".join(f"OLD.{column} {{differs}} NEW.{column}" for column in columns) + ")"


#: (table, event, condition on OLD and NEW, error message)
PROTECTED = (
    ("audit_entries", "UPDATE", "TRUE", "history is append-only"),
    ("audit_entries", "DELETE", "TRUE", "history is append-only"),
    ("documents", "DELETE", "TRUE", "records are kept"),
    (
        "documents",
        "UPDATE",
        f"{_changed(*WRITTEN)} OR (OLD.signature IS NOT NULL AND {_changed(*BOUND)})",
        "what was written or signed stays",
    ),
)
#: SQLite's INSERT OR REPLACE deletes conflicting rows without firing the DELETE trigger.
REPLACED = (
    ("audit_entries", "id = NEW.id OR (case_id = NEW.case_id AND seq = NEW.seq)", "history is append-only"),
    (
        "documents",
        "id = NEW.id OR (case_id = NEW.case_id AND paper = NEW.paper AND version = NEW.version)",
        "records are kept",
    ),
)


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    write, differs = (_sqlite, "IS NOT") if on_sqlite else (_postgresql, "IS DISTINCT FROM")
    for table, event, condition, why in PROTECTED:
        write(f"{table}_{event.lower()}_refused", table, event, condition.format(differs=differs), why)
    for table, same, why in REPLACED if on_sqlite else ():
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - constants only
        _sqlite(f"{table}_replace_refused", table, "INSERT", there, why)


def downgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, event, _condition, _why in PROTECTED:
        name = f"{table}_{event.lower()}_refused"
        op.execute(f"DROP TRIGGER IF EXISTS {name}" if on_sqlite else f"DROP FUNCTION {name}() CASCADE")
    for table, _same, _why in REPLACED if on_sqlite else ():
        op.execute(f"DROP TRIGGER IF EXISTS {table}_replace_refused")


def _sqlite(name: str, table: str, event: str, condition: str, why: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


def _postgresql(name: str, table: str, event: str, condition: str, why: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{why}'; END $$")
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}()"
    )
