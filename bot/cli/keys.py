"""`faultdesk setup-key`: make the key with which the desk signs, or replace it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.common import configured, current, one_line_errors
from bot.settings.declaration import WrongSettings
from bot.settings.settings import Settings
from storage.unavailable import InUse

if TYPE_CHECKING:
    from sqlmodel import Session

    from bot.runtime.seal_key import FoundKey
    from bot.seal_key import SealKey
    from storage.key_signatures import UsedKey


def setup_key(
    rotate: Annotated[bool, typer.Option("--rotate", help="Replace the key that is in use by a new one")] = False,
    lost: Annotated[bool, typer.Option("--lost", help="Replace a lost key; admins and viewers are told")] = False,
) -> None:
    """Make the key with which the desk signs: the file that FAULT_SEAL_KEY names, or faultdesk.key.

    Stop the bot before --rotate and --lost, and start it again with the new key.
    """
    from bot.runtime.seal_key import find_key

    settings = configured()
    found = find_key(settings)
    if rotate and lost:
        raise WrongSettings(("--lost: a lost key cannot sign, so it is not rotated; choose one of the two",))
    with one_line_errors(found.path, "not written"):
        if rotate:
            _rotate(settings, found)
        elif lost:
            _replace_lost(settings, found)
        else:
            _make(settings, found)


def _make(settings: Settings, found: "FoundKey") -> None:
    from bot.seal_key import SealKey

    used = _in_use(settings)
    if used is not None and (found.key is None or found.key.fingerprint != used.fingerprint):
        raise WrongSettings((f"FAULT_SEAL_KEY: the desk uses key {used.fingerprint}; bring it back, or use --lost",))
    if found.key is not None:
        raise WrongSettings((f"FAULT_SEAL_KEY: there is a key already ({found.key.fingerprint}); use --rotate",))
    if found.path is None or found.path.exists():
        raise WrongSettings((found.problem or "FAULT_SEAL_KEY: cannot be replaced",))
    key = SealKey.make()
    key.write(found.path)
    typer.echo(f"✓ {found.path}: key {key.fingerprint}")


def _rotate(settings: Settings, found: "FoundKey") -> None:
    from bot.casework.records import keys

    used, old = _in_use(settings), found.key
    if old is None or used is None or used.fingerprint != old.fingerprint:
        in_use = f"the desk uses key {used.fingerprint}" if used else "the desk has not used a key yet"
        raise WrongSettings((f"FAULT_SEAL_KEY: {found.problem or in_use}; only the key in use is rotated",))
    with _new_key(settings, found, lambda session, new, now: keys.rotate(session, old, new, now)) as new:
        typer.echo(f"✓ key {new.fingerprint} replaces {old.fingerprint}; start the bot with it")


def _replace_lost(settings: Settings, found: "FoundKey") -> None:
    from bot.casework.company_source import CompanySource
    from bot.casework.records import keys

    used = _in_use(settings)
    if used is None:
        raise WrongSettings(("--lost: the desk has not used a key yet; run: faultdesk setup-key",))
    if found.key is not None and found.key.fingerprint == used.fingerprint:
        raise WrongSettings((f"--lost: key {used.fingerprint} is here; use --rotate",))
    if found.path is not None and found.path.exists():
        raise WrongSettings((f"--lost: move {found.path} away first",))

    def replace(session: "Session", new: "SealKey", now: datetime) -> None:
        keys.replace_lost(session, new, CompanySource(found.key).of(session), now)

    with _new_key(settings, found, replace) as new:
        typer.echo(f"✓ key {new.fingerprint} replaces the lost {used.fingerprint}; start the bot with it")


def _in_use(settings: Settings) -> "UsedKey | None":
    """Return the key that the desk uses; None also where there is no database yet."""
    from storage import backup as store
    from storage import key_signatures

    try:
        with current(settings.database_url.get_secret_value()) as database, database.read() as session:
            return key_signatures.current(session)
    except (store.WrongDatabase, WrongSettings):
        return None


@contextmanager
def _new_key(
    settings: Settings, found: "FoundKey", introduce: "Callable[[Session, SealKey, datetime], None]"
) -> "Iterator[SealKey]":
    """Make a key, introduce it to the database, and put it in its place.

    A key that is a setting itself is printed, because only the operator can put it in its place.
    """
    from bot.runtime import process
    from bot.seal_key import SealKey

    new, beside = SealKey.make(), found.path and found.path.with_name(f"{found.path.name}.new")
    if beside:
        new.write(beside)
    try:
        with current(settings.database_url.get_secret_value()) as database:
            database.take_ownership()  # on SQLite a running bot would go on with the old key
            with database.write() as session:
                introduce(session, new, process.clock(settings).now())
        if beside and found.path:
            beside.replace(found.path)
        else:
            typer.echo(f"FAULT_SEAL_KEY={new.text()}")
    except InUse:
        raise WrongSettings(("DATABASE_URL: the bot is running; stop it first",)) from None
    finally:
        if beside:
            beside.unlink(missing_ok=True)
    yield new
