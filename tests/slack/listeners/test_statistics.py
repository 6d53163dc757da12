"""`/fault stats`: the measures in words, the cases behind each number, and who may ask."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.casework.imports.import_table import ImportKind
from bot.sandbox import Message
from storage.vocabulary import State, Step
from tests.conftest import MakeTeam
from tests.support import world
from tests.support.case_builder import CaseBuilder
from tests.support.imported_tables import FAULT, LEAST, brought
from tests.support.manual_clock import ManualClock
from tests.support.shared_team import shared_team, tidy_up
from tests.support.team import ADMIN, ANNA, CHEN, DESK, HUANG, LIN, SHANGHAI, VIEWER, WU, ZHAO, Team


def ask(team: Team, user: str, words: str = "stats") -> Message:
    """Send the command and return its result, which arrives after the acknowledgement."""
    person = team.person(user)
    before = len(person.ephemerals(DESK))
    answer = person.command(f"/fault {words}", channel=DESK)
    assert (answer.status, answer.body) == (200, ""), "acknowledged at once"
    team.workspace.wait_until(lambda: len(person.ephemerals(DESK)) > before)
    return person.ephemerals(DESK)[-1]


def choose(team: Team, user: str, shown: Message, choice: str | None = None, **press: Any) -> Message:
    """Choose in the menu of a message or press one of its buttons, and return the answer."""
    person = team.person(user)
    before = len(person.ephemerals())
    person.press(press.pop("action", "stats_cases"), message=shown, choice=choice, **press)
    team.workspace.wait_until(lambda: len(person.ephemerals()) > before)
    return person.ephemerals()[-1]


def menu(shown: Message) -> dict[str, str]:
    """The keys and labels of the menu."""
    (found,) = [
        element
        for block in shown.blocks
        for element in block.get("elements", ())
        if element.get("action_id") == "stats_cases"
    ]
    return {option["value"]: option["text"]["text"] for option in found["options"]}


def builder(team: Team) -> CaseBuilder:
    return CaseBuilder(team.database, team.playground.bot.company, team.playground.clock.now)


def until_within_a_week(team: Team, span: timedelta) -> timedelta:
    """How long to wait until the coming span lies within one week and one month of the desk's calendar."""
    waited = timedelta()
    while True:
        first, last = (
            (team.now + waited + by).astimezone(world.zone()).date() for by in (timedelta(), span + timedelta(hours=1))
        )
        if (first.isocalendar().week, first.month) == (last.isocalendar().week, last.month):
            return waited
        waited += timedelta(hours=1)


def made_busy(team: Team) -> Team:
    """Add a closed fault, a fault in decision and, two days later, a case in triage, all within one week."""
    work = builder(team)
    team.playground.clock.advance(until_within_a_week(team, timedelta(days=2, hours=1)))
    work.fault(State.CLOSED)  # F-1
    work.fault(State.DECISION)  # F-2
    team.pass_time(timedelta(days=2))
    work.report(product="Port Exchange 口岸数据交换平台", customer="Binhai Port 滨海口岸通关中心")  # F-3
    team.pass_time(timedelta(hours=1))
    return team


@pytest.fixture(scope="module")
def busy_team(module_url: str) -> Iterator[Team]:
    """A team with some cases, for all tests of this module that only ask. Time passes only when a test moves it."""
    with shared_team(module_url, clock=ManualClock(world.begins())) as team:
        yield made_busy(team)


@pytest.fixture
def busy(busy_team: Team) -> Iterator[Team]:
    """The team with some cases, without an open form."""
    yield busy_team
    tidy_up(busy_team)


def test_the_measures_are_told_in_words_with_the_bottleneck_first(busy: Team) -> None:
    said = ask(busy, WU).plain
    lines = said.splitlines()
    place = {
        word: next(n for n, line in enumerate(lines) if word in line) for word in ("Bottleneck", "Faults received")
    }
    assert place["Bottleneck"] < place["Faults received"]
    assert "Bottleneck: Deciding on modification" in said
    assert "98% of the time" in said
    assert "Faults received  2" in said
    assert "On-time rate" in said
    assert "against the deadline in force  100%  (1 / 1)" in said
    assert "Misclassification rate  0%  (0 / 2)" in said
    assert "First-answer satisfaction  –  (0 / 0)" in said
    assert "Billing Suite 计费账务系统 / Rating 批价  100%  (2 / 2)" in said
    assert "still lasts" in said.lower()


