"""Shared fixtures: the running bot and its stand-in workspace, new for each test."""

import gc
import io
import logging
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from coverage import Coverage
from hypothesis import settings
from slack_sdk.models.basic_objects import JsonObject
from sqlalchemy import Dialect, Engine, create_engine

from bot import logs
from bot.runtime.company import calendar as calendar_of
from bot.workflow.calendar import WorkingCalendar
from storage import migrations
from storage.database import Database
from tests.support import postgresql_server, property_examples, world
from tests.support.known_demo import known_demo, team_url
from tests.support.logged import Logged
from tests.support.team import Team

__all__ = ["known_demo", "team_url"]

#: The interval in seconds after which Python switches between threads. The bot, Slack and the people are threads of one
#: process that wait for each other all the time. With Python's default of 5 ms the tests take half as long again.
SWITCH_SECONDS = 0.0005
#: How many objects more than before start a garbage collection, ten times Python's default.
ALLOCATIONS_PER_COLLECTION = 7_000
#: Fixtures that depend on the clock of the chosen world.
IN_A_WORLD = {"make_team", "steady", "busy", "shared"}

# structlog's default renders a colored traceback with every local variable, which takes seconds for each error
structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])


@pytest.fixture
def bare_logging() -> Iterator[None]:
    """Removes all logging handlers so that the test can configure its own, and restores them afterwards."""
    root, configured = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    for handler in handlers:
        root.removeHandler(handler)
    yield
    structlog.configure(**configured)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def logged(bare_logging: None) -> Logged:
    """The log as the running bot writes it. A test names it before `team`, so that it records everything."""
    written = io.StringIO()
    logs.configure("json", ["a-known-secret"], to=written)
    return Logged(written)


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Shares compiled SQL between all engines of one database kind.

    Each test creates its own engines. Sharing saves a fifth of the time.
    """
    compiled: dict[Any, Any] = {}
    dialects: dict[str, Dialect] = {}

    def like_the_first(url: str, **more: Any) -> Engine:
        engine = create_engine(url, execution_options={"compiled_cache": compiled}, **more)
        first = dialects.setdefault(engine.name, engine.dialect)
        if first.server_version_info is None:  # the first engine never reached its server
            dialects[engine.name] = engine.dialect
        else:
            engine.dialect = first
        return engine

    with pytest.MonkeyPatch.context() as patch:
        for store in ("sqlite", "postgresql"):
            patch.setattr(f"storage.{store}.create_engine", like_the_first)
        yield


@pytest.fixture(scope="session", autouse=True)
def validators_found_once() -> Iterator[None]:
    """Finds the validators of each Slack SDK class only once.

    The SDK looks through every attribute of a block to find its validators, which takes nearly half of the time of
    rendering a message. The same validators are called here.
    """

    @cache
    def validators(kind: type[JsonObject]) -> tuple[str, ...]:
        return tuple(name for name in dir(kind) if hasattr(getattr(kind, name), "validator"))

    def validate(found: JsonObject) -> None:
        for name in validators(type(found)):
            getattr(found, name)()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JsonObject, "validate_json", validate)
        yield


@pytest.fixture(scope="session", autouse=True)
def calendars_made_once() -> Iterator[None]:
    """Shares a calendar, with the timetable of its years, between all bots that have the same working time."""

    @cache
    def known(calendar: WorkingCalendar) -> WorkingCalendar:
        return calendar

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.runtime.company.calendar", lambda settings: known(calendar_of(settings)))
        yield


@pytest.fixture(autouse=True)
def with_long_timeouts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a busy machine take its time: what is waited for happens long before these waits end."""
    monkeypatch.setattr("bot.sandbox.client.person.UPDATE_WAIT_SECONDS", world.FIND_TIMEOUT_SECONDS)
    monkeypatch.setattr("bot.runtime.bootstrap.SHUTDOWN_WAIT_SECONDS", world.MAX_WAIT_SECONDS)
    if request.node.get_closest_marker("lock_timeout") is None:
        monkeypatch.setattr("storage.sqlite.LOCK_TIMEOUT_SECONDS", world.MAX_WAIT_SECONDS)
        monkeypatch.setattr("storage.postgresql.MAX_WAIT_SECONDS", world.MAX_WAIT_SECONDS)
        monkeypatch.setattr("bot.slack.app.REQUEST_SECONDS", world.MAX_WAIT_SECONDS)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file at the current schema, to be copied."""
    path = tmp_path_factory.mktemp("database") / "migrated.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database.engine)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgresql_server.Server]:
    """A PostgreSQL server. The tests that ask for it are skipped where there is none."""
    try:
        with postgresql_server.server() as server:
            yield server
    except postgresql_server.Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def postgresql_url(postgresql: postgresql_server.Server) -> Iterator[str]:
    """The URL of an empty PostgreSQL database for this test alone."""
    name = f"test_{uuid4().hex}"
    yield postgresql.make(name)
    postgresql.drop(name)


@pytest.fixture
def sqlite_url(migrated: Path, tmp_path: Path) -> str:
    """The URL of an empty SQLite database for this test alone."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path / 'faultdesk.db')}"


