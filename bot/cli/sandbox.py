"""`faultdesk sandbox` and `faultdesk seed`: run and drive the stand-in Slack workspace from the command line."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from bot import logs
from bot.clock import ShiftedClock
from bot.runtime.signals import StopSignals
from bot.settings.declaration import WrongSettings
from storage.unavailable import InUse

if TYPE_CHECKING:
    from bot.playground.playground import Playground

app = typer.Typer(help="Run the bot in a stand-in Slack workspace; no account needed.", invoke_without_command=True)

T = TypeVar("T")
User = Annotated[str, typer.Argument(help="User id of the person who acts, such as U0CHEN")]
SANDBOX_FOLDER = Path("faultdesk-sandbox")
#: The file in the folder with the address of the running sandbox's page and its token, for the other commands.
ADDRESS = "address"
Url = Annotated[
    str | None, typer.Option(help=f"Address of the sandbox's page; by default that of the one in {SANDBOX_FOLDER}")
]
#: The files of a sandbox in its folder: the bot's database with SQLite's companion files, the workspace, the key.
KEPT = ("sandbox.db", "workspace.json", "sandbox.db-wal", "sandbox.db-shm", "sandbox.db-owner", "faultdesk.key")

#: The warning for a host that others can reach.
BEYOND_LOOPBACK = """\
WARNING: --host {host} lets other machines reach this sandbox. Whoever has the address of the page, or reads along on
the network, can act as anybody, and read and change everything in it. Put no real data into it, and stop it soon."""


@app.callback()
def play(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port of the bot; the workspace and its page take the next one")] = 3000,
    host: Annotated[
        str, typer.Option(help="Network interface of the workspace; beyond 127.0.0.1, others may act as anybody")
    ] = "127.0.0.1",
    folder: Annotated[Path, typer.Option(help="Folder in which the workspace is kept")] = SANDBOX_FOLDER,
    fresh: Annotated[bool, typer.Option("--fresh", help="Delete the kept workspace and begin anew")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the page")] = False,
    begins: Annotated[
        datetime | None,
        typer.Option(help="Time (UTC) at which the clock of a fresh workspace begins; now by default"),
    ] = None,
) -> None:
    """Start the stand-in workspace with a demo team, its page and the bot."""
    if context.invoked_subcommand:
        return
    try:
        from bot.playground.endpoints import endpoints
    except ModuleNotFoundError as missing:
        raise WrongSettings((f"sandbox needs the extra sandbox ({missing.name} is not installed)",)) from None
    logs.configure("console")
    stopped = StopSignals().stop
    try:
        url, kept = _storage_in(folder, fresh)
        with _playground(url, kept, host, port, begins) as playground:
            playground.endpoints.update(endpoints(playground))
            page = playground.standin.page_url
            _warn_beyond_loopback(host)
            typer.echo(_welcome(page, "" if folder == SANDBOX_FOLDER else f' --url "{page}"'))
            if not no_browser:
                _open_page(page)
            with _published(page, folder / ADDRESS):
                stopped.wait()
    except InUse:
        raise WrongSettings((f"--folder: another sandbox keeps {folder}; for example --folder another",)) from None


def _playground(url: str, kept: Path, host: str, port: int, begins: datetime | None) -> "Playground":
    from bot.playground.playground import Playground
    from bot.sandbox.workspace.demo import OFFICE_HOURS

    at = partial(Playground, url, host=host, slack_port=_free(port + 1), bot_port=_free(port))
    try:
        clock = ShiftedClock.beginning(begins.replace(tzinfo=UTC)) if begins else ShiftedClock()
        return at(overrides=OFFICE_HOURS, kept=kept, clock=clock)
    except ValueError as problem:
        raise WrongSettings((f"--folder: {problem}; for example --fresh",)) from None


def _storage_in(folder: Path, fresh: bool) -> tuple[str, Path]:
    """Return the database URL and the workspace's file in `folder`, and make the key. `fresh` deletes what was there.

    Raises `InUse` instead of deleting the files of another running sandbox.
    """
    from bot.seal_key import SealKey

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = f"sqlite:///{folder / KEPT[0]}"
    if fresh:
        from storage.database import Database

        store = Database(url)
        store.take_ownership()
        for name in KEPT:
            (folder / name).unlink(missing_ok=True)
        store.close()
    if not (folder / KEPT[-1]).exists():
        SealKey.make().write(folder / KEPT[-1])
    return url, folder / KEPT[1]


@contextmanager
def _published(page: str, file: Path) -> Iterator[None]:
    """Keep the address of the page, which has the token, in a file that only its owner can read."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(page, encoding="utf-8")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _warn_beyond_loopback(host: str) -> None:
    from bot.sandbox.api.page_guard import is_loopback

    if not is_loopback(host):
        frame = "!" * 100
        typer.echo(f"{frame}\n{BEYOND_LOOPBACK.format(host=host)}\n{frame}", err=True)


def _open_page(page: str) -> None:
    """Open the page in a graphical browser, if there is one. A text browser would take over the terminal."""
    import webbrowser

    with suppress(webbrowser.Error):
        browser = webbrowser.get()
        if type(browser) is not webbrowser.GenericBrowser:
            browser.open(page)


