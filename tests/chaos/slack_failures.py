"""Failures of Slack, and of what lies between Slack and us."""

from typing import ClassVar

from bot.sandbox.workspace.failures import Kind
from tests.chaos.injector import Injector

#: The methods whose next calls fail. Half of all failures meet any method.
METHODS = ("*", "*", "*", "chat.postMessage", "chat.postMessage", "chat.update")
#: The statuses of Slack's own pages, and of those with which proxies answer in its place.
OUTAGES, PAGES = (500, 503), (200, 301, 403, 404, 408, 409)


#: A kind of failure is not planned again before so many calls: on a slow machine, too, most calls succeed.
CALLS_BETWEEN = 40


class SlackFailure(Injector):
    """Lets some of the next calls of one method fail. It counts as met when a call meets it."""

    kind: ClassVar[Kind]
    statuses: ClassVar[tuple[int, ...]] = ()
    _not_before = 0

    def __exit__(self, *details: object) -> None:
        super().__exit__()
        self._targets.slack.clear()

    def inject(self) -> None:
        """Plan the failure for one to three calls, if enough calls were made since the last time."""
        if self._targets.slack.calls < self._not_before:
            return
        self._not_before = self._targets.slack.calls + CALLS_BETWEEN
        self._plan(self._random.choice(METHODS), self._random.randint(1, 3))

    def times_met(self) -> int:
        """How many calls have failed in this way."""
        met = self._targets.slack.met
        return sum(met[self.kind, status] for status in self.statuses or (None,))

    def _plan(self, method: str, times: int) -> None:
        raise NotImplementedError


class RateLimits(SlackFailure):
    """Slack answers 429."""

    name, kind = "rate limits", "rate_limit"

    def _plan(self, method: str, times: int) -> None:
        self._targets.slack.rate_limit(method, times)


class Outages(SlackFailure):
    """Slack answers with a page and 500 or 503."""

    name, kind, statuses = "outages of Slack", "outage", OUTAGES

    def _plan(self, method: str, times: int) -> None:
        self._targets.slack.outage(method, times, self._random.choice(self.statuses))


class ProxyPages(SlackFailure):
    """A proxy answers with a page in place of Slack; the call has no effect."""

    name, kind, statuses = "pages of proxies", "outage", PAGES

    def _plan(self, method: str, times: int) -> None:
        self._targets.slack.outage(method, times, self._random.choice(self.statuses))


class Resets(SlackFailure):
    """The connection breaks before the call has any effect."""

    name, kind = "broken connections", "reset"

    def _plan(self, method: str, times: int) -> None:
        self._targets.slack.reset(method, times)


class LostAnswers(SlackFailure):
    """The call has its effect, and the answer is lost."""

    name, kind = "lost answers", "lost_answer"

    def _plan(self, method: str, times: int) -> None:
        self._targets.slack.lose_answer(method, times)


class CutAnswers(SlackFailure):
    """The call has its effect, and the answer breaks off in the middle."""

    name, kind = "cut answers", "cut_answer"

    def _plan(self, method: str, times: int) -> None:
        self._targets.slack.cut_answer(method, times)


class LateEffects(SlackFailure):
    """The connection breaks, and the message appears some time later. Edits may not overtake each other."""

    name, kind = "late effects", "late"

    def _plan(self, method: str, times: int) -> None:
        seconds = self._random.uniform(*self._lasting)
        self._targets.slack.take_late("chat.postMessage", 1, seconds)


class SlowCalls(Injector):
    """Every call takes some time."""

    name = "spells of slow calls"

    def inject(self) -> None:
        """Slow down every call for a while."""
        self._targets.slack.slow(self._random.uniform(0.02, 0.2))
        self.met += 1
        self.last()
        self._targets.slack.slow(0)
