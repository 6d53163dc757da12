"""The panel of tools: it does not move under the pointer, shows what is happening, and can be stopped."""

import re
from threading import Event

import pytest
from playwright.sync_api import APIResponse, Route, ViewportSize, expect

from bot.playground.tour.guide import Run
from bot.playground.tour.player import Player
from tests.browser.conftest import AtDesk, OpenWindow, Sandbox
from tests.support.page_window import Window, taken
from tests.support.team import CHEN, WU, ZHAO
from tests.support.world import MAX_WAIT_SECONDS

pytestmark = pytest.mark.long
SMALL: ViewportSize = {"width": 1280, "height": 640}


def tour_to(window: Window, path: str, position: int) -> None:
    window.page.locator("#path").select_option(path)
    window.tool("tour", "start")
    for at in range(1, position + 1):
        window.step()
        expect(window.page.locator(f'#tools .progress[data-position="{at}"]')).to_be_visible()


def test_the_tour_can_go_on_at_the_foot_of_a_form(sandbox: Sandbox, open_window: OpenWindow) -> None:
    window = open_window(sandbox("en"), CHEN)
    window.page.set_viewport_size(SMALL)
    tour_to(window, "very-severe-fault", 6)
    expect(window.modal).to_be_visible()
    expect(window.page.locator('[data-key="strip-step"]')).to_be_in_viewport(ratio=1)
    expect(window.modal.locator("button[type=submit]")).to_be_in_viewport(ratio=1)
    expect(window.modal.locator(":focus")).to_have_attribute("aria-invalid", "true")
    expect(window.modal.locator(".bk-input:has(:focus) [role=alert]")).to_be_in_viewport(ratio=1)
    window.step()
    expect(window.page.locator('#tools .progress[data-position="7"]')).to_be_visible()
    window.closed()


def test_the_tour_shows_what_it_describes(sandbox: Sandbox, open_window: OpenWindow) -> None:
    team = sandbox("en")
    window = open_window(team, CHEN)
    window.page.set_viewport_size(SMALL)
    tour_to(window, "general-fault", 6)
    window.is_now(ZHAO)
    expect(window.page.locator(f'#sidebar [data-channel="{team.workspace.direct(ZHAO).id}"]')).to_have_attribute(
        "aria-current", "page"
    )
    window.sees("F-1")
    expect(window.messages.last.locator(".writer")).to_be_in_viewport()
    expect(window.page.locator("#tools .acts .next")).to_be_in_viewport()
    expect(window.page.locator('#tools [data-key="step"]')).to_be_in_viewport()


def test_a_person_chosen_during_a_step_stays_chosen(sandbox: Sandbox, open_window: OpenWindow) -> None:
    window = open_window(sandbox("en"), CHEN)
    tour_to(window, "general-fault", 1)
    window.is_now(CHEN)
    held: list[tuple[Route, APIResponse]] = []

    def hold_steps(route: Route) -> None:
        if '"step"' in (route.request.post_data or ""):
            held.append((route, route.fetch()))
        else:
            route.continue_()

    window.page.route("**/sandbox/tour", hold_steps)
    window.step()
    expect(window.page.locator('#tools .progress[data-position="2"]')).to_be_visible()
    window.become(WU)
    route, answer = taken(window.page, held)
    route.fulfill(response=answer)
    window.page.wait_for_timeout(500)  # a wrong change would happen within this time
    window.is_now(WU)


