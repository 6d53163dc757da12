"""Whom cases wait for is written anew at the start, because the settings may differ from those of the last start."""

from datetime import timedelta

from sqlalchemy import text

from bot.casework.records.verify_waits import verify_waits
from bot.runtime.bootstrap import Bot
from storage.vocabulary import State
from tests.support.team import Team


def test_a_start_writes_whom_open_cases_wait_for(team: Team) -> None:
    team.case(State.TESTING)
    bot = team.playground.bot
    bot.stop()
    with bot.database.write(quietly=True) as session:
        session.connection().execute(text("UPDATE waits SET due_at = NULL"))
    team.playground.bot = Bot(team.playground.settings, clock=team.playground.clock, spacing=timedelta())
    team.playground.bot.start()
    with team.database.read() as session:
        assert not list(verify_waits(session, team.playground.bot.company, team.now))
