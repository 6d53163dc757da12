"""Backup, restore and verify as an operator uses them, on both kinds of database."""

import json
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from stat import S_IMODE
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from bot.casework.company_settings import CompanySettings
from bot.cli import main
from storage import backup, desk_history, postgresql_programs
from storage.database import Database
from storage.tables import METADATA
from storage.vocabulary import DeskEvent, State
from tests.cli.test_main import FAULTDESK, run
from tests.support.case_builder import CaseBuilder
from tests.support.commands import Done, command_in
from tests.support.free_ports import free_port
from tests.support.old_databases import restored
from tests.support.processes import clean_environment, inherited
from tests.support.tampering import tamper
from tests.support.team import DESK
from tests.support.world import MAX_WAIT_SECONDS

NOW = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)
PASSWORD = "ge:heim\\niss"
pytestmark = pytest.mark.usefixtures("bare_logging")


Faultdesk = Callable[..., Done]


@pytest.fixture
def faultdesk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Faultdesk:
    """The command line inside the test process, in a folder of its own: `faultdesk(url, "backup", file)`."""
    command = command_in(tmp_path, monkeypatch, capsys)
    return lambda url, *arguments: command(*arguments, DATABASE_URL=url)


@dataclass
class Installation:
    """A database in use, and an empty one of the same kind to restore into."""

    builder: CaseBuilder
    url: str
    make_empty: Callable[[], str]

    @cached_property
    def empty(self) -> str:
        return self.make_empty()


@pytest.fixture
def installation_on(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Installation]]:
    """A function that makes a desk on the kind of database that is named."""
    opened: list[Callable[[], None]] = []

    def new() -> str:
        server, name = request.getfixturevalue("postgresql"), f"empty_{uuid4().hex}"
        opened.append(lambda: server.drop(name))
        return str(server.make(name, "template1"))

    def make(kind: str) -> Installation:
        url: str = request.getfixturevalue(f"{kind}_url")
        builder = CaseBuilder(Database(url), CompanySettings(DESK), lambda: NOW)
        opened.append(builder.database.close)
        builder.seed()
        return Installation(
            builder, url, new if kind == "postgresql" else lambda: f"sqlite:///{tmp_path / 'restored.db'}"
        )

    yield make
    for close in reversed(opened):
        close()


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, installation_on: Callable[[str], Installation]) -> Installation:
    return installation_on(request.param)


@pytest.fixture
def lite(installation_on: Callable[[str], Installation]) -> Installation:
    return installation_on("sqlite")


@pytest.fixture
def post(installation_on: Callable[[str], Installation]) -> Installation:
    return installation_on("postgresql")


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    database = Database(url)
    with database.engine.connect() as connection:
        rows = {
            table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
            for table in METADATA.sorted_tables
        }
    database.close()
    return rows


def changed(url: str, *statements: str) -> None:
    database = Database(url)
    tamper(database, *statements)
    database.close()


def is_empty(url: str) -> bool:
    if url.startswith("sqlite"):
        return not Path(make_url(url).database or "").exists()
    database = Database(url)
    with database.read() as session:
        tables = session.connection().scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    database.close()
    return bool(tables == 0)


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if "partial" in path.name]


# Backup and restore


