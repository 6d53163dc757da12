"""The layout of the page, its language, and what it shows while the server does not answer."""

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from bot.sandbox import StandIn
from tests.browser.conftest import TIMEOUT_MILLISECONDS, AtDesk
from tests.support.page_window import Window, serious
from tests.support.team import DESK, HUANG, LIN, WU

pytestmark = pytest.mark.long


@pytest.mark.parametrize("width", [768, 1024, 1280, 1600])
def test_a_thread_beside_the_tools_leaves_room_to_read(bare: Page, standin: StandIn, width: int) -> None:
    root = standin.person(WU).say("root", DESK)
    standin.person(LIN).say("answer", DESK, root.ts)
    bare.set_viewport_size({"width": width, "height": 800})
    bare.locator("#main .replies").click()
    expect(bare.locator("#thread .message")).to_have_count(2)
    for part in ("#thread", "#main"):
        box = bare.locator(part).bounding_box()
        assert box is not None
        hidden = bare.locator(part).evaluate("node => getComputedStyle(node).visibility") == "hidden"
        assert hidden or box["width"] >= 340
    bare.keyboard.press("Escape")
    expect(bare.locator("#main .composer textarea")).to_be_visible()


def test_an_english_reader_sees_the_page_in_english(bare: Page) -> None:
    expect(bare.locator("html")).to_have_attribute("lang", "en")
    expect(bare.locator('#people [aria-current="true"]')).to_contain_text("Zhou Min")
    expect(bare.locator("#main .empty")).to_be_visible()


def test_an_empty_channel_says_how_to_begin(at_desk: AtDesk) -> None:
    _, window = at_desk()
    expect(window.page.locator("#main .empty p")).to_have_count(3)
    expect(window.page.locator("#main .empty")).to_contain_text("Type /fault below")
    assert serious(window) == []


def test_a_channel_that_is_loading_stays_readable(bare: Page) -> None:
    place = bare.locator(f'#sidebar [data-channel="{DESK}"]')
    expect(place).to_be_visible()
    bare.route("**/sandbox/*", lambda route: None)  # no answer comes
    place.click()
    expect(place).to_have_attribute("aria-busy", "true")
    assert serious(Window(bare)) == []


def test_the_language_of_the_page_can_be_chosen(bare: Page) -> None:
    bare.locator('[data-key="language-zh-CN"]').click()
    expect(bare.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(bare.locator("#tools .toggle")).to_have_text("工具")
    bare.reload()
    expect(bare.locator('[data-key="language-zh-CN"]')).to_have_attribute("aria-pressed", "true")
    bare.locator('[data-key="language-en"]').click()
    expect(bare.locator("#tools .toggle")).to_have_text("Tools")
    bare.locator(f'#people [data-key="{HUANG}"]').click()
    expect(bare.locator(f'#people [data-key="{HUANG}"]')).to_have_attribute("aria-current", "true")
    expect(bare.locator("#tools .toggle")).to_have_text("Tools")


def test_people_can_be_told_apart_in_a_narrow_window(bare: Page) -> None:
    bare.set_viewport_size({"width": 900, "height": 800})
    expect(bare.locator(f'#people [data-key="{WU}"]')).to_have_attribute(
        "title", "Wu Gang 吴刚 – Technician\nAsia/Shanghai, en-GB"
    )
    hues = bare.locator("#people .avatar").evaluate_all("all => all.map(one => one.dataset.hue)")
    assert all(one != other for one, other in pairwise(hues))


def test_a_server_that_does_not_answer_is_reported_above_everything(bare: Page, standin: StandIn) -> None:
    expect(bare.locator("#main .empty")).to_be_visible()
    standin.stop()
    away = bare.locator(".away")
    expect(away).to_be_visible()
    banner, head = away.bounding_box(), bare.locator("#main header").bounding_box()
    assert banner is not None
    assert head is not None
    assert head["y"] >= banner["y"] + banner["height"]
    bare.locator(f'#people [data-key="{WU}"]').click()
    said = "Not done: the sandbox does not answer. Try again in a moment."
    expect(bare.locator(".toast")).to_have_text(said, timeout=TIMEOUT_MILLISECONDS)
    expect(bare.locator('#people [aria-current="true"]')).to_contain_text("Zhou Min")
