"""`verify` and `backup` of an SQLite file that lies where nothing can be written."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.case_builder import CaseBuilder
from tests.support.case_fixtures import builder, clock
from tests.support.commands import Done, command_in

__all__ = ["builder", "clock"]
pytestmark = [pytest.mark.database("sqlite"), pytest.mark.usefixtures("bare_logging")]
Faultdesk = Callable[..., Done]


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write into the folder. Permissions do not bind root, for whom it is mounted read-only."""
    if os.geteuid() != 0:
        modes = {path: path.stat().st_mode for path in (*folder.iterdir(), folder)}
        for path, mode in modes.items():
            path.chmod(mode & ~0o222)
        yield
        for path, mode in reversed(modes.items()):
            path.chmod(mode)
        return
    if subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
def medium(builder: CaseBuilder, tmp_path: Path) -> Path:
    """A folder with a desk of one case that was closed cleanly."""
    builder.fault()
    builder.database.close()
    folder = tmp_path / "medium"
    folder.mkdir()
    shutil.copy(builder.database.url.removeprefix("sqlite:///"), folder / "desk.db")
    return folder


@pytest.fixture
def faultdesk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Faultdesk:
    command = command_in(tmp_path, monkeypatch, capsys)
    return lambda *arguments: command(*arguments, DATABASE_URL="sqlite:///medium/desk.db")


def test_what_was_closed_cleanly_is_verified_and_backed_up(medium: Path, faultdesk: Faultdesk, tmp_path: Path) -> None:
    with read_only(medium):
        with pytest.raises(OSError, match=r"."):
            (medium / "new").touch()
        verified = faultdesk("verify")
        assert (verified.returncode, verified.stderr) == (0, "")
        assert "1 case" in verified.stdout
        assert faultdesk("backup", "desk.backup").returncode == 0
    assert [path.name for path in medium.iterdir()] == ["desk.db"]
    with closing(sqlite3.connect(tmp_path / "desk.backup")) as copy:
        assert copy.execute("SELECT count(*) FROM cases").fetchone() == (1,)


@pytest.mark.parametrize("words", [("verify",), ("backup", "desk.backup")])
def test_what_was_not_closed_is_refused_with_what_to_do(
    medium: Path, faultdesk: Faultdesk, tmp_path: Path, words: tuple[str, ...]
) -> None:
    with closing(sqlite3.connect(medium / "desk.db")) as killed:
        killed.execute("UPDATE customers SET name = 'Another'")
        killed.commit()
        for name in ("desk.db", "desk.db-wal"):
            shutil.copy(medium / name, tmp_path)
    for name in ("desk.db", "desk.db-wal"):
        shutil.move(tmp_path / name, medium / name)
    with read_only(medium):
        done = faultdesk(*words)
    told = "is read-only and was not closed cleanly; copy it with desk.db-wal to a folder that can be written"
    assert done == (2, "", f"DATABASE_URL: medium/desk.db {told}\n")
