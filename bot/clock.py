"""The sources of time, and what each of them measures. Other code receives a moment or a duration as an argument.

| `Clocks` | The clock | Measures |
|---|---|---|
| `ticks` | a monotonic one | durations inside this process: the pace, pauses, leases that it watches, ages in health |
| `shared` | the database server's | what processes agree on: when a retry is due, until when a destination waits |
| `wall` | the machine's, checked against others | the deadlines of cases, and every moment that people read |
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Any, NamedTuple, Self

#: The clock of the machine is wrong if it differs from a better one by more than this.
TOLERANCE = timedelta(minutes=1)
#: An answer that took longer does not say what time it is, because the process may have been suspended meanwhile.
MAX_ANSWER_SECONDS = 20.0
#: How long another clock outranks one that was heard later, in seconds. Slack is asked once an hour.
REFERENCE_SECONDS = 2 * 3600.0
#: How long a clock that seems wrong is not compared anew, in seconds.
ASK_AGAIN_SECONDS = 60.0
#: Clocks are adjusted by less without harm; a larger step back counts as a jump.
SMALLEST_STEP_BACK = timedelta(seconds=2)


class Clock:
    """The real time of this machine."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC. An operator or a time server may move it either way."""
        return datetime.now(UTC)

    def ticks(self) -> float:
        """Return the seconds since some moment, which nobody can move."""
        return time.monotonic()

    def of_server(self, moment: datetime) -> datetime:
        """Return what a clock elsewhere shows here, if it really shows `moment` (aware)."""
        return moment


class ShiftedClock(Clock):
    """A clock that differs from the real time by a shift, for the stand-in workspace and for tests.

    It can be advanced while it runs. Processes on one machine with the same shift agree on the time.
    """

    def __init__(self, shift: timedelta = timedelta()) -> None:
        self._shift = shift
        self._lock = Lock()

    @classmethod
    def beginning(cls, moment: datetime) -> Self:
        """Return a clock that shows `moment` (aware) now and runs on from there."""
        return cls(moment - Clock().now())

    def now(self) -> datetime:
        """Return the real time plus the shift, aware, in UTC."""
        with self._lock:
            return super().now() + self._shift

    def ticks(self) -> float:
        """Return the seconds since some moment. They pass as the clock is advanced."""
        with self._lock:
            return super().ticks() + self._shift.total_seconds()

    def of_server(self, moment: datetime) -> datetime:
        """Return the moment plus the shift: other clocks differ from the real time by it, too."""
        return moment + self.shift

    @property
    def shift(self) -> timedelta:
        """How far the clock is ahead of the real time; negative when it is behind."""
        with self._lock:
            return self._shift

    def go_on_with(self, shift: timedelta) -> None:
        """Set the shift that a clock had earlier."""
        with self._lock:
            self._shift = shift

    def advance(self, by: timedelta) -> datetime:
        """Let this time pass and return the new time (UTC). Raises `ValueError` for a negative span."""
        if by < timedelta():
            raise ValueError(f"a clock can only be advanced, not by {by}")
        with self._lock:
            self._shift += by
            return super().now() + self._shift


class Reference(StrEnum):
    """A clock that the machine's own is compared with, the better one first."""

    SLACK = "Slack"
    DATABASE = "the database"


class Deviation(NamedTuple):
    """How far the machine's clock is ahead of a better one; negative when it is behind."""

    ahead: timedelta
    of: Reference


class CheckedClock(Clock):
    """The clock of the machine. Where it is wrong, the better clock that it was compared with takes its place.

    What was heard of the other clock is carried on by the monotonic clock, so a jump is noticed at once.
    """

    def __init__(self, machine: Clock) -> None:
        self._machine = machine
        self._heard: dict[Reference, tuple[datetime, float]] = {}  # item access is atomic
        self._wrong = False

    def heard(self, reference: Reference, moment: datetime, asked_at: float) -> None:
        """Record that another clock showed `moment` (aware), in answer to a question of `asked_at` (`ticks`)."""
        ticks = self.ticks()
        if ticks - asked_at <= MAX_ANSWER_SECONDS:
            self._heard[reference] = moment, ticks

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        own = self._machine.now()
        found = self._deviation(own)
        return own - found.ahead if found else own

    def ticks(self) -> float:
        """Return the seconds of the machine's monotonic clock."""
        return self._machine.ticks()

    def deviation(self) -> Deviation | None:
        """Return how the machine's clock is wrong; None if it is right as far as is known."""
        return self._deviation(self._machine.now())

    @property
    def is_checked(self) -> bool:
        """Whether the machine's clock is compared with a better one at present."""
        return self._best() is not None

    def must_ask(self, reference: Reference) -> bool:
        """Return whether the machine's clock seems wrong, and this other one was not heard within the last minute.

        A machine that was suspended wakes up with a right clock and an old idea of the others.
        """
        heard = self._heard.get(reference)
        is_old = heard is None or self.ticks() - heard[1] >= ASK_AGAIN_SECONDS
        return is_old and self.deviation() is not None

    def _deviation(self, own: datetime) -> Deviation | None:
        """Return the deviation of a clock that shows `own`.

        A clock that was wrong must come closer to count as right, so that one at the limit does not change all the
        time.
        """
        best = self._best()
        if best is None:
            return None
        moment, at = self._heard[best]
        ahead = own - (moment + timedelta(seconds=self.ticks() - at))
        self._wrong = abs(ahead) > (TOLERANCE / 2 if self._wrong else TOLERANCE)
        return Deviation(ahead, best) if self._wrong else None

    def _best(self) -> Reference | None:
        """Return the first clock that was heard lately, or else the one that was heard last."""
        ticks, heard = self.ticks(), self._heard.copy()
        fresh = (one for one in Reference if one in heard and ticks - heard[one][1] <= REFERENCE_SECONDS)
        return next(fresh, None) or max(heard, key=lambda one: heard[one][1], default=None)


class Clocks:
    """The clocks of one process; the table above says what each measures.

    `server_now` returns the time of the database server in a session, or None where there is no server. One process
    alone uses such a database: its shared clock is that of the machine at the start, carried on by the monotonic one.
    """

    def __init__(self, machine: Clock, server_now: Callable[[Any], datetime | None]) -> None:
        #: The clock of the machine as it is, right or wrong.
        self.machine = machine
        self.wall = CheckedClock(machine)
        self.ticks = machine.ticks
        self._server_now = server_now
        self._began, self._began_at = machine.now(), machine.ticks()

    def shared(self, session: Any) -> datetime:
        """Return the present moment for all processes, aware, in UTC, and compare the machine's clock with it."""
        asked_at = self.ticks()
        moment = self._server_now(session)
        if moment is None:
            return self._began + timedelta(seconds=asked_at - self._began_at)
        moment = self.machine.of_server(moment)
        self.wall.heard(Reference.DATABASE, moment, asked_at)
        return moment


class StepBack:
    """Notices that a clock was put back."""

    def __init__(self, ticks: Callable[[], float], last: datetime) -> None:
        """`ticks` returns the seconds of a monotonic clock. `last` (aware) is what the clock showed at some time."""
        self._ticks = ticks
        self._last = last, ticks()

    def noticed(self, moment: datetime, asked_at: float) -> bool:
        """Return whether the clock was put back since the last call.

        It showed `moment` between `asked_at` (seconds of the monotonic clock) and now, so the time that has passed at
        least since the last call counts: a process that is suspended here does not see a step back.
        """
        last, at = self._last
        self._last = moment, self._ticks()
        return moment + SMALLEST_STEP_BACK < last + timedelta(seconds=max(0.0, asked_at - at))
