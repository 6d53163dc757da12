"""The health of the process: what `GET /health` reports to operators.

The parts tell it what became of their work. Nothing is asked when somebody wants to know, so the answer is there at
once, whatever hangs; what has not been heard of for too long is not well.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import structlog

from bot.metrics import Metrics
from storage.unavailable import Unavailable

log = structlog.get_logger(__name__)
#: A part is unhealthy when it has not moved for this many of its intervals.
MAX_MISSED_INTERVALS = 3
#: A part is unhealthy when what it does next could have been done for this many seconds.
MAX_DUE_SECONDS = 30.0
#: Work is late when the oldest of it waits for more than this many seconds.
MAX_AGE_SECONDS = 60.0
OK = "ok"
#: The beginning of the state of a part that could not be checked.
UNKNOWN = "unknown"
#: The part that stands for the database, which must be written to.
DATABASE = "database"
#: The part that sends messages to Slack.
DELIVERY = "delivery"
#: The part that turns due reminders into messages.
REMINDERS = "reminders"
#: The part that says who reads the service-desk channel.
DESK_CHANNEL = "desk_channel"
#: Its state while there is none, of which a daily message tells the admins.
NO_DESK = "none"
#: The part that stands for the processes that deliver and remind, in a process that does neither.
WORKERS = "workers"
#: What a part does that does not move, if it does not simply stand still.
_STANDS_STILL = {DATABASE: "no answer", WORKERS: "none"}
#: The part that stands for the key with which this process signs.
SEAL_KEY = "seal_key"
UNSIGNED = "unsigned"
#: The part that says whether the clock of the machine is right.
CLOCK = "clock"
#: The part that stands for the connection of Socket Mode.
SOCKET = "socket"
#: The part that says whether files are stored where all processes see them.
FILES = "files"
#: The part that says whether Slack lets the bot look for a message whose answer was lost.
READ_BACK = "read_back"
#: The part that says whether Slack lists everybody. Each user group and each person whom Slack does not report has a
#: part of its own below it, such as `people:S0TESTERS`.
PEOPLE = "people"
#: The part that says whether messages and reminders come late, because too many wait or Slack was away.
BACKLOG = "backlog"
#: The part that says which registered names compare equal, so that people would take them for one.
NAMES = "names"
#: The part that says which roles nobody holds.
ROLES = "roles"
#: The part that says which variables of the process are not as the settings that are stored.
SETTINGS = "settings"
#: The parts that a restart does not repair, and without which everything else works.
ADVISORY = frozenset(
    {"slack", SEAL_KEY, DESK_CHANNEL, CLOCK, READ_BACK, PEOPLE, FILES, BACKLOG, NAMES, ROLES, SETTINGS}
)
#: Those of them that the admins are told about.
_TOLD = frozenset({DESK_CHANNEL, CLOCK, READ_BACK, PEOPLE, FILES})


def kind_of(part: str) -> str:
    """Return the part that stands above one of several like `people:S0TESTERS`; any other part itself."""
    return part.partition(":")[0]


def part_of(kind: str, one: str) -> str:
    """Return the part of one of several, such as a user group."""
    return f"{kind}:{one}"


class SecurityEvent(StrEnum):
    """The reasons for which a request is refused and counted; one for another workspace has codes of its own."""

    BAD_SIGNATURE = "bad_signature"
    STALE = "stale"
    #: It cannot be read, or lacks what every request of its kind has.
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    #: Its connection was closed to make room for others.
    CROWDED = "crowded"
    #: It asks for the metrics without their token.
    UNAUTHORIZED = "unauthorized"
    REFUSED_READING = "refused_reading"


@dataclass(frozen=True, slots=True)
class Report:
    """The state of each part. The report is healthy when every part is."""

    parts: Mapping[str, str]

    @property
    def healthy(self) -> bool:
        """Whether no part needs attention."""
        return not unhealthy(self.parts)

    def own(self) -> "Report":
        """Return the report without other processes, whose problems a restart of this process does not solve."""
        return Report({part: state for part, state in self.parts.items() if part != WORKERS})


@dataclass(slots=True)
class _Watched:
    """What is known of a part: when it last moved and failed (seconds of `ticks`), and how long something is due."""

    limit: float
    moved: float
    failure: str | None = None
    due: float = 0.0
    #: How many rounds ended well since the start.
    good_rounds: int = 0


class Health:
    """What is known of the parts of this process."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        """`ticks` returns the seconds of a monotonic clock."""
        self._ticks = ticks
        self._watched: dict[str, _Watched] = {}
        self._findings: dict[str, str] = {}
        self._asked: dict[str, Callable[[], str]] = {}
        self._ages: dict[str, float] = {}
        self._slack = UNKNOWN
        self.metrics = Metrics()
        for reason in SecurityEvent:
            self.metrics.refused.labels(reason)

    def refused(self, reason: str, **more: str) -> None:
        """Count and log a request that was refused. `more` goes into the log line; nothing of the content is kept."""
        self.metrics.refused.labels(reason).inc()
        log.warning("request.refused", reason=reason, **more)

    def watch(self, part: str, every: timedelta) -> None:
        """Observe a part that must move once per `every`. It is unhealthy after `MAX_MISSED_INTERVALS` of these without
        moving, while its last round failed, and while what it does next is due for more than `MAX_DUE_SECONDS`.
        """
        self._watched[part] = _Watched(MAX_MISSED_INTERVALS * every.total_seconds(), self._ticks())

    @contextmanager
    def round(self, part: str, is_whole: Callable[[], bool] = lambda: True) -> Iterator[None]:
        """Record what becomes of a round of a part: it worked, also if nothing was to be done, or it raised.

        A long round says with `worked` that it gets on. One that left something undone, which `is_whole` says at the
        end, is no good round.
        """
        try:
            yield
        except Exception as error:
            self._moved(part, error.reason if isinstance(error, Unavailable) else type(error).__name__)
            raise
        self.worked(part)
        if (watched := self._watched.get(part)) and is_whole():
            watched.good_rounds += 1

    def good_rounds(self, part: str) -> int:
        """Return how many rounds of a watched part ended well since the start."""
        watched = self._watched.get(part)
        return watched.good_rounds if watched else 0

    def worked(self, part: str, ago: timedelta = timedelta()) -> None:
        """Record that a part did its work, or found none to do. For another process `ago` says when."""
        self._moved(part, None, ago.total_seconds())

    def _moved(self, part: str, failure: str | None, ago: float = 0.0) -> None:
        if watched := self._watched.get(part):
            watched.moved = max(watched.moved, self._ticks() - ago)
            watched.failure = failure

    def due(self, part: str, seconds: float) -> None:
        """Record for how long what the part does next could have been done."""
        self.metrics.oldest_due.labels(part).set(seconds)
        if watched := self._watched.get(part):
            watched.due = seconds

    def oldest(self, part: str, age: timedelta) -> None:
        """Record the age of the oldest that a part has to do, which also grows while Slack is away."""
        self._ages[part] = max(0.0, age.total_seconds())
        self.metrics.oldest_age.labels(part).set(self._ages[part])

    def slack(self, state: str) -> None:
        """Record what the last call to Slack showed: `ok`, Slack's error code, or the kind of connection error."""
        self._slack = state

    def finding(self, part: str, state: str) -> None:
        """Record the result of the last check of a part: `ok`, what is wrong, or why it is unknown."""
        self._findings[part] = state

    def ask(self, part: str, state: Callable[[], str]) -> None:
        """Observe a part that says itself how it is: `ok`, or what is wrong. `state` answers from memory."""
        self._asked[part] = state

    def report(self) -> Report:
        """Return the states as they are known, and update the metrics of the parts."""
        now = self._ticks()
        watched = dict(self._watched)
        parts = {
            **{part: _state(part, known, now) for part, known in watched.items()},
            "slack": self._slack,
            **dict(self._findings),
            **self._backlog(),
            **{part: state() for part, state in self._asked.items()},
        }
        for part, known in watched.items():
            self.metrics.still.labels(part).set(now - known.moved)
        for part, state in parts.items():
            self.metrics.healthy.labels(part).set(state == OK)
        return Report(parts)

    def _backlog(self) -> dict[str, str]:
        """Return how late the work of all processes is; nothing in a process that has not looked yet."""
        late = max(self._ages.values(), default=None)
        if late is None:
            return {}
        return {BACKLOG: f"{int(late)} s behind" if late > MAX_AGE_SECONDS else OK}


def _state(part: str, known: _Watched, now: float) -> str:
    age = now - known.moved
    if age > known.limit:
        return f"{_STANDS_STILL.get(part, 'still')} for {int(age)} s"
    if known.failure:
        return f"failing: {known.failure}"
    return f"due for {int(known.due)} s" if known.due > MAX_DUE_SECONDS else OK


def unhealthy(parts: Mapping[str, str]) -> dict[str, str]:
    """Return the parts that are unhealthy, without those that a restart does not repair."""
    return {part: state for part, state in parts.items() if state != OK and kind_of(part) not in ADVISORY}


def _is_unknown(state: str) -> bool:
    return state.startswith(UNKNOWN)


def to_be_told(parts: Mapping[str, str]) -> dict[str, str]:
    """Return the parts that the admins are told about: the unhealthy ones, and findings that only people can mend."""
    found = {part: state for part, state in parts.items() if kind_of(part) in _TOLD}
    return {
        **unhealthy(parts),
        **{part: state for part, state in found.items() if state not in (OK, NO_DESK) and not _is_unknown(state)},
    }
