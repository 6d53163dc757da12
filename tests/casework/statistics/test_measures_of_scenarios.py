"""November 2026 with the six acceptance scenarios of process.md §7, computed by hand and by the bot.

The scenarios, in Shanghai time, are in `tests.support.acceptance_scenarios`:

| # | what | reported | triaged | answer, reply | sheets: submitted → signed | ended |
|---|---|---|---|---|---|---|
| 1 | question, Port Exchange | 2nd 09:00 | 09:20 | 10:00 | – | 2nd 10:30, round 1, score 5 |
| 2 | question, Customer Care | 3rd 09:00 | 09:40 | 11:00 | – | 4th 10:00, round 3, no score |
| 3 | requirement, Report Center | 5th 10:00 | 10:30 | – | returned; 6th 09:00 → 12:00 | handed over |
| 4 | very severe, Billing / Rating | 9th 09:10 | 09:15 | 13:20, due 14:00 | 09:30 → 09:40 | 15:00, score 5 |
| 5 | general, Care / Greeting cards | 10th 09:00 | 10:00 | 13th 16:00 | 11:00 → 13:00 | 16th 09:00, score 4 |
| 6 | fault, Billing, not analyzed | 17th 09:00 | 09:30 | – | returned twice; 14:00 → 15:00 | open, in analysis |
"""

from typing import Any

import pytest

from bot.casework.statistics.measures import Measure, StatisticsQuery, statistics
from bot.casework.statistics.periods import parse
from bot.casework.statistics.report_snapshot import Grouping, snapshot
from tests.support.acceptance_scenarios import BILLING, CARDS, CARE, HUADONG, NANLING, RATING, AcceptanceScenarios
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock

MIN, HOUR = 60, 3600
#: Code, name and part, then numerator, denominator, n and value. Times are in seconds. A median has no numerator.
BY_HAND: tuple[tuple[str, str | None, str | None, Any, Any, int, Any], ...] = (
    # Faults received: 4, 5 and 6 were signed as faults, and no sheet is void.
    ("M1", None, None, 3, None, 3, 3),
    # Mix: of six problems two questions (1, 2), one requirement (3), three faults (4, 5, 6).
    ("M2", None, "question", 2, 6, 2, 2 / 6),
    ("M2", None, "requirement", 1, 6, 1, 1 / 6),
    ("M2", None, "fault", 3, 6, 3, 3 / 6),
    # To acknowledge: 20 + 40 + 30 + 5 + 60 + 30 minutes, six cases.
    ("M3", None, None, 185 * MIN, 6, 6, 185 * MIN / 6),
    # First response: 1 after 60 min, 2 after 120, 4 after 250 (09:10–13:20), 5 after 3 d 7 h = 4740; 3 and 6 none.
    ("M4", None, None, 5170 * MIN, 4, 4, 5170 * MIN / 4),
    # Signing: 3 h (3, second version), 10 min (4), 2 h (5), 1 h (6, third version): the middle of 1 h and 2 h.
    ("M5", None, None, None, 4, 4, 1.5 * HOUR),
    # Time in state, minutes a case:
    ("M6", None, "triage", 185 * MIN, 6, 6, 185 * MIN / 6),
    # 1: 40; 2: 80 + 150 + 1080 (15:00 to 09:00 of the next day)
    ("M6", None, "answering", 1350 * MIN, 2, 2, 675 * MIN),
    # 1: 30; 2: 30 + 60 + 60
    ("M6", None, "answer_confirming", 180 * MIN, 2, 2, 90 * MIN),
    # 3: 30 + 1290; 4: 15; 5: 60; 6: 30 + 30 + 150
    ("M6", None, "sheet_drafting", 1605 * MIN, 4, 4, 1605 * MIN / 4),
    # 3: 30 + 180; 4: 10; 5: 120; 6: 30 + 30 + 60
    ("M6", None, "sheet_signing", 460 * MIN, 4, 4, 115 * MIN),
    # 4: 30; 5: 20 h; 6: from the 17th 15:00 to the end of the month, 13 d 9 h
    ("M6", None, "analysis", (30 + 1200 + 19260) * MIN, 3, 3, 6830 * MIN),
    ("M6", None, "decision", 35 * MIN, 2, 2, 17.5 * MIN),  # 4: 5; 5: 30
    ("M6", None, "handling", 0, 0, 0, None),
    ("M6", None, "modification", 1485 * MIN, 2, 2, 742.5 * MIN),  # 4: 75; 5: 23.5 h
    ("M6", None, "testing", 420 * MIN, 2, 2, 210 * MIN),  # 4: 60; 5: 6 h
    ("M6", None, "manual_update", 1150 * MIN, 2, 2, 575 * MIN),  # 4: 10; 5: 19 h
    ("M6", None, "release", 260 * MIN, 2, 2, 130 * MIN),  # 4: 20; 5: 4 h
    ("M6", None, "replying", 140 * MIN, 2, 2, 70 * MIN),  # 4: 20; 5: 2 h
    ("M6", None, "fix_confirming", 4000 * MIN, 2, 2, 2000 * MIN),  # 4: 100; 5: 65 h
    # To resolve: 250 min (4) and 4740 min (5); nine in ten of two are both.
    ("M7", "mean", None, 4990 * MIN, 2, 2, 2495 * MIN),
    ("M7", "median", None, None, 2, 2, 2495 * MIN),
    ("M7", "p90", None, None, 2, 2, 4740 * MIN),
    ("M7", "working_mean", None, 4990 * MIN, 2, 2, 2495 * MIN),  # equal, because this center never closes
    ("M7", "working_median", None, None, 2, 2, 2495 * MIN),
    ("M7", "working_p90", None, None, 2, 2, 4740 * MIN),
    # On time: only 4 has a deadline, 14:00, never moved, and was resolved at 13:20.
    ("M8", None, "in_force", 1, 1, 1, 1),
    ("M8", None, "first", 1, 1, 1, 1),
    ("M9", None, None, 0, 1, 1, 0),
    ("M10", None, None, 0, 1, 1, 0),
    # Backlog: 6, for 13 d 15 h at the end of the month.
    ("M11", None, None, 1, None, 1, 1),
    ("M11", "age", "0-3", 0, None, 0, 0),
    ("M11", "age", "4-7", 0, None, 0, 0),
    ("M11", "age", "8-30", 1, None, 1, 1),
    ("M11", "age", ">30", 0, None, 0, 0),
    # Closed 4 and 5, arrived 4, 5 and 6.
    ("M12", None, None, 2, 3, 3, 200 / 3),
    ("M13", None, None, 0, 2, 2, 0),
    ("M14", None, None, 2, 2, 2, 1),
    # Sheets: 3 and 6 were returned (6 twice counts once); submitted those of 3, 4, 5, 6.
    ("M15", None, None, 2, 4, 4, 0.5),
    ("M16", None, None, 0, 6, 6, 0),
    # Rounds: 1 (1) and 3 (2); satisfied at first: 1.
    ("M17", "rounds", None, 4, 2, 2, 2),
    ("M17", "satisfied_first", None, 1, 2, 2, 0.5),
    # Hours: answers 0.5 + 1 + 1 + 2; analyses 1.5 + 2; modifications 1 + 3; tests 1 + 1. Ten entries.
    ("M18", None, None, 14, None, 10, 14),
    ("M18", "activity", "answering", 4.5, None, 4, 4.5),
    ("M18", "activity", "analysis", 3.5, None, 2, 3.5),
    ("M18", "activity", "modification", 4, None, 2, 4),
    ("M18", "activity", "testing", 2, None, 2, 2),
    # Modules: one fault each, 6 not analyzed.
    ("M19", None, None, 1, 3, 1, 1 / 3),
    ("M19", None, f"{BILLING} / {RATING}", 1, 3, 1, 1 / 3),
    ("M19", None, f"{CARE} / {CARDS}", 1, 3, 1, 1 / 3),
    # Scores 5 (1), 5 (4), 4 (5); 2 gave none.
    ("M20", "mean", None, 14, 3, 3, 14 / 3),
    ("M20", "at_least_4", None, 3, 3, 3, 1),
    ("apart", None, "withdrawn", 0, None, 0, 0),
    ("apart", None, "duplicate", 0, None, 0, 0),
    ("historic", None, None, 0, None, 0, 0),
)


