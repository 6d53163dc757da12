"""When the store cannot serve."""

#: How long a writer waits for another, in seconds.
LOCK_TIMEOUT = 2.0


class Unavailable(Exception):
    """The database is locked or gone: nothing was written, trying again may help."""


class InUse(Exception):
    """Another process has this SQLite file."""
