"""Workbooks in the common style, read back with another library than the one that writes them."""

import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from bot.documents.tables.workbook import MAX_TEXT_LENGTH, Cell, Style, sheet_name, workbook

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 4, 10, 30, tzinfo=UTC)
DANGEROUS = (
    *("=1+1", "+86 138", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "＝1", "{=A1}", "http://x.example", "00123"),
    *("<r><t>x</t></r>", "<r>&</r>", "<r></r>", "]]>&lt;\"'", " in front and behind ", "two\nlines", "1E5", "TRUE"),
)


def write(path: Path, values: list[Cell], *, streaming: bool) -> None:
    with workbook(path, "A title <&>", SHANGHAI, NOW, streaming=streaming) as book:
        sheet = book.sheet("Sheet")
        for row, value in enumerate(values):
            sheet.write(row, 0, value)


def read(path: Path) -> list[Any]:
    return [row[0] for row in load_workbook(path)["Sheet"].iter_rows()]


@pytest.mark.parametrize("streaming", [True, False])
def test_typed_text_stays_text(tmp_path: Path, streaming: bool) -> None:
    write(tmp_path / "book.xlsx", list(DANGEROUS), streaming=streaming)
    cells = read(tmp_path / "book.xlsx")
    assert [cell.value for cell in cells] == list(DANGEROUS)
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert all(cell.hyperlink is None for cell in cells)


def test_text_stays_text_when_the_cell_is_edited(tmp_path: Path) -> None:
    write(tmp_path / "book.xlsx", ["=1+1", "plain"], streaming=True)
    assert [cell.quotePrefix for cell in read(tmp_path / "book.xlsx")] == [True, False]


@pytest.mark.parametrize("streaming", [True, False])
def test_characters_that_xml_forbids_are_left_out(tmp_path: Path, streaming: bool) -> None:
    write(tmp_path / "book.xlsx", ["a\x00b\x0bc\x1f", "\ud800d", "\ufffe\uffffe", "<r>\x00</r>"], streaming=streaming)
    assert [cell.value for cell in read(tmp_path / "book.xlsx")] == ["abc", "d", "e", "<r></r>"]


def test_texts_are_cut_to_what_a_cell_holds(tmp_path: Path) -> None:
    write(tmp_path / "book.xlsx", ["x" * 40_000, "😀" * 20_000], streaming=True)
    plain, wide = (cell.value for cell in read(tmp_path / "book.xlsx"))
    assert (plain, wide) == ("x" * MAX_TEXT_LENGTH, "😀" * (MAX_TEXT_LENGTH // 2))


def test_numbers_and_moments_are_stored_as_such(tmp_path: Path) -> None:
    there = datetime(2026, 11, 23, 1, 0, 59, 999_999, tzinfo=timezone(timedelta(hours=-5)))
    write(tmp_path / "book.xlsx", [7, 0.25, NOW, there, None], streaming=True)
    count, number, moment, other = read(tmp_path / "book.xlsx")
    assert (count.value, count.data_type, number.value, number.data_type) == (7, "n", 0.25, "n")
    assert (moment.value, moment.is_date) == (datetime(2026, 11, 23, 12, 10, 30), True)  # noqa: DTZ001 - Excel's
    assert other.value == datetime(2026, 11, 23, 14, 0, 59)  # noqa: DTZ001


@pytest.mark.parametrize("streaming", [True, False])
def test_the_same_content_makes_the_same_file(tmp_path: Path, streaming: bool) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, ["text", 1, NOW], streaming=streaming)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    with zipfile.ZipFile(tmp_path / "one") as packed:
        assert b"2026-11-23T04:10:30Z" in packed.read("docProps/core.xml")


def test_a_failed_workbook_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = tmp_path / "temporary"
    places.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(places))
    with pytest.raises(TypeError):
        write(tmp_path / "book.xlsx", ["x", object()], streaming=True)  # type: ignore[list-item]  # a bug of ours
    assert not (tmp_path / "book.xlsx").exists()
    assert list(places.iterdir()) == []


def test_headings_are_styled_frozen_and_printed_on_each_page(tmp_path: Path) -> None:
    with workbook(tmp_path / "book.xlsx", "T", SHANGHAI, NOW) as book:
        sheet = book.sheet("Sheet")
        sheet.headings(("A long heading that needs three lines", "Short"), (14, 20), frozen_columns=1)
        sheet.row(1, ("a", 0.5), Style.SHARE)
        sheet.filters(1, 2)
    read_back = load_workbook(tmp_path / "book.xlsx")["Sheet"]
    assert (read_back.freeze_panes, read_back.auto_filter.ref) == ("B2", "A1:B2")
    assert (read_back["A1"].font.b, read_back["A1"].alignment.wrap_text) == (True, True)
    assert read_back.row_dimensions[1].height >= 45
    assert (read_back.print_title_rows, read_back.print_title_cols) == ("$1:$1", "$A:$A")
    assert round(read_back.column_dimensions["B"].width) in (20, 21)
    assert read_back["B2"].number_format == "0.0%"


@pytest.mark.parametrize(
    ("wanted", "given"),
    [("a/b:c*[x]'", "a b c  x"), ("x" * 40, "x" * 31), ("产品故障记录表", "产品故障记录表")],
)
def test_sheet_names_are_made_valid_for_excel(wanted: str, given: str) -> None:
    assert sheet_name(wanted) == given
