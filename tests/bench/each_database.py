"""Runs a measurement on a new database of each kind."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.support.postgresql_server import Missing, server


def on_each(name: str, what: str, measure: Callable[[str, str], None]) -> None:
    """Call `measure` with the address of an empty database and the kind's name, on SQLite and on PostgreSQL.

    `name` names the databases, and `what` says what is not measured where there is no server.
    """
    with tempfile.TemporaryDirectory() as folder:
        measure(f"sqlite:///{Path(folder) / name}.db", "SQLite")
    try:
        with server() as postgresql:
            measure(postgresql.make(name), "PostgreSQL")
    except Missing:
        print(f"{what} on PostgreSQL: not measured, there is no server")
