"""Stores what the names of registers are compared by, so that they are found without reading all of them."""

import sqlalchemy as sa
from alembic import op

from storage.vocabulary import comparable

revision = "0021"
down_revision = "0020"
_OF_PRODUCTS = ("product_versions", "modules")


def upgrade() -> None:
    for table in ("customers", "products", *_OF_PRODUCTS):
        op.add_column(table, sa.Column("compared_as", sa.Text(), nullable=False, server_default=""))
        _fill(sa.table(table, sa.column("id"), sa.column("name"), sa.column("compared_as")))
        keys = ["product_id", "compared_as"] if table in _OF_PRODUCTS else ["compared_as"]
        op.create_index(f"ix_{table}_{'_'.join(keys)}", table, keys)


def _fill(table: sa.TableClause) -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.select(table.c.id, table.c.name)).all()
    compared = [{"row": id, "as": comparable(name)} for id, name in rows]
    if compared:
        query = sa.update(table).where(table.c.id == sa.bindparam("row")).values(compared_as=sa.bindparam("as"))
        connection.execute(query, compared)


def downgrade() -> None:
    for table in (*_OF_PRODUCTS, "products", "customers"):
        keys = ["product_id", "compared_as"] if table in _OF_PRODUCTS else ["compared_as"]
        op.drop_index(f"ix_{table}_{'_'.join(keys)}", table)
        op.drop_column(table, "compared_as")
