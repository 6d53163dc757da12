"""The wording of measures: their names, values, and the numbers behind them."""

from dataclasses import replace
from datetime import UTC, date

import pytest

from bot.casework.statistics.measures import FIGURES, Measure, StatisticsQuery, Unit
from bot.casework.statistics.periods import between
from bot.documents import measure_words as said
from bot.i18n.translator import LOCALES, translator

ENGLISH, CHINESE = translator("en", "UTC"), translator("zh-CN", "UTC")


def test_every_figure_has_a_name_and_a_group() -> None:
    keys = {(figure.code, figure.name) for figure in FIGURES}
    assert set(said.NAMES) == keys
    placed = [code for _title, codes in said.GROUPS for code in codes]
    assert sorted([*placed, "M6", "M19"]) == sorted({code for code, _name in keys})
    for t in (translator(locale, "UTC") for locale in LOCALES):
        assert len({said.name(key, t) for key in keys}) == len(keys)


def test_every_part_has_a_word() -> None:
    for t in (ENGLISH, CHINESE):
        for figure in FIGURES:
            parts = figure.parts or ()
            words = {said.part_name(_measure(figure.code, figure.unit, part=part), t) for part in parts}
            assert len(words) == len(parts)
            assert "" not in words


def _measure(
    code: str,
    unit: Unit,
    numbers: tuple[float | None, int | None, int] = (1, 2, 2),
    value: float | None = 0.5,
    part: str | None = None,
) -> Measure:
    name = next(figure.name for figure in FIGURES if figure.code == code)
    return Measure(code, name, part, unit, *numbers, value)


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 min", "0 分钟"),
        (20, "< 1 min", "不足1分钟"),
        (59.9 * 60, "1 h", "1 小时"),
        (45 * 60, "45 min", "45 分钟"),
        (3 * 3600, "3 h", "3 小时"),
        (3 * 3600 + 1200, "3 h 20 min", "3 小时 20 分钟"),
        (86_399, "1 d", "1 天"),
        (2 * 86_400 + 3 * 3600, "2 d 3 h", "2 天 3 小时"),
        (1500 * 86_400, "1,500 d", "1,500 天"),
    ],
)
def test_durations_are_written_in_two_units_at_most(seconds: float, english: str, chinese: str) -> None:
    assert said.duration(seconds, ENGLISH) == english
    assert said.duration(seconds, CHINESE) == chinese


@pytest.mark.parametrize(("part", "told"), [(0, "0%"), (1, "100%"), (23 / 28, "82.1%"), (0.5, "50%"), (0.0004, "0%")])
def test_shares_are_written_in_percent(part: float, told: str) -> None:
    assert said.share(part) == told


@pytest.mark.parametrize(
    ("measure", "value", "basis"),
    [
        (_measure("M8", Unit.SHARE, (23, 28, 28), 23 / 28, "in_force"), "82.1%", "23 / 28"),
        (_measure("M8", Unit.SHARE, (0, 0, 0), None, "first"), "–", "0 / 0"),
        (_measure("M12", Unit.INDEX, (30, 40, 60), 75.0), "75", "30 / 40, n = 60"),
        (_measure("M3", Unit.SECONDS, (7200, 2, 2), 3600), "1 h", "2 h / 2"),
        (_measure("M5", Unit.SECONDS, (None, 12, 12), 90_000), "1 d 1 h", "n = 12"),
        (replace(_measure("M7", Unit.WORKING, (180_000, 2, 2), 90_000), name="working_mean"), "25 h", "50 h / 2"),
        (_measure("M1", Unit.CASES, (12_345, None, 12_345), 12_345), "12,345", ""),
        (_measure("M18", Unit.HOURS, (12.5, None, 5), 12.5), "12.5", "n = 5"),
        (_measure("M20", Unit.SCORE, (17, 4, 4), 4.25), "4.2", "17 / 4"),
    ],
)
def test_values_are_written_with_the_numbers_behind_them(measure: Measure, value: str, basis: str) -> None:
    assert said.value(measure, ENGLISH) == value
    assert said.basis(measure, ENGLISH) == basis


@pytest.mark.parametrize(
    ("first", "last", "english", "chinese"),
    [
        (date(2026, 11, 1), date(2026, 11, 30), "November 2026", "2026年11月"),
        (date(2026, 1, 1), date(2026, 12, 31), "the year 2026", "2026年"),
        (date(2026, 10, 5), date(2026, 10, 11), "5 Oct 2026 – 11 Oct 2026", "2026年10月5日 – 2026年10月11日"),
        (date(2026, 10, 5), date(2026, 10, 5), "5 Oct 2026", "2026年10月5日"),
        (date(2025, 11, 1), date(2026, 11, 30), "1 Nov 2025 – 30 Nov 2026", "2025年11月1日 – 2026年11月30日"),
    ],
)
def test_periods_are_written_by_their_names_or_days(first: date, last: date, english: str, chinese: str) -> None:
    period = between(first, last, UTC)
    assert said.period_name(period, ENGLISH) == english
    assert said.period_name(period, CHINESE) == chinese


def test_customer_and_product_filters_are_named() -> None:
    period = between(date(2026, 11, 1), date(2026, 11, 30), UTC)
    assert said.asked_for(StatisticsQuery(period), ENGLISH) == ()
    assert said.asked_for(StatisticsQuery(period, "南岭移动", "Billing"), CHINESE) == (
        "客户：南岭移动",
        "产品：Billing",
    )
