"""Tables to import: every encoding and form that Excel writes is read, and anything else is refused."""

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from bot.documents.tables import read_tables, read_workbook
from bot.documents.tables.csv import csv_table
from bot.documents.tables.read_tables import Unreadable, read_table
from bot.i18n.translator import translator

UTC = translator("en", "UTC").zone


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def book(path: Path, *rows: list[Any], title: str = "Sheet") -> Path:
    made = Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(row)
    made.create_sheet("Other").append(["b"])
    made.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_the_encodings_that_excel_writes_is_read(tmp_path: Path, encoding: str) -> None:
    file = written(tmp_path / "a.csv", "客户,产品\r\n华东电信,计费\r\n".encode(encoding))
    table = read_table(file)
    assert (table.headings, table.rows) == (["客户", "产品"], [(2, ["华东电信", "计费"])])


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_csv_with_any_usual_separator_is_read(tmp_path: Path, sign: str) -> None:
    table = read_table(written(tmp_path / "a.csv", f"a{sign}b\n1{sign}2,5\n".replace("2,5", '"2,5"')))
    assert (table.headings, table.rows) == (["a", "b"], [(2, ["1", "2,5"])])


def test_lines_are_numbered_as_people_see_them(tmp_path: Path) -> None:
    table = read_table(written(tmp_path / "a.csv", '\na,b\n"two\nlines",2\n\n3,4\n'))
    assert table.headings == ["a", "b"]
    assert [(line, cells) for line, cells in table.rows if cells] == [(3, ["two\nlines", "2"]), (6, ["3", "4"])]


def test_a_csv_written_by_faultdesk_is_read_back_unchanged(tmp_path: Path) -> None:
    texts = ["=1+1", "'quoted'", "+86", "two\nlines", 'say "no"', "'"]
    csv_table(tmp_path / "a.csv", ["a"], [[text] for text in texts], UTC)
    assert [cells[0] for _line, cells in read_table(tmp_path / "a.csv").rows] == texts


def test_excel_with_real_dates_and_numbers_is_read(tmp_path: Path) -> None:
    moment = datetime(2024, 3, 1, 9, 10)  # noqa: DTZ001 - as Excel has it
    file = book(tmp_path / "a.xlsx", ["a", "b", None, None], ["x", moment], [None, None], [3.0, True, None])
    table = read_table(file)
    assert table.headings == ["a", "b"]
    assert table.rows == [(2, ("x", moment)), (4, ("3", "TRUE"))]
    assert read_table(file, "Other").headings == ["b"]


