"""The clock of the machine, compared with better ones."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import MAX_ANSWER_SECONDS, REFERENCE_SECONDS, TOLERANCE, CheckedClock, Clocks, Reference, StepBack
from bot.slack.web_client import date_of
from tests.support.clock_jumps import JUMPS
from tests.support.manual_clock import JumpingClock, ManualClock

SECOND = timedelta(seconds=1)


@pytest.fixture
def right() -> ManualClock:
    return ManualClock()


@pytest.fixture
def machine(right: ManualClock) -> JumpingClock:
    return JumpingClock(right)


@pytest.fixture
def wall(machine: JumpingClock) -> CheckedClock:
    return CheckedClock(machine)


def hear(wall: CheckedClock, machine: JumpingClock, reference: Reference, ahead: timedelta = timedelta()) -> None:
    wall.heard(reference, machine.right.now() + ahead, machine.ticks())


def test_alone_the_clock_of_the_machine_is_right(machine: JumpingClock, wall: CheckedClock) -> None:
    machine.jump(timedelta(days=1))
    assert (wall.now(), wall.deviation(), wall.is_checked) == (machine.now(), None, False)


@pytest.mark.parametrize("reference", Reference)
@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_a_jump_is_noticed_at_once_from_what_was_heard_before(
    machine: JumpingClock, wall: CheckedClock, reference: Reference, jump: timedelta
) -> None:
    hear(wall, machine, reference)
    machine.right.advance(timedelta(minutes=50))
    machine.jump(jump)
    if abs(jump) <= TOLERANCE:
        assert (wall.now(), wall.deviation()) == (machine.now(), None)
    else:
        assert wall.now() == machine.right.now()
        assert wall.deviation() == (jump, reference)


def test_slacks_clock_outranks_that_of_the_database(machine: JumpingClock, wall: CheckedClock) -> None:
    """The database often runs on the same machine, so that its clock is wrong by as much."""
    hear(wall, machine, Reference.DATABASE, ahead=timedelta(days=1))
    machine.jump(timedelta(days=1))
    assert wall.deviation() is None
    hear(wall, machine, Reference.SLACK)
    assert wall.deviation() == (timedelta(days=1), Reference.SLACK)
    machine.right.advance(timedelta(seconds=REFERENCE_SECONDS + 1))
    hear(wall, machine, Reference.DATABASE, ahead=timedelta(days=1))
    assert wall.deviation() is None, "what Slack said long ago does not count"


def test_an_answer_that_took_long_says_nothing(machine: JumpingClock, wall: CheckedClock) -> None:
    """The process was suspended between question and answer."""
    asked_at, moment = machine.ticks(), machine.right.now()
    machine.right.advance(timedelta(seconds=MAX_ANSWER_SECONDS + 1))
    wall.heard(Reference.SLACK, moment, asked_at)
    assert not wall.is_checked


def test_a_clock_at_the_limit_does_not_change_its_state_all_the_time(machine: JumpingClock, wall: CheckedClock) -> None:
    hear(wall, machine, Reference.SLACK)
    machine.jump(TOLERANCE + SECOND)
    states = [wall.deviation() is None]
    for step in (-2 * SECOND, 2 * SECOND, -TOLERANCE / 2 - SECOND, TOLERANCE / 2):
        machine.jump(step)
        states.append(wall.deviation() is None)
    assert states == [False, False, False, True, True]


def test_slack_is_asked_again_before_a_clock_counts_as_wrong_and_at_most_once_a_minute(
    right: ManualClock, machine: JumpingClock, wall: CheckedClock
) -> None:
    """A machine that was suspended wakes up with a right clock. Its monotonic clock did not run meanwhile."""
    hear(wall, machine, Reference.SLACK)
    assert not wall.must_ask(Reference.SLACK)
    right.advance(timedelta(minutes=2))
    right._moment += timedelta(hours=8)
    assert wall.must_ask(Reference.SLACK)
    hear(wall, machine, Reference.SLACK)
    assert wall.deviation() is None
    machine.jump(timedelta(hours=1))
    assert not wall.must_ask(Reference.SLACK), "it was asked just now"
    machine.right.advance(timedelta(minutes=1))
    assert wall.must_ask(Reference.SLACK)


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_without_a_server_the_shared_clock_does_not_jump(machine: JumpingClock, jump: timedelta) -> None:
    clocks = Clocks(machine, lambda _session: None)
    before = clocks.shared(None)
    machine.jump(jump)
    machine.right.advance(SECOND)
    assert clocks.shared(None) == before + SECOND
    assert not clocks.wall.is_checked, "it is the same clock"


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_with_a_server_the_shared_clock_is_the_servers(machine: JumpingClock, jump: timedelta) -> None:
    clocks = Clocks(machine, lambda _session: machine.right.now())
    machine.jump(jump)
    assert clocks.shared(None) == machine.right.now()
    assert abs(clocks.wall.now() - machine.right.now()) <= TOLERANCE


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_a_step_back_is_noticed_once(machine: JumpingClock, jump: timedelta) -> None:
    step_back = StepBack(machine.ticks, machine.now())
    machine.right.advance(5 * SECOND)
    machine.jump(jump)
    assert step_back.noticed(machine.now(), machine.ticks()) == (jump < -2 * SECOND)
    machine.right.advance(5 * SECOND)
    assert not step_back.noticed(machine.now(), machine.ticks())


def test_a_process_that_is_suspended_sees_no_step_back(machine: JumpingClock) -> None:
    step_back = StepBack(machine.ticks, machine.now())
    for _look in range(3):
        moment, asked_at = machine.now(), machine.ticks()
        machine.right.advance(timedelta(minutes=5))
        assert not step_back.noticed(moment, asked_at)


@pytest.mark.parametrize("name", ["Date", "date"])
@pytest.mark.parametrize("of", [str, lambda text: [text]], ids=["text", "list"])
def test_the_date_of_an_answer_is_read(name: str, of: object) -> None:
    text = "Mon, 23 Nov 2026 01:10:00 GMT"
    assert date_of({name: of(text)}) == datetime(2026, 11, 23, 1, 10, tzinfo=UTC)  # type: ignore[operator]


@pytest.mark.parametrize(
    "headers", [{}, {"Date": ""}, {"Date": "yesterday"}, {"Date": "Mon, 99 Nov 2026 25:00:00 GMT"}]
)
def test_an_unreadable_date_is_none(headers: dict[str, str]) -> None:
    assert date_of(headers) is None
