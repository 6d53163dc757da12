"""The HTTP endpoints of the process, without Slack."""

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import urllib3

from bot.health import Health
from bot.runtime.connections import MAX_REQUEST_BYTES
from bot.runtime.http_server import Server
from bot.slack.app import RequestGateway
from tests.support.bare_server import Echo, request, served, web
from tests.support.world import MAX_WAIT_SECONDS


class Waiting(RequestGateway):
    """A gateway that answers nothing until it is told to. `busy` is met when both threads of the server wait."""

    def __init__(self) -> None:
        self.go_on, self.busy = threading.Event(), threading.Barrier(3)

    def receive(self, raw: bytes, headers: object) -> tuple[int, str, bytes]:
        if not self.go_on.is_set():
            self.busy.wait(MAX_WAIT_SECONDS)
        self.go_on.wait(MAX_WAIT_SECONDS)
        return 200, "text/plain", b""


class Ticks:
    """A clock in seconds that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def health(ticks: Ticks) -> Health:
    return Health(ticks)


def test_a_body_and_its_headers_arrive_as_they_were_sent(health: Health) -> None:
    gateway = Echo()
    with served(web(gateway, health)) as url:
        body = "text=批价&x=%00".encode()
        answer = request("POST", f"{url}/slack/events", body=body, headers={"X-Slack-Signature": "v0=1"})
        assert answer.json() == {"ok": "好"}
        assert answer.headers["Content-Type"] == "application/json"
        chunked = request("POST", f"{url}/slack/events", body=iter([b"a", b"b"]), headers={"X-A": "1"})
        assert chunked.status == 200
    assert gateway.heard[0][0] == body
    assert gateway.heard[0][1]["x-slack-signature"] == "v0=1"
    assert gateway.heard[1][0] == b"ab"


def test_a_body_that_is_too_long_is_not_read(health: Health) -> None:
    gateway = Echo()
    with served(web(gateway, health)) as url:
        assert request("POST", f"{url}/slack/events", body=b"x" * (MAX_REQUEST_BYTES + 1)).status == 413
        assert request("POST", f"{url}/slack/events", body=b"x" * (MAX_REQUEST_BYTES - 1)).status == 200
    assert len(gateway.heard) == 1


def test_without_a_gateway_requests_of_slack_are_not_found(health: Health) -> None:
    with served(web(None, health)) as url:
        assert request("POST", f"{url}/slack/events", body=b"x").status == 404
        assert request("GET", f"{url}/health").status == 200


def test_health_reports_each_part(health: Health, ticks: Ticks) -> None:
    health.watch("delivery", timedelta(seconds=5))
    health.watch("reminders", timedelta(minutes=5))
    health.slack("invalid_auth")
    with served(web(None, health)) as url:
        answer = request("GET", f"{url}/health")
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
        parts = {"delivery": "ok", "reminders": "ok", "slack": "invalid_auth"}
        assert json.loads(answer.data) == parts
        ticks.now += 16
        still = request("GET", f"{url}/health")
        assert still.status == 503
        assert json.loads(still.data)["delivery"].startswith("still for 16")
        assert json.loads(still.data)["reminders"] == "ok"
        health.worked("delivery")
        assert request("GET", f"{url}/health").status == 200


def test_metrics_are_prometheus_text(health: Health) -> None:
    with served(web(None, health)) as url:
        answer = request("GET", f"{url}/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "faultdesk_outbox_waiting" in answer.data.decode()


def test_metrics_may_need_a_token_and_health_never(health: Health) -> None:
    with served(web(None, health, "s3cret-ä")) as url:
        for given in (None, "Bearer s3cret", "Basic s3cret-ä", "s3cret-ä", "Bearer "):
            headers = {"Authorization": given.encode()} if given else {}
            answer = request("GET", f"{url}/metrics", headers=headers)
            assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert b"faultdesk_" not in answer.data
        right = request("GET", f"{url}/metrics", headers={"Authorization": "Bearer s3cret-ä".encode()})
        assert right.status == 200
        assert 'faultdesk_requests_refused_total{reason="unauthorized"} 5.0' in right.data.decode()
        assert request("GET", f"{url}/health").status == 200


@pytest.mark.parametrize("path", ["/health", "/health/own", "/metrics"])
def test_health_is_answered_although_every_thread_waits(health: Health, path: str) -> None:
    """Point 11: requests that wait for a database that hangs take all the threads there are."""
    gateway = Waiting()
    with served(web(gateway, health)) as url, ThreadPoolExecutor() as slack:
        sent = [slack.submit(request, "POST", f"{url}/slack/events", body=b"x") for _ in range(4)]
        try:
            gateway.busy.wait(MAX_WAIT_SECONDS)
            assert request("GET", f"{url}{path}", timeout=MAX_WAIT_SECONDS).status == 200
        finally:
            gateway.go_on.set()
        assert [one.result().status for one in sent] == [200] * 4


def test_an_internal_error_shows_no_details(health: Health) -> None:
    class Broken(Echo):
        def receive(self, raw: bytes, headers: object) -> tuple[int, str, bytes]:
            raise RuntimeError("secret words")

    with served(web(Broken(), health)) as url:
        answer = request("POST", f"{url}/slack/events", body=b"x")
    assert answer.status == 500
    assert b"secret words" not in answer.data
    assert b"Traceback" not in answer.data


def test_a_request_in_progress_is_answered_before_the_server_stops(
    health: Health, caplog: pytest.LogCaptureFixture
) -> None:
    inside, go_on = threading.Event(), threading.Event()

    class Slow(Echo):
        def receive(self, raw: bytes, headers: object) -> tuple[int, str, bytes]:
            inside.set()
            assert go_on.wait(MAX_WAIT_SECONDS)
            return super().receive(raw, headers)

    server = Server(web(Slow(), health), "127.0.0.1", 0, 2)
    server.start()
    with ThreadPoolExecutor() as pool, urllib3.PoolManager() as http:
        url = f"http://127.0.0.1:{server.port}/slack/events"
        asked = pool.submit(http.request, "POST", url, body=b"{}", retries=False)
        assert inside.wait(MAX_WAIT_SECONDS)
        ended = pool.submit(server.stop)
        go_on.set()
        assert asked.result().status == 200
        ended.result()
    assert [line for line in caplog.records if line.levelno >= logging.WARNING] == []
