"""The exceptions of a database that cannot be used, and how they are told from those of a statement that failed.

An error is judged by its code alone, because messages depend on version and language.
"""

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

#: How long a writer waits for another writer, in seconds.
LOCK_TIMEOUT_SECONDS = 2.0
_LOCKED, _READ_ONLY, _FULL, _BROKEN = "locked", "read-only", "no space left", "broken"
_TOO_MANY, _AWAY, _CONFLICT, _TIMED_OUT = "too many connections", "no connection", "conflict", "no answer"
#: Reasons by SQLSTATE (PostgreSQL, appendix A), or by its class of two characters. All else is a failed statement.
SQLSTATES = {
    "08": _AWAY,
    "25006": _READ_ONLY,  # the server became a standby
    "25P03": _TIMED_OUT,
    "25P04": _TIMED_OUT,
    "28": "no access",
    "3D000": "no access",
    "40": _CONFLICT,
    "53": "out of resources",
    "53100": _FULL,
    "53300": _TOO_MANY,
    "55P03": _LOCKED,
    "57014": _TIMED_OUT,
    "57P": _AWAY,  # it starts, stops, or is in recovery
    "58": _BROKEN,
    "XX001": _BROKEN,
    "XX002": _BROKEN,
}
#: Reasons by the primary result code of SQLite, which is the last byte of an extended one.
RESULT_CODES = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _BROKEN,
    sqlite3.SQLITE_CORRUPT: _BROKEN,
    sqlite3.SQLITE_NOTADB: _BROKEN,
    sqlite3.SQLITE_CANTOPEN: _AWAY,
    sqlite3.SQLITE_NOMEM: "out of resources",
}


class Unavailable(Exception):
    """The database is locked or cannot be reached. Nothing was written; a retry may succeed.

    `reason` is in a word or two, for operators. It contains no address, statement or data.
    """

    def __init__(self, message: str, reason: str = _LOCKED) -> None:
        super().__init__(message)
        self.reason = reason


class UnusableURL(Exception):
    """No database can be opened by this URL. The message says why, without the URL, which may contain a password."""


class InUse(Exception):
    """Another process uses this SQLite file."""


def reason_of(error: Exception) -> str | None:
    """Return why the database cannot be used; None if the statement itself failed."""
    if isinstance(error, PoolTimeout):
        return _TOO_MANY
    if not isinstance(error, DBAPIError):
        return None
    state, code = getattr(error.orig, "sqlstate", None), getattr(error.orig, "sqlite_errorcode", None)
    if state is not None:
        return next((SQLSTATES[part] for part in (state, state[:3], state[:2]) if part in SQLSTATES), None)
    if code is not None:
        return RESULT_CODES.get(code & 0xFF)
    # the server has not answered at all
    return _AWAY if isinstance(error, OperationalError) or error.connection_invalidated else None


def is_damage(error: Exception) -> bool:
    """Return whether what the statement reads is damaged where it is stored."""
    return reason_of(error) == _BROKEN


def is_of_standby(error: BaseException | None) -> bool:
    """Return whether the server can no longer be written to, so that a connection to it is of no use."""
    return getattr(error, "sqlstate", None) == "25006"
