"""A database that cannot be used is told by the code of its error, whatever the message says."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.database import Database, Unavailable, is_lost
from storage.tables import SeenDelivery
from storage.unavailable import reason_of
from tests.support import postgresql_server
from tests.support.free_ports import free_port
from tests.support.sample_cases import NOW

#: Every condition of PostgreSQL in which nothing was saved and a retry may succeed, and a few in which none can.
STATES = {
    **dict.fromkeys(("08000", "08001", "08003", "08004", "08006", "08007", "08P01"), "no connection"),
    **dict.fromkeys(("57P01", "57P02", "57P03", "57P04", "57P05"), "no connection"),
    **dict.fromkeys(("40000", "40001", "40002", "40003", "40P01"), "conflict"),
    **dict.fromkeys(("57014", "25P03", "25P04"), "no answer"),
    **dict.fromkeys(("58000", "58030", "XX001", "XX002"), "broken"),
    **dict.fromkeys(("28000", "28P01", "3D000"), "no access"),
    **dict.fromkeys(("53000", "53200", "53400"), "out of resources"),
    "25006": "read-only",
    "53100": "no space left",
    "53300": "too many connections",
    "55P03": "locked",
    **dict.fromkeys(("22001", "23505", "25001", "25P02", "42601", "42P01", "54000", "55000", "P0001", "XX000")),
}
CODES = {
    **dict.fromkeys(("BUSY", "BUSY_SNAPSHOT", "BUSY_RECOVERY", "LOCKED", "LOCKED_SHAREDCACHE", "PROTOCOL"), "locked"),
    **dict.fromkeys(("READONLY", "READONLY_DBMOVED", "READONLY_CANTLOCK", "READONLY_RECOVERY"), "read-only"),
    **dict.fromkeys(("IOERR", "IOERR_WRITE", "IOERR_FSYNC", "IOERR_SHORT_READ"), "broken"),
    **dict.fromkeys(("CORRUPT", "CORRUPT_VTAB", "NOTADB"), "broken"),
    "FULL": "no space left",
    "CANTOPEN": "no connection",
    "NOMEM": "out of resources",
    **dict.fromkeys(("ERROR", "CONSTRAINT", "CONSTRAINT_UNIQUE", "MISMATCH", "RANGE")),
}


def raised(original: Exception, driver: Any) -> DBAPIError:
    """The error as SQLAlchemy raises it."""
    made = DBAPIError.instance("SELECT 1", None, original, driver.Error)
    assert isinstance(made, DBAPIError)
    return made


@pytest.mark.parametrize(("state", "reason"), STATES.items())
def test_postgresql_is_judged_by_sqlstate(state: str, reason: str | None) -> None:
    kind = psycopg.errors.lookup(state) if state in psycopg.errors._sqlcodes else psycopg.OperationalError
    original = kind("database is locked: read-only, disk full")
    original.sqlstate = state
    assert reason_of(raised(original, psycopg)) == reason
    assert is_lost(raised(original, psycopg)) is (reason is not None)


@pytest.mark.parametrize(("code", "reason"), CODES.items())
def test_sqlite_is_judged_by_its_result_code(code: str, reason: str | None) -> None:
    original = sqlite3.OperationalError("no space left on a locked device")
    original.sqlite_errorcode = getattr(sqlite3, f"SQLITE_{code}")
    assert reason_of(raised(original, sqlite3)) == reason


def test_a_server_that_does_not_answer_is_no_connection() -> None:
    assert reason_of(OperationalError("SELECT 1", None, Exception("EOF detected"))) == "no connection"
    assert reason_of(PoolTimeout("QueuePool limit")) == "too many connections"
    assert reason_of(ValueError("locked")) is None


@pytest.mark.database("postgresql")
def test_a_server_that_became_a_standby_saves_nothing_and_its_connections_are_dropped(fresh_url: str) -> None:
    """The next one may lead to the server that took over. Both ways to write are tried."""
    with closing(Database(fresh_url)) as database:
        for statement in (_write, _copy):
            with database.engine.connect() as connection:
                connection.exec_driver_sql("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
                connection.commit()
            with pytest.raises(Unavailable) as failed:
                statement(database)
            assert failed.value.reason == "read-only"
            statement(database)


def _write(database: Database) -> None:
    with database.write() as session:
        session.add(SeenDelivery(key="written", at=NOW))


def _copy(database: Database) -> None:
    from storage.bulk_insert import insert_all

    with database.write() as session:
        rows = [{"key": f"copied {number}", "at": NOW} for number in range(20)]
        insert_all(session.connection(), SeenDelivery.metadata.tables["seen_deliveries"], rows)


@contextmanager
def standby_of(primary: postgresql_server.Server) -> Iterator[tuple[int, Path]]:
    """A hot standby of the server, which streams from it; its port and its data folder."""
    assert primary.data is not None
    data, port = primary.data.parent / "standby", free_port()
    postgresql_server.make_standby(data, int(primary.address.rpartition(":")[2]))
    postgresql_server.control(data, "start", "-o", f"-p {port}")
    try:
        yield port, data
    finally:
        postgresql_server.control(data, "stop")
        shutil.rmtree(data)


@pytest.mark.long
def test_a_failover_to_a_real_standby_loses_no_connection_for_good() -> None:
    with postgresql_server.started() as primary:
        url = postgresql_server._with_model(primary).url(postgresql_server.MODEL)
        with standby_of(primary) as (port, data):
            first = primary.address.rpartition(":")[2]
            both = f"host=127.0.0.1:{first}&host=127.0.0.1:{port}&target_session_attrs=read-write"
            alone = f"postgresql+psycopg://postgres@127.0.0.1:{port}/{postgresql_server.MODEL}"
            several = f"postgresql+psycopg://postgres@/{postgresql_server.MODEL}?{both}"
            with closing(Database(alone)) as standby, closing(Database(several)) as either:
                either.listen_for_commits()
                _write(either)
                assert either.sees_all_commits
                with pytest.raises(Unavailable) as failed:
                    _copy(standby)
                assert failed.value.reason == "read-only"
                with primary.away():
                    postgresql_server.control(data, "promote")
                    _copy(standby)
                    _copied(either)
                assert url


def _copied(database: Database) -> None:
    with database.write() as session:
        count = session.connection().scalar(text("SELECT count(*) FROM seen_deliveries"))
        session.add(SeenDelivery(key="after the failover", at=NOW))
    assert count in (20, 21), "it is the server that took over, which may lack the last moment of the one before"
