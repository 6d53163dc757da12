"""Writing and reading on the page, as a person does who sees it for the first time."""

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from bot.sandbox import StandIn, Workspace
from bot.sandbox.workspace.message_checks import MessageContent
from storage.vocabulary import Severity, State
from tests.browser.conftest import AtDesk, OpenWindow, Sandbox
from tests.support.page_window import Window, taken
from tests.support.team import CHEN, DESK, LIN, WU

pytestmark = pytest.mark.long
TYPED = "hello *world* _it_ :tada: https://example.com @here @Wu Gang #general"


# Writing


def test_a_new_name_is_stored_as_it_was_typed(at_desk: AtDesk) -> None:
    team, window = at_desk()
    window.type("/fault")
    window.fill(customer="Hua", contact="Sun Li", contact_way="mail", product="Billing", version="V3.2")
    customer = window.field("customer")
    customer.fill("Huaxin")
    window.page.locator("[role=option]:visible", has_text="new:").click()
    window.fill(summary="It hangs", description="It hangs")
    window.submit()
    window.closed()
    window.sees("It hangs")
    assert team.card("F-1").customer == "Huaxin"


def test_a_guest_types_the_names_and_follows_their_report(at_desk: AtDesk) -> None:
    team, window = at_desk()
    window.become("U0GUEST")
    window.type("/fault")
    window.fill(customer="Xinhua", contact="Ge", contact_way="mail", product="Billing", version="V3.2")
    window.fill(summary="It hangs", description="It hangs")
    window.submit()
    window.closed()
    window.go(team.workspace.direct("U0GUEST").id)
    window.sees("F-1")
    assert team.card("F-1").unconfirmed == ("customer", "product", "version")
    window.type("/fault list")
    window.sees("/fault mine")


def test_typed_markup_is_drawn_as_slack_draws_it(bare: Page) -> None:
    bare.locator("#main textarea").fill(TYPED)
    bare.keyboard.press("Enter")
    body = bare.locator("#main .message .body")
    expect(body.locator("strong")).to_have_text("world")
    expect(body.locator("em")).to_have_text("it")
    expect(body.locator("a")).to_have_attribute("href", "https://example.com/")
    expect(body.locator(".bk-mention")).to_have_text(["@here", "@Wu Gang 吴刚", "#general"])
    expect(body).to_contain_text("🎉")


def test_a_command_is_completed_and_the_arrow_keys_choose(at_desk: AtDesk) -> None:
    _, window = at_desk()
    box = window.page.locator("#main .composer textarea")
    box.press_sequentially("/f")
    expect(window.page.locator("#main .hints [aria-selected=true]")).to_contain_text("/fault")
    box.press("Enter")
    expect(box).to_have_value("/fault ")
    box.press("Escape")
    expect(window.page.locator("#main .hints")).to_be_hidden()
    box.fill("/f")
    box.press("Tab")
    expect(box).to_have_value("/fault ")
    box.press("Enter")
    expect(window.modal).to_be_visible()


def test_an_unknown_command_is_refused_in_the_readers_language(at_desk: AtDesk) -> None:
    _, window = at_desk(speaking="zh-CN")
    window.type("/nope now")
    expect(window.page.locator(".toast")).to_have_text("/nope 不是本工作区的命令。")
    expect(window.page.locator("#main .composer textarea")).to_have_value("/nope now")


def test_a_required_field_is_asked_for_in_the_readers_language(at_desk: AtDesk) -> None:
    _, window = at_desk(speaking="zh-CN")
    window.type("/fault")
    window.submit()
    error = window.modal.locator('[data-block-id="summary"] [role=alert]')
    expect(error).to_have_text("请填写此必填字段。")
    window.fill(summary="It hangs")
    window.field("description").focus()
    expect(error).to_be_hidden()


def test_a_late_answer_does_not_move_the_focus(at_desk: AtDesk) -> None:
    _, window = at_desk()
    window.type("/fault")
    held: list[tuple[Route, APIResponse]] = []
    window.page.route("**/sandbox/submit", lambda route: held.append((route, route.fetch())))
    window.submit()
    expect(window.modal.locator('[data-block-id="customer"] [role=alert]')).to_be_visible()
    expect(window.field("customer")).to_be_focused()
    window.field("summary").focus()
    route, answer = taken(window.page, held)
    route.fulfill(response=answer)
    expect(window.modal).to_have_attribute("aria-busy", "false")
    expect(window.field("summary")).to_be_focused()


def asked_for_what_is_missing(at_desk: AtDesk) -> Window:
    """Send an empty report, and return the window with the focus in the first field that is missing."""
    _, window = at_desk()
    window.type("/fault")
    window.submit()
    expect(window.field("customer")).to_be_focused()
    expect(window.modal).to_have_attribute("aria-busy", "false")
    return window


def test_a_failed_submission_does_not_move_the_focus_later(at_desk: AtDesk) -> None:
    window = asked_for_what_is_missing(at_desk)
    window.page.route("**/sandbox/submit", lambda route: route.fulfill(json={"ok": False, "error": "busy"}))
    window.submit()
    expect(window.modal.locator("footer [role=alert]")).not_to_be_empty()
    window.fill(summary="It hangs")
    window.field("description").focus()
    expect(window.modal.locator('[data-block-id="summary"] [role=alert]')).to_be_hidden()
    expect(window.field("description")).to_be_focused()


