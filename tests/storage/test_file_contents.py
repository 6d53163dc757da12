"""Contents of files are stored by their SHA-256, in a folder or as rows of either database."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from storage.database import Database
from storage.file_contents import MAX_ROW_BYTES, DatabaseContents, FileContents, FolderContents, holds

CONTENT = bytes(range(256)) * 300


@pytest.fixture(params=["folder", "rows"])
def contents(request: pytest.FixtureRequest, fresh_url: str, tmp_path: Path) -> Iterator[FileContents]:
    """A folder, or the table of a database, without any content."""
    database = Database(fresh_url)
    yield FolderContents(tmp_path / "files") if request.param == "folder" else DatabaseContents(database)
    database.close()


def test_a_content_is_stored_once_and_comes_back_as_it_was(contents: FileContents) -> None:
    for _time in range(2):
        stored = contents.store([CONTENT[:1000], b"", CONTENT[1000:]])
        assert (stored.sha256, stored.size) == (sha256(CONTENT).hexdigest(), len(CONTENT))
    with contents.open(stored.sha256) as file:
        assert file.read() == CONTENT
    assert holds(contents, stored.sha256)


def test_an_empty_content_is_stored(contents: FileContents) -> None:
    stored = contents.store([])
    assert stored.size == 0
    assert holds(contents, stored.sha256)


def test_a_content_that_breaks_off_is_not_stored(contents: FileContents) -> None:
    def broken() -> Iterator[bytes]:
        yield CONTENT
        raise ConnectionError("the answer broke off")

    with pytest.raises(ConnectionError):
        contents.store(broken())
    with pytest.raises(FileNotFoundError):
        contents.open(sha256(CONTENT).hexdigest())


def test_rows_have_a_limit_and_files_have_none(contents: FileContents) -> None:
    assert contents.limit == (None if isinstance(contents, FolderContents) else MAX_ROW_BYTES)


@pytest.mark.parametrize("kind", ["sqlite_url", "postgresql_url"])
def test_a_row_holds_the_largest_content(request: pytest.FixtureRequest, kind: str) -> None:
    database = Database(request.getfixturevalue(kind))
    rows = DatabaseContents(database)
    stored = rows.store([b"\x00\xff" * (MAX_ROW_BYTES // 2)])
    assert stored.size == MAX_ROW_BYTES
    assert holds(rows, stored.sha256)
    database.close()
