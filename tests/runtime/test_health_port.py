"""The second port, for operators alone."""

import urllib3

from tests.conftest import MakeTeam


def test_health_and_metrics_have_a_port_of_their_own(make_team: MakeTeam) -> None:
    bot = make_team(FAULT_HEALTH_PORT="0", FAULT_METRICS_TOKEN="read-metrics").playground.bot
    assert bot.health_server is not None
    for port, events in ((bot.server.port, 401), (bot.health_server.port, 404)):
        url = f"http://127.0.0.1:{port}"
        assert urllib3.request("POST", f"{url}/slack/events", body=b"x", retries=False).status == events
        assert urllib3.request("GET", f"{url}/health", retries=False).status == 200
        assert urllib3.request("GET", f"{url}/metrics", retries=False).status == 401
        token = {"Authorization": "Bearer read-metrics"}
        assert urllib3.request("GET", f"{url}/metrics", headers=token, retries=False).status == 200
    bot.announce_stop()
    for port in (bot.server.port, bot.health_server.port):
        assert urllib3.request("GET", f"http://127.0.0.1:{port}/health", retries=False).status == 503
