"""The product fault record table as people open it in Excel and CSV, compared with the cases field by field."""

import csv
import io
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from bot.casework.company_settings import CompanySettings
from bot.casework.imports.historic_faults import write_fault
from bot.casework.records.fault_records import RecordRow, record_rows_of
from bot.documents.context import DocumentContext, DocumentSettings
from bot.documents.tables import record_table as tables
from bot.documents.tables.csv import guarded
from bot.documents.tables.record_table import COLUMNS, Form, record_table
from bot.i18n.translator import Translator, translator
from storage import record_rows
from storage.database import Database
from storage.record_rows import RecordFilter
from storage.vocabulary import State, Step
from tests.bench.record_table import NOW, fill
from tests.support.case_builder import GENERAL, SEVERE, CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.tampering import tamper
from tests.support.team import ADMIN, CHEN, DESK, HUANG

EN, ZH = translator("en", "Asia/Shanghai"), translator("zh-CN", "Asia/Shanghai")
Made = Callable[..., Path]


@pytest.fixture
def made(builder: CaseBuilder, clock: ManualClock, tmp_path: Path) -> Made:
    """A function that writes the table to a file."""

    def make(form: Form, t: Translator = EN, **wanted: Any) -> Path:
        path = tmp_path / f"table.{form}"
        with builder.database.read() as session:
            context = DocumentContext(session, builder.company, DocumentSettings(), t, clock.now())
            written = record_table(context, RecordFilter(**wanted), t, form, path, "BTSP-SM-T05")
            policy = builder.company.policy
            assert written == len(list(record_rows_of(session, RecordFilter(**wanted), policy, clock.now())))
        return path

    return make


@pytest.fixture
def cases(builder: CaseBuilder, clock: ManualClock) -> list[int]:
    """Faults of every severity: one closed, one with a moved deadline and a merged duplicate, one with a rejected
    fix.
    """
    very_severe = builder.fault(State.CLOSED)
    clock.move(hours=1)
    severe = builder.fault(State.DECISION, **SEVERE)
    clock.move(minutes=90, microseconds=123_456)
    moved = int(clock.now().timestamp()) + 86_400
    agreed = {"deadline_contact": "+86 138", "deadline_agreed_at": moved - 86_460, "deadline_evidence": "@mail"}
    builder.take(Step.CHANGE_DEADLINE, HUANG, severe, deadline_at=moved, reason="=cmd|' /C calc'!A0", **agreed)
    general = builder.fault(State.FIX_CONFIRMING, **GENERAL)
    builder.take(Step.REJECT_FIX, CHEN, general, reason="Still", evidence="Mail")
    duplicate = builder.report()
    builder.take(Step.MERGE_DUPLICATE, CHEN, duplicate, master=f"F-{severe}", reason="The same")
    return [very_severe, severe, general]


def excel(path: Path, sheet: int = 0) -> list[dict[str, Any]]:
    titles, *rows = load_workbook(path).worksheets[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, titles), row, strict=True)) for row in rows]


def plain_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def expected(row: RecordRow, wall: Callable[[datetime | None], Any]) -> dict[str, Any]:
    """The row as it is written in English. `wall` writes a moment."""
    stands = row.outcome
    said = {True: "Yes", False: "No", None: None}
    severities = {"very_severe": "Very severe", "severe": "Severe", "general": "General"}
    bases = {"customer_stipulated": "Set by customer", "negotiated": "Negotiated", "none": "No deadline"}
    return {
        "Fault": row.number,
        "Record version": row.version,
        "Current": said[row.current],
        "Summary": row.summary,
        "Customer": row.customer,
        "Product": row.product,
        "Version of the product": row.product_version,
        "Module": row.module,
        "Severity": severities[row.severity or ""],
        "Reason for the severity": row.severity_reason,
        "Who sets the deadline": bases[row.deadline_basis or ""],
        "Deadline": wall(row.deadline_at),
        "Who at the customer said so": row.deadline_contact,
        "When the customer said so": wall(row.deadline_agreed_at),
        "Evidence of the deadline": row.deadline_evidence,
        "First deadline": wall(row.first_deadline_at),
        "Why the deadline was moved": row.deadline_reason,
        "State": EN.word(stands.state) if stands else None,
        "Reported": wall(row.reported_at),
        "Resolved": wall(stands.resolved_at) if stands else None,
        "Closed": wall(stands.closed_at) if stands else None,
        "On time": said[stands.on_time] if stands else None,
        "On time by the first deadline": said[stands.on_time_at_first] if stands else None,
        "Deadline moved (times)": stands.moved_count if stands else None,
        "Fixed in": stands.fixed_version if stands else None,
        "Reopened (times)": stands.reopen_count if stands else None,
        "Duplicates": ", ".join(row.duplicates) or None,
        "Old number": row.reference,
        "Recorded by": row.author,
        "Recorded at": wall(row.written_at),
    }


