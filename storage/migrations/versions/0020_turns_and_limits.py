"""Lets messages be sent in turn for those who caused them, and indexes what is limited for each person and hour."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
_OF_HELP = sa.text("step = 'help_asked'")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("caused_by", sa.String(length=32), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE outbox SET turn = id WHERE state <> 'sent'")  # in the order in which they were written
    op.drop_index("ix_outbox_state_urgent_id", "outbox")
    op.create_index("ix_outbox_state_urgent_turn_id", "outbox", ["state", "urgent", "turn", "id"])
    op.create_index("ix_outbox_state_target_turn", "outbox", ["state", "target", "turn"])
    op.create_index("ix_outbox_state_target_caused_by_turn", "outbox", ["state", "target", "caused_by", "turn"])
    op.drop_index("ix_cases_reporter_id", "cases")
    op.create_index("ix_cases_reporter_id_reported_at", "cases", ["reporter_id", "reported_at"])
    op.create_index("ix_desk_entries_person_id_at", "desk_entries", ["person_id", "at"])
    op.create_index(
        "ix_audit_entries_help",
        "audit_entries",
        ["person_id", "at"],
        sqlite_where=_OF_HELP,
        postgresql_where=_OF_HELP,
    )


def downgrade() -> None:
    op.drop_index("ix_audit_entries_help", "audit_entries")
    op.drop_index("ix_desk_entries_person_id_at", "desk_entries")
    op.drop_index("ix_cases_reporter_id_reported_at", "cases")
    op.create_index("ix_cases_reporter_id", "cases", ["reporter_id"])
    for index in ("target_caused_by_turn", "target_turn", "urgent_turn_id"):
        op.drop_index(f"ix_outbox_state_{index}", "outbox")
    op.create_index("ix_outbox_state_urgent_id", "outbox", ["state", "urgent", "id"])
    op.drop_column("outbox", "turn")
    op.drop_column("outbox", "caused_by")
