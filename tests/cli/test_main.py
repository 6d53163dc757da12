"""The command line as operators use it, with real processes and real signals."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3
from sqlalchemy import text
from typer.testing import CliRunner

from bot.cli import main
from bot.sandbox import StandIn, Workspace
from bot.seal_key import SealKey
from bot.slack.manifest import manifest
from storage import key_signatures, migrations
from storage.database import Database
from storage.tables import Case
from tests.support import world
from tests.support.commands import Command, command_in
from tests.support.free_ports import free_port
from tests.support.processes import clean_environment
from tests.support.team import ANNA, CHEN, DESK, LIN
from tests.support.world import MAX_WAIT_SECONDS

FAULTDESK = Path(sys.executable).with_name("faultdesk")


def run(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [FAULTDESK, *arguments],
        cwd=folder,
        env={**clean_environment(), **environ},
        capture_output=True,
        text=True,
        timeout=MAX_WAIT_SECONDS,
        check=False,
    )


GOOD = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "secret-word", "FAULT_CHANNEL": "C0DESK"}


def test_wrong_settings_are_reported_one_a_line(tmp_path: Path) -> None:
    wrong = {"PORT": "eighty", "FAULT_TIMEZONE": "Mars", "SLACK_BOT_TOKEN": "token-of-mine"}
    done = run(tmp_path, "run", **{**GOOD, **wrong})
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == ["FAULT_TIMEZONE", "PORT", "SLACK_BOT_TOKEN"]
    assert all("for example" in line for line in lines)
    assert "token-of-mine" not in done.stderr
    assert list(tmp_path.iterdir()) == [], "no file was created"


@pytest.fixture
def command(
    tmp_path: Path, bare_logging: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """The command line inside the test process, in `tmp_path`."""
    return command_in(tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize("name", ["run", "web", "worker"])
def test_missing_settings_are_reported(command: Command, name: str) -> None:
    done = command(name)
    assert done.returncode == 2
    told = {line.partition(":")[0] for line in done.stderr.splitlines()}
    assert told >= {"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"}


def test_settings_are_also_read_from_a_file(tmp_path: Path, command: Command) -> None:
    lines = [*(f"{name}={value}" for name, value in GOOD.items()), "PORT=eighty"]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    assert [line.partition(":")[0] for line in command("run").stderr.splitlines()] == ["PORT"]


HELPED = ["", "run", "web", "worker", "migrate", "manifest", "sandbox", "seed", "backup", "restore", "verify", "export"]
HELPED += ["doctor", "import", "import customers", "import products", "import faults"]
HELPED += [f"sandbox {command}" for command in ("say", "press", "fill", "submit", "close", "inbox", "show", "clock")]


@pytest.mark.parametrize("command", HELPED)
def test_every_command_has_help(command: str) -> None:
    done = CliRunner().invoke(main.app, [*command.split(), "--help"])
    assert done.exit_code == 0
    assert "Usage:" in done.output


def test_an_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(main.app, ["rum"]).exit_code == 2


def test_python_m_bot_runs_the_same_commands(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "manifest", "--url", "https://desk.example.com/slack/events"],
        capture_output=True,
        text=True,
        timeout=MAX_WAIT_SECONDS,
        check=True,
    )
    assert json.loads(done.stdout) == manifest("https://desk.example.com/slack/events")


def test_the_manifest_can_be_printed_for_socket_mode() -> None:
    done = CliRunner().invoke(main.app, ["manifest", "--socket-mode"])
    assert json.loads(done.output)["settings"]["socket_mode_enabled"] is True


@pytest.mark.long
def test_migrate_needs_no_slack_and_can_be_repeated(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    for _ in range(2):
        done = run(tmp_path, "migrate", DATABASE_URL=url)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    database = Database(url)
    assert migrations.is_current(database.engine)
    database.close()
    assert CliRunner().invoke(main.app, ["migrate", "--check"]).exit_code == 0


# Running


@contextmanager
def running(folder: Path, workspace: Workspace, **environ: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`faultdesk run` in a process of its own against a stand-in workspace. Yields the process and its port once it
    is healthy.
    """
    port = free_port()
    served = {**world.environment(workspace), "HOST": "127.0.0.1", "PORT": str(port), "FAULT_SWEEP_SECONDS": "0.5"}
    process = subprocess.Popen(
        [FAULTDESK, "run"],
        cwd=folder,
        env={**clean_environment(), **served, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        workspace.wait_until(lambda: process.poll() is not None or healthy(port))
        assert process.poll() is None, process.communicate()
        yield process, port
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def healthy(port: int) -> bool:
    with urllib3.PoolManager() as pool:
        try:
            return (
                pool.request("GET", f"http://127.0.0.1:{port}/health", retries=False, timeout=MAX_WAIT_SECONDS).status
                == 200
            )
        except urllib3.exceptions.HTTPError:
            return False


def ended(process: subprocess.Popen[str], how: int = signal.SIGTERM) -> str:
    """Send a signal to the process and return its log. The process must end with 0 and without a traceback."""
    process.send_signal(how)
    _out, logged = process.communicate(timeout=MAX_WAIT_SECONDS)
    assert process.returncode == 0, logged
    assert "Traceback" not in logged
    return logged


@pytest.fixture
def standin() -> Iterator[StandIn]:
    made = world.workspace(manifest=manifest("http://127.0.0.1/slack/events"))
    with StandIn(made) as started:
        yield started


def report(standin: StandIn) -> None:
    anna = standin.person(ANNA)
    anna.command("/fault")
    anna.opened("report")
    anna.fill(
        source="internal",
        contact="Anna",
        contact_way="Desk 5",
        product="Billing Suite",
        version="V3.2",
        summary="It exits 异常退出",
        description="At night",
        found_at=1_700_000_000,
        channel="chat",
    )
    assert anna.submit().closed


def take_a_step(standin: StandIn) -> None:
    """Report a case and triage it, and wait until everybody is notified."""
    workspace = standin.workspace
    workspace.wait_until(lambda: workspace.log.calls("users.list"))
    report(standin)
    lin = standin.person(LIN)
    shown = lin.command("/fault F-1", channel=DESK).message
    assert shown is not None
    lin.press("triage", message=shown)
    lin.opened("triage")
    lin.fill(is_requirement="no", is_fault="yes", symptom_kind="exit")
    assert lin.submit().closed
    workspace.wait_until(lambda: len(workspace.history(DESK)) == 2)
    workspace.wait_until(lambda: standin.person(CHEN).inbox())


def test_run_serves_requests_and_ends_on_a_signal(tmp_path: Path, standin: StandIn) -> None:
    workspace = standin.workspace
    with running(tmp_path, workspace) as (process, port):
        standin.connect(bot_url=f"http://127.0.0.1:{port}/slack/events")
        take_a_step(standin)
        logged = ended(process)
    assert workspace.bot_token not in logged
    assert workspace.signing_secret not in logged
    assert "异常退出" not in logged
    assert not workspace.app_bugs
    with running(tmp_path, workspace) as (process, port):
        standin.connect(bot_url=f"http://127.0.0.1:{port}/slack/events")
        shown = standin.person(LIN).command("/fault F-1", channel=DESK).message
        assert shown is not None
        assert "异常退出" in shown.plain, "the default database lies in the working directory"
        ended(process, signal.SIGINT)
    assert (tmp_path / "faultdesk.db").exists()
    key, database = SealKey.read(tmp_path / "faultdesk.key"), Database(f"sqlite:///{tmp_path / 'faultdesk.db'}")
    with database.read() as session:
        used = [one.fingerprint for one in key_signatures.used(session)]
    database.close()
    assert used == [key.fingerprint], "the key was made at the first start, and introduced once"


@pytest.mark.long
def test_run_serves_over_socket_mode(tmp_path: Path) -> None:
    """There is no request URL and no signing secret. Everything arrives over the WebSocket that the bot opens."""
    with StandIn(world.workspace(manifest=manifest(socket_mode=True))) as standin:
        serves_over_a_socket(tmp_path, standin)


@pytest.mark.long
def test_a_socket_connection_that_slack_refuses_at_first_is_retried(tmp_path: Path) -> None:
    with StandIn(world.workspace(manifest=manifest(socket_mode=True))) as standin:
        workspace = standin.workspace
        workspace.failures.outage("apps.connections.open")
        with running(tmp_path, workspace, SLACK_APP_TOKEN=workspace.app_token, SLACK_SIGNING_SECRET="") as (process, _):
            workspace.wait_until(lambda: standin.transport.connected)
            assert standin.person(ANNA).command("/fault help", channel=DESK).message is not None
            ended(process)


@pytest.mark.parametrize("name", ["run", "web", "worker"])
def test_a_schema_that_is_not_current_is_reported(command: Command, postgresql_url: str, name: str) -> None:
    database = Database(postgresql_url)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    database.close()
    with StandIn(world.workspace()) as standin:
        environ = {
            **world.environment(standin.workspace),
            "PORT": "0",
            "HOST": "127.0.0.1",
            "DATABASE_URL": postgresql_url,
        }
        done = command(name, **environ)
    assert done.returncode == 2
    assert done.stderr == "DATABASE_URL: the database is not at the current schema; run: faultdesk migrate\n"


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_database_without_the_settings_of_the_environment_is_reported(
    command: Command, postgresql_url: str, name: str
) -> None:
    """As after an upgrade by a `migrate` that had no environment: the desk would be without roles and channel."""
    with StandIn(world.workspace()) as standin:
        environ = {**world.environment(standin.workspace), "PORT": "0", "DATABASE_URL": postgresql_url}
        done = command(name, **environ)
    assert done.returncode == 2
    assert done.stderr == (
        "DATABASE_URL: the database has no settings of the company yet, but this environment has; "
        "run with it: faultdesk migrate\n"
    )


@pytest.mark.parametrize("name", ["web", "worker"])
def test_web_or_worker_alone_is_refused_on_sqlite(tmp_path: Path, command: Command, name: str) -> None:
    """The other half could not run beside it: messages would wait for ever, or nobody would receive the presses."""
    done = command(name, **GOOD, PORT="0")
    assert done.returncode == 2
    assert done.stderr == (
        "DATABASE_URL: SQLite is for one process, so use: faultdesk run; "
        "web and worker need DATABASE_URL=postgresql+psycopg://…\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["run", "web", "worker", "migrate"])
@pytest.mark.parametrize("url", ["sqlite:////nowhere/desk.db", "postgresql+psycopg://desk:pass-word@127.0.0.1:9/desk"])
def test_an_unreachable_database_is_reported_without_the_password(command: Command, name: str, url: str) -> None:
    done = command(name, **GOOD, PORT="0", DATABASE_URL=url)
    assert done.returncode == 2
    assert done.stderr.startswith("DATABASE_URL: ")
    assert len(done.stderr.splitlines()) == 1
    assert "pass-word" not in done.stderr


@pytest.mark.long
def test_a_second_process_on_the_same_sqlite_file_is_refused(tmp_path: Path, command: Command) -> None:
    with StandIn(world.workspace()) as standin:
        with running(tmp_path, standin.workspace) as (process, _port):
            environ = {**world.environment(standin.workspace), "PORT": "0", "HOST": "127.0.0.1"}
            for name in ("run", "web", "worker"):
                second = command(name, **environ)
                assert second.returncode == 2
                assert second.stderr.startswith("DATABASE_URL: ")
                assert "SQLite is for one" in second.stderr
                assert len(second.stderr.splitlines()) == 1
            process.kill()
            process.wait()
        with running(tmp_path, standin.workspace) as (process, _port):
            ended(process)


def serves_over_a_socket(tmp_path: Path, standin: StandIn) -> None:
    workspace = standin.workspace
    socket = {"SLACK_APP_TOKEN": workspace.app_token, "SLACK_SIGNING_SECRET": ""}
    with running(tmp_path, workspace, **socket) as (process, port):
        workspace.wait_until(lambda: standin.transport.connected)
        answer = standin.person(ANNA).command("/fault help", channel=DESK)
        assert answer.message is not None
        assert "/fault list" in answer.message.plain
        for typed in ("payload", "nonsense", "F-99"):
            assert standin.person(ANNA).command(f"/fault {typed}", channel=DESK).message is not None
        take_a_step(standin)
        with urllib3.PoolManager() as pool:
            posted = pool.request("POST", f"http://127.0.0.1:{port}/slack/events", body=b"x", retries=False)
        assert posted.status == 404, "Socket Mode leaves no HTTP endpoint for events"
        ended(process)
    database = Database(f"sqlite:///{tmp_path / 'faultdesk.db'}")
    with database.read() as session:
        case = session.get(Case, 1)
        assert case is not None
        assert case.state == "sheet_drafting"
    database.close()
    assert not workspace.app_bugs


@pytest.mark.parametrize("name", ["PORT", "FAULT_HEALTH_PORT"])
def test_a_port_in_use_is_reported(command: Command, standin: StandIn, name: str) -> None:
    taken = standin.base_url.rpartition(":")[2]
    served = {**world.environment(standin.workspace), "HOST": "127.0.0.1", "PORT": "0", name: taken}
    done = command("run", **served)
    assert done.returncode == 2
    [told] = [line for line in done.stderr.splitlines() if line.startswith(f"{name}: cannot listen at ")]
    assert taken in told
    assert f"for example {name}=" in told


def test_a_database_that_is_newer_or_cannot_be_opened_is_reported(
    tmp_path: Path, command: Command, standin: StandIn
) -> None:
    newer = Database(f"sqlite:///{tmp_path / 'newer.db'}")
    migrations.upgrade(newer.engine)
    with newer.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    for url, word in ((newer.url, "9999"), ("sqlite:////nowhere/at/all/desk.db", "unable to open")):
        done = command("run", **{**world.environment(standin.workspace), "PORT": "0", "DATABASE_URL": url})
        assert done.returncode == 2
        [told] = [line for line in done.stderr.splitlines() if line.startswith("DATABASE_URL: ")]
        assert word in told
