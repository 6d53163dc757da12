"""What the processes of a chaos run logged: their errors, and the messages that senders left behind."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator

#: Events that are no fault of the bot when it can reach neither Slack nor the database.
EXPECTED = ("slack.no_access", "watchdog.ill", "alarm.not_told", "socket.not_connected")
#: What the libraries of Socket Mode log when a WebSocket ends.
LIBRARIES = ("slack_sdk", "websocket")
_SOCKET_ENDED = "on_error invoked"


def logged_errors(logged: Iterable[str]) -> Iterator[str]:
    """The errors and deadlocks that the processes logged, each kind once. Injected failures of Slack do not count."""
    kinds: dict[str, str] = {}
    counted = Counter[str]()
    for line in logged:
        level, event, trace = _read(line)
        if level in ("error", "critical"):
            kind = f"{event}: {trace.strip().splitlines()[-1] if trace.strip() else ''}"[:160]
            counted[kind] += 1
            kinds.setdefault(kind, trace)
    for kind, trace in kinds.items():
        yield f"logged {counted[kind]} times: {kind}\n{trace}"


def left_behind(logged: Iterable[str]) -> frozenset[int]:
    """The outbox rows whose senders were killed, suspended or cut off, as whoever took them over said."""
    events = (json.loads(line) for line in logged if '"delivery.left_behind"' in line)
    return frozenset(row for event in events for row in event["rows"])


def about_message(logged: Iterable[str], row: int) -> str:
    """What was logged of an outbox row, in the order of the moments, each on a line of its own."""
    events = (json.loads(line) for line in logged if f'"row": {row}' in line or '"rows"' in line)
    told = [event for event in events if event.get("row") == row or row in event.get("rows", ())]
    return "".join(f"\n  {json.dumps(event)}" for event in sorted(told, key=lambda event: str(event["timestamp"])))


def _read(line: str) -> tuple[str, str, str]:
    """Level, event and traceback of one line. A line that is no event counts as an error."""
    try:
        event = json.loads(line)
        is_expected = _is_expected(event)
        level = "error" if "deadlock" in line else "info" if is_expected else event["level"]
        return level, event["event"], event.get("exception") or event.get("error", "")
    except (ValueError, KeyError, TypeError):
        return "error", "not an event", line


def _is_expected(event: dict[str, str]) -> bool:
    said = event["event"]
    return event["logger"].startswith(LIBRARIES) or said in EXPECTED or said.startswith(_SOCKET_ENDED)
