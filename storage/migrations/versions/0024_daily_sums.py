"""Keeps the sums of the facts of each day. The workers sum up the days that have settled cases in the background."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_CASES = sa.table("cases", sa.column("settled", sa.Boolean()), sa.column("reported_at", sa.DateTime(timezone=True)))
_EPOCH, _DAY = datetime(1970, 1, 1, tzinfo=UTC), timedelta(days=1)


def upgrade() -> None:
    op.create_table(
        "daily_sums",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("sums", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "product_id", "day", name=op.f("pk_daily_sums")),
    )
    op.create_index("ix_daily_sums_day", "daily_sums", ["day"])
    changed = op.create_table(
        "changed_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changed_days")),
    )
    op.create_index("ix_changed_days_day", "changed_days", ["day"])
    op.bulk_insert(changed, [{"day": day} for day in _days()])


def _days() -> range:
    """Return all days from the first to the last report of a settled case; both are found by an index."""
    reported = sa.select(sa.func.min(_CASES.c.reported_at), sa.func.max(_CASES.c.reported_at))
    first, last = op.get_bind().execute(reported.where(_CASES.c.settled.is_(True))).one()
    return range(_day(first), _day(last) + 1) if first else range(0)


def _day(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _DAY


def downgrade() -> None:
    op.drop_table("changed_days")
    op.drop_table("daily_sums")
