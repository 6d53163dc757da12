"""Tables of historic data imported into a database of the test's own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlmodel import func, select

from bot.casework.company_settings import CompanySettings
from bot.casework.imports.import_table import (
    BadCell,
    ImportContext,
    ImportCount,
    ImportKind,
    Table,
    WrongTable,
    import_table,
)
from bot.i18n.translator import Translator, translator
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import ADMIN, SHANGHAI

ENGLISH, CHINESE = translator("en", None), translator("zh-CN", None)
BringIn = Callable[..., ImportCount]
FAULT: dict[str, Any] = {
    "reference": "HD-2024-17",
    "customer": "Huadong Telecom Anhui 华东电信安徽分公司",
    "contact": "Sun Li 孙丽",
    "contact_way": "138 0000 0000",
    "product": "Billing Suite 计费账务系统",
    "version": "V3.1",
    "module": "Rating 批价",
    "summary": "Rating process exits 批价进程异常退出",
    "description": "It exits at night.\n夜间退出。",
    "channel": "phone",
    "found_at": "2024-03-01 08:50",
    "reported_at": "2024-03-01 09:10",
    "symptom_kind": "exit",
    "severity": "very_severe",
    "severity_reason": "No bills are made",
    "cause_class": "code",
    "direct_cause": "Overflow",
    "measure": "Widen the column",
    "deadline_at": "2024-03-02 14:00",
    "first_deadline_at": "2024-03-01 14:00",
    "moved_count": "1",
    "deadline_basis": "customer_stipulated",
    "deadline_contact": "Sun Li",
    "deadline_agreed_at": "2024-03-01 10:00",
    "deadline_evidence": "Phone call",
    "reply": "Fixed with V3.1.1",
    "resolved_at": "2024-03-02 13:20",
    "closed_at": "2024-03-03 10:00",
    "fixed_version": "V3.1.1",
    "reopen_count": "0",
}
LEAST = {code: FAULT[code] for code in ("reference", "product", "version", "summary", "channel")} | {
    "reported_at": "2024-03-01",
    "severity": "general",
    "closed_at": "2024-03-09",
}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2024 in Shanghai time."""
    return datetime(2024, 3, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def bring(builder: CaseBuilder, clock: ManualClock) -> BringIn:
    """A function that imports rows, like `brought`."""

    def write(
        what: ImportKind, *rows: dict[str, Any], company: CompanySettings = builder.company, t: Translator = ENGLISH
    ) -> ImportCount:
        return brought(replace(builder, company=company), what, *rows, t=t)

    return write


def brought(builder: CaseBuilder, what: ImportKind, *rows: dict[str, Any], t: Translator = ENGLISH) -> ImportCount:
    """Import rows. A row maps headings to cells."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    cells = [(line, [row.get(heading) for heading in headings]) for line, row in enumerate(rows, start=2)]
    with builder.database.write() as session:
        return import_table(
            what, Table(headings, cells), ImportContext(session, builder.company, ADMIN, builder.clock(), t)
        )


def refused(bring: BringIn, what: ImportKind, *rows: dict[str, Any], **more: Any) -> list[BadCell]:
    """Import rows that must be refused, and return what is wrong with them."""
    with pytest.raises(WrongTable) as caught:
        bring(what, *rows, **more)
    return list(caught.value.bad)


def count(builder: CaseBuilder, table: type[Any]) -> int:
    with builder.database.read() as session:
        return session.exec(select(func.count()).select_from(table)).one()
