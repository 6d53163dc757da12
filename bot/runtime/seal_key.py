"""Finds the desk's key: in the file or the text of `FAULT_SEAL_KEY`, or beside the database."""

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.seal_key import PREFIX, SealKey, UnusableKey
from bot.settings.settings import Settings
from storage import key_signatures
from storage.database import Database

#: The name of the file of the key where the settings name none.
DEFAULT_NAME = "faultdesk.key"


@dataclass(frozen=True, slots=True)
class FoundKey:
    """The key of the settings. `path` is its file, None for a key that is a setting itself.

    `key` is None if there is no key; `problem` says in one line what is wrong with it.
    """

    path: Path | None
    key: SealKey | None = None
    problem: str | None = None


class KeyUse(Enum):
    """What this process signs."""

    SIGNS = auto()
    #: The desk has no key.
    UNSIGNED = auto()
    #: The desk has a key, and this process has none or another one.
    SIGNS_NOTHING = auto()


def use_of(found: FoundKey, used: key_signatures.UsedKey | None) -> KeyUse:
    """Return what a process with this key signs. `used` is the key that the desk uses, if any."""
    own = found.key.fingerprint if found.key else None
    if used is None:
        return KeyUse.SIGNS if own else KeyUse.UNSIGNED
    return KeyUse.SIGNS if used.fingerprint == own else KeyUse.SIGNS_NOTHING


def find_key(settings: Settings) -> FoundKey:
    """Return the key that the settings name, or what is wrong with it."""
    named = settings.seal_key.get_secret_value() if settings.seal_key else None
    path = None if named and named.startswith(PREFIX) else Path(named or default_path(settings))
    try:
        return FoundKey(path, SealKey.parse(named or "") if path is None else SealKey.read(path))
    except FileNotFoundError:
        return FoundKey(path, problem=f"FAULT_SEAL_KEY: there is no file {path}" if named else None)
    except UnusableKey as unusable:
        return FoundKey(path, problem=f"FAULT_SEAL_KEY: {unusable}")


def default_path(settings: Settings) -> Path:
    """Return where the key is if no setting says so: beside the SQLite file, else in the working directory."""
    try:
        url = make_url(settings.database_url.get_secret_value())
    except (ArgumentError, ValueError):
        return Path(DEFAULT_NAME)
    file = url.database if url.get_backend_name() == "sqlite" else None
    return Path(file).parent / DEFAULT_NAME if file and file != ":memory:" else Path(DEFAULT_NAME)


def make_first_key(settings: Settings, database: Database) -> Path | None:
    """Make the key of a desk that has never used one, where no setting names it, and return its file; None if not.

    Raises `OSError` if the file cannot be written, and `Unavailable`.
    """
    found = find_key(settings)
    if settings.seal_key is not None or found.path is None or found.key or found.problem:
        return None
    with database.read() as session:
        if key_signatures.current(session) is not None:
            return None
    SealKey.make().write(found.path)
    return found.path
