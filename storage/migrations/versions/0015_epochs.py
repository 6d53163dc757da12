"""Makes the epochs of the database, of which the first one begins.

Buttons that earlier versions posted name no epoch. They count as those of the first one.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    epochs = op.create_table(
        "epochs",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_case", sa.Integer(), nullable=False),
        sa.Column("first_case", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_epochs")),
    )
    op.bulk_insert(epochs, [{"number": 1, "code": secrets.token_hex(4), "last_case": 0, "first_case": 1}])


def downgrade() -> None:
    op.drop_table("epochs")