@pytest.fixture
def november(builder: CaseBuilder, clock: ManualClock) -> StatisticsQuery:
    """The statistics of November, asked for on the first morning of December."""
    AcceptanceScenarios(builder, clock).all()
    period = parse("2026-11", builder.company, clock.now())
    assert period is not None
    return StatisticsQuery(period)


def test_the_measures_are_those_computed_by_hand(builder: CaseBuilder, november: StatisticsQuery) -> None:
    with builder.database.read() as session:
        found = statistics(session, november, builder.company, builder.clock())
    by_hand = {line[:3]: line[3:] for line in BY_HAND}
    assert [_key(one) for one in found] == [line[:3] for line in BY_HAND]
    for one in found:
        expected = by_hand[_key(one)]
        assert (one.numerator, one.denominator, one.n, one.value) == pytest.approx(expected), _key(one)


def _key(one: Measure) -> tuple[str, str | None, str | None]:
    return one.code, one.name, one.part


def test_the_counts_and_lists_are_those_computed_by_hand(builder: CaseBuilder, november: StatisticsQuery) -> None:
    with builder.database.read() as session:
        made = snapshot(session, november, builder.company, builder.clock())

    def counted(by: Grouping) -> list[tuple[str | None, int, int, int]]:
        return [(one.key, one.received, one.closed, one.open) for one in made.counted(by)]

    assert counted(Grouping.SEVERITY) == [("very_severe", 1, 1, 0), ("general", 1, 1, 0), (None, 1, 0, 1)]
    assert counted(Grouping.PRODUCT) == [(BILLING, 2, 1, 1), (CARE, 1, 1, 0)]
    assert counted(Grouping.MODULE) == [
        (f"{BILLING} / {RATING}", 1, 1, 0),
        (f"{CARE} / {CARDS}", 1, 1, 0),
        (None, 1, 0, 1),
    ]
    assert counted(Grouping.CAUSE) == [("code", 1, 1, 0), ("configuration", 1, 1, 0), (None, 1, 0, 1)]
    assert counted(Grouping.CUSTOMER) == [(HUADONG, 2, 1, 1), (NANLING, 1, 1, 0)]
    assert made.overdue == ()
    assert [(one.number, one.state) for one in made.very_severe] == [("F-4", "closed")]