def test_a_restored_database_equals_the_one_that_was_backed_up(installation: Installation, tmp_path: Path) -> None:
    for state in (State.TRIAGE, State.DECISION, State.CLOSED):
        installation.builder.fault(state)
    done = run(tmp_path, "backup", "desk.backup", DATABASE_URL=installation.url)
    assert (done.returncode, done.stderr) == (0, "")
    file = tmp_path / "desk.backup"
    assert done.stdout == f"✓ desk.backup: 3 cases, {file.stat().st_size:,} bytes\n"
    assert S_IMODE(file.stat().st_mode) == 0o600, "it holds customers' data"
    assert leftovers(tmp_path) == []

    done = run(tmp_path, "restore", "desk.backup", DATABASE_URL=installation.empty)
    assert (done.returncode, done.stderr) == (0, "")
    restored, schema, numbers, _unsigned, verified = done.stdout.splitlines()
    assert (restored, schema) == ("✓ 3 cases restored from desk.backup", "The schema is current.")
    assert numbers.startswith("Buttons from before are refused. New cases begin at F-103; the last one is F-3.")
    assert verified.startswith("✓ 3 cases, ")
    assert verified.endswith(": nothing was tampered with")
    before, after = contents(installation.url), contents(installation.empty)
    assert [row[3] for row in after.pop("desk_entries")] == ["restored"], "a restore is an entry of the desk"
    assert before.pop("desk_entries") == []
    assert [row[0] for row in after.pop("epochs")] == [1, 2], "a restore begins an epoch"
    assert [row[0] for row in before.pop("epochs")] == [1]
    [told] = [row for row in after["outbox"] if row not in before["outbox"]]
    assert "restored" in told, "the service-desk channel is told"
    after["outbox"].remove(told)
    assert after == before
    assert leftovers(tmp_path) == []


def test_a_restored_database_can_be_worked_with(installation: Installation, faultdesk: Faultdesk) -> None:
    last = installation.builder.fault(State.SHEET_SIGNING)
    assert faultdesk(installation.url, "backup", "one").returncode == 0
    assert faultdesk(installation.empty, "restore", "one").returncode == 0
    again = CaseBuilder(Database(installation.empty), CompanySettings(DESK), lambda: NOW)
    again.onward(last, State.CLOSED)
    assert again.report() >= last + 100, "no number is given twice, although later cases are lost"
    with pytest.raises(DBAPIError), again.database.write() as session:
        session.connection().execute(text("UPDATE audit_entries SET step = 'x'"))
    again.database.close()
    assert faultdesk(installation.empty, "verify").returncode == 0
    assert faultdesk(installation.empty, "backup", "two").stdout.startswith("✓ two: 2 cases, ")


def test_a_backup_made_while_others_write_is_consistent(
    installation: Installation, faultdesk: Faultdesk, tmp_path: Path
) -> None:
    stop, written = threading.Event(), 0

    def work() -> None:
        nonlocal written
        while not stop.wait(0.01):
            installation.builder.fault(State.SHEET_SIGNING)
            written += 1

    writer = threading.Thread(target=work)
    writer.start()
    try:
        done = run(tmp_path, "backup", "copy", DATABASE_URL=installation.url)
        assert (done.returncode, done.stderr) == (0, "")
        cases = [int(done.stdout.split(": ")[1].split(" ")[0])]
        while cases[-1] < cases[0] + 5:  # it writes all the while
            Path("last").unlink(missing_ok=True)
            cases.append(backup.backup(installation.url, Path("last")).cases)
    finally:
        stop.set()
        writer.join()
    assert cases == sorted(cases)
    assert cases[-1] <= written
    restored = faultdesk(installation.empty, "restore", "last")
    assert (restored.returncode, restored.stderr) == (0, "")
    assert restored.stdout.splitlines()[-1].startswith(f"✓ {cases[-1]} cases, ")


def test_a_backup_includes_what_a_killed_bot_left_in_the_write_ahead_log(
    lite: Installation, faultdesk: Faultdesk, tmp_path: Path
) -> None:
    lite.builder.report()
    killed = tmp_path / "killed"
    killed.mkdir()
    for ending in ("", "-wal"):  # as they are at this moment
        shutil.copy(tmp_path / f"faultdesk.db{ending}", killed)
    assert faultdesk(f"sqlite:///{killed}/faultdesk.db", "backup", "it").stdout.startswith("✓ it: 1 case, ")


def test_a_backup_made_by_sqlites_own_command_can_be_restored(
    lite: Installation, faultdesk: Faultdesk, tmp_path: Path
) -> None:
    lite.builder.report()
    with closing(sqlite3.connect(tmp_path / "faultdesk.db")) as here, closing(sqlite3.connect("theirs.db")) as there:
        here.backup(there)
    Path("theirs.db").chmod(0o400)
    assert faultdesk(lite.empty, "restore", "theirs.db").returncode == 0
    assert not Path("theirs.db-wal").exists()