def test_only_a_new_error_or_the_answer_moves_the_focus_to_a_field(at_desk: AtDesk) -> None:
    window = asked_for_what_is_missing(at_desk)
    held: list[Route] = []
    window.page.route("**/sandbox/submit", lambda route: held.append(route))
    window.fill(summary="It hangs")
    window.page.keyboard.press("Control+Enter")
    expect(window.modal.locator('[data-block-id="summary"] [role=alert]')).to_be_hidden()
    expect(window.field("summary")).to_be_focused()
    taken(window.page, held).continue_()
    expect(window.field("customer")).to_be_focused()


def test_a_draft_is_kept_for_each_person(bare: Page) -> None:
    box = bare.locator("#main textarea")
    box.fill("not yet sent")
    bare.locator(f'#people [data-key="{WU}"]').click()
    expect(box).to_have_value("")
    bare.locator('#people [data-key="U0ZHOU"]').click()
    expect(box).to_have_value("not yet sent")


# Reading


def test_dates_follow_the_clock(at_desk: AtDesk) -> None:
    _, window = at_desk(reports=1)
    card = window.messages.filter(has_text="F-1 ·").first
    expect(card).to_contain_text("today")
    window.tool("clock", "plus_day")
    expect(card).to_contain_text("yesterday")
    expect(window.page.locator("#main .day").first).to_have_text("Yesterday")


def test_ones_own_message_is_scrolled_into_view(bare: Page, standin: StandIn) -> None:
    for number in range(60):
        standin.person(WU).say(f"line {number}", DESK)
    last = bare.locator("#main .message").last
    expect(last).to_contain_text("line 59")
    bare.locator("#main .messages").evaluate("list => { list.scrollTop = 0; }")
    standin.person(WU).say("somebody else's", DESK)
    expect(last).to_contain_text("somebody else's")
    expect(last).not_to_be_in_viewport()
    bare.locator("#main textarea").fill("mine")
    bare.keyboard.press("Enter")
    expect(last).to_contain_text("mine")
    expect(last).to_be_in_viewport()


def test_new_messages_are_marked(bare: Page, standin: StandIn) -> None:
    wu = standin.person(WU)
    wu.say("old", "C0GENERAL")
    general = bare.locator('#sidebar [data-channel="C0GENERAL"]')
    general.click()
    expect(bare.locator("#main .message")).to_have_count(1)
    expect(general.locator(".badge")).to_have_count(0)
    bare.locator(f'#sidebar [data-channel="{DESK}"]').click()
    expect(bare.locator("#main .empty")).to_be_visible()
    wu.say("young", "C0GENERAL")
    wu.say("younger", "C0GENERAL")
    expect(general.locator(".badge")).to_have_text("2")
    general.click()
    expect(bare.locator("#main .messages > li:not(.day)")).to_contain_text(["old", "New", "young", "younger"])


def test_unread_direct_messages_are_counted_beside_each_person(bare: Page, standin: StandIn) -> None:
    workspace: Workspace = standin.workspace
    badge = bare.locator(f'#people [data-key="{WU}"] .badge')
    expect(badge).to_have_count(0)
    standin.person(LIN).say("in a channel", DESK)
    for text in ("one", "two"):
        workspace.post(workspace.direct(WU).id, workspace.bot_user_id, MessageContent(text))
    expect(badge).to_have_attribute("aria-label", "2 unread direct messages")
    bare.locator(f'#people [data-key="{WU}"]').click()
    bare.locator(f'#sidebar [data-channel="{workspace.direct(WU).id}"]').click()
    expect(badge).to_have_count(0)


def test_an_open_form_survives_a_reload_of_the_page(at_desk: AtDesk) -> None:
    _, window = at_desk()
    window.type("/fault")
    window.fill(summary="begun")
    window.field("description").focus()
    window.page.reload()
    expect(window.field("summary")).to_have_value("begun")


def test_input_is_still_sent_while_the_page_is_being_closed(at_desk: AtDesk) -> None:
    _, window = at_desk()
    window.type("/fault")
    window.page.evaluate(
        "() => { const send = fetch; window.kept = {};"
        " window.fetch = (url, how) => { window.kept[url] = how.keepalive; return send(url, how); }; }"
    )
    window.fill(summary="begun")
    window.field("description").focus()
    window.page.wait_for_function("() => window.kept['/sandbox/fill'] === true")


def test_the_head_of_a_card_is_scrolled_into_view(sandbox: Sandbox, open_window: OpenWindow) -> None:
    team = sandbox("en")
    team.advance(team.report(CHEN), State.MODIFICATION, severity=Severity.VERY_SEVERE)
    team.settle()
    window = open_window(team, WU, width=1280)
    window.page.set_viewport_size({"width": 1280, "height": 500})
    window.go(DESK)
    ts = team.workspace.history(DESK)[0].ts
    window.page.evaluate("ts => import('/page/static/conversation.js').then(({ showMessage }) => showMessage(ts))", ts)
    expect(window.page.locator(f'#main [data-ts="{ts}"] .writer')).to_be_in_viewport()
