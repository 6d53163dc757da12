"""The command line: parse, hand over. Every command has `--help`."""

import json
import signal
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from bot import logs
from bot.settings import Settings, WrongSettings, load

app = typer.Typer(
    name="faultdesk",
    help="A Slack bot that runs a support team's written system-maintenance process.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
sandbox = typer.Typer(help="The bot in a stand-in Slack workspace; no account needed.", invoke_without_command=True)
app.add_typer(sandbox, name="sandbox")

User = Annotated[str, typer.Argument(help="Who acts: a user id such as U0CHEN")]
Url = Annotated[str, typer.Option(help="Where the running sandbox is")]
SANDBOX_URL = "http://127.0.0.1:3001"
SANDBOX_FOLDER = Path("faultdesk-sandbox")
#: What a sandbox keeps in its folder: the bot's database with what SQLite lays beside it, and the workspace.
KEPT = ("sandbox.db", "workspace.json", "sandbox.db-wal", "sandbox.db-shm")


def main() -> None:
    """Run the command line; wrong settings are told one a line and end with 2."""
    try:
        app()
    except WrongSettings as wrong:
        for line in wrong.lines:
            print(line, file=sys.stderr)
        sys.exit(2)


def _settings(*, needs_slack: bool = True) -> Settings:
    settings = load(needs_slack=needs_slack)
    logs.configure(settings.log_format, settings.secrets)
    return settings


@app.command()
def run() -> None:
    """Everything in one process: Slack's requests, delivery, reminders."""
    settings = _settings()
    if settings.database_url.get_secret_value().startswith("sqlite"):
        _bring_up_to_date(settings)
    _serve(settings, web=True, worker=True)


@app.command()
def web() -> None:
    """Slack's requests only; run `worker` beside it."""
    _serve(_settings(), web=True, worker=False)


@app.command()
def worker() -> None:
    """Delivery and reminders only; run `web` beside it."""
    _serve(_settings(), web=False, worker=True)


@app.command()
def migrate(
    check: Annotated[bool, typer.Option(help="Only prove that the migrations match the tables")] = False,
) -> None:
    """Bring the database to the current schema."""
    if check:
        _check_migrations()
    else:
        _bring_up_to_date(_settings(needs_slack=False))


@app.command()
def manifest(
    url: Annotated[str | None, typer.Option(help="The address of this installation")] = None,
    socket_mode: Annotated[bool, typer.Option(help="For Socket Mode instead of HTTP")] = False,
) -> None:
    """Print the app manifest to create the Slack app from."""
    from bot.slack.manifest import manifest as make

    typer.echo(json.dumps(make(url, socket_mode=socket_mode), ensure_ascii=False, indent=2))


@sandbox.callback()
def play(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="The bot's port; the workspace and its page take the next one")] = 3000,
    host: Annotated[
        str, typer.Option(help="The workspace's interface; on any other, everybody there can act for everybody")
    ] = "127.0.0.1",
    folder: Annotated[Path, typer.Option(help="Where the workspace is kept")] = SANDBOX_FOLDER,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew: drop what was kept")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the page")] = False,
) -> None:
    """Start the stand-in workspace with a demo team, its page, and the bot in it."""
    if context.invoked_subcommand:
        return
    from bot.playdesks import desks
    from bot.playground import Playground

    logs.configure("console")
    stopped = _told_to_stop()
    url, kept = _kept_in(folder, fresh)
    try:
        sandbox = Playground(url, host=host, slack_port=_free(port + 1), bot_port=_free(port), kept=kept)
    except ValueError as problem:
        raise WrongSettings((f"--folder: {problem}; for example --fresh",)) from None
    with sandbox as playground:
        playground.desks.update(desks(playground))
        typer.echo(_welcome(playground.workspace.base_url))
        if not no_browser:
            _open_page(playground.workspace.base_url)
        stopped.wait()


def _kept_in(folder: Path, fresh: bool) -> tuple[str, Path]:
    """The database's address and the workspace's file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in KEPT if fresh else ():
        (folder / name).unlink(missing_ok=True)
    return f"sqlite:///{folder / KEPT[0]}", folder / KEPT[1]


def _open_page(page: str) -> None:
    """In the person's browser, if there is one with a window: a browser in the terminal would take it over."""
    import webbrowser

    with suppress(webbrowser.Error):
        browser = webbrowser.get()
        if type(browser) is not webbrowser.GenericBrowser:
            browser.open(page)


@app.command()
def seed(
    path: Annotated[str | None, typer.Argument(help="Only this path of the tour; all of them if left out")] = None,
    url: Url = SANDBOX_URL,
) -> None:
    """Play the tour's paths in the running sandbox, so that there is something to look at."""
    from bot.sandbox import terminal

    for code in [path] if path else terminal.paths(url):
        typer.echo(terminal.play(url, code))


