"""Whom cases wait for is written anew at the start, because the settings may differ from those of the last start."""

from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.casework.records.verify_waits import verify_waits
from bot.runtime import process
from bot.runtime.bootstrap import Bot
from bot.runtime.upgrade import bring_up_to_date
from storage.vocabulary import State, Step
from tests.conftest import MakeTeam
from tests.support import world
from tests.support.team import ANNA, HUANG, Team


def test_a_start_writes_whom_open_cases_wait_for(team: Team) -> None:
    team.case(State.TESTING)
    bot = team.playground.bot
    bot.stop()
    with bot.database.write() as session:
        session.connection().execute(text("UPDATE waits SET due_at = NULL"))
    team.playground.bot = Bot(team.playground.settings, clock=team.playground.clock, spacing=timedelta())
    team.playground.bot.start()
    with team.database.read() as session:
        assert not list(verify_waits(session, team.playground.bot.company, team.now))


@pytest.mark.parametrize("by_migrate", [False, True], ids=["start", "migrate"])
def test_a_deputy_whose_time_ended_while_no_process_ran_is_told_at_the_next_start(
    make_team: MakeTeam, monkeypatch: pytest.MonkeyPatch, *, by_migrate: bool
) -> None:
    """The settings do not name the deputy any more, so that only the stored roles tell of them."""
    today = world.day()
    team = make_team("en", FAULT_DEPUTIES=f"tester:{ANNA}:{today}:{today}")
    number = team.case(State.TESTING)
    team.take(HUANG, Step.REASSIGN, number, place="testers", person=ANNA)
    team.playground.bot.stop()
    team.playground.clock.advance(timedelta(days=1))
    given = team.playground.settings.company
    others = {name: text for name, text in given.items() if name != "FAULT_DEPUTIES"}
    settings = team.playground.settings.model_copy(update={"company": others})
    if by_migrate:
        monkeypatch.setattr(process, "clock", lambda _settings: team.playground.clock)
        with closing(process.database(settings)) as database:
            bring_up_to_date(database, settings)
    team.playground.bot = Bot(settings, clock=team.playground.clock, spacing=timedelta())
    team.playground.bot.start()
    team.settle()
    (told,) = [text for text in map(team.person(HUANG).read, team.inbox(HUANG)) if "has left or lost a role" in text]
    assert number in told