def test_only_the_value_of_a_formula_is_read(tmp_path: Path) -> None:
    """openpyxl stores no value beside the formula, so the cell is empty here."""
    assert read_table(book(tmp_path / "a.xlsx", ["a"], ["=1+1"])).rows == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\n , \n", "is empty"),
        (b"a\x00\n\x01", "is neither"),
        ("a,b\n1,2\n".encode("utf-16-le"), "is neither"),
        (b"a\n\xff\xff", "is neither"),
        (b'a\n"x', "is no CSV: line 2"),
        (b"\xd0\xcf\x11\xe0rest", "save it as .xlsx"),
        ((",".join("a" * 101)).encode(), "more than 100 columns"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read_table(written(tmp_path / "a.csv", content))


def test_a_sheet_can_be_chosen_of_workbooks_alone(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no sheet Third; it has: Sheet, Other"):
        read_table(book(tmp_path / "a.xlsx", ["a"]), "Third")
    with pytest.raises(Unreadable, match="has no sheets"):
        read_table(written(tmp_path / "a.csv", "a\n"), "Sheet")


def test_file_size_row_count_and_unpacked_size_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = book(tmp_path / "a.xlsx", ["a"], *[["x" * 1000]] * 50)
    for module, limit, lower, why in (
        (read_tables, "MAX_ROWS", 49, "more than 49 rows"),
        (read_workbook, "MAX_UNPACKED_BYTES", 10_000, "unpacks to more"),
        (read_workbook, "MAX_PARTS", 3, "unpacks to more"),
        (read_tables, "MAX_FILE_BYTES", 1000, "is larger than"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, limit, lower)
            with pytest.raises(Unreadable, match=why):
                read_table(file)
    assert len(read_table(file).rows) == 50


def test_an_entity_bomb_is_not_expanded(tmp_path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    file = repacked(book(tmp_path / "a.xlsx", ["a"]), "xl/workbook.xml", bomb)
    with pytest.raises(Unreadable, match="as Excel writes it"):
        read_table(file)


@pytest.mark.parametrize("part", ["_rels/.rels", "xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_broken_workbook_is_refused(tmp_path: Path, part: str) -> None:
    for content in (b"<broken", b"", b"<x/>"):
        file = repacked(book(tmp_path / "a.xlsx", ["a"], ["b"]), part, content)
        with pytest.raises(Unreadable):
            read_table(file)


def test_a_zip_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as packed:
        packed.writestr("a.txt", "hello")
    with pytest.raises(Unreadable, match="no Excel workbook"):
        read_table(tmp_path / "a.xlsx")


def repacked(file: Path, part: str, content: bytes | None) -> Path:
    """The same file with one part replaced or left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
            elif content is not None:
                new.writestr(name, content)
    return written(file, out.getvalue())


def with_part(file: Path, part: str, content: bytes) -> Path:
    """The same file with one additional part."""
    with zipfile.ZipFile(file, "a") as packed:
        packed.writestr(part, content)
    return file


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/media/image1.svg", b"<!-- drawn by hand --><svg/>"),
        ("xl/media/image2.svg", b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg/>'),
        ("xl/printerSettings/printerSettings1.bin", b"\0\1<!DOCTYPE\2"),
        ("customXml/item1.xml", b'<?xml version="1.0"?><!-- ours --><x/>'),
        ("customXml/item2.xml", '<?xml version="1.0" encoding="UTF-16"?><!-- 我们的 --><x/>'.encode("utf-16")),
        ("customXml/item3.xml", b"<x><![CDATA[<!DOCTYPE]]></x>"),
    ],
)
def test_parts_that_ordinary_workbooks_hold_beside_their_cells_are_accepted(
    tmp_path: Path, part: str, content: bytes
) -> None:
    file = with_part(book(tmp_path / "a.xlsx", ["a"], ["b"]), part, content)
    assert read_table(file).rows == [(2, ("b",))]


@pytest.mark.parametrize(
    ("part", "encoding", "before"),
    [
        *(("xl/workbook.xml", encoding, "") for encoding in ("utf-8", "utf-8-sig", "utf-16", "latin-1")),
        *(("xl/workbook.xml", "utf-16", f"<!-- {'x' * length} -->") for length in (5_000, 200_000)),
        ("xl/workbook.xml", "utf-8", "\n" * 70_000),
        ("xl/_rels/workbook.xml.rels", "utf-8", ""),
    ],
)
def test_a_document_type_is_found_in_every_part_that_is_read(
    tmp_path: Path, part: str, encoding: str, before: str
) -> None:
    declared = encoding.removesuffix("-sig")
    bomb = f'<?xml version="1.0" encoding="{declared}"?>{before}<!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>'
    file = with_part(repacked(book(tmp_path / "a.xlsx", ["a"]), part, None), part, bomb.encode(encoding))
    with pytest.raises(Unreadable, match="as Excel writes it"):
        read_table(file)


def test_a_document_type_in_lower_case_is_no_xml(tmp_path: Path) -> None:
    bomb = b'<!doctype x [<!entity a "aaaa">]><x>&a;</x>'
    with pytest.raises(Unreadable, match="no Excel workbook"):
        read_table(repacked(book(tmp_path / "a.xlsx", ["a"]), "xl/workbook.xml", bomb))


@pytest.mark.parametrize("text", ["a\n" + "," * 3_000_000, 'a\n"' + '\n","' * 500_000 + '"'])
def test_a_csv_of_endless_rows_is_refused_while_it_is_read(tmp_path: Path, text: str) -> None:
    with pytest.raises(Unreadable, match="more than 1,048,576 characters: line 2"):
        read_table(written(tmp_path / "a.csv", text))