def test_statistics_are_in_chinese_for_chinese_readers(make_team: MakeTeam) -> None:
    team = make_team("zh-CN")
    builder(team).fault(State.CLOSED)
    said = ask(team, CHEN, "统计 本月").plain
    for word in ("统计：", "按期解决率", "故障数  1", "一次测试通过率  100%  (1 / 1)", "查看问题单"):
        assert word in said
    assert "Statistics" not in said


def test_a_period_without_cases_says_so(team: Team) -> None:
    shown = ask(team, WU, "stats last year")
    assert "No case was open in this period." in shown.plain
    assert "0%" not in shown.plain
    assert shown.buttons == {}


def test_imported_faults_are_counted_and_listed_apart(team: Team) -> None:
    brought(builder(team), ImportKind.FAULTS, FAULT, {**LEAST, "reference": "HD-2"})
    shown = ask(team, WU, "stats 2024-03")
    assert "Faults received  0" in shown.plain
    assert "Faults from before Faultdesk (in no other figure)  2" in shown.plain
    assert menu(shown) == {"historic:": "Faults from before Faultdesk (in no other figure)"}
    listed = choose(team, WU, shown, "historic:").plain
    assert "1–2 of 2 cases" in listed
    assert FAULT["summary"] in listed


@pytest.mark.parametrize(
    ("words", "received"),
    [
        ("stats port exchange", 0),
        ("stats Huadong", 2),
        ("stats this week 计费", 2),
        ("stats this year exchange 口岸", 0),
    ],
)
def test_words_narrow_the_statistics(busy: Team, words: str, received: int) -> None:
    said = ask(busy, CHEN, words).plain
    assert f"Faults received  {received}" in said or f"故障数  {received}" in said
    assert "All customers" not in said
    assert "全部客户" not in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("stats soon", "soon"),
        ("stats 2031-01", "has not begun"),
        ("stats week month", "one too many"),
        ("stats <!channel> *bold*", "neither a period"),
        ("stats " + "x " * 1000, "neither a period"),
    ],
)
def test_words_that_are_not_understood_are_named_with_examples(team: Team, words: str, told: str) -> None:
    shown = ask(team, WU, words)
    assert told in shown.plain
    assert "/fault stats last month" in shown.plain
    assert team.workspace.pings(shown) == set()


def test_everybody_who_reads_all_cases_may_ask_for_statistics(busy: Team) -> None:
    for user in (HUANG, CHEN, WU, LIN, VIEWER):
        assert str(busy.now.astimezone(SHANGHAI).year) in ask(busy, user).plain
    assert "管理员可以为您分配角色" in ask(busy, ADMIN).plain
    assert "administrator can give you a role" in ask(busy, ANNA).plain
    assert "管理员可以为您分配角色" in ask(busy, ZHAO).plain


def test_every_offered_number_opens_its_cases(busy: Team) -> None:
    shown = ask(busy, WU)
    keys = menu(shown)
    assert keys["M1:"] == "M1 Faults received"
    assert "M17:rounds" not in keys, "no case is behind this number"
    for key in keys:
        listed = choose(busy, WU, shown, key)
        assert "F-" in listed.plain, key
        others = menu(listed) if "stats_cases" in json.dumps(listed.blocks) else {}
        for other in others:
            assert "F-" in choose(busy, WU, listed, other).plain, other


def test_numerator_and_denominator_open_their_own_cases(busy: Team) -> None:
    index = choose(busy, WU, ask(busy, WU), "M12:")
    assert "numerator: 1" in index.plain
    assert "F-1 " in index.plain
    assert "F-2 " not in index.plain
    (arrived,) = [key for key in menu(index) if key.endswith(":based")]
    everything = choose(busy, WU, index, arrived)
    assert {number for number in ("F-1 ", "F-2 ", "F-3 ") if number in everything.plain} == {"F-1 ", "F-2 "}


