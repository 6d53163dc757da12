"""Health says whether all processes see the same folder of files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.casework.restores import begin_epoch
from bot.health import FILES, OK, Health, to_be_told
from bot.runtime.folder_check import ANOTHER_FOLDER, FolderCheck
from storage.database import Database
from storage.file_contents import FolderContents
from tests.support import world


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """An empty database."""
    opened = Database(sqlite_url)
    yield opened
    opened.close()


def state(database: Database, folder: Path) -> str:
    """What a process says that keeps files in this folder."""
    health = Health(lambda: 0.0)
    FolderCheck(database, FolderContents(folder), health).check()
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
        begin_epoch(session, "", world.begins())
    assert state(database, tmp_path / "after") == OK
    assert state(database, tmp_path / "before") == ANOTHER_FOLDER
