"""Draws docs/pictures/urgent-report-*.png and reassign-all-*.png anew, each as its English and Chinese reader sees it.

`python -m tests.support.waiting_pictures` needs Chromium and the fonts Noto Sans, Noto Sans CJK and Noto Color Emoji.
"""

import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from bot.playground.endpoints import endpoints
from bot.playground.playground import Playground
from storage.vocabulary import State
from tests.scenarios.test_leavers import leave
from tests.support import chromium, world
from tests.support.page_window import Window, picture
from tests.support.sample_reports import BILLING, HUADONG, SampleReport
from tests.support.team import ANNA, CHEN, HUANG, ZHAO, ZHOU, Team

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZE: ViewportSize = {"width": 1250, "height": 860}
#: A second center manager, who reads English.
EVE = "U0EVE"
STORY = SampleReport(HUADONG, "Sun Li", BILLING, "V3.2", "Rating process exits with ORA-01438")


def main() -> None:
    """Let an urgent report wait and a modifier leave, and take the pictures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        world.playground(
            f"sqlite:///{Path(folder) / 'picture.db'}", {"FAULT_CENTER_MANAGERS": f"{HUANG},{EVE}"}
        ) as playground,
    ):
        playground.workspace.add_user(EVE, name="eve.moore", real_name="Eve Moore", tz="Europe/Berlin", locale="en-GB")
        playground.endpoints.update(endpoints(playground))
        team = Team(playground)
        team.meet()
        browser = chromium.launch(playwright)
        page = browser.new_page(viewport=SIZE)
        urgent_report(page, playground, team)
        reassign_all(page, playground, team)
        browser.close()


def urgent_report(page: Page, playground: Playground, team: Team) -> None:
    """Take pictures of an urgent report that nobody triaged for half an hour."""
    team.report(ANNA, STORY, suspected_urgency="high")
    team.settle()
    for _ in range(2):
        team.pass_time(timedelta(minutes=16))
    for reader, language in ((ZHOU, "en"), (CHEN, "zh-CN")):
        take(page, playground, team, reader, f"urgent-report-{language}")


def reassign_all(page: Page, playground: Playground, team: Team) -> None:
    """Take pictures of the list of cases of a modifier who left."""
    for _ in range(2):
        team.case(State.MODIFICATION, story=STORY)
    leave(team, ZHAO)
    team.settle()
    for reader, language in ((EVE, "en"), (HUANG, "zh-CN")):
        take(page, playground, team, reader, f"reassign-all-{language}")


def take(page: Page, playground: Playground, team: Team, reader: str, name: str) -> None:
    """Take a picture of the direct messages of a person."""
    page.goto("about:blank")
    page.goto(f"{playground.standin.page_url}#{reader}")
    window = Window(page)
    window.is_now(reader)
    window.go(team.workspace.direct(reader).id)
    picture(page, PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
