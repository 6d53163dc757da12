"""Databases that know the demo team already, as after an earlier start of the bot. A conftest imports the fixtures.

Storing people, their workspace, customers and products takes a third of the statements of a first start.
"""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from bot.casework.imports.demo import add_demo_registers
from bot.slack.identity import profile_of
from storage import own_workspace, people
from storage.database import Database
from tests.support import world

__all__ = ["known_demo", "team_url"]


@pytest.fixture(scope="session")
def known_demo(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file that knows the demo team, to be copied."""
    path = Path(shutil.copy(migrated, tmp_path_factory.mktemp("known") / "known.db"))
    workspace, now = world.workspace(), world.begins()
    ours = [user for user in workspace.users.all() if not user.foreign]
    profiles = (profile_of(user.to_payload(0, with_locale=True, with_email=False)) for user in ours)
    with closing(Database(f"sqlite:///{path}")) as database, database.write() as session:
        own_workspace.keep(session, workspace.team_id, None, workspace.app_id, now)
        people.keep(session, profiles, now)
        add_demo_registers(session)
    return path


@pytest.fixture
def team_url(request: pytest.FixtureRequest, fresh_url: str) -> str:
    """The URL of the test's database. A file knows the demo team already; a server stores it at the bot's start."""
    if fresh_url.startswith("sqlite"):
        shutil.copy(request.getfixturevalue("known_demo"), fresh_url.removeprefix("sqlite:///"))
    return fresh_url
