"""Makes room for when each kind of event last came, and for the manifest of the process that started last."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "seen_events",
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_seen_events")),
    )
    op.add_column("epochs", sa.Column("manifest", sa.String(length=64), nullable=True))
    op.add_column("epochs", sa.Column("manifest_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("epochs", "manifest_since")
    op.drop_column("epochs", "manifest")
    op.drop_table("seen_events")
