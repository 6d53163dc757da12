"""Converts the settings of the process to what the other packages need: clock, database, files, templates."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import make_url

from bot.clock import Clock, ShiftedClock
from bot.settings.declaration import WrongSettings
from bot.settings.settings import Settings
from bot.slack.http_client import HttpClient
from storage.database import Database
from storage.file_contents import DatabaseContents, FileContents, FolderContents
from storage.unavailable import UnusableURL


def clock(settings: Settings) -> Clock:
    """Return the real clock, or the shifted one of the stand-in workspace that this process serves."""
    return ShiftedClock(settings.clock_shift) if settings.clock_shift else Clock()


def database(settings: Settings) -> Database:
    """Return the database that the settings name. Raises `WrongSettings` if it cannot be used from here."""
    try:
        return Database(settings.database_url.get_secret_value(), synchronous=settings.sqlite_synchronous)
    except UnusableURL as unusable:
        raise WrongSettings((f"DATABASE_URL: {unusable}; for example DATABASE_URL=sqlite:///faultdesk.db",)) from None


def http_client(ticks: Callable[[], float]) -> HttpClient:
    """Return the client for everything that goes to Slack. Raises `WrongSettings` if the proxy cannot be one."""
    try:
        return HttpClient(ticks)
    except ValueError:
        line = "HTTPS_PROXY: is no address of a proxy; for example HTTPS_PROXY=http://proxy.example.com:3128"
        raise WrongSettings((line,)) from None


def file_contents(settings: Settings, database: Database) -> FileContents:
    """Return where files are kept: in the folder that the settings name, beside the SQLite file, or as rows."""
    if settings.files_dir is not None:
        return FolderContents(settings.files_dir)
    if database.is_sqlite:
        file = make_url(database.url).database
        return FolderContents(Path(file or "faultdesk.db").with_suffix(".files"))
    return DatabaseContents(database)


def templates(settings: Settings) -> Path | None:
    """Return the folder of the company's own templates, if it has any. Raises `WrongSettings` for an unusable one."""
    if settings.templates is not None:
        _check_templates(settings.templates)
    return settings.templates


def _check_templates(templates: Path) -> None:
    """Check the company's templates. The check takes half a second, so it runs only where the company has its own."""
    try:
        from bot.documents.word.template_check import WrongTemplate, check
    except ModuleNotFoundError as missing:
        raise WrongSettings((f"FAULT_TEMPLATES: needs the extra records ({missing.name} is not installed)",)) from None
    try:
        check(templates)
    except WrongTemplate as wrong:
        raise WrongSettings(
            tuple(f"FAULT_TEMPLATES: {line}; for example FAULT_TEMPLATES=templates" for line in wrong.args)
        ) from None
