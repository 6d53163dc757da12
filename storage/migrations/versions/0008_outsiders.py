"""Stores what Slack says of people, the bot's own workspace and app, and names that are to be confirmed.

Until Slack has reported a person again, they count as ours. Slackbot has the same id in every workspace.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

FLAGS = ("is_restricted", "is_ultra_restricted", "is_stranger", "is_bot")
REGISTERS = ("customers", "products", "product_versions", "modules")


def upgrade() -> None:
    op.create_table(
        "own_workspace",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("enterprise_id", sa.String(length=32), nullable=True),
        sa.Column("app_id", sa.String(length=32), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_workspace")),
    )
    for name in ("team_id", "enterprise_id"):
        op.add_column("people", sa.Column(name, sa.String(length=32), nullable=True))
    for name in FLAGS:
        op.add_column("people", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    for table in REGISTERS:
        op.add_column(table, sa.Column("unconfirmed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE people SET is_bot = TRUE WHERE id = 'USLACKBOT'")


def downgrade() -> None:
    for table in REGISTERS:
        op.drop_column(table, "unconfirmed")
    for name in (*FLAGS, "enterprise_id", "team_id"):
        op.drop_column("people", name)
    op.drop_table("own_workspace")
