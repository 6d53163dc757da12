"""Numbers the leases of messages, which no longer end by a clock.

A message that is being sent during the upgrade is given back as those of a dead sender are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("lease", sa.Integer(), nullable=False, server_default="0"))
    op.drop_column("outbox", "lease_until")


def downgrade() -> None:
    op.add_column("outbox", sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True))
    op.drop_column("outbox", "lease")
