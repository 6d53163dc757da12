"""Injected failures: the stand-in fails on demand in the ways in which Slack can fail."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bot.sandbox.shared_state import Json, SharedState

Kind = Literal["rate_limit", "outage", "reset", "hang", "refuse", "lost_answer", "cut_answer", "late", "sign_in"]
#: The methods of `Failures` that inject one, and `clear`, which ends all.
METHODS = (
    *("slow", "rate_limit", "outage", "reset", "hang", "refuse", "lose_answer", "cut_answer", "take_late"),
    "ask_to_sign_in",
    "clear",
)


@dataclass(frozen=True)
class Failure:
    """One kind of failure, injected into calls of one method (`*`: of any).

    `rate_limit` answers 429. `outage` answers a page that is not JSON, as Slack does with a 5xx
    status and proxies do with any. `reset` breaks the connection before
    the call has any effect. `hang` does the same after `seconds` of wall-clock time. `refuse` answers `ok: false`.
    `lost_answer` performs the call and then breaks the connection, `cut_answer` after half of the answer. `late`
    breaks the connection and performs the call after `seconds` by the clock of the workspace. `sign_in` answers the
    request for a file with the sign-in page and status 200.
    """

    kind: Kind
    method: str = "*"
    times: int | None = 1
    where: Json = field(default_factory=dict)
    status: int = 503
    seconds: float = 30
    error: str = "internal_error"

    def applies_to(self, method: str, arguments: Json) -> bool:
        """Return whether the failure applies to this call."""
        named = self.method in ("*", method)
        return named and all(arguments.get(key) == value for key, value in self.where.items())


class Failures:
    """The failures still to be injected, in the order in which they were added.

    `latency` delays every call by so many wall-clock seconds.
    """

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._planned: list[Failure] = []
        self.latency = 0.0

    @property
    def planned(self) -> list[Json]:
        """The pending failures: `kind`, and the `seconds` of a delay or the `times` left (None: until `clear`)."""
        with self._state.locked():
            slow: list[Json] = [{"kind": "slow", "seconds": self.latency}] if self.latency else []
            return slow + [{"kind": one.kind, "times": one.times} for one in self._planned]

    def slow(self, seconds: float) -> None:
        """Delay every call by so many wall-clock seconds."""
        with self._state.change():
            self.latency = seconds

    def rate_limit(self, method: str = "*", times: int | None = 1, retry_after: int = 1, **where: Any) -> None:
        """Answer 429 with Retry-After.

        Args:
            times: how many calls fail; None means every call until `clear`.
            retry_after: seconds in the Retry-After header.
            where: only calls that have these argument values fail, such as `channel="C0DESK"`.
        """
        self._plan(Failure("rate_limit", method, times, where, seconds=retry_after))

    def outage(self, method: str = "*", times: int | None = 1, status: int = 503, **where: Any) -> None:
        """Answer a page that is not JSON, with this status."""
        self._plan(Failure("outage", method, times, where, status=status))

    def reset(self, method: str = "*", times: int | None = 1, **where: Any) -> None:
        """Break the connection; the call has no effect."""
        self._plan(Failure("reset", method, times, where))

    def hang(self, method: str = "*", times: int | None = 1, seconds: float = 30, **where: Any) -> None:
        """Answer nothing for so many wall-clock seconds, then break the connection; the call has no effect."""
        self._plan(Failure("hang", method, times, where, seconds=seconds))

    def refuse(self, method: str, error: str, times: int | None = 1, **where: Any) -> None:
        """Answer `ok: false` with this error."""
        self._plan(Failure("refuse", method, times, where, error=error))

    def lose_answer(self, method: str = "*", times: int | None = 1, **where: Any) -> None:
        """Perform the call, then break the connection instead of answering."""
        self._plan(Failure("lost_answer", method, times, where))

    def cut_answer(self, method: str = "*", times: int | None = 1, **where: Any) -> None:
        """Perform the call, then break the connection in the middle of the answer."""
        self._plan(Failure("cut_answer", method, times, where))

    def take_late(self, method: str = "*", times: int | None = 1, after_seconds: float = 15, **where: Any) -> None:
        """Break the connection, and perform the call once the workspace's clock has advanced by so many seconds."""
        self._plan(Failure("late", method, times, where, seconds=after_seconds))

    def ask_to_sign_in(self, times: int | None = 1, **where: Any) -> None:
        """Answer the request for a file with the sign-in page and status 200, as Slack does without `files:read`."""
        self._plan(Failure("sign_in", "files.download", times, where))

    def clear(self) -> None:
        """Remove all pending failures and the delay."""
        with self._state.change():
            self._planned.clear()
            self.latency = 0.0

    def next(self, method: str, arguments: Json) -> Failure | None:
        """Return the failure that applies to this call, or None, and count it as used."""
        with self._state.change():
            failure = next((t for t in self._planned if t.applies_to(method, arguments)), None)
            if failure:
                self._count(failure)
            return failure

    def _plan(self, failure: Failure) -> None:
        with self._state.change():
            self._planned.append(failure)

    def _count(self, failure: Failure) -> None:
        place = self._planned.index(failure)
        if failure.times is None:
            return
        if failure.times <= 1:
            del self._planned[place]
        else:
            self._planned[place] = replace(failure, times=failure.times - 1)