def test_a_restore_by_other_means_is_told_with_done(installation: Installation, faultdesk: Faultdesk) -> None:
    installation.builder.fault(State.CLOSED)
    done = faultdesk(installation.url, "restore", "--done")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "✓ the restore is in the history of the desk",
        "Buttons from before are refused. New cases begin at F-101; the last one is F-1. "
        "The service-desk channel is told.",
    ]
    with installation.builder.database.read() as session:
        assert [entry.event for entry in desk_history.entries(session)] == [DeskEvent.RESTORED]
    assert installation.builder.report() == 101
    assert faultdesk(installation.url, "verify").returncode == 0


def test_done_is_refused_while_a_bot_uses_the_file(lite: Installation, faultdesk: Faultdesk) -> None:
    with closing(Database(lite.url)) as bot:
        bot.take_ownership()
        done = faultdesk(lite.url, "restore", "--done")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("DATABASE_URL: ")
    assert done.stderr.endswith("is in use by another process; stop the bot first\n")


@pytest.mark.parametrize("arguments", [(), ("it", "--done")])
def test_restore_takes_a_file_or_done(lite: Installation, faultdesk: Faultdesk, arguments: tuple[str, ...]) -> None:
    done = faultdesk(lite.empty, "restore", *arguments)
    assert (done.returncode, done.stderr[:5]) == (2, "FILE:")


def test_a_server_that_others_are_connected_to_is_refused(post: Installation, faultdesk: Faultdesk) -> None:
    """A running bot would find the database with the epoch of the backup."""
    assert faultdesk(post.url, "backup", "it").returncode == 0
    with closing(Database(post.empty)) as bot, bot.read() as session:
        session.connection()
        done = faultdesk(post.empty, "restore", "it")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "DATABASE_URL: is in use by another process; stop the bot first\n"
    assert is_empty(post.empty)


@pytest.mark.parametrize("place", [0.3, 0.6, 0.999])
def test_a_backup_with_a_flipped_byte_is_not_restored(
    installation: Installation, faultdesk: Faultdesk, tmp_path: Path, place: float
) -> None:
    installation.builder.fault(State.CLOSED)
    assert faultdesk(installation.url, "backup", "it").returncode == 0
    file = tmp_path / "it"
    content = bytearray(file.read_bytes())
    content[int(len(content) * place)] ^= 1
    file.write_bytes(content)
    done = faultdesk(installation.empty, "restore", "it")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "it: is damaged: its checksum does not hold; take another backup\n"
    assert is_empty(installation.empty)


def test_a_backup_without_a_checksum_is_restored_with_a_warning(
    installation: Installation, faultdesk: Faultdesk, tmp_path: Path
) -> None:
    """Earlier versions wrote such backups."""
    installation.builder.report()
    assert faultdesk(installation.url, "backup", "it").returncode == 0
    file = tmp_path / "it"
    file.write_bytes(file.read_bytes()[:-83])
    done = faultdesk(installation.empty, "restore", "it")
    assert done.returncode == 0
    assert done.stderr == "it has no checksum; whether a byte of it was damaged is not known\n"


def test_sqlite_opens_a_backup_with_its_checksum(lite: Installation, faultdesk: Faultdesk, tmp_path: Path) -> None:
    lite.builder.report()
    assert faultdesk(lite.url, "backup", "it").returncode == 0
    with closing(sqlite3.connect(tmp_path / "it")) as opened:
        assert opened.execute("SELECT count(*) FROM cases").fetchone() == (1,)
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        opened.execute("CREATE TABLE more AS SELECT * FROM cases")
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# Refusals


def test_an_existing_file_is_not_overwritten(lite: Installation, faultdesk: Faultdesk) -> None:
    Path("there").write_text("mine")
    assert faultdesk(lite.url, "backup", "there") == (2, "", "there: already exists and is not overwritten\n")
    assert Path("there").read_text() == "mine"


