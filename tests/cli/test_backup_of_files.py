"""`backup`, `restore` and `verify` take the files of cases along, where these are kept in a folder."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import files
from storage.database import Database
from storage.file_contents import FolderContents
from storage.tables import CaseFile
from tests.support import world
from tests.support.case_builder import CaseBuilder
from tests.support.commands import Done, command_in
from tests.support.team import DESK

LOG = b"ORA-01438\n"
pytestmark = pytest.mark.usefixtures("bare_logging")


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[CaseBuilder]:
    """A desk with one case, one of whose files is kept beside the database."""
    builder = CaseBuilder(Database(sqlite_url), CompanySettings(DESK), world.begins)
    case = builder.report(attachments=[{"id": "F1", "name": "rating.log"}])
    stored = FolderContents(beside(sqlite_url)).store([LOG])
    found = CaseFile(case_id=case, seq=1, file_id="F1", name="rating.log", size=stored.size, sha256=stored.sha256)
    with builder.database.write() as session:
        files.record(session, found, builder.company, world.begins())
    yield builder
    builder.database.close()


def beside(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///")).with_suffix(".files")


@pytest.fixture
def faultdesk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """The command line inside the test process: `faultdesk(url, "backup", file)`."""
    command = command_in(tmp_path, monkeypatch, capsys)
    return lambda url, *arguments: command(*arguments, DATABASE_URL=url)


def test_files_are_backed_up_restored_and_verified(
    desk: CaseBuilder, sqlite_url: str, faultdesk: Callable[..., Done], tmp_path: Path
) -> None:
    done = faultdesk(sqlite_url, "backup", "copy.db")
    assert "copy.db.files.zip: 1 file" in (done.stdout + done.stderr)
    other = f"sqlite:///{tmp_path / 'other' / 'restored.db'}"
    (tmp_path / "other").mkdir()
    done = faultdesk(other, "restore", "copy.db")
    assert (done.returncode, "1 file restored" in (done.stdout + done.stderr)) == (0, True)
    [kept] = [one for one in beside(other).rglob("*") if one.is_file()]
    assert kept.read_bytes() == LOG


def test_verify_finds_files_that_were_not_restored(
    desk: CaseBuilder, sqlite_url: str, faultdesk: Callable[..., Done]
) -> None:
    assert faultdesk(sqlite_url, "verify").returncode == 0
    shutil.rmtree(beside(sqlite_url))
    for words in (["verify"], ["verify", "F-1"]):
        done = faultdesk(sqlite_url, *words)
        assert done.returncode == 1
        assert "F-1: The content of the file rating.log" in (done.stdout + done.stderr)


def test_a_damaged_zip_is_not_restored(
    desk: CaseBuilder, sqlite_url: str, faultdesk: Callable[..., Done], tmp_path: Path
) -> None:
    faultdesk(sqlite_url, "backup", "copy.db")
    file = tmp_path / "copy.db.files.zip"
    file.write_bytes(file.read_bytes().replace(LOG, LOG[::-1]))
    done = faultdesk(f"sqlite:///{tmp_path / 'restored.db'}", "restore", "copy.db")
    assert done.returncode != 0
    assert "copy.db.files.zip" in (done.stdout + done.stderr)
