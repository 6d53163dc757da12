"""The entry point of the `faultdesk` command line, and the commands that run the bot. Every command has `--help`."""

import gc
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import structlog
import typer

from bot.cli import checkpoints, doctor, export, generate, importing, keys, records, sandbox
from bot.cli.common import NOT_CURRENT, NOT_STORED, configured, reason
from bot.runtime.signals import StopSignals
from bot.settings.declaration import WrongSettings
from bot.settings.settings import Settings
from storage.unavailable import InUse, Unavailable

log = structlog.get_logger(__name__)
app = typer.Typer(
    name="faultdesk",
    help="A Slack bot that runs a support team's written system-maintenance process.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(importing.app, name="import")
app.command()(sandbox.seed)
for command in (
    *(records.backup, records.restore, records.verify, checkpoints.checkpoint, export.export),
    *(doctor.doctor, generate.catalogs, generate.templates),
):
    app.command()(command)
app.command("process-page")(generate.process_page)
app.command("setup-key")(keys.setup_key)


def main() -> None:
    """Run the command line. Wrong settings are printed one per line, with exit code 2."""
    try:
        app()
    except WrongSettings as wrong:
        for line in wrong.lines:
            print(line, file=sys.stderr)
        sys.exit(2)


@app.command()
def run() -> None:
    """Run everything in one process: Slack requests, delivery and reminders.

    The settings of the company that the environment sets are stored. On SQLite this also brings the database to the
    current schema, and makes the first key of the desk.
    """
    settings = configured(needs_slack=True)
    if _on_sqlite(settings):
        _bring_up_to_date(settings)
        _make_first_key(settings)
    _serve(settings, web=True, worker=True)


@app.command()
def web() -> None:
    """Serve only Slack requests; run `worker` alongside."""
    _serve(_for_several(), web=True, worker=False)


@app.command()
def worker() -> None:
    """Run only delivery and reminders; run `web` alongside."""
    _serve(_for_several(), web=False, worker=True)


def _for_several() -> Settings:
    """Load the settings for `web` or `worker`. SQLite is refused, because the two are separate processes."""
    settings = configured(needs_slack=True)
    if _on_sqlite(settings):
        several = "web and worker need DATABASE_URL=postgresql+psycopg://…"
        raise WrongSettings((f"DATABASE_URL: SQLite is for one process, so use: faultdesk run; {several}",))
    return settings


def _on_sqlite(settings: Settings) -> bool:
    return settings.database_url.get_secret_value().startswith("sqlite")


@app.command()
def migrate(
    check: Annotated[bool, typer.Option(help="Only check that the migrations match the tables")] = False,
) -> None:
    """Bring the database to the current schema, and store the settings of the company that the environment sets."""
    if check:
        _check_migrations()
    else:
        _bring_up_to_date(configured())


@app.command()
def manifest(
    url: Annotated[str | None, typer.Option(help="URL to which Slack sends requests: https://…/slack/events")] = None,
    socket_mode: Annotated[bool, typer.Option(help="Use Socket Mode instead of HTTP")] = False,
) -> None:
    """Print the app manifest from which the Slack app is created."""
    from bot.slack.manifest import manifest as make

    if url and not url.startswith(("https://", "http://")):
        raise WrongSettings((f"--url: {url} is no web address; for example https://desk.example.com/slack/events",))
    typer.echo(json.dumps(make(url, socket_mode=socket_mode), ensure_ascii=False, indent=2))


def _serve(settings: Settings, *, web: bool, worker: bool) -> None:
    from bot.runtime.bootstrap import Bot
    from bot.runtime.http_server import CannotListen

    signals = StopSignals()
    try:
        bot = Bot(settings, web=web, worker=worker)
    except CannotListen as error:
        example = "FAULT_HEALTH_PORT=9090" if error.port == settings.health_port else "PORT=3000"
        raise WrongSettings((f"{example.partition('=')[0]}: {error}; for example {example}",)) from None
    try:
        with _reporting_database_errors():
            bot.database.take_ownership()
            if not bot.is_migrated():
                raise WrongSettings((NOT_CURRENT,))
            if not bot.has_settings():
                raise WrongSettings((NOT_STORED,))
            bot.start()
        _keep_from_collection()
        signals.stop.wait()
        bot.announce_stop()
        signals.at_once.wait(bot.source.latest.shutdown.total_seconds())
    finally:
        bot.stop()


def _keep_from_collection() -> None:
    """Let garbage collection leave alone what the start has made. It stays, and a look at it stops every request."""
    gc.collect()
    gc.freeze()


def _bring_up_to_date(settings: Settings) -> None:
    from bot.runtime import process
    from bot.runtime.upgrade import bring_up_to_date, is_up_to_date

    store = process.database(settings)
    try:
        with _reporting_database_errors():
            if not is_up_to_date(store, settings):
                store.take_ownership()
                bring_up_to_date(store, settings)
    finally:
        store.close()


def _make_first_key(settings: Settings) -> None:
    """Make the key of a desk that has never used one. Without a key the bot works, unsigned."""
    from bot.runtime.process import database
    from bot.runtime.seal_key import make_first_key

    store = database(settings)
    try:
        with _reporting_database_errors():
            made = make_first_key(settings, store)
    except OSError as error:
        log.warning("seal_key.not_made", reason=error.strerror)
        return
    finally:
        store.close()
    if made:
        log.info("seal_key.made", file=str(made))


@contextmanager
def _reporting_database_errors() -> Iterator[None]:
    """Report a database error at the start in one line, as `WrongSettings`."""
    from sqlalchemy.exc import DBAPIError

    from storage.migrations import CannotUpgrade

    try:
        yield
    except InUse as file:
        another = "another process serves it; SQLite is for one, several need DATABASE_URL=postgresql+psycopg://…"
        raise WrongSettings((f"DATABASE_URL: {file}: {another}",)) from None
    except (CannotUpgrade, DBAPIError, Unavailable) as error:
        line = f"DATABASE_URL: {reason(error)}; for example DATABASE_URL=sqlite:///faultdesk.db"
        raise WrongSettings((line,)) from None


def _check_migrations() -> None:
    from storage import migrations
    from storage.database import Database

    with tempfile.TemporaryDirectory() as folder:
        store = Database(f"sqlite:///{Path(folder) / 'check.db'}")
        migrations.upgrade(store.engine)
        differences = migrations.differences(store.engine)
        store.close()
    for difference in differences:
        typer.echo(difference)
    raise typer.Exit(1 if differences else 0)
