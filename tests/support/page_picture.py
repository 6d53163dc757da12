"""Draws docs/picture.png anew: the sandbox page in Chromium, halfway through the tour's very severe fault.

`python -m tests.support.page_picture` needs Chromium and the fonts Noto Sans, Noto Sans CJK and Noto Color Emoji.
"""

import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

from bot.playground.endpoints import endpoints
from tests.support import chromium, world
from tests.support.page_window import Window, picture
from tests.support.team import SHANGHAI, WU, Team

PICTURE = Path(__file__).parents[2] / "docs" / "picture.png"
SIZE: ViewportSize = {"width": 1440, "height": 860}


def main() -> None:
    """Play the path up to the reminder, show the technician's view, and take the picture."""
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        world.playground(f"sqlite:///{Path(folder) / 'picture.db'}") as playground,
    ):
        playground.endpoints.update(endpoints(playground))
        team = Team(playground)
        team.meet()
        at_nine(team)
        browser = chromium.launch(playwright)
        page = browser.new_page(viewport=SIZE)
        page.goto(f"{playground.standin.page_url}#{WU}")
        take(Window(page), team)
        browser.close()


def at_nine(team: Team) -> None:
    """Let time pass until ten past nine in Shanghai."""
    local = team.now.astimezone(SHANGHAI).replace(hour=9, minute=10, second=0)
    team.wait_until(local if local > team.now else local + timedelta(days=1))


def take(window: Window, team: Team) -> None:
    """Play the tour step by step until the reminder arrives, then take a picture of what Wu Gang sees."""
    window.tool("tour", "start")
    position = 0
    while not any("acknowledge" in message.buttons for message in team.person(WU).inbox()):
        position += 1
        window.step()
        window.page.locator(f'#tools .progress[data-position="{position}"]').wait_for()
    window.become(WU)
    window.go(team.workspace.direct(WU).id)
    window.sees("50%")
    picture(window.page, PICTURE)


if __name__ == "__main__":
    main()
