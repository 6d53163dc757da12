"""Helpers shared by the commands: loading the settings, opening the database, reporting an error in one line."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import structlog
import typer

from bot import logs
from bot.settings.declaration import WrongSettings
from bot.settings.settings import Settings, load, mistaken

if TYPE_CHECKING:
    from storage.database import Database

log = structlog.get_logger(__name__)
NOT_CURRENT = "DATABASE_URL: the database is not at the current schema; run: faultdesk migrate"
NOT_STORED = (
    "DATABASE_URL: the database has no settings of the company yet, but this environment has; "
    "run with it: faultdesk migrate"
)


def configured(*, needs_slack: bool = False) -> Settings:
    """Load the settings, configure logging from them, and return them.

    `needs_slack` makes the Slack settings required. A `FAULT_…` variable that no setting uses is logged as a warning.
    Raises `WrongSettings` for a missing or invalid setting.
    """
    settings = load(needs_slack=needs_slack)
    logs.configure(settings.log_format, settings.secrets)
    for name, nearest in mistaken():
        log.warning("setting.unknown", name=name, nearest=nearest)
    return settings


@contextmanager
def current(url: str) -> Iterator["Database"]:
    """Open the existing database at `url` for the duration of the block.

    Raises `WrongSettings` if its schema is not current, and `WrongDatabase` if there is no database at `url`.
    """
    from storage import backup as store
    from storage import migrations

    with store.opened(url) as database:
        if store.revision(database) != migrations.head():
            raise WrongSettings((NOT_CURRENT,))
        yield database


@contextmanager
def one_line_errors(file: Path | None = None, undone: str = "") -> Iterator[None]:
    """Report the block's error in one line instead of a traceback.

    The exit code is 2 if the request itself was wrong (database or file), and 1 if the work failed.
    `undone` says what did not happen to `file`, for example `not written`. Each line names `file` or `DATABASE_URL`.
    """
    from sqlalchemy.exc import DBAPIError

    from storage import backup as store
    from storage.unavailable import Unavailable, UnusableURL

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # SIGTERM must run `finally` blocks, too
    try:
        yield
    except (store.WrongDatabase, UnusableURL) as wrong:
        raise WrongSettings((f"DATABASE_URL: {logs.mask(str(wrong))}",)) from None
    except store.WrongFile as wrong:
        raise WrongSettings((f"{file}: {wrong}",)) from None
    except store.BackupFailed as failed:
        _fail(f"{file}: {undone}: {failed}")
    except OSError as error:
        _fail(f"{error.filename or file}: {undone}: {error.strerror or error}")
    except (Unavailable, DBAPIError) as error:
        _fail(f"DATABASE_URL: {reason(error)}")


def reason(error: Exception) -> str:
    """Return the first line of a database error, with secrets masked.

    The further lines are left out because they quote the SQL statement and its values.
    """
    return logs.mask(str(getattr(error, "orig", None) or error).strip().partition("\n")[0])


def _fail(line: str) -> NoReturn:
    typer.echo(logs.mask(line), err=True)
    raise typer.Exit(1)
