"""Records since when it is uncertain whether Slack has a message, what a form contained, and forms that were not saved.

Until now the beginning of a message's error said that it is uncertain.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("uncertain_since", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE outbox SET uncertain_since = created_at, error = substr(error, 2) WHERE error LIKE '?%'")
    op.add_column("seen_deliveries", sa.Column("content", sa.String(length=64), nullable=True))
    op.add_column("seen_deliveries", sa.Column("case_id", sa.Integer(), nullable=True))
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_drafts_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    op.create_index("ix_drafts_person_id_case_id", "drafts", ["person_id", "case_id"])
    op.create_index(op.f("ix_drafts_at"), "drafts", ["at"])


def downgrade() -> None:
    op.drop_table("drafts")
    op.drop_column("seen_deliveries", "case_id")
    op.drop_column("seen_deliveries", "content")
    op.execute("UPDATE outbox SET error = '?' || coalesce(error, '') WHERE uncertain_since IS NOT NULL")
    op.drop_column("outbox", "uncertain_since")
