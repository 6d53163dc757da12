"""Makes room for when open cases were last adapted to the roles of a day. The first process that runs writes it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("epochs", sa.Column("roles_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("epochs", "roles_at")
