"""Checks whose findings a test cannot bring about on a real machine, and what a check that fails itself becomes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.runtime.doctor.check import Check, run_all
from bot.runtime.doctor.machine import Space, disk
from bot.slack.check_result import Outcome, failed, ok
from storage.database import Database, Unavailable
from storage.file_contents import DatabaseContents, FolderContents
from tests.support.sample_cases import ENGLISH


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """An empty database."""
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("free", "outcome"), [(5 * 10**9, Outcome.OK), (5 * 10**8, Outcome.WARNING), (5 * 10**7, Outcome.FAILED)]
)
def test_a_disk_that_is_nearly_full(database: Database, free: int, outcome: Outcome) -> None:
    found = list(disk(database, DatabaseContents(database), ENGLISH, lambda _folder: Space(free, 10**10)))
    assert {one.outcome for one in found} == {outcome}
    assert "GB free of 10.0 GB" in found[0].said


def test_a_folder_that_is_not_made_yet_is_measured_where_it_will_be(database: Database, tmp_path: Path) -> None:
    contents = FolderContents(tmp_path / "not" / "yet")
    assert {one.outcome for one in disk(database, contents, ENGLISH)} <= {Outcome.OK, Outcome.WARNING}


def test_a_disk_that_cannot_be_measured(database: Database) -> None:
    def broken(_folder: Path) -> Space:
        raise PermissionError(13, "Permission denied")

    assert "Permission denied" in next(disk(database, DatabaseContents(database), ENGLISH, broken)).said


def test_a_check_that_fails_itself_keeps_no_other_from_being_made() -> None:
    def away() -> Iterator[None]:
        raise Unavailable("secret-address", "no connection")

    def refused() -> Iterator[None]:
        raise ConnectionRefusedError(111, "Connection refused")

    checks = [
        Check("first", "First", lambda: [failed("broken a-known-secret", "mend it")]),
        Check("second", "Second", lambda: [ok("never")], ("first",)),
        *(Check("third", "Third", away), Check("fourth", "Fourth", refused)),  # type: ignore[arg-type]
        Check("fifth", "Fifth", lambda: [ok("fine")], ("second",)),
    ]
    found = run_all(checks, ["a-known-secret"], ENGLISH)
    assert [part.outcome.value for part in found] == ["failed", "unknown", "unknown", "unknown", "ok"]
    said = " ".join(part.results[0].said for part in found)
    assert "Not checked because of: First." in said
    assert "no connection" in said
    assert "Connection refused" in said
    assert "secret" not in said