def test_playing_the_whole_tour_shows_its_progress_and_can_be_stopped(
    sandbox: Sandbox, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(sandbox("en"), CHEN)
    tools = window.page.locator("#tools")
    tour_to(window, "very-severe-fault", 1)
    go_on, play_next = Event(), Run.play_next

    def play_later(run: Run, player: Player) -> None:
        go_on.wait(MAX_WAIT_SECONDS)  # otherwise the tour may be over before the page can be pressed
        play_next(run, player)

    monkeypatch.setattr(Run, "play_next", play_later)
    window.tool("tour", "play")
    expect(tools.locator(".progress")).to_contain_text("Playing …")
    expect(tools.locator('[data-key="start"]')).to_be_disabled()
    window.tool("tour", "stop")
    expect(tools.locator(".progress")).to_contain_text(re.compile(r"Step \d+ of"))
    expect(tools.locator('[data-key="step"]')).to_be_enabled()
    go_on.set()
    window.page.locator("#path").select_option("question")
    expect(tools).to_contain_text("“A very severe fault” was left at step")


def test_an_open_request_does_not_move_while_others_arrive(at_desk: AtDesk) -> None:
    team, window = at_desk(WU)
    team.report(CHEN)
    window.page.set_viewport_size(SMALL)
    window.tool("requests")
    requests = window.page.locator("#tools .request")
    sent = requests.filter(has_text="view_submission").first
    sent.locator("summary").click()
    body = sent.locator("pre")
    expect(body).to_contain_text("Rating process")
    body.evaluate("node => { node.scrollTop = 40; node.focus({ preventScroll: true }); }")
    before = requests.count()
    top = sent.evaluate("node => node.getBoundingClientRect().top")
    team.person(CHEN).command("/fault help")
    expect(requests).not_to_have_count(before)
    assert body.evaluate("node => [node.scrollTop, document.activeElement === node]") == [40, True]
    assert sent.evaluate("node => node.open")
    assert abs(sent.evaluate("node => node.getBoundingClientRect().top") - top) < 3


def test_the_requests_can_be_searched(at_desk: AtDesk) -> None:
    team, window = at_desk(WU)
    team.report(CHEN)
    window.tool("requests")
    requests = window.page.locator("#tools .request")
    window.page.locator("#tools .search").fill("view_sub")
    expect(requests).to_have_count(1)
    expect(requests).to_contain_text("Chen Jing")
    window.page.locator("#tools .search").fill("nothing of the kind")
    expect(window.page.locator("#tools")).to_contain_text("Nothing found")


def test_the_clock_is_busy_while_it_moves(at_desk: AtDesk) -> None:
    _, window = at_desk()
    window.tool("clock")
    button = window.page.locator('#tools [data-key="plus_hour"]')
    busy = """button => new Promise((told) => {
        new MutationObserver((_, watch) => { watch.disconnect(); told(button.getAttribute('aria-busy')); })
            .observe(button, { attributes: true });
        button.click();
        setTimeout(() => told('never'), 5000);
    })"""
    assert button.evaluate(busy) == "true"
    expect(button).not_to_have_attribute("aria-busy", "true")


def test_arrow_keys_move_through_the_tabs(sandbox: Sandbox, open_window: OpenWindow) -> None:
    window = open_window(sandbox("en"), CHEN)
    window.page.locator('#tools [data-key="tab-tour"]').focus()
    for tab in ("clock", "failures", "requests", "tour"):
        window.page.keyboard.press("ArrowRight")
        expect(window.page.locator(f'#tools [data-key="tab-{tab}"]')).to_be_focused()
        expect(window.page.locator(f'#tools [data-key="tab-{tab}"]')).to_have_attribute("aria-selected", "true")


def test_failures_of_slack_are_described_in_words(sandbox: Sandbox, open_window: OpenWindow) -> None:
    window = open_window(sandbox("zh-CN"), CHEN)
    said = window.page.locator("#tools [role=status]").first
    window.tool("failures", "slow")
    expect(said).to_have_text("当前：每次调用耗时 2 秒")
    window.tool("failures", "well")
    window.tool("failures", "rate_limited")
    expect(said).to_have_text(re.compile(r"当前：接下来 \d 次调用返回 429（请求过多）"))
    window.tool("failures", "down")
    expect(said).to_contain_text("每次调用都返回 Slack 服务器错误，直到恢复正常")
    window.tool("failures", "well")
    expect(said).to_have_text("当前：一切正常")
