"""What health says of the parts of the process, from what they tell it."""

from datetime import timedelta

import pytest

from bot.health import DATABASE, DELIVERY, REMINDERS, WORKERS, Health
from storage.database import Unavailable
from tests.support.manual_clock import ManualClock

EVERY = timedelta(seconds=5)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def health(clock: ManualClock) -> Health:
    made = Health(clock.ticks)
    for part in (DATABASE, DELIVERY, REMINDERS, WORKERS):
        made.watch(part, EVERY)
    return made


def fail(health: Health, part: str, error: Exception) -> None:
    with pytest.raises(type(error)), health.round(part):
        raise error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Unavailable("database or disk is full", "no space left"), "no space left"),
        (Unavailable("canceling statement due to lock timeout", "locked"), "locked"),
        (ZeroDivisionError("of our own"), "ZeroDivisionError"),
    ],
)
def test_a_part_whose_last_round_failed_is_failing_with_the_reason(
    health: Health, error: Exception, reason: str
) -> None:
    fail(health, DELIVERY, error)
    assert health.report().parts[DELIVERY] == f"failing: {reason}"
    assert not health.report().healthy
    with health.round(DELIVERY):
        pass
    assert health.report().parts[DELIVERY] == "ok"


@pytest.mark.parametrize(
    ("part", "words"), [(DELIVERY, "still"), (REMINDERS, "still"), (DATABASE, "no answer"), (WORKERS, "none")]
)
def test_a_part_that_does_not_move_says_since_when(health: Health, clock: ManualClock, part: str, words: str) -> None:
    fail(health, part, ZeroDivisionError())
    clock.move(seconds=15)
    assert health.report().parts[part] == "failing: ZeroDivisionError"
    clock.move(seconds=1)
    assert health.report().parts[part] == f"{words} for 16 s"


def test_what_is_due_and_not_done_makes_its_part_ill(health: Health) -> None:
    for seconds, state in ((30, "ok"), (31, "due for 31 s"), (0, "ok")):
        health.due(REMINDERS, seconds)
        assert health.report().parts[REMINDERS] == state


def test_a_sign_of_life_of_another_process_counts_from_when_it_was_given(health: Health, clock: ManualClock) -> None:
    clock.move(seconds=20)
    health.worked(WORKERS, 16 * timedelta(seconds=1))
    assert health.report().parts[WORKERS] == "none for 16 s"
    assert WORKERS not in health.report().own().parts
