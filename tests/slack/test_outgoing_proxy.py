"""Everything that goes to Slack passes through the proxy that the environment names."""

from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request

import pytest

from bot.sandbox import Workspace
from bot.slack.failures import may_have_arrived
from bot.slack.http_client import HttpClient
from tests.support import world
from tests.support.certificates import make_certificate
from tests.support.forward_proxy import ForwardProxy, forward_proxy
from tests.support.free_ports import free_port
from tests.support.manual_clock import ManualClock
from tests.support.scripted_server import scripted_server
from tests.support.team import ANNA, DESK, WU, Team

LOGIN = "faultdesk:p@ss 1"
ENCODED = "faultdesk:p%40ss%201"
LOG = b"ORA-01555: snapshot too old\n" * 9


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the tests may have a proxy itself."""
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def proxy() -> Iterator[ForwardProxy]:
    with forward_proxy(LOGIN) as running:
        yield running


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate whose root is a private one."""
    made = make_certificate(tmp_path / "private.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    return made


def ask(url: str, times: int = 1) -> None:
    """Send a request as a new process does."""
    http = HttpClient(ManualClock().ticks)
    try:
        for _ in range(times):
            assert http.send(Request(f"{url}/whole", b"{}"), world.MAX_WAIT_SECONDS).status == 200
    finally:
        http.close()


def test_tls_goes_through_a_tunnel_that_stays_open(
    proxy: ForwardProxy, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{ENCODED}@{proxy.address}")
    with scripted_server(certificate) as server:
        ask(server.url, times=3)
        assert proxy.asked == [f"CONNECT {server.url.removeprefix('https://')}"]
        assert len(server.received) == 3


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY"])
@pytest.mark.parametrize("scheme", ["http://", "https://", ""])
def test_plain_http_is_handed_to_the_proxy(
    proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch, name: str, scheme: str
) -> None:
    monkeypatch.setenv(name, f"{scheme}{ENCODED}@{proxy.address}")
    with scripted_server() as server:
        ask(server.url)
        assert proxy.asked == [f"POST {server.url}/whole"]


def test_what_needs_no_proxy_is_asked_directly(proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{ENCODED}@{proxy.address}")
    monkeypatch.setenv("NO_PROXY", "example.com,127.0.0.1")
    with scripted_server() as server:
        ask(server.url)
    assert proxy.asked == []


def test_a_proxy_that_refuses_the_login_gets_nothing(
    proxy: ForwardProxy, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
    with scripted_server(certificate) as server:
        with pytest.raises(URLError, match="407") as caught:
            ask(server.url)
        assert not may_have_arrived(caught.value)
        assert server.received == []


def test_the_bot_needs_nothing_but_the_proxy(
    fresh_url: str, proxy: ForwardProxy, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls, uploads, downloads, response URLs and Socket Mode, over TLS: Slack is reached through the proxy alone."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://{ENCODED}@{proxy.address}")
    port, unreachable = free_port(), free_port()
    proxy.forwarded[unreachable] = port
    slack = f"https://127.0.0.1:{unreachable}"
    settings = {"SLACK_API_URL": f"{slack}/api/", "SLACK_APP_TOKEN": Workspace.app_token}
    playground = world.playground(fresh_url, settings, slack_port=port, certificate=certificate)
    workspace = playground.workspace
    workspace.base_url = slack
    assert workspace.manifest.content is not None
    workspace.manifest.content["settings"]["socket_mode_enabled"] = True
    with playground:
        team = Team(playground)
        team.meet()
        workspace.wait_until(lambda: playground.standin.transport.sockets.count)
        case = team.report(ANNA, attachments=[("rating.log", LOG)])
        team.settle()
        [card] = [one for one in workspace.history(DESK) if one.thread_ts is None and one.text.startswith(case)]
        team.press_copy(WU, card, "open_case")
        [shared] = [one for one in workspace.thread(DESK, card.ts) if one.files]
        assert shared.files[0]["name"] == "rating.log"
        for method in ("apps.connections.open", "chat.postMessage", "views.open", "files.download", "response_url"):
            workspace.wait_until(lambda method=method: workspace.log.calls(method))  # type: ignore[misc]
    assert set(proxy.asked) == {f"CONNECT 127.0.0.1:{unreachable}"}
