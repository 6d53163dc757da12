"""The sandbox page as a newcomer uses it, in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from slack_sdk import WebClient

from bot.sandbox import StandIn
from storage.vocabulary import Kind, Severity, State
from tests.browser.conftest import AtDesk, OpenWindow, Sandbox
from tests.support import world
from tests.support.long_values import long, long_unless
from tests.support.page_window import Window, serious
from tests.support.process_words import CHINESE, ENGLISH, Words
from tests.support.sample_blocks import actions, button, home, section
from tests.support.team import CHEN, DESK, HE, HUANG, LIN, SHARED, SUNLI, WU, Team

SPEAKING = pytest.mark.parametrize(
    ("speaking", "words"), [long("en", ENGLISH), ("zh-CN", CHINESE)], ids=["en", "zh-CN"]
)


def direct(team: Team, user: str) -> str:
    return team.workspace.direct(user).id


@SPEAKING
def test_a_newcomer_plays_the_tour_signs_acknowledges_and_closes(
    sandbox: Sandbox, open_window: OpenWindow, speaking: str, words: Words
) -> None:
    """Play the tour, be refused as the drafter, sign, move the clock, acknowledge the reminder, close the case."""
    team = sandbox(speaking)
    window = open_window(team, CHEN)
    play_until_refused(window)
    number = "F-1"
    window.become(HUANG)
    window.go(direct(team, HUANG))
    window.press("sign_sheet")
    window.fill(testers=["Lin", "He Qing"], technicians=["Wu Gang"])
    window.submit()
    window.closed()
    expect(window.messages.locator('[data-action-id="sign_sheet"]')).to_have_count(0)
    assert team.state(number) is State.ANALYSIS
    team.advance(number, State.MODIFICATION, severity=Severity.VERY_SEVERE)

    window.become(WU)
    window.go(direct(team, WU))
    window.tool("clock", "to_reminder")
    window.press("acknowledge")
    expect(window.messages.locator('[data-action-id="acknowledge"]')).to_have_count(0)

    team.advance(number, State.FIX_CONFIRMING)
    window.become(CHEN)
    window.go(DESK)
    window.type(f"/fault {number}")
    window.press("confirm_fix")
    window.fill(evidence="Call with Sun Li 与孙丽通话")
    window.submit()
    window.closed()
    window.sees(words.state(State.CLOSED))


def play_until_refused(window: Window) -> None:
    """Play the very severe fault step by step until its drafter tries to sign."""
    window.tool("tour", "start")
    refused = window.page.locator("#tools .progress blockquote")
    for position in range(1, 6):
        window.step()
        expect(window.page.locator(f'#tools .progress[data-position="{position}"]')).to_be_visible()
        if refused.count():
            return
    raise AssertionError("nobody was refused")


def test_a_form_with_errors_keeps_its_input(at_desk: AtDesk) -> None:
    team, window = at_desk()
    window.type("/fault")
    window.fill(summary="It hangs 卡住了 😀", contact="Sun Li")
    window.submit()
    description = window.field("description")
    expect(description).to_have_attribute("aria-invalid", "true")
    expect(window.modal.locator('[data-block-id="description"] [role=alert]')).to_be_visible()
    expect(window.field("summary")).to_have_value("It hangs 卡住了 😀")
    window.fill(customer="Nanling", contact_way="mail", product="Billing", version="V3.2", description="It hangs")
    window.submit()
    window.closed()
    window.sees("It hangs 卡住了 😀")
    assert team.card("F-1").customer == "Nanling Mobile 南岭移动"


def test_questions_appear_as_others_are_answered(sandbox: Sandbox, open_window: OpenWindow) -> None:
    team = sandbox("en")
    number = team.case(State.TRIAGE)
    window = open_window(team, LIN)
    window.go(DESK)
    window.type(f"/fault {number}")
    window.press("triage")
    expect(window.field("is_fault")).to_have_count(0)
    window.fill(is_requirement="no", is_fault="yes", symptom_kind="exit")
    window.submit()
    window.closed()
    assert team.card(number).kind is Kind.FAULT


@pytest.mark.long
def test_only_one_of_two_concurrent_signatures_succeeds(sandbox: Sandbox, open_window: OpenWindow) -> None:
    team = sandbox("en", FAULT_CENTER_MANAGERS="U0HUANG,U0ADMIN")
    number = team.case(State.SHEET_SIGNING)
    team.settle()
    windows = [open_window(team, user) for user in (HUANG, "U0ADMIN")]
    for window, user in zip(windows, (HUANG, "U0ADMIN"), strict=True):
        window.go(direct(team, user))
        window.press("sign_sheet")
        window.fill(testers=["Lin"], technicians=["Wu Gang"])
    for window in windows:
        window.modal.locator("button[type=submit]").evaluate("button => setTimeout(() => button.click(), 50)")
    signed = [line for line in windows if _ends(line)]
    assert len(signed) == 1
    other = next(window for window in windows if window not in signed)
    expect(other.modal.locator("[role=alert]:visible").first).to_contain_text(re.compile("Huang Wei|Fang Hua"))
    assert team.state(number) is State.ANALYSIS
    assert sum(line.step == "sign_sheet" for line in team.history(number)) == 1


def _ends(window: Window) -> bool:
    """Whether the form closed. Otherwise it shows an error."""
    done = window.page.locator("body:not(:has(dialog[open])), dialog[open] [role=alert]:visible")
    expect(done.first).to_be_attached()
    return window.page.locator("dialog[open]").count() == 0


@pytest.mark.long
def test_a_form_can_be_used_by_keyboard_alone(sandbox: Sandbox, open_window: OpenWindow) -> None:
    window = open_window(sandbox("en"), CHEN)
    window.go(DESK)
    keyboard = window.page.keyboard
    window.page.locator("#main .composer textarea").focus()
    keyboard.type("/fault")
    keyboard.press("Enter")
    expect(window.modal).to_be_visible()
    focused = "document.querySelector('dialog[open]').contains(document.activeElement)"
    assert window.page.evaluate(focused)
    for _ in range(40):
        keyboard.press("Tab")  # after the last stop the browser itself has the focus for a moment
        assert window.page.evaluate(f"{focused} || document.activeElement === document.body")
    keyboard.press("Escape")
    window.closed()
    expect(window.page.locator("#main .composer textarea")).to_be_focused()


@pytest.mark.long
def test_failures_of_slack_can_be_switched_on_and_their_requests_read(
    sandbox: Sandbox, open_window: OpenWindow
) -> None:
    team = sandbox("en")
    person = team.person(CHEN)
    person.command("/fault")
    person.opened("report")
    team.fill_report(CHEN)
    window = open_window(team, WU)
    window.go(DESK)
    window.tool("failures", "down")
    expect(window.page.locator("#tools [role=status]").first).to_contain_text(
        "an error of Slack's server to every call"
    )
    assert person.submit().closed
    number = team.newest()
    window.tool("requests")
    expect(window.page.locator("#tools .failed").first).to_be_visible()
    window.tool("failures", "well")
    window.sees(number)
    window.tool("requests")
    window.page.locator("#tools .request summary", has_text="view_submission").first.click()
    expect(window.page.locator("#tools details[open] pre")).to_contain_text(team.card(number).summary)
    window.tool("failures", "redeliver")
    expect(window.page.locator("#tools")).to_contain_text(
        "view_submission was delivered once more; the bot answered 200"
    )
    window.tool("requests")
    expect(window.page.locator("#tools .request summary", has_text="view_submission")).to_have_count(2)
    assert team.newest() == number


def test_everybody_sees_their_own_channels_language_and_badges(sandbox: Sandbox, open_window: OpenWindow) -> None:
    team = sandbox()
    number = team.case(State.SHEET_SIGNING)
    team.settle()
    window = open_window(team, SUNLI)
    channels = window.page.locator("#sidebar [data-channel]")
    expect(channels.filter(has_text="huadong")).to_be_visible()
    expect(channels.filter(has_text="service-desk")).to_have_count(0)
    window.go(SHARED)
    expect(window.page.locator("#main .message")).to_have_count(0)
    window.become("U0ZHOU")
    window.go(DESK)
    window.sees(f"{number} ·")
    expect(window.page.locator("html")).to_have_attribute("lang", "en")
    window.become(HUANG)
    expect(window.page.locator("html")).to_have_attribute("lang", "zh-CN")
    badge = window.page.locator(f'#sidebar [data-channel="{direct(team, HUANG)}"] .badge')
    expect(badge).to_be_visible()
    window.go(direct(team, HUANG))
    expect(badge).to_have_count(0)


def test_typed_text_is_shown_as_text(sandbox: Sandbox, open_window: OpenWindow) -> None:
    team = sandbox("en")
    hostile = "<img src=x onerror=alert(1)> <!channel> &lt;b&gt; *bold* </script>"
    number = team.report(CHEN, summary=hostile[:60], description=hostile)
    team.settle()
    window = open_window(team, CHEN)
    window.go(DESK)
    window.sees(number)
    expect(window.page.locator("#main img")).to_have_count(0)
    window.sees("<img src=x onerror=alert(1)> <!channel> &lt;b&gt;")


@pytest.mark.parametrize("width", long_unless({360}, (360, 800, 1400)))
def test_the_page_fits_the_window(sandbox: Sandbox, open_window: OpenWindow, width: int) -> None:
    team = sandbox("zh-CN")
    team.case(State.SHEET_SIGNING)
    team.settle()
    window = open_window(team, CHEN, width=width)
    if width == 360:
        window.page.locator("#main header .menu").click()
    window.go(DESK)
    window.type("/fault")
    expect(window.modal).to_be_visible()
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = window.modal.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


@pytest.mark.parametrize("dark", [False, long(True)], ids=["light", "dark"])
def test_the_page_is_accessible(sandbox: Sandbox, open_window: OpenWindow, dark: bool) -> None:
    team = sandbox("en")
    team.advance(team.report(CHEN), State.MODIFICATION, severity=Severity.VERY_SEVERE)
    team.settle()
    window = open_window(team, HE, dark=dark)
    window.go(DESK)
    window.sees("F-1")
    found = []
    for tab in ("tour", "clock", "failures", "requests"):
        window.tool(tab)
        found += serious(window)
    window.type("/fault")
    expect(window.modal).to_be_visible()
    assert found + serious(window) == []


def test_the_open_channel_survives_a_reload(sandbox: Sandbox, open_window: OpenWindow) -> None:
    team = sandbox("en")
    team.case(State.TRIAGE)
    window = open_window(team, CHEN)
    window.go(DESK)
    window.page.reload()
    expect(window.page.locator(f'#sidebar [data-channel="{DESK}"]')).to_have_attribute("aria-current", "page")
    window.sees("F-1")


def test_both_languages_have_every_word(sandbox: Sandbox, open_window: OpenWindow) -> None:
    window = open_window(sandbox(), CHEN)
    missing = window.page.evaluate("import('/page/static/words.js').then(words => words.missingWords())")
    assert missing == []


def test_the_page_shows_the_home_and_the_messages_of_any_app(browser: Browser) -> None:
    """The app is not the bot. It has neither a clock nor a tour."""
    workspace = world.workspace()
    with StandIn(workspace) as standin:
        client = WebClient(token=workspace.bot_token, base_url=standin.url)
        client.views_publish(user_id=CHEN, view=home(section("*Your queue*"), actions(button("sign", text="Sign"))))
        client.chat_postMessage(channel=DESK, text="plain *text* <@U0WU>")
        page = browser.new_page()
        page.goto(f"{standin.page_url}#{CHEN}/{workspace.direct(CHEN).id}")
        page.get_by_role("tab", name="主页").click()
        expect(page.locator("#main .home strong, #main .home b")).to_have_text("Your queue")
        expect(page.locator('#main [data-action-id="sign"]')).to_be_visible()
        page.locator(f'#sidebar [data-channel="{DESK}"]').click()
        expect(page.locator("#main .message")).to_contain_text("@Wu Gang")
        page.context.close()


def test_an_address_of_an_earlier_start_is_said_to_be_one(bare: Page, standin: StandIn) -> None:
    bare.goto(f"{standin.base_url}/?token=of-an-earlier-start")
    expect(bare.locator(".away")).to_contain_text("Open the one that the sandbox printed")
    expect(bare.locator("#people *")).to_have_count(0)
