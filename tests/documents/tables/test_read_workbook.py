"""Cells of a workbook are read as they are shown, in memory that the content of a hostile file does not determine."""

import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from bot.casework.imports.columns import UnreadableCell
from bot.documents.tables.read_tables import Unreadable, read_table
from tests.documents.tables.test_read_tables import book, repacked


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (3.1, "0.00", "3.10"),
        (7, "00000", "00007"),
        (3.1, "General", "3.1"),
        (3, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (13800138000, "General", "13800138000"),
        (3.1, "@", "3.1"),
        (1234567, "#,##0", "1,234,567"),
        (0.256, "0.0%", "25.6%"),
        (3.1, '"V"0.0', "V3.1"),
        (3.1, "\\V0.00", "V3.10"),
        (-2, "0;(0)", "(2)"),
        (-2, "0.0", "-2.0"),
        (0, '0;-0;"none"', "none"),
        (2.5, "0.##", "2.5"),
        (0.5, "#.00", ".50"),
        (12, "[Red]0", "12"),
        (1999.5, "[$¥-804]#,##0.00", "¥1,999.50"),
    ],
)
def test_a_number_is_read_as_it_is_shown(tmp_path: Path, number: float, code: str, text: str) -> None:
    assert read_table(formatted(tmp_path / "a.xlsx", number, code)).rows == [(2, (text,))]


@pytest.mark.parametrize("code", ["# ?/?", "0.00E+00", "[>100]0;0.0", "000-0000", "[DBNum1]0", "0,"])
def test_a_number_whose_format_is_not_known_is_refused(tmp_path: Path, code: str) -> None:
    [(_line, [cell])] = read_table(formatted(tmp_path / "a.xlsx", 0.3, code)).rows
    assert isinstance(cell, UnreadableCell)


@pytest.mark.parametrize("code", ["yyyy-mm-dd", "d-mmm", 'yyyy"年"m"月"d"日"', "[$-804]yyyy/m/d;@", "[h]:mm"])
def test_what_is_shown_as_a_date_is_a_moment(tmp_path: Path, code: str) -> None:
    moment = datetime(2024, 3, 1, 9, 10)  # noqa: DTZ001 - as Excel has it
    assert read_table(formatted(tmp_path / "a.xlsx", 45352.3819444444, code)).rows == [(2, (moment,))]


def test_the_chinese_dates_of_excel_are_moments(tmp_path: Path) -> None:
    file = formatted(tmp_path / "a.xlsx", 45352, "d-mmm")
    styles = zipfile.ZipFile(file).read("xl/styles.xml")
    chinese = repacked(file, "xl/styles.xml", styles.replace(b'numFmtId="16"', b'numFmtId="31"'))
    assert read_table(chinese).rows == [(2, (datetime(2024, 3, 1),))]  # noqa: DTZ001 - as Excel has it


def test_a_workbook_that_counts_from_1904_has_the_same_dates(tmp_path: Path) -> None:
    made = Workbook()
    made.epoch = CALENDAR_MAC_1904
    made.active.append(["a"])
    made.active.append([datetime(2024, 3, 1)])  # noqa: DTZ001 - as Excel has it
    made.save(tmp_path / "a.xlsx")
    assert read_table(tmp_path / "a.xlsx").rows == [(2, (datetime(2024, 3, 1),))]  # noqa: DTZ001


def test_an_error_is_no_text(tmp_path: Path) -> None:
    [(_line, [cell])] = read_table(book(tmp_path / "a.xlsx", ["a"], ["#N/A"])).rows
    assert cell.error == "#N/A"


def test_shared_inline_and_formula_texts_are_read(tmp_path: Path) -> None:
    cells = (
        b'<c r="A2" t="s"><v>0</v></c><c r="B2" t="inlineStr"><is><r><t>two </t></r><r><t>parts</t></r>'
        b'<rPh sb="0" eb="1"><t>unread</t></rPh></is></c><c r="D2" t="str"><f>1</f><v>a_x000A_b</v></c>'
    )
    file = with_cells(tmp_path, b'<row r="2">' + cells + b"</row>")
    assert read_table(file).rows == [(2, ("a", "two parts", None, "a\nb"))]


def formatted(path: Path, number: float, code: str) -> Path:
    """A workbook with one number in this format."""
    made = Workbook()
    made.active.append(["a"])
    made.active["A2"] = number
    made.active["A2"].number_format = code
    made.save(path)
    return path


def with_cells(folder: Path, rows: bytes) -> Path:
    """A workbook whose first sheet has the heading `a` and these rows of XML."""
    file = folder / "a.xlsx"
    with xlsxwriter.Workbook(file) as made:
        made.add_worksheet().write("A1", "a")
    sheet = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml")
    return repacked(file, "xl/worksheets/sheet1.xml", sheet.replace(b"</sheetData>", rows + b"</sheetData>"))


# ---- Memory ---------------------------------------------------------------------------------------------------

CELL = b'<c t="inlineStr"><is><t>x</t></is></c>'


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (b'<row r="2">' + CELL * 200_000 + b"</row>", "more than 100 columns"),
        (b'<row r="2">' + b"<c/>" * 100_000 + b"</row>", "not in order"),
        (b'<row r="2"><c r="XFE2"><v>1</v></c></row>', "not in order"),
        (b'<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>', "not in order"),
        (b'<row r="999999999">' + CELL + b"</row>", "not in order"),
        (b'<row r="2" x="' + b"x" * 8_000_000 + b'"/>', "as Excel writes it"),
        (b'<row r="2"><c t="s"><v>7</v></c></row>', "a text is missing"),
    ],
)
def test_a_sheet_that_grows_when_it_is_unpacked_is_refused_while_it_is_read(
    tmp_path: Path, rows: bytes, why: str
) -> None:
    file = with_cells(tmp_path, rows)
    assert file.stat().st_size < 100_000
    assert peak_of(lambda: refused(file, why)) < 20 * 2**20


@pytest.mark.parametrize("code", ["0" * 300_000, '"' + "x" * 300_000 + '"0', "0" + "%" * 300_000])
def test_a_number_format_that_is_longer_than_those_of_excel_is_not_read(tmp_path: Path, code: str) -> None:
    """Each cell of it would be as long, or take seconds."""
    file = formatted(tmp_path / "a.xlsx", 7, code)
    rows: list[Any] = []
    assert peak_of(lambda: rows.extend(read_table(file).rows)) < 5 * 2**20
    [(_line, [cell])] = rows
    assert isinstance(cell, UnreadableCell)


def test_empty_rows_and_unused_texts_take_no_memory(tmp_path: Path) -> None:
    file = with_cells(tmp_path, b"<row/>" * 20_000 + b"<row>" + CELL + b"</row>")
    texts = zipfile.ZipFile(file).read("xl/sharedStrings.xml")
    file = repacked(file, "xl/sharedStrings.xml", texts.replace(b"</sst>", b"<si><t>y</t></si>" * 20_000 + b"</sst>"))
    rows: list[Any] = []
    assert peak_of(lambda: rows.extend(read_table(file).rows)) < 2 * 2**20
    assert rows == [(20_002, ("x",))]


def refused(file: Path, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read_table(file)


def peak_of(work: Callable[[], None]) -> int:
    """The most bytes that the work holds at once."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