def test_the_listed_cases_are_the_present_ones_within_the_same_filter(team: Team) -> None:
    busy = made_busy(team)
    shown = ask(busy, WU, "stats billing")
    assert "F-3 " not in choose(busy, WU, shown, "M6:").plain
    builder(busy).onward(2, State.CLOSED)
    said = choose(busy, WU, shown, "M12:").plain
    assert "F-1 " in said
    assert "F-2 " in said


def test_many_cases_are_shown_page_by_page(team: Team) -> None:
    builder(team).reports(23)
    team.pass_time(timedelta(hours=1))
    first = choose(team, WU, ask(team, WU), "M6:")
    assert "1–20 of 23" in first.plain
    assert "F-23 " in first.plain
    assert "F-3 " not in first.plain
    rest = choose(team, WU, first, action="stats_more")
    assert "21–23 of 23" in rest.plain
    assert "F-3 " in rest.plain
    assert "stats_more" not in rest.buttons


def test_rights_are_checked_again_and_forged_values_are_refused(busy: Team) -> None:
    shown = ask(busy, WU)
    for user in (ANNA, ZHAO):
        assert "F-1" not in choose(busy, user, replace(shown, ephemeral_to=user), "M1:").plain
    for key in ("M99:", "M1", "M1::x:based", "apart:", "M6::0123456789ab:counted"):
        forged = json.loads(json.dumps(shown.blocks))
        forged[-1]["elements"][0]["options"][0]["value"] = key
        refused = choose(busy, WU, replace(shown, blocks=tuple(forged)), key).plain
        assert "F-" not in refused, key
        assert "E-" not in refused, key
    for asked in ("", "[]", '{"first":"x","last":"y"}', '{"first":"2026-11-01"}'):
        forged = json.loads(json.dumps(shown.blocks))
        forged[-1]["block_id"] = asked
        assert "E-" not in choose(busy, WU, replace(shown, blocks=tuple(forged)), "M1:").plain


def test_the_charts_are_delivered_as_a_direct_message(busy: Team) -> None:
    shown = ask(busy, WU, "stats 本周 billing suite")
    assert "direct message" in choose(busy, WU, shown, action="stats_charts").plain
    busy.workspace.wait_until(lambda: any(message.files for message in busy.inbox(WU)))
    (sent,) = [message for message in busy.inbox(WU) if message.files]
    assert len(sent.files) == 5
    titles = [file["title"] for file in sent.files]
    assert titles[0].startswith("Bottleneck: Deciding on modification")
    assert len({*titles}) == 5
    assert sent.plain.endswith(
        "in 5 charts: where the time goes, what came in and what stays open, how fast and how well, faults by module,"
        " kinds of problems and effort."
    )
    today = busy.now.astimezone(world.zone()).date()
    first = today - timedelta(days=today.weekday())
    week = f"{first:%-d %b %Y} – {first + timedelta(days=6):%-d %b %Y}"
    assert sent.plain.startswith(f"The statistics of {week} · Product: Billing Suite")


def test_charts_are_for_people_with_a_role(busy: Team) -> None:
    shown = replace(ask(busy, WU), ephemeral_to=ANNA)
    assert "administrator" in choose(busy, ANNA, shown, action="stats_charts").plain
    busy.settle()
    assert not any(message.files for message in busy.inbox(ANNA))


def test_a_cleared_menu_is_answered_without_an_error(busy: Team) -> None:
    """A menu that is cleared sends no option."""
    shown = ask(busy, WU)
    assert "E-" not in choose(busy, WU, shown, None).plain


def test_a_listed_case_can_be_opened(busy: Team) -> None:
    number = choose(busy, CHEN, ask(busy, CHEN), "M19:").plain
    assert "F-2 " in number
    assert Step.DECIDE_MODIFICATION in busy.buttons(WU, "F-2")
