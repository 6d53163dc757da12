"""Random failures of Slack."""

from collections import Counter
from random import Random

from bot.sandbox.shared_state import Json, Pulse
from bot.sandbox.workspace.failures import BadDays, Trouble
from tests.chaos.meanwhile import Meanwhile

#: The methods to which a failure may be limited. Half of all failures meet any method.
METHODS = ("*", "*", "*", "chat.postMessage", "chat.postMessage", "chat.update")
#: Seconds between two failures.
BETWEEN = (0.1, 0.7)


class CountedDays(BadDays):
    """Failures of Slack, with a count of those that were met."""

    def __init__(self, pulse: Pulse) -> None:
        super().__init__(pulse)
        self.met: Counter[str] = Counter()

    def next(self, method: str, arguments: Json) -> Trouble | None:
        """The next failure for a call, which is counted."""
        trouble = super().next(method, arguments)
        if trouble:
            self.met[trouble.kind] += 1
        return trouble


class Weather(Meanwhile):
    """Changes the failures while the context is entered, and clears them at the end."""

    def __init__(self, days: CountedDays, seed: int) -> None:
        super().__init__()
        self._days = days
        self._random = Random(seed)

    def __exit__(self, *details: object) -> None:
        super().__exit__()
        self._days.clear()

    def _run(self) -> None:
        while not self._over.wait(self._random.uniform(*BETWEEN)):
            self._change()

    def _change(self) -> None:
        days, method = self._days, self._random.choice(METHODS)
        match self._random.randrange(10):
            case 0:
                days.rate_limit(method, times=self._random.randint(1, 3))
            case 1 | 2:
                days.outage(method, times=self._random.randint(1, 3), status=self._random.choice((500, 503)))
            case 3 | 4:
                days.reset(method, times=self._random.randint(1, 2))
            case 5 | 6 | 7:
                days.lose_answer(method, times=self._random.randint(1, 2))
            case 8:
                days.slow(self._random.uniform(0.02, 0.2))
            case _:
                days.slow(0)
