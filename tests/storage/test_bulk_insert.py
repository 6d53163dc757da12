"""Many rows are inserted as one after the other would be: values, defaults, errors."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import col, select

from storage.bulk_insert import insert_all
from storage.database import Database, is_lost
from storage.outbox import message
from storage.tables import METADATA, Outgoing
from storage.vocabulary import OutboxState

OUTBOX = METADATA.tables["outbox"]
NOW = datetime(2026, 11, 23, 1, 2, 3, 456, tzinfo=UTC)
TEXTS = ("", "plain", "tab\tand\nline\r\n", "back\\slash \\N \\.", 'quote " and comma,', "批价进程 ü 🙂")


@pytest.fixture(params=["sqlite_url", "postgresql_url"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    database = Database(request.getfixturevalue(request.param))
    yield database
    database.close()


def rows(count: int, **more: Any) -> list[dict[str, Any]]:
    return [message("note", TEXTS[number % len(TEXTS)], NOW, **more) for number in range(count)]


@pytest.mark.parametrize("count", [1, 30])
def test_rows_are_stored_in_order_with_their_values_and_defaults(database: Database, count: int) -> None:
    with database.write() as session:
        insert_all(session.connection(), OUTBOX, rows(count, arguments={"text": "\\n\t"}))
    with database.read() as session:
        found = session.exec(select(Outgoing).order_by(col(Outgoing.id))).all()
        assert [one.target for one in found] == [row["target"] for row in rows(count)]
        first = found[0]
        assert (first.created_at, first.case_id, first.state) == (NOW, None, OutboxState.WAITING)
        assert (first.arguments, first.urgent, first.attempts) == ('{"text": "\\\\n\\t"}', False, 0)


@pytest.mark.parametrize("count", [1, 30])
def test_a_refused_row_undoes_the_savepoint_alone(database: Database, count: int) -> None:
    with database.write() as session:
        insert_all(session.connection(), OUTBOX, rows(1))
        with pytest.raises(IntegrityError), session.begin_nested():
            insert_all(session.connection(), OUTBOX, rows(count, case_id=99))
    with database.read() as session:
        assert len(session.exec(select(Outgoing)).all()) == 1


def test_a_lost_connection_is_told_as_such(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    with database.engine.connect() as connection, database.engine.connect() as other:
        own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        other.execute(text("SELECT pg_terminate_backend(:own, 5000)"), {"own": own})
        with pytest.raises(OperationalError) as raised:
            insert_all(connection, OUTBOX, rows(30))
        assert is_lost(raised.value)
    database.close()
