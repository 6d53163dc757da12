"""A setting that one process changes counts in the others at once, without a restart."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.casework import change_settings
from bot.casework.company_source import CompanySource
from bot.health import OK, SETTINGS
from bot.runtime.bootstrap import Bot
from bot.sandbox import StandIn
from bot.sandbox.client.person import Person
from bot.slack.manifest import manifest
from storage import settings
from storage.database import Database
from storage.vocabulary import State
from tests.chaos.bot_processes import BotProcesses
from tests.cli.test_main import report
from tests.conftest import MakeTeam
from tests.slack.delivery.test_delivery import deliver_with_retries
from tests.slack.delivery.test_desk_moves import NEW, cards
from tests.support import world
from tests.support.checked_database import CheckedDatabase
from tests.support.team import ADMIN, ANNA, CHEN, DESK, HUANG, LIN, WU, Team


def change(database: Database, now: datetime, **to: str) -> None:
    """Change settings as an admin does, in this process."""
    with database.write() as session:
        seen = {name: value.text for name, value in settings.stored(session).items()}
        change_settings.change(session, CompanySource(), to, seen, ADMIN, now)


@contextmanager
def serving(url: str, folder: Path, *commands: str) -> Iterator[StandIn]:
    """Processes that serve a workspace on one database, whose environment says nothing of the language."""
    with StandIn(world.workspace(manifest=manifest("http://127.0.0.1/slack/events"))) as standin:
        environ = world.environment(standin.workspace) | {"DATABASE_URL": url, "SLACK_API_URL": standin.url}
        del environ["FAULT_LOCALE"]
        with BotProcesses(folder, environ, commands) as processes:
            standin.connect(bot_url=f"http://127.0.0.1:{processes.slots[0].port}/slack/events")
            yield standin


def may_name_customers(anna: Person) -> bool:
    """Whether the report form offers a customer's name that is not known."""
    anna.command("/fault")
    anna.opened("report")
    offered = anna.suggest("customer", "Never heard of")
    anna.close_view()
    return bool(offered)


def told(standin: StandIn) -> list[str]:
    """The cards in the service-desk channel."""
    return [one.plain for one in standin.workspace.history(DESK) if one.text.startswith("F-")]


def counts_at_once(url: str, folder: Path, *commands: str) -> None:
    """Change two settings in this process; one is read where requests are taken, the other where cards are drawn."""
    database = Database(url)
    with serving(url, folder, *commands) as standin:
        workspace, anna = standin.workspace, standin.person(ANNA)
        assert may_name_customers(anna)
        report(standin)
        workspace.wait_until(lambda: len(told(standin)) == 1)
        change(database, workspace.state.now(), FAULT_LOCALE="zh-CN", FAULT_NEW_NAMES="false")
        assert not may_name_customers(anna)
        change(database, workspace.state.now(), FAULT_NEW_NAMES="")
        report(standin)
        workspace.wait_until(lambda: len(told(standin)) == 2)
        assert ["状态" in card for card in told(standin)] == [False, True]
    database.close()


@pytest.mark.database("postgresql")
def test_a_change_counts_at_once_in_two_processes(postgresql_url: str, tmp_path: Path) -> None:
    counts_at_once(postgresql_url, tmp_path, "web", "worker")


@pytest.mark.database("sqlite")
def test_a_change_counts_at_once_in_a_process_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    counts_at_once(sqlite_url, tmp_path, "run")


def test_open_cases_follow_a_change_of_the_channel_while_the_bot_runs(make_team: MakeTeam) -> None:
    team = make_team("en")
    bot = team.playground.bot
    team.case(State.ANALYSIS)
    deliver_with_retries(team)
    assert bot.desk.follow_change() == 0
    team.workspace.add_channel(NEW, "new-desk", [CHEN, HUANG, LIN, WU, ADMIN])
    without_channel(team)
    change(bot.database, team.now, FAULT_CHANNEL=NEW)
    assert bot.desk.follow_change() == 1
    assert bot.desk.follow_change() == 0
    deliver_with_retries(team)
    assert len(cards(team, NEW)) == 1


def without_channel(team: Team) -> None:
    """Let the environment say nothing of the channel any more."""
    given = {name: text for name, text in team.playground.settings.company.items() if name != "FAULT_CHANNEL"}
    with team.database.write() as session:
        assert change_settings.fix(session, team.playground.bot.source, given, team.now) == ["FAULT_CHANNEL"]


def test_a_process_that_only_takes_requests_stores_nothing_and_says_what_differs(fresh_url: str) -> None:
    database = Database(fresh_url)
    with database.write() as session:
        change_settings.fix(session, CompanySource(), {"FAULT_WORKING_HOURS": "09:00-18:00"}, world.begins())
    given = {
        "FAULT_WORKING_HOURS": "9:00 – 18:00",
        "FAULT_LOCALE": "zh-CN",
        "FAULT_TESTERS": LIN,
        "FAULT_REOPEN_DAYS": "30",
    }
    checked = CheckedDatabase(database, works=False, given=given)
    assert checked.parts()[SETTINGS] == "not as stored: FAULT_LOCALE, FAULT_TESTERS"
    with database.write() as session:
        change_settings.fix(session, CompanySource(), given, world.begins())
    assert checked.parts()[SETTINGS] == OK
    database.close()


@pytest.mark.parametrize("only", [{}, {"web": False}, {"worker": False}], ids=["run", "worker", "web"])
def test_only_a_process_that_does_everything_stores_its_settings(team: Team, only: dict[str, bool]) -> None:
    team.playground.bot.stop()
    given = {**team.playground.settings.company, "FAULT_REOPEN_DAYS": "14"}
    settings = team.playground.settings.model_copy(update={"company": given})
    bot = Bot(settings, clock=team.playground.clock, spacing=timedelta(), **only)
    bot.start()
    assert bot.company.policy.reopen_within == timedelta(days=30 if only else 14)
    bot.stop()
