"""Keeps the settings of the company. `migrate`, `run` and `sandbox` store those that the environment sets."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("fixed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.add_column("epochs", sa.Column("settings_version", sa.String(length=64), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("epochs", "settings_version")
    op.drop_table("settings")