def test_a_database_that_is_not_empty_is_not_restored_into(installation: Installation, faultdesk: Faultdesk) -> None:
    installation.builder.report()
    assert faultdesk(installation.url, "backup", "one").returncode == 0
    installation.builder.report()
    before = contents(installation.url)
    done = faultdesk(installation.url, "restore", "one")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("DATABASE_URL: ")
    assert "is not empty" in done.stderr
    assert contents(installation.url) == before


def test_a_backup_is_restored_only_into_the_same_kind_of_database(
    lite: Installation, post: Installation, faultdesk: Faultdesk
) -> None:
    for here, there in ((lite, post), (post, lite)):
        file = f"of-{make_url(here.url).get_backend_name()}"
        assert faultdesk(here.url, "backup", file).returncode == 0
        done = faultdesk(there.empty, "restore", file)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"{file}: is a backup of ")
        assert is_empty(there.empty)


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (None, 2, "No such file"),
        (b"", 2, "is not a backup"),
        (b"Dear all", 2, "is not a backup"),
        (b"SQLite format 3\0", 1, "not restored: "),
        (b"SQLite format 3\0" + b"x" * 9000, 1, "not restored: "),
    ],
)
def test_a_file_that_is_not_a_backup_is_refused(
    faultdesk: Faultdesk, tmp_path: Path, content: bytes | None, code: int, word: str
) -> None:
    if content is not None:
        Path("it").write_bytes(content)
    done = faultdesk("sqlite:///new.db", "restore", "it")
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("it: ")
    assert word in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not Path("new.db").exists()
    assert leftovers(tmp_path) == []


def test_a_database_of_another_program_is_refused(faultdesk: Faultdesk) -> None:
    with closing(sqlite3.connect("theirs.db")) as theirs:
        theirs.execute("CREATE TABLE songs (name)")
    assert faultdesk("sqlite:///new.db", "restore", "theirs.db") == (2, "", "theirs.db: is not a backup of Faultdesk\n")
    assert not Path("new.db").exists()


def test_a_backup_that_is_cut_off_is_not_restored(
    installation: Installation, faultdesk: Faultdesk, tmp_path: Path
) -> None:
    installation.builder.fault(State.CLOSED)
    backup.backup(installation.url, Path("whole"))
    whole = Path("whole").read_bytes()
    for kept in (0.02, 0.5, 0.97):
        Path("cut").write_bytes(whole[: int(len(whole) * kept)])
        done = faultdesk(installation.empty, "restore", "cut")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("cut: not restored: ")
        assert len(done.stderr.splitlines()) == 1
        assert is_empty(installation.empty)
        assert leftovers(tmp_path) == []
    assert faultdesk(installation.empty, "restore", "whole").returncode == 0, (
        "a failed restore leaves the database usable"
    )


def test_a_backup_of_a_newer_schema_is_not_restored(installation: Installation, faultdesk: Faultdesk) -> None:
    changed(installation.url, "UPDATE alembic_version SET version_num = '9999'")
    assert faultdesk(installation.url, "backup", "newer").returncode == 0, "a newer schema can be backed up"
    done = faultdesk(installation.empty, "restore", "newer")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("newer: has a newer schema (9999) than this Faultdesk ")
    assert is_empty(installation.empty)
    done = faultdesk(installation.url, "verify")
    assert (done.returncode, done.stdout) == (2, "")
    assert "faultdesk migrate" in done.stderr


@pytest.mark.parametrize("revision", ["0006", "0009"])
def test_a_backup_of_an_older_schema_is_brought_to_the_current_one(
    lite: Installation, faultdesk: Faultdesk, tmp_path: Path, revision: str
) -> None:
    """The restore of a backup of before there was a history of the desk is an entry of it as well."""
    older = "sqlite:///older.db"
    restored(older, revision, tmp_path).close()
    assert faultdesk(older, "backup", "older").returncode == 0
    done = faultdesk(lite.empty, "restore", "older")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:2] == [
        "✓ 4 cases restored from older",
        f"The schema is current. It was an older one ({revision}).",
    ]
    assert faultdesk(lite.empty, "verify").returncode == 0
    with closing(Database(lite.empty)) as database, database.read() as session:
        (entry,) = desk_history.entries(session)
    told = {"checkpoint": 0, "cases": 4, "last_case": 4, "first_case": 104, "epoch": 2}
    assert (entry.event, json.loads(entry.data)) == (DeskEvent.RESTORED, told)