def on_the_wall(moment: datetime | None) -> datetime | None:
    return moment.astimezone(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None, microsecond=0) if moment else None


def in_iso(moment: datetime | None) -> str | None:
    return moment.astimezone(ZoneInfo("Asia/Shanghai")).isoformat(timespec="seconds") if moment else None


def rows_of(builder: CaseBuilder, now: datetime) -> list[RecordRow]:
    with builder.database.read() as session:
        return list(record_rows_of(session, RecordFilter(), builder.company.policy, now))


def test_excel_has_what_the_records_have(
    builder: CaseBuilder,
    clock: ManualClock,
    cases: list[int],
    made: Made,
) -> None:
    rows = rows_of(builder, clock.now())
    assert len(rows) == 5
    assert excel(made("xlsx")) == [expected(row, on_the_wall) for row in rows]


def test_csv_holds_the_same(builder: CaseBuilder, clock: ManualClock, cases: list[int], made: Made) -> None:
    def text(value: Any) -> str:
        return "" if value is None else guarded(str(value))

    wanted = [
        {name: text(value) for name, value in expected(row, in_iso).items()} for row in rows_of(builder, clock.now())
    ]
    assert plain_csv(made("csv")) == wanted
    assert wanted[3]["Why the deadline was moved"] == "'=cmd|' /C calc'!A0"
    assert wanted[3]["Who at the customer said so"] == "'+86 138"


def test_csv_has_the_encoding_and_line_ends_that_excel_reads(cases: list[int], made: Made) -> None:
    content = made("csv", ZH).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf" + "故障,记录版本,现行,标题".encode())
    assert content.count(b"\n") == content.count(b"\r\n") == 1 + 5
    assert "2026-11-23T09:10:00+08:00" in content.decode()


def test_formulas_are_text_in_excel(cases: list[int], made: Made) -> None:
    sheet = load_workbook(made("xlsx")).worksheets[0]
    [typed] = [cell for row in sheet for cell in row if cell.value == "=cmd|' /C calc'!A0"]
    assert (typed.data_type, typed.quotePrefix) in {("s", True), ("inlineStr", True)}
    assert not [cell for row in sheet for cell in row if cell.data_type == "f"]


def test_the_sheet_has_frozen_headings_a_filter_and_real_dates(cases: list[int], made: Made) -> None:
    sheet = load_workbook(made("xlsx")).worksheets[0]
    assert (sheet.title, sheet.freeze_panes) == ("Product fault record table", "B2")
    assert sheet.auto_filter.ref == "A1:AD6"
    assert len(excel(made("xlsx"))) == 5
    current = [row for row in excel(made("xlsx")) if row["Current"] == "Yes"]
    assert len(current) == len(cases), "one row for each fault"
    assert sheet["L2"].is_date
    assert sheet["L2"].number_format == "yyyy-mm-dd hh:mm"


def test_the_table_is_in_chinese_for_chinese_readers(cases: list[int], made: Made) -> None:
    path = made("xlsx", ZH)
    book = load_workbook(path)
    assert book.sheetnames == ["产品故障记录表", "关于本表"]
    first = excel(path)[0]
    assert (first["严重性"], first["期限依据类型"], first["现行"]) == ("非常严重", "客户规定", "否")
    assert not [title for title in first if title.isascii()]


def test_every_column_is_named_in_both_languages() -> None:
    for column in COLUMNS:
        assert column.title(EN) != column.title(ZH)
        assert column.about is None or EN(column.about) != ZH(column.about)
    assert len({column.title(ZH) for column in COLUMNS}) == len({column.title(EN) for column in COLUMNS}) == 30


