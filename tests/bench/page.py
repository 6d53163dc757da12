"""Measures how soon the sandbox page is loaded, and how soon it shows the result of a click."""

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bot.playground.endpoints import endpoints
from tests.support import chromium, world
from tests.support.page_window import Window
from tests.support.team import CHEN, DESK, Team

CLICKS = 15
#: Clicks the newest "Open the case", waits frame by frame until the answer is drawn, and returns the milliseconds.
CLICK = """async () => {
  await new Promise((resolve) => setTimeout(resolve, 500));  // a button is deaf while its press is under way
  const count = () => document.querySelectorAll("#main .message").length;
  const before = count(), started = performance.now();
  [...document.querySelectorAll('#main [data-action-id="open_case"]')].at(-1).click();
  while (count() === before && performance.now() - started < 5000) await new Promise(requestAnimationFrame);
  return performance.now() - started;
}"""


def measure() -> None:
    """Print the figures, or that Chromium is missing."""
    with sync_playwright() as playwright:
        try:
            browser = chromium.launch(playwright)
        except chromium.Missing as missing:
            print(f"sandbox page: {missing}")
            return
        _figures(browser)
        browser.close()


def _figures(browser: Browser) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        world.playground(f"sqlite:///{Path(folder) / 'page.db'}") as playground,
    ):
        playground.endpoints.update(endpoints(playground))
        team = Team(playground)
        team.meet()
        team.report(CHEN)
        team.settle()
        page = browser.new_page(viewport={"width": 1400, "height": 860})
        print(f"sandbox page: drawn {_drawn(page, team):.0f} ms after it was asked for")
        print(f"sandbox page: a click shows its answer after {_clicked(page):.0f} ms (≤ 200)")
        page.close()


def _drawn(page: Page, team: Team) -> float:
    started = time.perf_counter()
    page.goto(f"{team.playground.standin.page_url}#{CHEN}/{DESK}")
    Window(page).sees("F-1")
    return (time.perf_counter() - started) * 1000


def _clicked(page: Page) -> float:
    return statistics.median(float(page.evaluate(CLICK)) for _ in range(CLICKS))
