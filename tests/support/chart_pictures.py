"""Draws docs/pictures/statistics-*.png anew: the charts of a made-up month, in both languages.

`python -m tests.support.chart_pictures`
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import select

from bot.casework.company_settings import CompanySettings
from bot.casework.statistics import periods
from bot.casework.statistics.measures import StatisticsQuery, statistics
from bot.documents.charts.charts import charts
from bot.documents.file import File
from bot.i18n.translator import LOCALES, translator
from bot.workflow.situation import Row
from storage.database import Database
from storage.tables import METADATA, Case, Customer, Product
from storage.vocabulary import State, Step
from tests.support.random_histories import ASIDE, BACK, Walk, walks, write
from tests.support.team import DESK

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
COMPANY = CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai"))
NOW = datetime(2026, 12, 1, tzinfo=UTC)
CUSTOMERS = ("Huadong Telecom Anhui 华东电信安徽分公司", "Nanling Mobile 南岭移动")
PRODUCTS = ("Billing Suite 计费账务系统", "Customer Care 客户关怀系统")
#: The usual hours that a case spends in a state. Eight hours for states that are not listed.
HOURS = {
    **{State.ANALYSIS: 60, State.MODIFICATION: 44, State.TESTING: 26, State.FIX_CONFIRMING: 40},
    **{State.ANSWER_CONFIRMING: 20, State.RELEASE: 30, State.TRIAGE: 3, State.SHEET_SIGNING: 12},
}
GRAVE = {Step.WITHDRAW, Step.MERGE_DUPLICATE, Step.RECLASSIFY, Step.REJECT_SHEET}
MODULES = ("Rating 批价", "Invoicing 出账", "Payment 缴费", "Care lists 关怀名单", "Reports 报表", "Login 登录")


def month(folder: Path, cases: int = 240) -> Iterator[tuple[str, tuple[File, ...]]]:
    """The charts of a month of random cases, in each language."""
    chance = Random(11)
    database = Database(f"sqlite:///{folder / 'month.db'}", synchronous="OFF")
    METADATA.create_all(database.engine)
    write(database, list(_usual(chance, cases)))
    _name(database, chance)
    period = periods.parse("2026-11", COMPANY, NOW)
    assert period is not None
    with database.read() as session:
        measures = statistics(session, StatisticsQuery(period), COMPANY, NOW)
    for locale in LOCALES:
        yield locale, charts(measures, StatisticsQuery(period), translator(locale, "Asia/Shanghai"), NOW)
    database.close()


@dataclass
class Usual(Walk):
    """A case as a well-run center handles it: hours or days in each state, and rarely a step back."""

    def _pause(self) -> timedelta:
        return timedelta(hours=self.chance.expovariate(1 / HOURS.get(self.case.state, 8)))

    def _wanted(self, row: Row) -> bool:
        if row.step is Step.REOPEN or (row.step in ASIDE and row.step not in GRAVE):
            return False
        return self.chance.random() < (0.01 if row.step in ASIDE else 0.12 if row.step in BACK else 1)

    def _data(self, step: Step) -> dict[str, Any]:
        data = super()._data(step)
        return {**data, "score": self.chance.choice("23444555")} if "score" in data else data


def _usual(chance: Random, cases: int) -> Iterator[Walk]:
    """Cases reported within nine weeks, at the state that they have reached by now."""
    for empty in walks(chance, cases, steps=0):
        reported = empty.now + timedelta(days=chance.randint(0, 21))
        empty.case.reported_at = empty.case.entered_at = reported
        walk = Usual(empty.case, chance, reported)
        steps = chance.choice((6, 14, 30, 60))
        walk.go(steps)
        yield walk


def _name(database: Database, chance: Random) -> None:
    """Give the customers, products and modules realistic names. Some modules have more faults than others."""
    with database.write() as session:
        for number in (1, 2):
            session.get_one(Customer, number).name = CUSTOMERS[number - 1]
            session.get_one(Product, number).name = PRODUCTS[number - 1]
        for case in session.exec(select(Case).where(Case.module != None)):  # noqa: E711 - SQL's IS NOT NULL
            case.module = chance.choices(MODULES, (40, 24, 12, 7, 4, 2))[0]


def main() -> None:
    """Draw the pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for locale, files in month(Path(folder)):
            for file in files:
                _statistics, _days, name = file.name.split("_", 1)[0], *file.name.rsplit("_", 1)
                (PICTURES / f"statistics-{name.removesuffix('.png')}-{locale}.png").write_bytes(file.content)


if __name__ == "__main__":
    main()
