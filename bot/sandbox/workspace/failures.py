"""Injected failures: the stand-in fails on demand in the ways in which Slack can fail."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bot.sandbox.shared_state import Json, Pulse

Kind = Literal["rate_limit", "outage", "reset", "hang", "refuse", "lost_answer"]


@dataclass(frozen=True)
class Trouble:
    """One kind of failure, injected into calls of one method (`*`: of any).

    `rate_limit` answers 429. `outage` answers a 5xx page that is not JSON. `reset` breaks the connection before
    the call has any effect. `hang` does the same after `seconds` of wall-clock time. `refuse` answers `ok: false`.
    `lost_answer` performs the call and then breaks the connection.
    """

    kind: Kind
    method: str = "*"
    times: int | None = 1
    where: Json = field(default_factory=dict)
    status: int = 503
    seconds: float = 30
    error: str = "internal_error"

    def meets(self, method: str, arguments: Json) -> bool:
        """Return whether the failure applies to this call."""
        named = self.method in ("*", method)
        return named and all(arguments.get(key) == value for key, value in self.where.items())


class BadDays:
    """The failures still to be injected, in the order in which they were added.

    `latency` delays every call by so many wall-clock seconds.
    """

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._troubles: list[Trouble] = []
        self.latency = 0.0

    @property
    def ahead(self) -> list[Json]:
        """The pending failures: `kind`, and the `seconds` of a delay or the `times` left (None: until `clear`)."""
        with self._pulse.still():
            slow: list[Json] = [{"kind": "slow", "seconds": self.latency}] if self.latency else []
            return slow + [{"kind": one.kind, "times": one.times} for one in self._troubles]

    def slow(self, seconds: float) -> None:
        """Delay every call by so many wall-clock seconds."""
        with self._pulse.change():
            self.latency = seconds

    def rate_limit(self, method: str = "*", times: int | None = 1, retry_after: int = 1, **where: Any) -> None:
        """Answer 429 with Retry-After.

        Args:
            times: how many calls fail; None means every call until `clear`.
            retry_after: seconds in the Retry-After header.
            where: only calls that have these argument values fail, such as `channel="C0DESK"`.
        """
        self._ahead(Trouble("rate_limit", method, times, where, seconds=retry_after))

    def outage(self, method: str = "*", times: int | None = 1, status: int = 503, **where: Any) -> None:
        """Answer a server error with a body that is not JSON."""
        self._ahead(Trouble("outage", method, times, where, status=status))

    def reset(self, method: str = "*", times: int | None = 1, **where: Any) -> None:
        """Break the connection; the call has no effect."""
        self._ahead(Trouble("reset", method, times, where))

    def hang(self, method: str = "*", times: int | None = 1, seconds: float = 30, **where: Any) -> None:
        """Answer nothing for so many wall-clock seconds, then break the connection; the call has no effect."""
        self._ahead(Trouble("hang", method, times, where, seconds=seconds))

    def refuse(self, method: str, error: str, times: int | None = 1, **where: Any) -> None:
        """Answer `ok: false` with this error."""
        self._ahead(Trouble("refuse", method, times, where, error=error))

    def lose_answer(self, method: str = "*", times: int | None = 1, **where: Any) -> None:
        """Perform the call, then break the connection instead of answering."""
        self._ahead(Trouble("lost_answer", method, times, where))

    def clear(self) -> None:
        """Remove all pending failures and the delay."""
        with self._pulse.change():
            self._troubles.clear()
            self.latency = 0.0

    def next(self, method: str, arguments: Json) -> Trouble | None:
        """Return the failure that applies to this call, or None, and count it as used."""
        with self._pulse.change():
            trouble = next((t for t in self._troubles if t.meets(method, arguments)), None)
            if trouble:
                self._count(trouble)
            return trouble

    def _ahead(self, trouble: Trouble) -> None:
        with self._pulse.change():
            self._troubles.append(trouble)

    def _count(self, trouble: Trouble) -> None:
        place = self._troubles.index(trouble)
        if trouble.times is None:
            return
        if trouble.times <= 1:
            del self._troubles[place]
        else:
            self._troubles[place] = replace(trouble, times=trouble.times - 1)
