"""Stores who sends a message, so that a dead sender is recognized, and indexes messages in the order of sending."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("leased_by", sa.Integer(), nullable=True))
    op.create_index("ix_outbox_state_urgent_id", "outbox", ["state", "urgent", "id"])


def downgrade() -> None:
    op.drop_index("ix_outbox_state_urgent_id", "outbox")
    with op.batch_alter_table("outbox") as table:
        table.drop_column("leased_by")