def test_a_database_without_tables_is_refused(installation: Installation, faultdesk: Faultdesk, tmp_path: Path) -> None:
    for command in (("backup", "it"), ("verify",)):
        done = faultdesk(installation.empty, *command)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("DATABASE_URL: ")
    assert is_empty(installation.empty)
    assert not Path("it").exists()
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:////nowhere/at/all/desk.db", "postgresql+psycopg://h:pass@x:y/z"])
@pytest.mark.parametrize("command", [("backup", "it"), ("restore", "desk"), ("verify",)], ids=lambda one: str(one[0]))
def test_unusable_database_urls_are_refused_without_showing_the_password(
    lite: Installation, faultdesk: Faultdesk, url: str, command: tuple[str, ...]
) -> None:
    backup.backup(lite.url, Path("desk"))
    done = faultdesk(url, *command)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "pass" not in done.stderr


def test_a_missing_folder_is_reported(lite: Installation, faultdesk: Faultdesk) -> None:
    done = faultdesk(lite.url, "backup", "no/folder/it")
    assert (done.returncode, done.stdout) == (1, "")
    assert "No such file or directory" in done.stderr


def test_a_leftover_write_ahead_log_stops_the_restore(lite: Installation, faultdesk: Faultdesk, tmp_path: Path) -> None:
    backup.backup(lite.url, Path("it"))
    log = tmp_path / "restored.db-wal"
    log.write_bytes(b"what was written last")
    done = faultdesk(lite.empty, "restore", "it")
    assert (done.returncode, done.stdout) == (2, "")
    assert str(log) in done.stderr
    assert log.exists()
    log.unlink()
    assert faultdesk(lite.empty, "restore", "it").returncode == 0


def test_an_empty_file_is_restored_into_unless_it_is_in_use(
    lite: Installation, faultdesk: Faultdesk, tmp_path: Path
) -> None:
    backup.backup(lite.url, Path("it"))
    (tmp_path / "restored.db").touch()
    other = Database(lite.empty)
    other.take_ownership()
    done = faultdesk(lite.empty, "restore", "it")
    other.close()
    assert (done.returncode, done.stdout) == (2, "")
    assert "in use" in done.stderr
    assert (tmp_path / "restored.db").stat().st_size == 0
    assert faultdesk(lite.empty, "restore", "it").returncode == 0


def test_a_file_that_is_no_database_is_not_overwritten(
    lite: Installation, faultdesk: Faultdesk, tmp_path: Path
) -> None:
    backup.backup(lite.url, Path("it"))
    (tmp_path / "restored.db").write_text("my letters")
    assert faultdesk(lite.empty, "restore", "it").returncode == 2
    assert (tmp_path / "restored.db").read_text() == "my letters"


# PostgreSQL's programs


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """A function that puts a script on the path in place of a program."""
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{inherited()['PATH']}")
    (tmp_path / "bin").mkdir()

    def write(name: str, script: str) -> None:
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "bin" / name).chmod(0o755)

    return write


def with_password(url: str) -> str:
    return make_url(url).set(password=PASSWORD).render_as_string(hide_password=False)


