"""While the database cannot say who somebody is, nobody is admitted (process.md §6 R10)."""

import pytest

from bot.slack.identity import Identity, Reader
from storage.database import Unavailable
from tests.conftest import MakeTeam
from tests.support.raw_requests import command, payload, send
from tests.support.sample_reports import RATING
from tests.support.team import ANNA, CHEN, SUNLI

SEARCH = {
    "type": "block_suggestion",
    "team": {"id": "T0SANDBOX"},
    "api_app_id": "A0SANDBOX",
    "action_id": "customer",
    "block_id": "customer",
    "value": "",
    "view": {"id": "V1", "callback_id": "report", "private_metadata": "", "state": {"values": {}}},
}


def unavailable(_identity: Identity, *_asked: object) -> Reader:
    raise Unavailable("the database is locked")


def test_whoever_is_not_known_is_refused_even_if_the_database_is_back_for_the_answer(
    make_team: MakeTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = make_team("en")
    team.report(CHEN, RATING)

    def offered(user: str) -> list[object]:
        found: list[object] = send(team, payload({**SEARCH, "user": {"id": user}})).json["options"]
        return found

    assert offered(ANNA)
    assert not offered(SUNLI)
    monkeypatch.setattr(Identity, "reported", unavailable)
    assert not offered(SUNLI)
    assert not offered(ANNA)
    for words in ("list", "F-1", "help"):
        assert "try again" in send(team, command(team, words, ANNA)).text
