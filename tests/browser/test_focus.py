"""Focus and menus: everything is reachable by keyboard, and the focus is never lost."""

import pytest
from playwright.sync_api import Page, expect

from bot.sandbox import StandIn
from tests.browser.conftest import AtDesk
from tests.support.team import DESK, LIN, WU

pytestmark = pytest.mark.long


def focused(page: Page, selector: str) -> None:
    expect(page.locator(selector)).to_be_focused()


def test_menus_open_within_the_viewport_and_close(at_desk: AtDesk) -> None:
    _, window = at_desk(reports=2)
    page, more, menu = window.page, window.messages.locator(".more"), window.page.locator("[role=menu]:popover-open")
    focused(page, "#main .composer textarea")  # it takes the focus once the channel is drawn
    for opener in (more.last, page.locator('[data-key="shortcuts"]')):
        opener.click()
        expect(menu).to_be_in_viewport(ratio=1)
        focused(page, "[role=menu]:popover-open > :first-child")
        page.keyboard.press("ArrowUp")
        focused(page, "[role=menu]:popover-open > :last-child")
        page.keyboard.press("Escape")
        expect(menu).to_have_count(0)
        expect(opener).to_be_focused()
        opener.click()
        page.locator("#main header h2").click()
        expect(menu).to_have_count(0)


def test_a_menu_returns_the_focus_to_an_opener_that_lost_it_before_the_menu_opened(at_desk: AtDesk) -> None:
    """Redrawing between the mouse press and the menu takes the focus from the opener."""
    _, window = at_desk(reports=1)
    page, opener = window.page, window.messages.locator(".more").last
    focused(page, "#main .composer textarea")  # it takes the focus once the channel is drawn
    opener.evaluate("node => { document.activeElement.blur(); node.popoverTargetElement.showPopover(); }")
    focused(page, "[role=menu]:popover-open > :first-child")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_the_focus_returns_to_where_it_was(at_desk: AtDesk) -> None:
    _, window = at_desk(reports=1)
    page = window.page
    focused(page, "#main .composer textarea")
    for opener in (page.locator('[data-key="shortcuts"]'), window.messages.locator(".more").first):
        opener.click()
        page.locator("[role=menu]:popover-open > :last-child").click()
        expect(window.modal).to_be_visible()
        page.keyboard.press("Escape")
        window.closed()
        expect(opener).to_be_focused()


def test_a_thread_takes_the_focus_and_returns_it(bare: Page, standin: StandIn) -> None:
    root = standin.person(WU).say("root", DESK)
    standin.person(LIN).say("answer", DESK, root.ts)
    replies = bare.locator("#main .replies")
    for close in ("Escape", "click"):
        replies.click()
        focused(bare, "#thread textarea")
        if close == "click":
            bare.locator("#thread header button").click()
        else:
            bare.keyboard.press(close)
        expect(bare.locator("#thread")).to_be_hidden()
        expect(replies).to_be_focused()


def test_one_tab_stop_skips_all_messages(bare: Page, standin: StandIn) -> None:
    for number in range(20):
        standin.person(WU).say(f"line {number}", DESK)
    expect(bare.locator("#main .message")).to_have_count(20)
    skip = bare.locator("#main .skip")
    skip.focus()
    expect(skip).to_be_in_viewport()
    bare.keyboard.press("Enter")
    focused(bare, "#main .composer textarea")


def test_a_refusal_is_shown_above_the_form(bare: Page) -> None:
    bare.evaluate("""import('/page/static/toasts.js').then(({ toast }) => {
        const dialog = document.createElement('dialog');
        document.body.append(dialog);
        dialog.showModal();
        toast('above');
    })""")
    note = bare.locator(".toast")
    expect(note).to_be_in_viewport()
    on_top = """note => { const box = note.getBoundingClientRect();
        return note.contains(document.elementFromPoint(box.x + 4, box.y + 4)) && box.bottom < 100; }"""
    assert note.evaluate(on_top)
