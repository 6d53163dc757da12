"""Importing customers and products, and the headings that columns may have."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from bot.casework.imports.columns import normalized
from bot.casework.imports.import_table import COLUMNS, BadCell, ImportKind
from bot.i18n.translator import translator
from storage import registers
from storage.tables import Customer, Product, ProductVersion
from storage.vocabulary import Basis, Channel, Severity
from tests.support.case_builder import CaseBuilder
from tests.support.imported_tables import LEAST, BringIn, at, bring, count, refused

__all__ = ["bring"]


def test_each_customer_is_imported_once(builder: CaseBuilder, bring: BringIn) -> None:
    rows = (
        {"customer": "  Nanling \n Mobile "},
        {"customer": "华东电信"},
        {"customer": "Nanling Mobile"},
        {"customer": ""},
    )
    first = bring(ImportKind.CUSTOMERS, *rows)
    assert (first.added["customer"], first.there["customer"]) == (2, 1)
    again = bring(ImportKind.CUSTOMERS, *rows)
    assert (again.added["customer"], again.there["customer"]) == (0, 3)
    with builder.database.read() as session:
        assert set(session.exec(select(Customer.name))) == {"Nanling Mobile", "华东电信"}


def test_products_are_imported_with_versions_modules_and_default_days(builder: CaseBuilder, bring: BringIn) -> None:
    rows = (
        {"product": "Billing", "version": "V3.2", "module": "Rating", "default_days": "10"},
        {"product": "Billing", "version": "V3.3", "module": "Rating", "default_days": ""},
        {"product": "Care", "version": "2.5"},
    )
    tally = bring(ImportKind.PRODUCTS, *rows)
    assert dict(tally.added) == {"product": 2, "version": 3, "module": 1}
    with builder.database.read() as session:
        billing = registers.find_product(session, "Billing")
        assert billing is not None
        assert billing.default_days == 10
        assert registers.parts_like(session, ProductVersion, "Billing", "", 9) == ["V3.2", "V3.3"]
        assert registers.parts_like(session, ProductVersion, "Care", "", 9) == ["2.5"]
    assert sum(bring(ImportKind.PRODUCTS, *rows).added.values()) == 0


def test_an_import_does_not_change_default_days_that_are_set(builder: CaseBuilder, bring: BringIn) -> None:
    bring(ImportKind.PRODUCTS, {"product": "Billing", "default_days": "10"})
    bad = refused(bring, ImportKind.PRODUCTS, {"product": "Care"}, {"product": "Billing", "default_days": "20"})
    assert bad == [BadCell(3, "default_days", "is 20, but 10 for this product already")]
    assert count(builder, Product) == 1, "nothing of a refused table is written"


def test_a_table_in_chinese_is_understood(builder: CaseBuilder, bring: BringIn) -> None:
    words = {
        **{"原编号": "HD-1", "客户": "华东电信", "产品": "计费账务系统", "版本": "V3.2", "模块": "批价"},
        **{"标题": "批价异常退出", "服务方式": "电话", "提出时间": "2024年3月1日 9:10", "严重性": "非常严重"},
        **{"解决期限": "2024/3/2", "期限依据": "客户规定", "解决时间": "2024/3/2 13:20:05"},
        **{"关闭时间": datetime(2024, 3, 3, 10), "修复版本": "V3.2.1"},  # noqa: DTZ001 - as Excel has it
    }
    bring(ImportKind.FAULTS, words)
    card = builder.card(1)
    assert (card.severity, card.channel) == (Severity.VERY_SEVERE, Channel.PHONE)
    assert card.deadline_basis is Basis.CUSTOMER_STIPULATED
    assert card.deadline_at == at(2, 23, 59), "a deadline without a time is the last minute of its day"
    assert (card.reported_at, card.resolved_at) == (at(1, 9, 10), at(2, 13, 20).replace(second=5))
    assert card.closed_at == at(3, 10), "date cells of Excel are in the time zone of the desk"


def test_a_moment_may_name_its_zone(builder: CaseBuilder, bring: BringIn) -> None:
    bring(ImportKind.FAULTS, {**LEAST, "reported_at": "2024-03-01T09:10:00+01:00", "closed_at": "2024-03-09T00:00Z"})
    assert builder.card(1).reported_at == datetime(2024, 3, 1, 8, 10, tzinfo=UTC)


@pytest.mark.parametrize("what", ImportKind)
def test_no_heading_stands_for_two_columns(what: ImportKind) -> None:
    headings = [heading for column in COLUMNS[what] for heading in column.headings]
    assert len(headings) == len(set(headings))


def test_the_headings_of_the_exported_record_table_are_understood() -> None:
    from bot.documents.tables.record_table import COLUMNS as EXPORTED

    known = {heading for column in COLUMNS[ImportKind.FAULTS] for heading in column.headings}
    shared = {"Summary", "Customer", "Product", "Module", "Severity", "Deadline", "First deadline", "Reported"}
    for t in (translator("en", None), translator("zh-CN", None)):
        for column in EXPORTED:
            if column.title(translator("en", None)) in shared | {"Resolved", "Closed", "Fixed in", "Reopened (times)"}:
                assert normalized(column.title(t)) in known
