"""Makes the history of the desk, the checkpoints and the signatures by the desk's key. All four only grow."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

#: Each table with the condition of a row that INSERT OR REPLACE would delete on SQLite without firing a trigger.
APPEND_ONLY = {
    "desk_entries": "seq = NEW.seq",
    "checkpoints": "number = NEW.number",
    "checkpoint_subjects": "kind = NEW.kind AND subject = NEW.subject AND checkpoint = NEW.checkpoint",
    "key_signatures": "kind = NEW.kind AND digest = NEW.digest AND key = NEW.key",
}
WHY = "proofs are append-only"


def upgrade() -> None:
    op.create_table(
        "desk_entries",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_desk_entries")),
    )
    op.create_table(
        "checkpoints",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("previous_root", sa.String(length=64), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "checkpoint_subjects",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("checkpoint", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", "checkpoint", name=op.f("pk_checkpoint_subjects")),
    )
    op.create_index(op.f("ix_checkpoint_subjects_checkpoint"), "checkpoint_subjects", ["checkpoint"])
    op.create_table(
        "key_signatures",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("kind", "digest", "key", name=op.f("pk_key_signatures")),
    )
    _refuse_changes()


def _refuse_changes() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, same in APPEND_ONLY.items():
        if on_sqlite:
            there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - constants only
            for event, condition in (("UPDATE", "TRUE"), ("DELETE", "TRUE"), ("INSERT", there)):
                op.execute(
                    f"CREATE TRIGGER {table}_{event.lower()}_refused BEFORE {event} ON {table} WHEN {condition} "
                    f"BEGIN SELECT RAISE(ABORT, '{WHY}'); END"
                )
        else:
            name = f"{table}_change_refused"
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{WHY}'; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
            )


def downgrade() -> None:
    for table in APPEND_ONLY:
        op.drop_table(table)
        if op.get_bind().dialect.name != "sqlite":
            op.execute(f"DROP FUNCTION {table}_change_refused()")
