"""The written form of settings: deputies and the working calendar. Each test passes in its whole environment."""

from datetime import date, timedelta

import pytest

from bot.settings.company_values import CompanyValues, problems
from bot.settings.values import Deputy
from storage.vocabulary import Role
from tests.settings.test_settings import HTTP, refused, refused_in_one_line
from tests.support.sample_cases import CHINESE


def hours(*parts: tuple[float, float]) -> tuple[tuple[timedelta, timedelta], ...]:
    return tuple((timedelta(hours=since), timedelta(hours=until)) for since, until in parts)


ACCEPTED = [
    ("FAULT_WORKING_HOURS", "13:30-18:00, 9:00–12:00", "working_hours", hours((9, 12), (13.5, 18))),
    ("FAULT_WORKING_HOURS", "00:00-06:00,06:00-24:00", "working_hours", hours((0, 6), (6, 24))),
    ("FAULT_WORKING_WEEKDAYS", "mon-fri", "working_weekdays", frozenset(range(5))),
    ("FAULT_WORKING_WEEKDAYS", "Sun, mon-Wed", "working_weekdays", frozenset({6, 0, 1, 2})),
    ("FAULT_EXTRA_HOLIDAYS", "2026-12-31", "extra_holidays", frozenset({date(2026, 12, 31)})),
    (
        "FAULT_EXTRA_WORKING_DAYS",
        "2026-12-31:2027-01-01,2027-01-01",
        "extra_working_days",
        frozenset({date(2026, 12, 31), date(2027, 1, 1)}),
    ),
]

REFUSED = [
    ("FAULT_CALENDAR", "XX"),
    ("FAULT_WORKING_HOURS", "9-18"),
    ("FAULT_WORKING_HOURS", "09:00"),
    ("FAULT_WORKING_HOURS", "09:60-18:00"),
    ("FAULT_WORKING_HOURS", "09:00-24:01"),
    ("FAULT_WORKING_HOURS", "22:00-06:00"),
    ("FAULT_WORKING_HOURS", "09:00-09:00"),
    ("FAULT_WORKING_HOURS", "09:00-13:00,12:00-18:00"),
    ("FAULT_WORKING_HOURS", ","),
    ("FAULT_WORKING_WEEKDAYS", "workdays"),
    ("FAULT_WORKING_WEEKDAYS", "fri-mon"),
    ("FAULT_WORKING_WEEKDAYS", "1-5"),
    ("FAULT_WORKING_WEEKDAYS", ","),
    ("FAULT_EXTRA_HOLIDAYS", "24.12.2026"),
    ("FAULT_EXTRA_HOLIDAYS", "2026-12-32"),
    ("FAULT_EXTRA_HOLIDAYS", "2027-01-02:2026-12-24"),
    ("FAULT_EXTRA_WORKING_DAYS", "2026-12-24:2062-12-27"),
    ("FAULT_DEPUTIES", "boss:U123:2026-12-24:2027-01-02"),
    ("FAULT_DEPUTIES", "tester:S123:2026-12-24:2027-01-02"),
    ("FAULT_DEPUTIES", "tester:U123:2026-12-24"),
    ("FAULT_DEPUTIES", "tester:U123:2026-12-32:2027-01-02"),
    ("FAULT_DEPUTIES", "tester:U123:2027-01-02:2026-12-24"),
]


@pytest.mark.parametrize(("name", "text", "field", "value"), ACCEPTED)
def test_valid_values_are_read(name: str, text: str, field: str, value: object) -> None:
    assert getattr(CompanyValues.read({name: text}), field) == value


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_wrong_values_are_refused_in_one_line_with_name_and_example(name: str, text: str) -> None:
    refused_in_one_line(name, text)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("FAULT_CALENDAR", "XX", "“XX” is not the two-letter code of a country with known public holidays"),
        ("FAULT_WORKING_HOURS", "9-18", "“9-18” is not a range of times such as 09:00-18:00"),
        (
            "FAULT_WORKING_HOURS",
            "22:00-06:00",
            "“22:00-06:00” does not end after it begins; a night is written 00:00-06:00,22:00-24:00",
        ),
        (
            "FAULT_WORKING_WEEKDAYS",
            "1-5",
            "“1-5” is neither a day (mon, tue, wed, thu, fri, sat, sun) nor a range of days such as mon-fri",
        ),
        ("FAULT_EXTRA_HOLIDAYS", "24.12.2026", "“24.12.2026” is neither a day nor first day:last day"),
    ],
)
def test_errors_of_the_working_calendar_are_explained(name: str, text: str, said: str) -> None:
    (line,) = refused({**HTTP, name: text})
    assert line.startswith(f"{name}: {said}; for example {name}=")


def test_a_day_cannot_be_both_a_holiday_and_worked() -> None:
    both = {"FAULT_EXTRA_HOLIDAYS": "2026-12-24:2026-12-31", "FAULT_EXTRA_WORKING_DAYS": "2026-12-30,2026-12-28"}
    (line,) = refused({**HTTP, **both})
    assert line.startswith(
        "FAULT_EXTRA_WORKING_DAYS: 2026-12-28 is an extra holiday (FAULT_EXTRA_HOLIDAYS) as well; for example "
    )


def test_deputies_are_read_with_role_person_and_days() -> None:
    listed = "center_manager:U123:2026-12-24:2027-01-02, tester:W456:2026-12-24:2026-12-24"
    manager, tester = CompanyValues.read({"FAULT_DEPUTIES": listed}).deputies
    assert manager == Deputy(role=Role.CENTER_MANAGER, person="U123", first=date(2026, 12, 24), last=date(2027, 1, 2))
    assert (tester.role, tester.person) == (Role.TESTER, "W456")


@pytest.mark.parametrize(
    ("day", "covered"),
    [
        (date(2026, 12, 23), False),
        (date(2026, 12, 24), True),
        (date(2027, 1, 2), True),
        (date(2027, 1, 3), False),
    ],
)
def test_a_deputy_covers_the_first_and_the_last_day(day: date, covered: bool) -> None:
    assert Deputy.parse("center_manager:U123:2026-12-24:2027-01-02").covers(day) is covered


def test_wrong_values_are_explained_in_the_language_of_the_reader() -> None:
    said = problems({"FAULT_REOPEN_DAYS": "0", "FAULT_CHANNEL": "#desk"})
    assert {name: CHINESE.refusal(one) for name, one in said.items()} == {
        "FAULT_CHANNEL": "“#desk”不是 Slack 频道 ID（C… 或 G…）。",
        "FAULT_REOPEN_DAYS": "必须大于 0，且不超过 3660 天。",
    }
