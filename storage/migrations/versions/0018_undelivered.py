"""Stores on each case which words for the customer Slack refused for good, and when such words arrived after all."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("cases", sa.Column("undelivered", sa.Integer(), nullable=True))
    op.add_column("cases", sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("cases", "reached_at")
    op.drop_column("cases", "undelivered")