def test_the_password_is_passed_in_a_private_file_alone(
    post: Installation, faultdesk: Faultdesk, program: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sorted(postgresql_programs.INSTALLED.glob("*/bin"))[-1]
    seen = (
        'file=${2##*passfile=}; file=${file%% *}; echo "$*" >> said; stat -c %a "$file" >> modes; cat "$file" >> kept'
    )
    for name in ("pg_dump", "pg_restore"):
        program(name, f'case "$2" in --dbname=*) {seen}; env | grep PGPASSWORD >> said;; esac; exec {real}/{name} "$@"')
    monkeypatch.setenv("PGPASSWORD", "another")
    dumped = faultdesk(with_password(post.url), "backup", "it")
    restored = faultdesk(with_password(post.empty), "restore", "it")
    assert (dumped.returncode, restored.returncode) == (0, 0), (dumped, restored)
    said = Path("said").read_text()
    assert len(said.splitlines()) == 2, "the environment holds no password beside the two command lines"
    assert Path("modes").read_text() == "600\n600\n"
    assert Path("kept").read_text() == "*:*:*:*:ge\\:heim\\\\niss\n" * 2, "the password file is in PostgreSQL's format"
    for text_ in (said, *dumped[1:], *restored[1:]):
        assert "heim" not in text_
        assert "another" not in text_


def test_a_dump_that_fails_leaves_no_files(
    post: Installation, faultdesk: Faultdesk, program: Callable[[str, str], None], tmp_path: Path
) -> None:
    program("pg_dump", 'echo half; echo "pg_dump: error: no space" >&2; echo "pg_dump: detail: x" >&2; exit 1')
    done = faultdesk(with_password(post.url), "backup", "it")
    assert done == (1, "", "it: not written: pg_dump: error: no space\n")
    assert not Path("it").exists()
    assert leftovers(tmp_path) == []


def test_a_terminated_dump_leaves_no_files(
    post: Installation, program: Callable[[str, str], None], tmp_path: Path
) -> None:
    program("pg_dump", f"touch {tmp_path}/begun; exec sleep 30")
    environ = {**clean_environment(), "DATABASE_URL": with_password(post.url), "TMPDIR": str(tmp_path)}
    process = subprocess.Popen([FAULTDESK, "backup", "it"], cwd=tmp_path, env=environ, stderr=subprocess.PIPE)
    while not (tmp_path / "begun").exists():
        assert process.poll() is None
        time.sleep(0.02)
    assert leftovers(tmp_path) != []
    process.terminate()
    _out, said = process.communicate(timeout=MAX_WAIT_SECONDS)
    assert process.returncode != 0
    assert b"Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["begun", "bin"]


def test_missing_postgresql_programs_are_reported(
    post: Installation, faultdesk: Faultdesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert faultdesk(post.url, "backup", "it").returncode == 0
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgresql_programs, "INSTALLED", tmp_path)
    done = faultdesk(post.url, "backup", "other")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("other: not written: pg_dump is not installed")
    done = faultdesk(post.empty, "restore", "it")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("it: not restored: pg_restore is not installed")
    assert leftovers(tmp_path) == []


def test_missing_permissions_of_the_database_user_are_reported(
    post: Installation, faultdesk: Faultdesk, tmp_path: Path
) -> None:
    role = f"role_{uuid4().hex}"
    changed(post.url, f"CREATE ROLE {role} LOGIN")
    reader = make_url(post.url).set(username=role).render_as_string()
    for command in (("backup", "it"), ("verify",)):
        done = faultdesk(reader, *command)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "DATABASE_URL: permission denied for table alembic_version\n"
    changed(post.url, f"DROP ROLE {role}")
    assert leftovers(tmp_path) == []


def test_an_unreachable_server_is_reported_without_the_password(faultdesk: Faultdesk) -> None:
    gone = f"postgresql+psycopg://desk:geheimnis@127.0.0.1:{free_port()}/desk"
    for command in (("backup", "it"), ("verify",)):
        done = faultdesk(gone, *command)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("DATABASE_URL: ")
        assert len(done.stderr.splitlines()) == 1
        assert "geheimnis" not in done.stderr


# Verifying


def test_an_untampered_database_verifies(installation: Installation, faultdesk: Faultdesk) -> None:
    unsigned = "Unsigned: the desk has used no key\n"
    nothing = "✓ 0 cases, 0 entries, 0 records: nothing was tampered with\n"
    assert faultdesk(installation.url, "verify").stdout == unsigned + nothing
    case = installation.builder.report()
    one = "✓ 1 case, 1 entry, 1 record: nothing was tampered with\n"
    assert faultdesk(installation.url, "verify").stdout == unsigned + one
    installation.builder.onward(case, State.CLOSED)
    other = installation.builder.fault(State.TRIAGE)
    assert faultdesk(installation.url, "verify", f"F-{other}") == (0, one, "")
    both = faultdesk(installation.url, "verify")
    assert both.returncode == 0
    assert both.stdout.startswith(f"{unsigned}✓ 2 cases, 13 entries, ")


def test_a_tampered_backup_is_restored_and_named(
    installation: Installation, faultdesk: Faultdesk, tmp_path: Path
) -> None:
    for _ in range(3):
        installation.builder.fault(State.ANALYSIS)
    changed(
        installation.url,
        "UPDATE audit_entries SET person_id = 'U0X' WHERE case_id = 2 AND seq = 2",
        "UPDATE documents SET content = '{}' WHERE case_id = 3 AND paper = 'T02'",
    )
    assert faultdesk(installation.url, "backup", "it").returncode == 0
    done = faultdesk(installation.empty, "restore", "it")
    assert (done.returncode, done.stderr) == (1, "")
    assert "✗ F-2: Entry 2 of the history was changed." in done.stdout.splitlines()
    assert "✗ F-3: The content of T02 v1 was changed." in done.stdout.splitlines()
    assert done.stdout.splitlines()[-1].startswith("✗ 3 cases, 12 entries, ")
    assert done.stdout.splitlines()[-1].endswith(": 2 cases not as written")
    assert faultdesk(installation.empty, "verify", "F-1").returncode == 0
    assert faultdesk(installation.empty, "verify", "f-2").returncode == 1


def test_cases_on_a_damaged_page_are_named_and_the_others_verified(
    lite: Installation, faultdesk: Faultdesk, tmp_path: Path
) -> None:
    for _ in range(6):
        lite.builder.fault(State.CLOSED)
    lite.builder.database.close()
    file = tmp_path / "faultdesk.db"
    with closing(sqlite3.connect(file)) as there:
        there.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (digest,) = there.execute("SELECT max(content_hash) FROM documents WHERE case_id = 3").fetchone()
        (size,) = there.execute("PRAGMA page_size").fetchone()
    content = bytearray(file.read_bytes())
    page = content.index(digest.encode()) // size * size
    content[page : page + 8] = bytes(8)
    file.write_bytes(content)
    done = faultdesk(lite.url, "verify")
    assert done.returncode == 1
    assert "✗ F-3: The case was removed or made unreadable." in done.stdout
    assert done.stdout.splitlines()[-1].startswith("✗ 6 cases, ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases SET state = 'nowhere'",
        "UPDATE cases SET reported_at = 'yesterday'",
        "UPDATE documents SET status = 'lost'",
        "DELETE FROM audit_entries",
    ],
)
def test_unreadable_cases_are_named(lite: Installation, faultdesk: Faultdesk, statement: str) -> None:
    lite.builder.fault(State.SHEET_DRAFTING)
    emptied = "UPDATE cases SET audit_count = 0, audit_head = ''" if "DELETE" in statement else statement
    changed(lite.url, statement, emptied)
    done = faultdesk(lite.url, "verify")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("✗ F-1: ")


def test_a_case_of_which_only_the_history_is_left_is_named(
    lite: Installation, faultdesk: Faultdesk, tmp_path: Path
) -> None:
    lite.builder.report()
    lite.builder.database.close()
    with closing(sqlite3.connect(tmp_path / "faultdesk.db")) as theirs:
        theirs.execute("DELETE FROM cases")
        theirs.commit()
    for command in (("verify",), ("verify", "F-1")):
        done = faultdesk(lite.url, *command)
        assert done.returncode == 1
        assert done.stdout.startswith("✗ F-1: The case was removed or made unreadable.\n")


@pytest.mark.parametrize("case", ["F-99", "yesterday", "F-", "F-99999999999999999999", "Ｆ-1"])
def test_an_unknown_case_is_refused(lite: Installation, faultdesk: Faultdesk, case: str) -> None:
    done = faultdesk(lite.url, "verify", case)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("CASE: ")


@pytest.mark.parametrize("command", ["backup", "restore", "verify"])
def test_every_command_has_help(command: str) -> None:
    done = CliRunner().invoke(main.app, [command, "--help"])
    assert done.exit_code == 0
    assert "Usage:" in done.output