@pytest.fixture
def fresh_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database for this test alone, of the kind that its mark or `--database` names."""
    marked = request.node.get_closest_marker("database")
    kind = marked.args[0] if marked else request.config.getoption("database")
    return str(request.getfixturevalue(f"{kind}_url"))


@pytest.fixture(scope="module")
def module_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty database for this module alone, of the kind that `--database` names."""
    if request.config.getoption("database") == "sqlite":
        path = tmp_path_factory.mktemp("module") / "faultdesk.db"
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('migrated'), path)}"
        return
    server, name = request.getfixturevalue("postgresql"), f"module_{uuid4().hex}"
    yield server.make(name)
    server.drop(name)


def pytest_configure(config: pytest.Config) -> None:
    """Registers the project's marks and applies the chosen world and number of examples."""
    config.addinivalue_line("markers", "database(kind): it is about this kind of database, whatever others run on")
    config.addinivalue_line("markers", "calendar: it goes by the world's clock; `make test-calendar` runs it in each")
    config.addinivalue_line("markers", "stored: it runs on the kind of database that `--database` names")
    config.addinivalue_line("markers", "long: it takes long, so that only `make test-long` runs it")
    config.addinivalue_line("markers", "tried: it tries a property with as many examples as `--examples` says")
    config.addinivalue_line("markers", "lock_timeout: it is about how long a writer waits for the database")
    world.choose(config.getoption("world"))
    property_examples.choose(config.getoption("examples"))
    settings.register_profile("faultdesk", deadline=None, max_examples=property_examples.examples(40))
    settings.load_profile("faultdesk")
    sys.setswitchinterval(SWITCH_SECONDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Starts the longest tests first, and marks the tests by the fixtures that they use."""
    items.sort(key=lambda item: "chaos" not in item.path.parts)
    for item in items:
        _mark(item)


def pytest_collection_finish() -> None:
    """Keeps the modules and the collected tests out of every later garbage collection, and collects less often.

    They live to the end of the run. Going through them again and again takes a twentieth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS_PER_COLLECTION)


def _mark(item: pytest.Item) -> None:
    fixtures = set(getattr(item, "fixturenames", ()))
    if IN_A_WORLD & fixtures or getattr(getattr(item, "module", None), "world", None) is world:
        item.add_marker("calendar")
    if {"fresh_url", "module_url"} & fixtures and item.get_closest_marker("database") is None:
        item.add_marker("stored")
    if _is_tried(item):
        item.add_marker("tried")
    if _is_about_postgresql(item, fixtures):
        item.add_marker("long")


def _is_about_postgresql(item: pytest.Item, fixtures: set[str]) -> bool:
    """Whether a test needs a PostgreSQL server whatever `--database` says."""
    marked, callspec = item.get_closest_marker("database"), getattr(item, "callspec", None)
    kinds = {*(marked.args if marked else ()), *(map(str, callspec.params.values()) if callspec else ())}
    return "postgresql" in kinds | fixtures


def _is_tried(item: pytest.Item) -> bool:
    """Whether Hypothesis generates the examples of this test."""
    return getattr(getattr(item, "obj", None), "is_hypothesis_test", False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Leaves property tests and tests marked `no_cover` out of the coverage measurement.

    Lines that only random examples reach do not count as covered, and measuring would triple the time of many examples.
    pytest-cov ignores its `no_cover` mark where several processes run the tests.
    """
    if not _is_tried(item) and item.get_closest_marker("no_cover") is None:
        return (yield)
    measuring = Coverage.current()
    if measuring is None:
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options for the chosen world, the number of examples and the kind of database."""
    parser.addoption("--world", default=world.ORDINARY.name, choices=tuple(world.WORLDS))
    parser.addoption("--examples", type=int, default=1, metavar="TIMES")
    parser.addoption("--database", dest="database", default="sqlite", choices=("sqlite", "postgresql"))


MakeTeam = Callable[..., Team]


@pytest.fixture
def make_team(team_url: str) -> Iterator[MakeTeam]:
    """Starts a bot with the demo team, as `world.playground` does. Keyword arguments become environment variables."""
    started: list[Team] = []

    def make(speaking: str | None = None, **overrides: str) -> Team:
        started.append(Team(world.playground(team_url, overrides, speaking).start()))
        started[-1].meet()
        return started[-1]

    yield make
    for team in started:
        team.playground.stop()


@pytest.fixture
def team(make_team: MakeTeam) -> Team:
    """The demo team with a running bot."""
    return make_team()
