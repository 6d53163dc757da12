"""Connections to Slack are kept open, nothing is sent twice that may have arrived, and errors say what may have."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from urllib.error import URLError
from urllib.request import Request

import pytest
from slack_sdk.errors import SlackApiError

from bot.clock import CheckedClock
from bot.slack.failures import classify, may_come_late, may_have_arrived
from bot.slack.http_client import MAX_IDLE_SECONDS, MAX_KEPT, Answer, HttpClient
from bot.slack.web_client import SlackClient
from tests.support.certificates import make_certificate
from tests.support.free_ports import free_port
from tests.support.manual_clock import ManualClock
from tests.support.scripted_server import ScriptedServer, scripted_server
from tests.support.world import MAX_WAIT_SECONDS

#: More than the network takes while nobody reads it.
LARGE = bytes(32 * 2**20)
Send = Callable[..., Answer]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def http(clock: ManualClock) -> Iterator[HttpClient]:
    made = HttpClient(clock.ticks)
    yield made
    made.close()


@pytest.fixture
def send(http: HttpClient, server: ScriptedServer) -> Send:
    def post(path: str, body: bytes = b"{}", timeout: float = MAX_WAIT_SECONDS) -> Answer:
        return http.send(Request(f"{server.url}{path}", body, method="POST"), timeout)

    return post


def test_calls_share_a_connection(send: Send, server: ScriptedServer) -> None:
    answers = [send("/whole") for _ in range(3)]
    assert [(answer.status, answer.text) for answer in answers] == [(200, '{"ok": true}')] * 3
    assert (len(server.received), server.connections) == (3, 1)


def test_a_refusal_leaves_the_connection_open(send: Send, server: ScriptedServer) -> None:
    assert [send(path).status for path in ("/page", "/moved", "/whole")] == [503, 302, 200]
    assert server.connections == 1


def test_no_redirect_is_followed(send: Send, server: ScriptedServer) -> None:
    send("/moved")
    assert [path for _port, path in server.received] == ["/moved"]


def test_a_connection_is_not_used_again_after_a_pause(send: Send, server: ScriptedServer, clock: ManualClock) -> None:
    send("/whole")
    clock.move(seconds=MAX_IDLE_SECONDS - 1)
    send("/whole")
    assert server.connections == 1
    clock.move(seconds=MAX_IDLE_SECONDS)
    send("/whole")
    assert server.connections == 2
    server.wait_for(connections=1)


def test_a_connection_that_the_peer_closed_meanwhile_is_replaced(send: Send, server: ScriptedServer) -> None:
    send("/last")
    server.wait_for(connections=0)
    assert send("/whole").status == 200
    assert server.connections == 2


def test_a_request_that_a_kept_connection_does_not_take_is_sent_over_another(
    send: Send, server: ScriptedServer
) -> None:
    send("/whole")
    assert send("/unread-later", LARGE).status == 200
    assert [path for _port, path in server.received] == ["/whole", "/unread-later"]
    assert server.connections == 2


def test_a_request_that_a_new_connection_does_not_take_has_not_arrived(send: Send, server: ScriptedServer) -> None:
    with pytest.raises(URLError) as caught:
        send("/unread", LARGE)
    assert not may_have_arrived(caught.value)
    assert server.received == []


@pytest.mark.parametrize("is_kept", [False, True], ids=["new", "kept"])
@pytest.mark.parametrize("path", ["/none", "/half", "/nonsense"])
def test_a_request_without_a_whole_answer_is_uncertain_and_not_repeated(
    send: Send, server: ScriptedServer, path: str, is_kept: bool
) -> None:
    if is_kept:
        send("/whole")
    with pytest.raises(ConnectionError) as caught:
        send(path)
    assert may_have_arrived(caught.value)
    assert may_come_late(caught.value)
    assert classify(caught.value, 1).reason == "ConnectionError"
    assert [one for _port, one in server.received].count(path) == 1


def test_an_answer_that_does_not_come_in_time_is_uncertain(send: Send, server: ScriptedServer) -> None:
    with pytest.raises(TimeoutError) as caught:
        send("/hang", timeout=0.1)
    assert may_have_arrived(caught.value)
    assert [path for _port, path in server.received] == ["/hang"]


def test_nobody_listens(http: HttpClient) -> None:
    with pytest.raises(URLError) as caught:
        http.send(Request(f"http://127.0.0.1:{free_port()}/"), MAX_WAIT_SECONDS)
    assert not may_have_arrived(caught.value)


def test_a_page_in_another_encoding_is_still_an_answer(http: HttpClient, server: ScriptedServer) -> None:
    client = SlackClient(http, "xoxb-1", server.url, CheckedClock(ManualClock()))
    with pytest.raises(SlackApiError) as caught:
        client.api_call("page")
    assert classify(caught.value, 1).reason == "http_503"


def test_threads_do_not_wait_for_each_other_and_the_connections_kept_are_limited(
    send: Send, server: ScriptedServer
) -> None:
    together = MAX_KEPT + 3
    server.meeting = Barrier(together, timeout=MAX_WAIT_SECONDS)
    with ThreadPoolExecutor(together) as threads:
        assert {answer.status for answer in threads.map(send, ["/together"] * together)} == {200}
    assert server.connections == together
    server.wait_for(connections=MAX_KEPT)


def test_closing_closes_every_connection(http: HttpClient, send: Send, server: ScriptedServer) -> None:
    send("/whole")
    http.close()
    server.wait_for(connections=0)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path / "server.pem")


def test_a_private_root_is_trusted_where_it_is_named(
    certificate: Path, http: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with scripted_server(certificate) as server:
        for _ in range(2):
            assert http.send(Request(f"{server.url}/whole"), MAX_WAIT_SECONDS).status == 200
        assert server.connections == 1


def test_a_root_that_is_not_trusted_gets_no_request(certificate: Path, http: HttpClient) -> None:
    with scripted_server(certificate) as server:
        with pytest.raises(URLError, match="CERTIFICATE_VERIFY_FAILED") as caught:
            http.send(Request(f"{server.url}/whole"), MAX_WAIT_SECONDS)
        assert not may_have_arrived(caught.value)
        assert server.received == []
