"""Refused tables: each wrong cell is reported in the reader's language, and nothing is written."""

import re
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bot.casework.imports.import_table import BadCell, ImportContext, ImportKind, Table, WrongTable, import_table
from storage.tables import Case
from storage.vocabulary import Channel
from tests.support.case_builder import CaseBuilder
from tests.support.imported_tables import CHINESE, ENGLISH, FAULT, LEAST, BringIn, bring, count, refused
from tests.support.manual_clock import ManualClock
from tests.support.team import ADMIN

__all__ = ["bring"]


def test_every_wrong_cell_is_reported_and_nothing_is_written(builder: CaseBuilder, bring: BringIn) -> None:
    good = {**LEAST, "reference": "HD-1"}
    rows = (
        good,
        {**good, "reference": "", "severity": "awful", "closed_at": "yesterday"},
        {**good, "reference": "HD-3", "reported_at": "2027-01-01", "summary": "x" * 141},
        {**good, "reference": "HD-4", "reported_at": "2024-02-30", "moved_count": "-1"},
        good,
    )
    assert refused(bring, ImportKind.FAULTS, *rows) == [
        BadCell(3, "reference", "is empty"),
        BadCell(3, "severity", "“awful” is none of: Very severe, Severe, General"),
        BadCell(3, "closed_at", "“yesterday” is no date and time; for example 2026-03-01 14:30"),
        BadCell(4, "summary", "is 141 characters long; 140 are the most"),
        BadCell(4, "reported_at", "lies in the future"),
        BadCell(5, "reported_at", "“2024-02-30” is no date and time; for example 2026-03-01 14:30"),
        BadCell(5, "moved_count", "“-1” is no whole number from 0 to 1000"),
        BadCell(6, "reference", "is that of line 2 as well"),
    ]
    assert count(builder, Case) == 0


@pytest.mark.parametrize(
    ("changed", "column", "why"),
    [
        ({"closed_at": "2024-02-01"}, "closed_at", "lies before “resolved_at”"),
        ({"resolved_at": "2024-02-27"}, "resolved_at", "lies before “reported_at”"),
        ({"deadline_at": ""}, "deadline_at", "is empty, but “deadline_basis” is Set by customer"),
        ({"deadline_basis": ""}, "deadline_basis", "does not say who set the deadline"),
        ({"deadline_basis": "none"}, "deadline_basis", "does not say who set the deadline"),
        ({"deadline_at": "2024-02-28 08:00"}, "deadline_at", "lies before “reported_at”"),
        (
            {"deadline_basis": "negotiating"},
            "deadline_basis",
            "“negotiating” is none of: Set by customer, Negotiated, Default, Set inside the company, No deadline",
        ),
    ],
)
def test_contradicting_dates_and_deadlines_are_refused(
    bring: BringIn, changed: dict[str, str], column: str, why: str
) -> None:
    assert BadCell(2, column, why) in refused(bring, ImportKind.FAULTS, {**FAULT, **changed})


def test_columns_are_named_by_the_heading_of_the_file_or_else_by_title_and_code(bring: BringIn) -> None:
    rows = {**LEAST, "期限依据": "customer_stipulated", "严重性": LEAST["severity"]}
    del rows["severity"]
    assert refused(bring, ImportKind.FAULTS, rows) == [
        BadCell(2, "Deadline (deadline_at)", "is empty, but “期限依据” is Set by customer")
    ]


def test_the_choices_are_listed_in_the_readers_language_and_each_is_accepted(bring: BringIn) -> None:
    for t in (ENGLISH, CHINESE):
        [bad] = refused(bring, ImportKind.FAULTS, {**LEAST, "channel": "鸽子"}, t=t)
        words = re.split(", |、", re.split(": |：", bad.why)[-1])
        assert words == [t.word(channel) for channel in Channel]
        faults = [{**LEAST, "reference": f"{t.locale} {word}", "channel": word} for word in words]
        assert bring(ImportKind.FAULTS, *faults).added["fault"] == len(Channel)
    assert bad.why == "“鸽子”不是下列选项之一：电话、邮件、即时消息、现场、Slack"


