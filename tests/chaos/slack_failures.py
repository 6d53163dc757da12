"""Random failures of Slack."""

from collections import Counter
from random import Random

from bot.sandbox.shared_state import Json, SharedState
from bot.sandbox.workspace.failures import Failure, Failures
from tests.chaos.background_thread import BackgroundThread

#: The methods to which a failure may be limited. Half of all failures meet any method.
METHODS = ("*", "*", "*", "chat.postMessage", "chat.postMessage", "chat.update")
#: Seconds between two failures.
BETWEEN = (0.1, 0.7)


class CountedFailures(Failures):
    """Failures of Slack, with a count of those that were met."""

    def __init__(self, state: SharedState) -> None:
        super().__init__(state)
        self.met: Counter[str] = Counter()

    def next(self, method: str, arguments: Json) -> Failure | None:
        """The next failure for a call, which is counted."""
        failure = super().next(method, arguments)
        if failure:
            self.met[failure.kind] += 1
        return failure


class RandomFailures(BackgroundThread):
    """Changes the failures while the context is entered, and clears them at the end."""

    def __init__(self, failures: CountedFailures, seed: int) -> None:
        super().__init__()
        self._failures = failures
        self._random = Random(seed)

    def __exit__(self, *details: object) -> None:
        super().__exit__()
        self._failures.clear()

    def _run(self) -> None:
        while not self._stop_event.wait(self._random.uniform(*BETWEEN)):
            self._change()

    def _change(self) -> None:
        failures, method = self._failures, self._random.choice(METHODS)
        match self._random.randrange(10):
            case 0:
                failures.rate_limit(method, times=self._random.randint(1, 3))
            case 1 | 2:
                failures.outage(method, times=self._random.randint(1, 3), status=self._random.choice((500, 503)))
            case 3 | 4:
                failures.reset(method, times=self._random.randint(1, 2))
            case 5 | 6 | 7:
                failures.lose_answer(method, times=self._random.randint(1, 2))
            case 8:
                failures.slow(self._random.uniform(0.02, 0.2))
            case _:
                failures.slow(0)
