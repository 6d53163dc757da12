"""Lets one reminder stand for all occurrences of its rule that were missed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("reminders", sa.Column("first_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("reminders", sa.Column("stands_for", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("reminders", "stands_for")
    op.drop_column("reminders", "first_due_at")
