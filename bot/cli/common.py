"""What the commands of the command line share: how they begin, and how they say in one line what is wrong."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import structlog
import typer

from bot import logs
from bot.settings.settings import Settings, WrongSettings, load, mistaken

if TYPE_CHECKING:
    from storage.database import Database

log = structlog.get_logger(__name__)
NOT_CURRENT = "DATABASE_URL: the database is not at the current schema; run: faultdesk migrate"


def configured(*, needs_slack: bool = False) -> Settings:
    """The settings, with the log written as they say. `WrongSettings` if something is wrong with them."""
    settings = load(needs_slack=needs_slack)
    logs.configure(settings.log_format, settings.secrets)
    for name, nearest in mistaken():
        log.warning("setting.unknown", name=name, nearest=nearest)
    return settings


@contextmanager
def current(url: str) -> Iterator["Database"]:
    """The database, which must be there and at the current schema, or else `WrongSettings`."""
    from storage import backup as store
    from storage import migrations

    with store.opened(url) as database:
        if store.revision(database) != migrations.head():
            raise WrongSettings((NOT_CURRENT,))
        yield database


@contextmanager
def told(file: Path | None = None, undone: str = "") -> Iterator[None]:
    """Say in one line why not: exit code 2 when something else must be asked for, 1 when it failed.

    `undone` says what then did not happen to `file`: `not written`.
    """
    from sqlalchemy.exc import DBAPIError

    from storage import backup as store
    from storage.unavailable import Unavailable

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended early, a command still clears up
    try:
        yield
    except store.WrongDatabase as wrong:
        raise WrongSettings((f"DATABASE_URL: {logs.mask(str(wrong))}",)) from None
    except store.WrongFile as wrong:
        raise WrongSettings((f"{file}: {wrong}",)) from None
    except store.Failed as failed:
        _fail(f"{file}: {undone}: {failed}")
    except OSError as error:
        _fail(f"{error.filename or file}: {undone}: {error.strerror or error}")
    except (Unavailable, DBAPIError) as error:
        _fail(f"DATABASE_URL: {reason(error)}")


def reason(error: Exception) -> str:
    """Why the database failed, in the first line of its own words: all of them would quote the statement."""
    return logs.mask(str(getattr(error, "orig", None) or error).strip().partition("\n")[0])


def _fail(line: str) -> NoReturn:
    typer.echo(logs.mask(line), err=True)
    raise typer.Exit(1)