def seed(
    path: Annotated[str | None, typer.Argument(help="Code of one path of the tour; all paths by default")] = None,
    url: Url = None,
) -> None:
    """Play the paths of the tour in the running sandbox, to fill it with example cases."""
    for code in [path] if path else _ask_sandbox(url, lambda terminal, page: terminal.paths(page)):
        _echo(url, partial(_play, code))


def _play(code: str, terminal: Any, page: str) -> str:
    return str(terminal.play(page, code))


@app.command()
def say(user: User, text: str, channel: str | None = None, url: Url = None) -> None:
    """Type a command such as "/fault list", or a message."""
    _echo(url, lambda terminal, page: terminal.say(page, user, text, channel))


@app.command()
def press(user: User, action_id: str, url: Url = None) -> None:
    """Press a button on the newest message or in the open form."""
    _echo(url, lambda terminal, page: terminal.press(page, user, action_id))


@app.command()
def fill(user: User, values: list[str], url: Url = None) -> None:
    """Fill in fields of the open form, each as name=value; separate several persons by commas."""
    pairs = dict(value.split("=", 1) for value in values if "=" in value)
    _echo(url, lambda terminal, page: terminal.fill(page, user, pairs))


@app.command()
def submit(user: User, url: Url = None) -> None:
    """Submit the open form."""
    _echo(url, lambda terminal, page: terminal.submit(page, user))


@app.command()
def inbox(user: User, url: Url = None) -> None:
    """Show the bot's direct messages to a person."""
    _echo(url, lambda terminal, page: terminal.inbox(page, user))


@app.command()
def show(user: User, channel: str | None = None, url: Url = None) -> None:
    """Show what a person sees: the open form, or the messages."""
    _echo(url, lambda terminal, page: terminal.show(page, user, channel))


@app.command()
def close(user: User, url: Url = None) -> None:
    """Close the open form without sending it."""
    _echo(url, lambda terminal, page: terminal.close(page, user))


@app.command()
def clock(
    forward: Annotated[str, typer.Argument(help="Minutes to put the clock forward by, or next-reminder")] = "0",
    url: Url = None,
) -> None:
    """Show the time of the workspace, or put it forward. The bot uses the same clock."""
    _echo(url, lambda terminal, page: terminal.clock(page, forward))


def _echo(url: str | None, act: Callable[[Any, str], str]) -> None:
    """Run `act` against the sandbox at `url` and print the text that it returns."""
    typer.echo(_ask_sandbox(url, act))


def _ask_sandbox(url: str | None, act: Callable[[Any, str], T]) -> T:
    """Run `act` and return its result. A refusal is printed as one sentence, with exit code 1.

    `act` receives the module `bot.sandbox.client.terminal`, which is imported here so that `faultdesk run` never loads
    it, and the address of the page: `url`, or else that of the sandbox in its usual folder.
    """
    import urllib3

    from bot.sandbox.client import terminal

    try:
        page = url or (SANDBOX_FOLDER / ADDRESS).read_text(encoding="utf-8")
        return act(terminal, page)
    except FileNotFoundError:
        typer.echo(f"No sandbox runs in {SANDBOX_FOLDER}; start one with: make run", err=True)
    except terminal.Refused as refused:
        typer.echo(str(refused), err=True)
    except urllib3.exceptions.HTTPError:
        typer.echo(f"No sandbox answers at {page}; start one with: make run", err=True)
    raise typer.Exit(1)


def _free(port: int) -> int:
    """Return the port, or 0 (any free port) if it is in use."""
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def _welcome(page: str, at: str) -> str:
    sandbox = f"{sys.argv[0]} sandbox"
    return f"""
Faultdesk runs in a stand-in Slack workspace. Its page: {page}
Stop it with Ctrl+C. The next start continues where you stopped; --fresh deletes everything and starts anew.

The people, and the language of each:
  U0HUANG center manager (中文)   U0CHEN service manager (中文)   U0ZHOU service manager (English)
  U0WU technician (English)       U0LIN, U0HE testers (中文)      U0ZHAO modifier (中文)
  U0ADMIN admin (中文)            U0VIEWER quality staff (中文)   U0ANNA a colleague in Berlin (English)

You can do everything on the page, or from another terminal. Report a problem and show the case:
  {sandbox} say U0ZHOU /fault{at}
  {sandbox} fill U0ZHOU customer=Huadong contact="Sun Li" contact_way=phone product=Billing version=V3.2 \\
      summary="Rating exits" description="Rating exits with ORA-01438"{at}
  {sandbox} submit U0ZHOU{at}
  {sandbox} say U0ZHOU "/fault F-1"{at}
Press a button of the case, fill in its form, and read who is notified:
  {sandbox} press U0ZHOU triage{at}
  {sandbox} fill U0ZHOU is_requirement=no is_fault=yes symptom_kind=exit{at}
  {sandbox} submit U0ZHOU{at}
  {sandbox} inbox U0HUANG{at}
"""
