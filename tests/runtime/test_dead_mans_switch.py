"""A real HTTP server outside is pinged only after a whole good sweep and a whole good round of delivery."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.runtime.dead_mans_switch import DeadMansSwitch
from bot.settings.declaration import WrongSettings
from bot.settings.settings import load
from tests.conftest import MakeTeam
from tests.support.logged import Logged
from tests.support.team import Team


class Outside:
    """The service outside. It answers with `status`."""

    def __init__(self) -> None:
        self.status, self.heard = 200, list[str]()
        outside = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outside.heard.append(self.path)
                self.send_response(outside.status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/ping/secret-5f1c"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def outside() -> Iterator[Outside]:
    running = Outside()
    yield running
    running.stop()


def switch_of(team: Team) -> DeadMansSwitch:
    switch = team.playground.bot._switch
    assert switch is not None
    return switch


def sweeps(team: Team) -> None:
    """A good sweep, and a good round of the delivery."""
    health = team.playground.bot.health
    before = health.good_rounds("delivery")
    team.playground.bot.jobs.sweep()
    team.playground.bot.delivery.wake()
    team.workspace.wait_until(lambda: health.good_rounds("delivery") > before)


def test_a_ping_follows_a_good_sweep_and_a_good_round_and_never_two(make_team: MakeTeam, outside: Outside) -> None:
    team = make_team(FAULT_HEARTBEAT_URL=outside.url)
    assert not switch_of(team).check(), "no sweep yet"
    sweeps(team)
    assert switch_of(team).check()
    assert outside.heard == ["/ping/secret-5f1c"]
    assert not switch_of(team).check(), "no sweep since"
    sweeps(team)
    assert switch_of(team).check()


def test_no_ping_while_health_is_not_well(make_team: MakeTeam, outside: Outside) -> None:
    team = make_team(FAULT_HEARTBEAT_URL=outside.url)
    sweeps(team)
    team.playground.bot.health.ask("socket", lambda: "no answer for 31 s")
    assert not switch_of(team).check()
    assert outside.heard == []


@pytest.mark.parametrize("failure", ["status", "away"])
def test_a_failed_ping_is_logged_without_the_address_and_repeated(
    logged: Logged, make_team: MakeTeam, outside: Outside, failure: str
) -> None:
    team = make_team(FAULT_HEARTBEAT_URL=outside.url if failure == "status" else "http://127.0.0.1:9/ping/secret-5f1c")
    outside.status = 500
    sweeps(team)
    assert not switch_of(team).check()
    [line] = logged.of("heartbeat.failed")
    assert line["reason"] == ("http_500" if failure == "status" else "URLError")
    assert "secret-5f1c" not in logged.text
    registry = team.playground.bot.health.metrics.registry
    assert registry.get_sample_value("faultdesk_heartbeat_pings_total", {"result": "failed"}) == 1


def test_without_the_setting_nothing_is_pinged(team: Team) -> None:
    assert team.playground.bot._switch is None


@pytest.mark.parametrize("address", ["ftp://example.com/secret-5f1c", "file:///etc/secret-5f1c", "secret-5f1c"])
def test_only_http_addresses_are_accepted_and_none_is_quoted(address: str) -> None:
    with pytest.raises(WrongSettings) as wrong:
        load({"FAULT_HEARTBEAT_URL": address}, needs_slack=False)
    assert "FAULT_HEARTBEAT_URL" in str(wrong.value)
    assert "secret-5f1c" not in str(wrong.value)


def test_the_address_is_masked_in_logs() -> None:
    settings = load({"FAULT_HEARTBEAT_URL": "https://hc.test/secret-5f1c"}, needs_slack=False)
    assert "https://hc.test/secret-5f1c" in settings.secrets
    assert "secret-5f1c" not in repr(settings)
