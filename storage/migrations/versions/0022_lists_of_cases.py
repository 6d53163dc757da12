"""Indexes the cases of each state by number, in which order lists show them."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.drop_index("ix_cases_state_reported_at", "cases")
    op.create_index("ix_cases_state_id", "cases", ["state", "id"])


def downgrade() -> None:
    op.drop_index("ix_cases_state_id", "cases")
    op.create_index("ix_cases_state_reported_at", "cases", ["state", "reported_at"])