@pytest.mark.parametrize(("form", "read", "empty"), [("xlsx", excel, None), ("csv", plain_csv, "")])
def test_an_imported_fault_shows_its_old_number(
    builder: CaseBuilder,
    clock: ManualClock,
    cases: list[int],
    made: Made,
    form: Form,
    read: Callable[[Path], list[dict[str, Any]]],
    empty: str | None,
) -> None:
    told = {"product": "Billing", "version": "V2", "summary": "Doubled", "channel": "mail", "severity": "general"}
    moments = {"reported_at": clock.now() - timedelta(days=90), "closed_at": clock.now() - timedelta(days=80)}
    with builder.database.write() as session:
        historic = write_fault(session, {"reference": "=HD-7", **told, **moments}, ADMIN, clock.now())
    found = {row["Fault"]: row["Old number"] for row in read(made(form))}
    assert found.pop(f"F-{historic}") == ("=HD-7" if form == "xlsx" else "'=HD-7")
    assert set(found.values()) == {empty}
    assert read(made(form, ZH))[-1]["原编号"].endswith("HD-7")


def test_a_second_sheet_describes_the_table(
    builder: CaseBuilder,
    clock: ManualClock,
    cases: list[int],
    made: Made,
) -> None:
    since = datetime(2026, 11, 1, tzinfo=UTC)
    path = made("xlsx", since=since, until=clock.now() + timedelta(days=1), customer_id=1, case_id=cases[1])
    told = load_workbook(path).worksheets[1].iter_rows(values_only=True, max_col=2)
    said = dict(takewhile(lambda row: row[0] != "Column", told))
    assert "BTSP-SM-T05 Product fault record table" in said
    assert said["Reported from"] == datetime(2026, 11, 1, 8)  # noqa: DTZ001 - in the reader's zone
    assert (said["Customer"], said["Product"]) == ("Huadong Telecom Anhui 华东电信安徽分公司", "all")
    assert (said["Fault"], said["Rows"], said["Time zone of all times"]) == (f"F-{cases[1]}", "2", "Asia/Shanghai")
    assert said["Data from"] == EN.moment(clock.now())


@pytest.mark.long
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Form) -> None:
    monkeypatch.setattr(record_rows, "BATCH_SIZE", 50)
    peaks = [peak(tmp_path, faults, form) for faults in (20, 40, 240)]  # the first also loads the libraries
    assert peaks[2] < 2 * peaks[1]


def peak(folder: Path, faults: int, form: Form) -> int:
    """The peak memory in bytes while writing a table of this many closed faults."""
    database = Database(f"sqlite:///{folder / f'{faults}.db'}")
    fill(database.url, faults)
    with database.read() as session:
        tracemalloc.start()
        context = DocumentContext(session, CompanySettings(DESK), DocumentSettings(), EN, NOW)
        assert record_table(context, RecordFilter(), EN, form, folder / f"{faults}.{form}") == 2 * faults
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    database.close()
    return most


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_table_without_rows_can_be_made(made: Made, form: Form) -> None:
    rows = excel(made(form)) if form == "xlsx" else plain_csv(made(form))
    assert rows == []


def test_the_same_records_make_the_same_file(cases: list[int], made: Made) -> None:
    for form in ("xlsx", "csv"):
        first = made(form).read_bytes()
        assert made(form).read_bytes() == first


def test_rows_beyond_the_limit_of_a_sheet_go_on_the_next_one(
    cases: list[int], made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = excel(made("xlsx"))
    monkeypatch.setattr(tables, "MAX_ROWS", 4)
    path = made("xlsx")
    assert load_workbook(path).sheetnames == [
        "Product fault record table",
        "Product fault record table 2",
        "About this table",
    ]
    assert excel(path) + excel(path, 1) == whole


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize(
    ("t", "column", "said"), [(EN, "Severity", "The record cannot be read"), (ZH, "严重性", "记录无法读取")]
)
def test_an_unreadable_record_is_marked(
    builder: CaseBuilder,
    cases: list[int],
    made: Made,
    form: Form,
    t: Translator,
    column: str,
    said: str,
) -> None:
    tamper(builder.database, f"UPDATE documents SET content = '{{' WHERE paper = 'T05' AND case_id = {cases[2]}")
    rows = excel(made(form, t)) if form == "xlsx" else plain_csv(made(form, t))
    assert [row[column] == said for row in rows] == [False] * 4 + [True]
