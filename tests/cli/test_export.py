"""`faultdesk export` writes files for operators, ordered in the words of `/fault export`."""

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner

from bot.cli import main
from bot.settings.declaration import WrongSettings
from storage.vocabulary import State
from tests.support import world
from tests.support.case_builder import CaseBuilder
from tests.support.case_fixtures import builder, clock
from tests.support.commands import work_in
from tests.support.stored_settings import store

__all__ = ["builder", "clock"]
Exported = Callable[[str], list[Path]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the command, with none of our variables in its environment."""
    work_in(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture
def exported(builder: CaseBuilder, fresh_url: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> Exported:
    """A function that runs `faultdesk export` beside a closed fault and returns the files that it wrote."""
    store(fresh_url, FAULT_TIMEZONE="Asia/Shanghai")
    builder.seed()  # the environment names nobody
    builder.fault(State.CLOSED)
    told = {"DATABASE_URL": fresh_url, **world.at(builder.clock())}
    for name, value in told.items():
        monkeypatch.setenv(name, value)

    def export(words: str) -> list[Path]:
        shutil.rmtree(here / "out", ignore_errors=True)
        done = CliRunner().invoke(main.app, ["export", *words.split(), "--to", "out"])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        written = sorted((here / "out").iterdir())
        assert all(path.name in done.output for path in written)
        return written

    return export


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("F-1", [f"BTSP-SM-{paper}-F1_V1_en.docx" for paper in ("T02", "T04", "T06", "T07")]),
        ("F-1 T04 双语", ["BTSP-SM-T04-F1_V1_both.docx"]),
        ("BTSP-SM-T04 f-1 zh", ["BTSP-SM-T04-F1_V1_zh-CN.docx"]),
        ("table", ["BTSP-SM-T05_en.xlsx"]),
        ("记录表 2026-11 csv", ["BTSP-SM-T05_2026-11-01_2026-11-30_en.csv"]),
        ("pack F-1", ["evidence-pack_F-1_en.zip"]),
        ("证据包 2026-11", ["evidence-pack_2026-11-01_2026-11-30_en.zip"]),
    ],
)
def test_words_become_files(exported: Exported, words: str, names: list[str]) -> None:
    assert [path.name for path in exported(words)] == names


def test_a_table_is_narrowed_by_names(exported: Exported) -> None:
    def rows(words: str) -> int:
        (path,) = exported(words)
        return len(list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))) - 1

    assert rows("table csv 2026-11 Huadong") == rows("table csv") > 0
    assert rows("table csv 2025-11") == 0


def test_charts_and_report_are_written(exported: Exported) -> None:
    pictures = exported("charts 2026-11")
    assert pictures
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pictures)
    (report,) = exported("report 2026-11 xlsx")
    assert ZipFile(report).testzip() is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("nonsense", "“nonsense” is neither a period"),
        ("table nonsense", "“nonsense” is neither a period nor a customer or product"),
        ("charts 2199", "“2199” has not begun yet"),
        ("F-99", "There is no case F-99, or it is not yours to read."),
        ("F-1 T01", "no such document"),
        ("F-1 T02 csv", "docx, pdf"),
        ("T02", "not understood"),
        ("F-1 charts", "not understood"),
        ("charts 2026-11 both", "one language"),
    ],
)
def test_wrong_words_are_reported_in_one_line(exported: Exported, here: Path, words: str, told: str) -> None:
    with pytest.raises(WrongSettings) as wrong:
        exported(words)
    (line,) = wrong.value.lines
    assert told in line
    assert list((here / "out").iterdir()) == []


@pytest.mark.parametrize("moment", ["0001-01-01", "1969-12-31T23:59", "2200-01-01", "9999-12-31T23:59:59-12:00"])
@pytest.mark.usefixtures("here")
def test_a_moment_outside_the_years_of_all_moments_is_refused(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    monkeypatch.setenv("FAULT_TIMEZONE", "Asia/Shanghai")
    refused = CliRunner().invoke(main.app, ["export", "table", "--as-of", moment]).exception
    assert isinstance(refused, WrongSettings)
    assert str(refused) == f"--as-of: {moment} lies outside the years 1970 to 2199"