def test_an_unreadable_cell_is_reported_once(bring: BringIn) -> None:
    [bad] = refused(bring, ImportKind.FAULTS, {**FAULT, "deadline_basis": "somebody"})
    assert bad.column == "deadline_basis"


def test_a_long_cell_is_quoted_shortened(bring: BringIn) -> None:
    [bad] = refused(bring, ImportKind.FAULTS, {**LEAST, "severity": "x\n" * 100})
    assert bad.why == f"“{'x ' * 19}x…” is none of: Very severe, Severe, General"


@pytest.mark.parametrize("code", ["summary", "description", "severity", "reported_at", "moved_count", "reference"])
@pytest.mark.parametrize(("sign", "name"), [("\0", "0000"), ("\x1b", "001B"), ("\x7f", "007F"), ("\ud800", "D800")])
def test_control_characters_are_refused_with_their_code_point(bring: BringIn, code: str, sign: str, name: str) -> None:
    row = {**LEAST, code: f"2024-03{sign}-01"}
    assert refused(bring, ImportKind.FAULTS, row) == [
        BadCell(2, code, f"holds a character that is no text (U+{name}); delete it")
    ]
    [bad] = refused(bring, ImportKind.FAULTS, row, t=CHINESE)
    assert bad.why == f"含有不属于文字的控制字符（U+{name}），请删除"


def test_unknown_names_are_refused_where_reporters_may_not_add_new_ones(builder: CaseBuilder, bring: BringIn) -> None:
    strict = replace(builder.company, new_names=False)
    bad = refused(bring, ImportKind.FAULTS, FAULT, company=strict)
    assert [one.column for one in bad] == ["customer", "product", "version", "module"]
    assert "import customers and products first" in bad[0].why
    bring(ImportKind.CUSTOMERS, {"customer": FAULT["customer"]})
    bring(ImportKind.PRODUCTS, {code: FAULT[code] for code in ("product", "version", "module")})
    assert bring(ImportKind.FAULTS, FAULT, company=strict).added["fault"] == 1


def test_wrong_headings_are_reported_first(bring: BringIn) -> None:
    bad = refused(bring, ImportKind.FAULTS, {"reference": "1", "Colour": "red", "原编号": "2"})
    told = {(one.column, one.why) for one in bad}
    assert ("Colour", "is no column of this import") in told
    assert ("原编号", "is the same column as “reference”") in told
    assert (None, "the column “Closed” (closed_at) is missing") in told
    assert {one.line for one in bad} == {1}


def test_a_cell_beyond_the_last_column_is_refused(builder: CaseBuilder, clock: ManualClock) -> None:
    table = Table(["customer"], [(2, ["Nanling", "Mobile"])])
    with builder.database.write() as session, pytest.raises(WrongTable) as caught:
        import_table(ImportKind.CUSTOMERS, table, ImportContext(session, builder.company, ADMIN, clock.now(), ENGLISH))
    assert caught.value.bad == (BadCell(2, None, "has a cell beyond the last column: Mobile"),)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai"])
@pytest.mark.parametrize(
    "written", ["9999-12-31", "0001-01-01", "2200-01-01", "1969-12-31 23:59", "9999-12-31T23:59:59-12:00", date.max]
)
def test_moments_outside_the_years_1970_to_2199_are_refused(
    builder: CaseBuilder, bring: BringIn, zone: str, written: str | date
) -> None:
    there = replace(builder.company, zone=ZoneInfo(zone))
    why = "lies outside the years 1970 to 2199"
    found = refused(bring, ImportKind.FAULTS, {**FAULT, "reported_at": written, "deadline_at": written}, company=there)
    assert found[:2] == [BadCell(2, "reported_at", why), BadCell(2, "deadline_at", why)]
