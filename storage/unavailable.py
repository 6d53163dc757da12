"""The exceptions of a database that cannot be used."""

#: How long a writer waits for another writer, in seconds.
LOCK_TIMEOUT_SECONDS = 2.0
#: What the databases' own messages mean, for operators. A reason contains no address, statement or data.
_REASONS = (
    ("no space left", ("is full", "no space left", "could not extend", "disk full")),
    ("locked", ("locked", "lock timeout", "another writer")),
    ("read-only", ("readonly", "read-only")),
    ("broken", ("malformed", "not a database", "corrupt")),
    ("too many connections", ("queuepool", "too many", "remaining connection slots")),
    ("no connection", ("connect", "server closed", "terminating", "shutting down", "starting up", "unable to open")),
)


class Unavailable(Exception):
    """The database is locked or cannot be reached. Nothing was written; a retry may succeed."""

    @property
    def reason(self) -> str:
        """The reason in a word or two."""
        message = str(self).lower()
        return next((reason for reason, marks in _REASONS if any(mark in message for mark in marks)), "out of order")


class InUse(Exception):
    """Another process uses this SQLite file."""
