"""What a request may take of time, memory and connections, whoever sends it, and what becomes of a malformed one."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPResponse
from types import SimpleNamespace

import pytest

from bot.health import Health
from bot.runtime.connections import MAX_REQUEST_BYTES, Limits
from tests.support.bare_server import Echo, request, served, web
from tests.support.logged import Logged
from tests.support.world import MAX_WAIT_SECONDS

Connect = Callable[[str, bytes], socket.socket]
HEALTH = b"GET /health HTTP/1.1\r\n\r\n"
SECRET_WORDS = "secret-words"


@pytest.fixture
def health() -> Health:
    return Health(lambda: 0.0)


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Open a connection and send the first bytes. All of them are closed in the end."""
    with ExitStack() as stack:

        def connected(url: str, first: bytes) -> socket.socket:
            host, _colon, port = url.removeprefix("http://").partition(":")
            connection = socket.create_connection((host, int(port)), timeout=MAX_WAIT_SECONDS)
            connection.sendall(first)
            return stack.enter_context(connection)

        yield connected


def read_all(connection: socket.socket) -> bytes:
    """Read until the server closes the connection, also if it resets it because we went on sending."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def ask(connection: socket.socket, raw: bytes) -> int:
    """Send the rest of a request over an open connection, and return the status of its answer."""
    connection.sendall(raw)
    answer = HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer.status


def post(length: int | str, more: str = "") -> bytes:
    return f"POST /slack/events HTTP/1.1\r\nContent-Length: {length}\r\n{more}\r\n".encode()


def refused(health: Health) -> dict[str, int]:
    """How many requests were refused, by reason."""
    [counter] = health.metrics.refused.collect()
    return {
        one.labels["reason"]: int(one.value) for one in counter.samples if one.name.endswith("_total") and one.value
    }


MALFORMED = {
    "no request": b"FOO\r\n\r\n",
    "a bad header": b"GET /health HTTP/1.1\r\nBad Header: secret-words\r\n\r\n",
    "a header of two lines": b"GET /health HTTP/1.1\r\n secret-words\r\n\r\n",
    "a small method": b"get /secret-words HTTP/1.1\r\n\r\n",
    "an address that Python refuses": b"GET http://[secret-words/ HTTP/1.1\r\n\r\n",
    "a length in words": post(SECRET_WORDS),
    "a negative length": post(-1),
    "a length of 5,000 digits": post("9" * 5_000),
    "a transfer coding that does not exist": post(0, "Transfer-Encoding: secret-words\r\n"),
    "chunks that are none": post(0, "Transfer-Encoding: chunked\r\n").replace(b"Content-Length: 0\r\n", b"")
    + b"secret-words\r\n",
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_http_gets_400_and_one_line_without_content(
    logged: Logged, health: Health, connect: Connect, raw: bytes
) -> None:
    with served(web(Echo(), health)) as url:
        assert read_all(connect(url, raw)).startswith((b"HTTP/1.1 400 Bad Request", b"HTTP/1.0 400 Bad Request"))
    assert refused(health) == {"malformed": 1}
    assert len(logged.lines) == 1
    assert SECRET_WORDS not in logged.text


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (post(MAX_REQUEST_BYTES + 1), 413),
        (post(300_000_000), 413),
        (post(300_000_000, "Expect: 100-continue\r\n"), 413),
        (b"GET /health HTTP/1.1\r\nX: " + b"x" * 40_000, 431),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_taken(
    health: Health, connect: Connect, raw: bytes, status: int
) -> None:
    """Nothing more is sent than the head of the request, and the answer comes all the same."""
    gateway = Echo()
    with served(web(gateway, health)) as url:
        assert read_all(connect(url, raw)).split(b" ")[1] == str(status).encode()
    assert gateway.heard == []
    assert refused(health) == {"too_large": 1}


def test_a_client_that_sends_300_mb_reads_why_it_is_refused(health: Health) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(300):
            sent += 1_000_000
            yield b"x" * 1_000_000

    with served(web(Echo(), health)) as url:
        answer = request("POST", f"{url}/slack/events", body=endless(), headers={"Content-Length": "300000000"})
    assert answer.status == 413
    assert sent < 300_000_000


def test_endless_chunks_are_refused(health: Health, connect: Connect) -> None:
    gateway = Echo()
    with served(web(gateway, health)) as url:
        connection = connect(url, b"POST /slack/events HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        with pytest.raises(OSError, match=r"Broken pipe|reset"):
            connection.sendall(chunk * 10_000)
    assert gateway.heard == []
    assert refused(health) == {"too_large": 1}


def test_a_request_that_is_not_whole_in_time_is_refused(health: Health, connect: Connect) -> None:
    gateway = Echo()
    with served(web(gateway, health), Limits(request_seconds=0.0)) as url:
        unfinished = [connect(url, first) for first in (b"P", post(5), post(5) + b"1234")]
        assert [read_all(one).split(b" ")[1] for one in unfinished] == [b"408"] * 3
    assert gateway.heard == []
    assert refused(health) == {"too_slow": 3}


def test_each_byte_does_not_renew_the_time(health: Health, connect: Connect) -> None:
    with served(web(Echo(), health), Limits(request_seconds=0.5)) as url:
        connection = connect(url, b"P")
        connection.settimeout(0.05)
        answer = b""
        while not answer:
            try:
                connection.sendall(b"x")
                answer = connection.recv(4096)
            except TimeoutError:
                continue
    assert answer.split(b" ")[1] == b"408"


def test_a_clock_that_was_put_back_gives_nobody_more_time(
    health: Health, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the time of day waitress looks at its connections only when the clock has caught up."""
    monkeypatch.setattr("waitress.server.time", SimpleNamespace(time=lambda: 0.0))
    with served(web(Echo(), health), Limits(request_seconds=0.0)) as url:
        for _ in range(3):
            assert b"408" in read_all(connect(url, b"P"))


