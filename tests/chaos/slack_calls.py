"""The stand-in's failures of calls, with a record of those that were met."""

import json
from collections import Counter

from bot.sandbox.shared_state import Json, SharedState
from bot.sandbox.workspace.failures import Failure, Failures, Kind
from tests.chaos.message_recorder import row_of_metadata


class CountedFailures(Failures):
    """Failures of Slack, with a count of those that were met."""

    def __init__(self, state: SharedState) -> None:
        super().__init__(state)
        #: By kind, and of pages by status.
        self.met: Counter[tuple[Kind, int | None]] = Counter()
        #: The outbox rows whose messages Slack took late.
        self.late: set[int | None] = set()
        #: How many calls there were.
        self.calls = 0

    def next(self, method: str, arguments: Json) -> Failure | None:
        """The next failure for a call, which is counted."""
        self.calls += 1
        failure = super().next(method, arguments)
        if failure:
            self.met[failure.kind, failure.status if failure.kind == "outage" else None] += 1
        if failure and failure.kind == "late":
            self.late.add(row_of_metadata(_metadata(arguments)))
        return failure


def _metadata(arguments: Json) -> Json:
    given: Json | str = arguments.get("metadata") or {}
    return dict(json.loads(given)) if isinstance(given, str) else given
