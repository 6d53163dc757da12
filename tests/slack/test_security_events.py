"""What witnesses and operators learn: refused requests, orders of documents, the checkpoint of the night."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import urllib3

from bot.casework.records.checkpoints import line_of
from storage import checkpoints, desk_history
from storage.vocabulary import DeskEvent, State
from tests.support import world
from tests.support.case_builder import CaseBuilder
from tests.support.logged import Logged
from tests.support.raw_requests import command, send
from tests.support.sealed_desk import KEY
from tests.support.team import ADMIN, ANNA, CHEN, VIEWER, Team

SECRET_WORDS = "批价进程 secret words of a customer"


def refused(team: Team, reason: str) -> int:
    """How many requests were refused for this reason, as Prometheus reads it."""
    url = team.playground.bot_url.replace("/slack/events", "/metrics")
    text = urllib3.request("GET", url).data.decode()
    found = re.search(rf'^faultdesk_requests_refused_total{{reason="{reason}"}} ([0-9.]+)$', text, re.MULTILINE)
    assert found, text
    return int(float(found[1]))


@pytest.mark.parametrize(
    ("reason", "make"),
    [
        ("bad_signature", lambda team: send(team, command(team, SECRET_WORDS), headers={"X-Slack-Signature": "v0=0"})),
        (
            "bad_signature",
            lambda team: send(team, command(team, SECRET_WORDS), headers={"X-Slack-Request-Timestamp": "x"}),
        ),
        ("stale", lambda team: send(team, command(team, SECRET_WORDS), at=team.now.timestamp() - 302)),
        ("stale", lambda team: send(team, command(team, SECRET_WORDS), at=team.now.timestamp() + 399)),
    ],
    ids=["signature", "timestamp", "old", "future"],
)
def test_a_request_that_is_not_from_slack_is_counted(
    logged: Logged, steady: Team, reason: str, make: Callable[[Team], object]
) -> None:
    before = refused(steady, reason)
    make(steady)
    assert refused(steady, reason) == before + 1
    assert "request.refused" in logged.text
    assert not any(part in logged.text for part in ("批价进程", "secret words", "customer"))


def test_whoever_asks_for_what_they_may_not_read_is_counted(logged: Logged, team: Team, builder: CaseBuilder) -> None:
    case = builder.fault(State.ANALYSIS)
    before = refused(team, "refused_reading")
    team.person(CHEN).command(f"/fault F-{case}")
    assert refused(team, "refused_reading") == before
    team.person(ANNA).command(f"/fault F-{case}")
    team.person(ANNA).command("/fault export table")
    assert refused(team, "refused_reading") == before + 2
    assert all(
        set(line) <= {"event", "reason", "level", "logger", "timestamp"} for line in logged.of("request.refused")
    )


def test_an_order_in_slack_leaves_an_entry_and_a_pack_a_checkpoint(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.CLOSED)
    team.person(CHEN).command("/fault export pack F-1")
    with team.database.read() as session:
        entry, last = desk_history.last(session), checkpoints.last(session)
    assert entry is not None
    assert (entry.person_id, entry.event) == (CHEN, DeskEvent.EXPORTED)
    assert json.loads(entry.data)["case_id"] == 1
    assert last is not None


def test_the_checkpoint_of_the_night_arrives_as_a_line(team: Team, builder: CaseBuilder) -> None:
    builder.report()
    bot = team.playground.bot
    while not bot.jobs.nightly_checkpoint():
        team.playground.pass_time(timedelta(hours=1))
    team.settle()
    with team.database.read() as session:
        last = checkpoints.last(session)
        assert last is not None
        expected = str(line_of(session, last))
    for person in (ADMIN, VIEWER):
        assert expected in team.person(person).inbox()[-1].text
    assert not bot.jobs.nightly_checkpoint()


@pytest.mark.database("sqlite")
def test_a_key_that_others_can_read_is_said_in_one_line_at_the_start_and_everything_else_works(
    logged: Logged, fresh_url: str, tmp_path: Path
) -> None:
    KEY.write(tmp_path / "it.key")
    (tmp_path / "it.key").chmod(0o644)
    with world.playground(fresh_url, {"FAULT_SEAL_KEY": str(tmp_path / "it.key")}) as playground:
        team = Team(playground)
        team.meet()
        team.report(CHEN)
        said = logged.of("seal_key.not_used")
        assert len(said) == 1
        assert "chmod 600" in said[0]["reason"]
        report = playground.bot.health.report()
        assert report.healthy
        assert "chmod 600" in report.parts["seal_key"]
    assert KEY.text().removeprefix("ed25519:") not in logged.text
