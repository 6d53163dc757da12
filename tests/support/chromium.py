"""The browser for tests: the system's Chromium, or the one that Playwright installed."""

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage")


class Missing(Exception):
    """There is no Chromium on this machine."""


def launch(playwright: Playwright) -> Browser:
    """Start a headless browser with an empty profile. Raises `Missing`."""
    path = next(filter(None, map(shutil.which, NAMES)), None) or playwright.chromium.executable_path
    if not Path(path).exists():
        raise Missing("no Chromium on this machine: install it (Debian: apt-get install chromium), then try again")
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS))
