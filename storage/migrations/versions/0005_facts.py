"""Stores what ended cases count in the measures: cases are `settled`, and their facts are in separate tables."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

#: The columns by which statistics select cases.
CHOOSING = ["settled", "reported_at", "entered_at", "state", "customer_id", "product_id", "id"]


def upgrade() -> None:
    op.add_column("cases", sa.Column("settled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_cases_statistics", "cases", CHOOSING)
    op.create_table(
        "fact_kinds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(length=8), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_kinds")),
        sa.UniqueConstraint("measure", "part", name=op.f("uq_fact_kinds_measure_part")),
    )
    op.create_table(
        "facts",
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Float(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("based", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind_id", "reported_at", "case_id", "number", name=op.f("pk_facts")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("facts")
    op.drop_table("fact_kinds")
    op.drop_index("ix_cases_statistics", "cases")
    op.drop_column("cases", "settled")