def test_an_idle_connection_is_not_slow(health: Health, connect: Connect) -> None:
    with served(web(Echo(), health), Limits(request_seconds=0.0)) as url:
        idle = connect(url, b"")
        assert ask(idle, HEALTH) == 200
        assert b"408" in read_all(connect(url, b"P"))  # the server has looked for slow requests
        assert ask(idle, HEALTH) == 200


def test_above_the_limit_a_connection_that_waits_gives_way(health: Health, connect: Connect) -> None:
    """The oldest of those that have never had an answer goes first, so a known client keeps its connection."""
    with served(web(Echo(), health), Limits(MAX_WAIT_SECONDS, connections=5)) as url:
        known = connect(url, b"")
        assert ask(known, HEALTH) == 200
        dripping = [connect(url, b"P") for _ in range(50)]
        assert request("GET", f"{url}/health").status == 200
        assert ask(known, HEALTH) == 200
        assert [read_all(one) for one in dripping[:46]] == [b""] * 46
        for one in dripping:
            one.close()
    assert refused(health) == {"crowded": 47}


def test_connections_that_were_answered_give_way_as_well(health: Health, connect: Connect) -> None:
    """The new connection used to be closed itself, because it alone had never had an answer."""
    with served(web(Echo(), health), Limits(MAX_WAIT_SECONDS, connections=5)) as url:
        idle = [connect(url, b"") for _ in range(5)]
        assert [ask(one, HEALTH) for one in idle] == [200] * 5
        assert request("GET", f"{url}/health").status == 200
        assert read_all(idle[0]) == b""
    assert refused(health) == {"crowded": 1}


class LongAnswers(Echo):
    """A gateway whose answers are longer than what the system keeps for a client."""

    def receive(self, raw: bytes, headers: object) -> tuple[int, str, bytes]:
        return 200, "text/plain", bytes(12_000_000)


def test_answers_that_nobody_takes_give_way_as_well(health: Health, connect: Connect) -> None:
    with served(web(LongAnswers(), health), Limits(MAX_WAIT_SECONDS, connections=5)) as url:
        for _ in range(5):
            assert connect(url, post(0)).recv(1) == b"H"
        assert [request("GET", f"{url}/health").status for _ in range(5)] == [200] * 5
    assert refused(health)["crowded"] >= 1


def test_a_client_that_takes_its_answer_too_slowly_loses_it(health: Health, connect: Connect) -> None:
    with served(web(LongAnswers(), health), Limits(request_seconds=0.0)) as url:
        slow = connect(url, post(0))
        while not refused(health):
            request("GET", f"{url}/health")
        assert len(read_all(slow)) < 12_000_000
    assert refused(health) == {"too_slow": 1}


def test_a_connection_asks_for_one_thing_at_a_time(health: Health, connect: Connect) -> None:
    """2,600 requests for the metrics in one packet, whose answers nobody took, used to hold the thread of operators."""
    with served(web(Echo(), health)) as url:
        assert ask(connect(url, b""), HEALTH + b"\r\n") == 200
        answer = read_all(connect(url, HEALTH * 2_000))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1
    assert refused(health) == {"malformed": 1}


def test_of_large_bodies_that_are_too_large_together_the_largest_gives_way(health: Health, connect: Connect) -> None:
    gateway = Echo()
    limits = Limits(MAX_WAIT_SECONDS, held_bytes=1_000_000)
    with served(web(gateway, health), limits) as url:
        large = connect(url, post(900_000) + b"x" * 700_000)
        other = connect(url, post(900_000) + b"x" * 400_000)
        assert read_all(large) == b""
        small = request("POST", f"{url}/slack/events", body=b"x" * 60_000)
        assert small.status == 200
        assert ask(other, b"x" * 500_000) == 200
    assert sorted(len(raw) for raw, _headers in gateway.heard) == [60_000, 900_000]
    assert refused(health) == {"crowded": 1}


def test_a_client_that_breaks_its_connection_leaves_no_trace(logged: Logged, health: Health, connect: Connect) -> None:
    with served(web(Echo(), health)) as url:
        for first in (b"", b"P", post(5)):
            connection = connect(url, first)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))  # reset it
            connection.close()
        assert request("GET", f"{url}/health").status == 200
    assert logged.lines == []


def test_urgent_data_ends_the_connection(logged: Logged, health: Health, connect: Connect) -> None:
    with served(web(Echo(), health)) as url:
        connection = connect(url, b"P")
        connection.send(b"!", socket.MSG_OOB)
        assert read_all(connection) == b""
    assert refused(health) == {"malformed": 1}
    assert len(logged.lines) == 1
