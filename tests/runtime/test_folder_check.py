"""Health says whether all processes see the same folder of files."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.casework.restores import begin_epoch
from bot.clock import Clocks
from bot.health import FILES, OK, Health, to_be_told
from bot.runtime.folder_check import ANOTHER_FOLDER, FolderCheck
from storage.database import Database
from storage.file_contents import MARKER, FolderContents
from storage.outbox import NO_CHANNEL
from tests.support import world
from tests.support.manual_clock import ManualClock


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """An empty database."""
    opened = Database(sqlite_url)
    yield opened
    opened.close()


def clocks_at(moment: datetime, server: datetime | None = None) -> Clocks:
    """The clocks of a machine; `server` is the time of the database's machine where that is another."""
    return Clocks(ManualClock(moment), lambda _session: server)


def state(database: Database, folder: Path) -> str:
    """What a process says that keeps files in this folder."""
    health = Health(lambda: 0.0)
    FolderCheck(database, clocks_at(world.begins()), FolderContents(folder), health).check()
    return health.report().parts[FILES]


def test_processes_with_the_same_folder_are_well(database: Database, tmp_path: Path) -> None:
    assert [state(database, tmp_path / "shared") for _process in range(2)] == [OK, OK]


def test_a_process_with_another_folder_is_not(database: Database, tmp_path: Path) -> None:
    assert state(database, tmp_path / "one") == OK
    assert state(database, tmp_path / "other") == ANOTHER_FOLDER
    assert to_be_told({FILES: ANOTHER_FOLDER})


def test_a_folder_that_cannot_be_used_is_told(database: Database, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert state(database, tmp_path / "file").startswith("cannot be used: ")


def test_after_a_restore_the_folder_is_marked_anew(database: Database, tmp_path: Path) -> None:
    assert state(database, tmp_path / "before") == OK
    with database.write() as session:
        begin_epoch(session, NO_CHANNEL, world.begins())
    assert state(database, tmp_path / "after") == OK
    assert state(database, tmp_path / "before") == ANOTHER_FOLDER


@pytest.mark.parametrize(
    ("file_system", "database_time", "kept"),
    [(25, 25, False), (23, 23, True), (25, 23, True), (23, 48, True)],
    ids=["old", "young", "old by the file system alone", "old by the database alone"],
)
def test_unfinished_files_are_removed_a_day_after_they_were_last_written_to(
    database: Database, tmp_path: Path, file_system: int, database_time: int, kept: bool
) -> None:
    """Ages in hours by both clocks."""
    folder = FolderContents(tmp_path)
    present = folder.now()
    unfinished = [tmp_path / "incoming" / "half", tmp_path / f"{MARKER}.half"]
    for one in unfinished:
        one.write_bytes(b"half")
        written = (present - timedelta(hours=file_system)).timestamp()
        os.utime(one, (written, written))
    stored = folder.store([b"whole"])
    now = present + timedelta(hours=database_time - file_system)
    FolderCheck(database, clocks_at(now, now), folder, Health(lambda: 0.0)).clean()
    assert [one.exists() for one in unfinished] == [kept, kept]
    assert folder.path(stored.sha256).exists()
