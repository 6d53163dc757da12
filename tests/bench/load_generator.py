"""Generates load: people who press buttons, as signed requests over persistent connections, in separate processes."""

import http.client
import json
import multiprocessing
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from bot.clock import Clock
from bot.sandbox.workspace.workspace import Workspace

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one run: seconds per request, and requests per second of all clients together."""

    median: float
    p99: float
    rate: float


def signed(secret: str, body: str) -> dict[str, str]:
    """The headers of a request from Slack."""
    timestamp = str(int(Clock().now().timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    return {
        "Content-Type": FORM,
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": str(signature),
    }


def press(action_id: str, user: str, value: dict[str, int], trigger: str) -> str:
    """The body of a press on a button in a direct message."""
    payload = {
        "type": "block_actions",
        "user": {"id": user, "team_id": Workspace.team_id},
        "team": {"id": Workspace.team_id},
        "api_app_id": Workspace.app_id,
        "trigger_id": trigger,
        "response_url": "http://127.0.0.1:9/none",
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "D0", "is_ephemeral": False},
        "actions": [
            {
                "type": "button",
                "action_id": action_id,
                "block_id": "b",
                "action_ts": "1.1",
                "value": json.dumps(value),
            }
        ],
    }
    return urlencode({"payload": json.dumps(payload)})


def send(connection: http.client.HTTPConnection, secret: str, body: str) -> float:
    """Send one request and return the seconds until its response."""
    headers = signed(secret, body)
    started = time.perf_counter()
    connection.request("POST", "/slack/events", body, headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, answer.status
    return time.perf_counter() - started


def _client(port: int, secret: str, bodies: Sequence[str], seconds: list[float], pause: float) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for body in bodies:
        seconds.append(send(connection, secret, body))
        time.sleep(pause)


def _process(
    port: int,
    secret: str,
    shares: Sequence[Sequence[str]],
    pause: float,
    out: "multiprocessing.Queue[list[float]]",
) -> None:
    seconds: list[float] = []
    threads = [threading.Thread(target=_client, args=(port, secret, share, seconds, pause)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.put(seconds)


def load(port: int, secret: str, bodies: Sequence[str], clients: int, pause: float = 0.0) -> Figures:
    """Send all bodies with this number of clients, each of which waits `pause` seconds between two requests."""
    shares = [bodies[number::clients] for number in range(clients)]
    out: multiprocessing.Queue[list[float]] = multiprocessing.Queue()
    process = multiprocessing.Process(target=_process, args=(port, secret, shares, pause, out))
    started = time.perf_counter()
    process.start()
    seconds = sorted(out.get(timeout=300))
    elapsed = time.perf_counter() - started
    process.join()
    return Figures(statistics.median(seconds), seconds[int(len(seconds) * 0.99) - 1], len(seconds) / elapsed)