@sandbox.command()
def say(user: User, text: str, channel: str | None = None, url: Url = SANDBOX_URL) -> None:
    """Type a command such as "/fault list", or a message."""
    from bot.sandbox import terminal

    typer.echo(terminal.say(url, user, text, channel))


@sandbox.command()
def press(user: User, action_id: str, url: Url = SANDBOX_URL) -> None:
    """Press a button on the newest message or in the open form."""
    from bot.sandbox import terminal

    typer.echo(terminal.press(url, user, action_id))


@sandbox.command()
def fill(user: User, values: list[str], url: Url = SANDBOX_URL) -> None:
    """Fill in fields of the open form, each as name=value; several persons with commas."""
    from bot.sandbox import terminal

    pairs = dict(value.split("=", 1) for value in values if "=" in value)
    typer.echo(terminal.fill(url, user, pairs))


@sandbox.command()
def submit(user: User, url: Url = SANDBOX_URL) -> None:
    """Submit the open form."""
    from bot.sandbox import terminal

    typer.echo(terminal.submit(url, user))


@sandbox.command()
def inbox(user: User, url: Url = SANDBOX_URL) -> None:
    """Show the bot's direct messages to somebody."""
    from bot.sandbox import terminal

    typer.echo(terminal.inbox(url, user))


@sandbox.command()
def show(user: User, channel: str | None = None, url: Url = SANDBOX_URL) -> None:
    """Show what somebody sees: the open form, or the messages."""
    from bot.sandbox import terminal

    typer.echo(terminal.show(url, user, channel))


def _serve(settings: Settings, *, web: bool, worker: bool) -> None:
    from bot.bootstrap import Bot

    stopped = _told_to_stop()
    try:
        bot = Bot(settings, web=web, worker=worker)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise WrongSettings((f"PORT: cannot listen at {where}: {error.strerror}; for example PORT=3000",)) from None
    if not bot.is_migrated():
        bot.stop()
        raise WrongSettings(("DATABASE_URL: the database is not at the current schema; run: faultdesk migrate",))
    bot.start()
    try:
        stopped.wait()
    finally:
        bot.stop()


def _told_to_stop() -> threading.Event:
    """Set once the process is told to end; asked for before the start, so that no such word is missed."""
    stopped = threading.Event()
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, lambda *_: stopped.set())
    return stopped


def _bring_up_to_date(settings: Settings) -> None:
    from alembic.util import CommandError
    from sqlalchemy.exc import DBAPIError

    from bot.bootstrap import database
    from storage import migrations

    store = database(settings)
    try:
        if migrations.current(store.engine) != migrations.head():
            migrations.upgrade(store.engine)
    except (CommandError, DBAPIError) as error:
        reason = getattr(error, "orig", None) or error  # a database error's text alone would quote the statement
        example = "sqlite:///faultdesk.db"
        raise WrongSettings((f"DATABASE_URL: {reason}; for example DATABASE_URL={example}",)) from None
    finally:
        store.close()


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


def _free(port: int) -> int:
    """The port, or 0 (any) when somebody else has it."""
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def _welcome(url: str) -> str:
    at = "" if url == SANDBOX_URL else f" --url {url}"
    sandbox = f"{sys.argv[0]} sandbox"
    return f"""
Faultdesk runs in a stand-in Slack workspace at {url} (this machine only). Stop it with Ctrl+C.

The team, and the language that each reads:
  U0HUANG center manager (中文)   U0CHEN service manager (中文)   U0ZHOU service manager (English)
  U0WU technician (English)       U0LIN, U0HE testers (中文)      U0ZHAO modifier (中文)
  U0ADMIN admin (中文)            U0VIEWER quality staff (中文)   U0ANNA a colleague in Berlin (English)

In another terminal, report a problem and look at it:
  {sandbox} say U0ZHOU /fault{at}
  {sandbox} fill U0ZHOU customer=Huadong contact="Sun Li" contact_way=phone product=Billing version=V3.2 \\
      summary="Rating exits" description="Rating exits with ORA-01438"{at}
  {sandbox} submit U0ZHOU{at}
  {sandbox} say U0ZHOU "/fault F-1"{at}
Then press what is offered, fill in what is asked, and see who is told:
  {sandbox} press U0ZHOU triage{at}
  {sandbox} fill U0ZHOU is_requirement=no is_fault=yes symptom_kind=exit{at}
  {sandbox} submit U0ZHOU{at}
  {sandbox} inbox U0HUANG{at}
"""
