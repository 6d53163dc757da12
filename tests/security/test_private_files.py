"""Every file that the bot writes is readable by its owner alone from its first moment, whatever the umask is."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from stat import S_IMODE
from typing import NoReturn

import pytest

from bot.cli import sandbox
from bot.sandbox.workspace import persistence
from bot.sandbox.workspace.workspace import Workspace
from storage.database import Database
from storage.vocabulary import State
from tests.support import world
from tests.support.case_builder import CaseBuilder
from tests.support.case_fixtures import builder, clock
from tests.support.commands import Command, command_in
from tests.support.manual_clock import ManualClock

__all__ = ["builder", "clock"]
#: What follows the name of a database in the names of its files while it is in use.
ENDINGS = ("", "-wal", "-shm", "-owner", "-owner-journal")


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`faultdesk` in an empty folder."""
    return command_in(tmp_path, monkeypatch, capsys)


@contextmanager
def open_umask() -> Iterator[None]:
    """The umask that takes nothing away, and no way to correct the mode of a file after it was made."""
    before = os.umask(0)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fchmod", _too_late)
            patch.setattr(os, "chmod", _too_late)
            yield
    finally:
        os.umask(before)


def _too_late(*_arguments: object, **_options: object) -> NoReturn:
    raise AssertionError("a file was private only after its first moment")


def modes(folder: Path) -> dict[str, int]:
    """The mode of each file in the folder and below."""
    return {path.name: S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("bare_logging")
def test_the_files_of_a_desk_are_private(tmp_path: Path, command: Command) -> None:
    with open_umask():
        for arguments in (["migrate"], ["setup-key"], ["backup", "kept.backup"]):
            assert command(*arguments, DATABASE_URL="sqlite:///faultdesk.db").returncode == 0
        assert command("restore", "kept.backup", DATABASE_URL="sqlite:///again.db").returncode == 0
        database = Database(f"sqlite:///{tmp_path / 'faultdesk.db'}")
        database.take_ownership()
        with database.write() as session:
            session.connection().exec_driver_sql("CREATE TABLE notes (text)")
    kept = {"faultdesk.key", "kept.backup", "again.db", "again.db-owner"}
    assert set(modes(tmp_path)) == kept | {f"faultdesk.db{ending}" for ending in ENDINGS}
    assert set(modes(tmp_path).values()) == {0o600}
    database.close()


@pytest.mark.database("sqlite")
@pytest.mark.usefixtures("bare_logging")
def test_exports_are_private(builder: CaseBuilder, fresh_url: str, tmp_path: Path, command: Command) -> None:
    builder.fault(State.CLOSED)
    told = {"DATABASE_URL": fresh_url, **world.at(builder.clock())}
    with open_umask():
        for words in ("F-1", "table csv", "pack F-1"):
            assert command("export", *words.split(), "--to", "out", **told).returncode == 0
    assert {Path(name).suffix for name in modes(tmp_path / "out")} == {".docx", ".csv", ".zip"}
    assert set(modes(tmp_path / "out").values()) == {0o600}


def test_the_files_of_a_sandbox_are_private(tmp_path: Path) -> None:
    with open_umask():
        _url, kept = sandbox._storage_in(tmp_path / "sandbox", fresh=True)
        persistence.save(Workspace(clock=ManualClock().now), kept, {})
    assert set(modes(tmp_path)) == {"workspace.json", "faultdesk.key"}
    assert set(modes(tmp_path).values()) == {0o600}
    assert S_IMODE((tmp_path / "sandbox").stat().st_mode) == 0o700


def test_files_of_an_earlier_version_become_private(tmp_path: Path) -> None:
    file = tmp_path / "faultdesk.db"
    left = sqlite3.connect(file, isolation_level=None)
    left.execute("PRAGMA journal_mode=WAL")
    left.execute("CREATE TABLE notes (text)")
    for path in tmp_path.iterdir():
        path.chmod(0o644)
    with closing(left):
        database = Database(f"sqlite:///{file}")
        with database.read() as session:
            session.connection().exec_driver_sql("SELECT text FROM notes")
        assert set(modes(tmp_path)) == {"faultdesk.db", "faultdesk.db-wal", "faultdesk.db-shm"}
        assert set(modes(tmp_path).values()) == {0o600}
        database.close()
