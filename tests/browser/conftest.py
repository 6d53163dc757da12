"""A real Chromium for the sandbox page. Without Chromium these tests are skipped, and the report says so."""

import gc
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect, sync_playwright

from bot.playground.endpoints import endpoints
from bot.sandbox import StandIn
from tests.conftest import MakeTeam
from tests.support import chromium, world
from tests.support.page_window import Window
from tests.support.team import CHEN, DESK, Team

#: Milliseconds that something may take to appear, even on a busy machine.
TIMEOUT_MILLISECONDS = 60_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser. The tests that ask for it are skipped where there is none."""
    expect.set_options(timeout=TIMEOUT_MILLISECONDS)
    with sync_playwright() as playwright:
        try:
            launched = chromium.launch(playwright)
        except chromium.Missing as missing:
            pytest.skip(str(missing))
        yield launched
        launched.close()


def closed(page: Page) -> None:
    """Close a page with its context, and drop the answers that its test still holds back.

    Playwright has pending tasks for these answers. If they were collected later, they would be logged during another
    test.
    """
    page.unroute_all(behavior="ignoreErrors")
    page.context.close()
    gc.collect()


OpenWindow = Callable[..., Window]
Sandbox = Callable[..., Team]
AtDesk = Callable[..., tuple[Team, Window]]


@pytest.fixture
def sandbox(make_team: MakeTeam) -> Sandbox:
    """A function that starts a sandbox with all its endpoints. Its arguments are those of `make_team`."""

    def make(speaking: str | None = None, **overrides: str) -> Team:
        team = make_team(speaking, **overrides)
        team.playground.endpoints.update(endpoints(team.playground))
        return team

    return make


@pytest.fixture
def open_window(browser: Browser) -> Iterator[OpenWindow]:
    """A function that opens the page as a person, in a browser profile of its own. No error may have been logged at
    the end.
    """
    pages: list[Page] = []
    wrong: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            wrong.append(f"{message.text} ({message.location})")

    def open_as(team: Team, user: str, width: int = 1400, dark: bool = False) -> Window:
        viewport: ViewportSize = {"width": width, "height": 860}
        context = browser.new_context(viewport=viewport, color_scheme="dark" if dark else "light")
        context.set_default_timeout(TIMEOUT_MILLISECONDS)
        page = context.new_page()
        page.on("console", complain)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        pages.append(page)
        page.goto(f"{team.playground.standin.page_url}#{user}")
        window = Window(page)
        window.is_now(user)
        return window

    yield open_as
    for page in pages:
        closed(page)
    assert wrong == []


@pytest.fixture
def at_desk(sandbox: Sandbox, open_window: OpenWindow) -> AtDesk:
    """A function that opens the desk channel as a person, after a number of reports have arrived there."""

    def open_there(user: str = CHEN, *, reports: int = 0, speaking: str = "en") -> tuple[Team, Window]:
        team = sandbox(speaking)
        for _ in range(reports):
            team.report(CHEN)
        team.settle()
        window = open_window(team, user)
        window.go(DESK)
        return team, window

    return open_there


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """A workspace without the bot."""
    with StandIn(world.workspace()) as running:
        yield running


@pytest.fixture
def bare(browser: Browser, standin: StandIn) -> Iterator[Page]:
    """The page of that workspace in an English browser. No page error may have occurred at the end."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(TIMEOUT_MILLISECONDS)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(standin.page_url)
    yield page
    closed(page)
    assert wrong == []
