"""Makes room for the service-desk channel of the process that started last. A start writes it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("epochs", sa.Column("desk_channel", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("epochs", "desk_channel")
