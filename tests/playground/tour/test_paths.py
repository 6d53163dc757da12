"""Every path of the tour: its texts, and what the running bot does with it."""

import json
import re

import pytest

from bot.playground.tour import Guide
from bot.playground.tour.act import ActKind, Path, Text
from bot.playground.tour.paths import PATHS
from storage.vocabulary import Basis, Paper, PaperStatus, Severity, State, Step
from tests.conftest import MakeTeam
from tests.support.long_values import long_unless
from tests.support.play_tour import played, played_until
from tests.support.team import CHEN, HUANG, LIN, WU, ZHAO, Team

CODES = {
    "very-severe-fault",
    "general-fault",
    "question",
    "requirement",
    "sheet-returned",
    "not-this-kind",
    "failed-test",
    "rolled-back-release",
    "rejected-fix",
    "handled-without-modification",
    "discussion",
    "duplicate",
    "hold",
    "withdrawn",
    "reopened",
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: The paths of a fault that ends well, of a question and of what is refused, duplicated and undone.
QUICK = [PATHS[code] for code in ("very-severe-fault", "question", "duplicate")]
#: Steps that no path shows. Every other step of the table is shown by some path.
NOT_SHOWN = {
    Step.RECLASSIFY,
    Step.CHANGE_SEVERITY,
    Step.CHANGE_DEADLINE,
    Step.REANALYZE,
    Step.CLOSE_UNANSWERED,
    Step.REASSIGN,
    Step.COMMENT,
}


@pytest.mark.parametrize("path", long_unless(QUICK, PATHS.values()), ids=PATHS)
def test_a_path_ends_where_it_promises(team: Team, guide: Guide, path: Path) -> None:
    state = played(guide, path.code)
    assert (state["position"], state["of"], state["next"]) == (len(path.acts), len(path.acts), None)
    number = state["case"]
    assert team.state(number) is path.ends
    taken = [act.step for act in path.acts if act.step and not act.refused and act.case == path.acts[-1].case]
    assert [line.step for line in team.history(number)] == taken, (
        "the captions describe exactly the steps that were taken"
    )
    assert not team.workspace.app_bugs
    card = team.workspace.messages.find(state["last"]["channel"], state["last"]["ts"])
    assert card is not None
    assert card.text.startswith(number)


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_path_is_described_in_both_languages(path: Path) -> None:
    told: list[Text] = [path.title, path.about, *(act.caption for act in path.acts)]
    for text in told:
        assert CHINESE.search(text.zh), text
        assert not CHINESE.search(text.en), text
        assert not re.search(r"[\u4e00-\u9fff」][,:;?]", text.zh), "Chinese text uses full-width punctuation"
    for sentence in told[1:]:
        assert sentence.en.endswith("."), sentence
        assert sentence.zh.endswith("。"), sentence


def test_all_paths_exist() -> None:
    assert set(PATHS) == CODES


def test_the_paths_show_every_step_but_the_excepted_ones() -> None:
    shown = {act.step for path in PATHS.values() for act in path.acts if not act.refused}
    assert set(Step) - shown == NOT_SHOWN


@pytest.mark.parametrize("speaking", ["en", "zh-CN"])
def test_the_very_severe_fault_shows_what_is_refused(make_team: MakeTeam, speaking: str) -> None:
    team = make_team(speaking)
    guide = Guide(
        team.playground.standin, team.playground.clock, team.playground.bot.jobs.sweep, team.playground.is_idle
    )
    words = {
        "en": ("is not yours to do", "Set the time the customer stipulated"),
        "zh-CN": ("签发", "客户规定的解决时间"),
    }

    state = played_until(guide, "very-severe-fault", ActKind.TRY)
    assert state["last"]["who"] == CHEN
    assert words[speaking][0] in state["last"]["refused"]
    assert team.state(state["case"]) is State.SHEET_SIGNING
    told = team.workspace.messages.find(state["last"]["channel"], state["last"]["ts"])
    assert told is not None
    assert told.ephemeral_to == CHEN

    guide.step()
    state = guide.step()
    assert words[speaking][1] in state["last"]["refused"]
    assert (team.state(state["case"]), state["last"]["channel"]) == (State.ANALYSIS, None)
    assert team.person(WU).view is not None, "the form stays open and shows the errors"
    guide.step()
    card = team.card(state["case"])
    assert (card.severity, card.deadline_basis) == (Severity.VERY_SEVERE, Basis.CUSTOMER_STIPULATED)
    assert team.person(WU).view is None


def test_the_reminder_arrives_and_is_acknowledged(team: Team, guide: Guide) -> None:
    state = played_until(guide, "very-severe-fault", ActKind.WAIT)
    card = team.card(state["case"])
    assert card.deadline_at is not None
    for analyst in (ZHAO, WU, LIN):
        assert "50% of the time to the deadline has passed." in team.read(analyst)
    assert "time to the deadline" not in team.read(HUANG)
    reminder = team.workspace.messages.find(state["last"]["channel"], state["last"]["ts"])
    assert reminder is not None
    assert "acknowledge" in reminder.buttons
    guide.step()
    now = team.workspace.messages.find(reminder.channel, reminder.ts)
    assert now is not None
    assert "Acknowledged by @Zhao Lei" in team.person(ZHAO).read(now)


def test_the_center_manager_cannot_sign_a_sheet_that_he_drafted(team: Team, guide: Guide) -> None:
    state = played_until(guide, "sheet-returned", ActKind.TRY)
    assert state["last"]["who"] == HUANG
    assert "You drafted this sheet and cannot sign it." in state["last"]["refused"]
    guide.play()
    sheets = team.papers(state["case"], Paper.FAULT_SHEET)
    assert [sheet.status for sheet in sheets] == [PaperStatus.RETURNED, PaperStatus.RETURNED, PaperStatus.SIGNED]


def test_the_report_is_refused_while_a_discussion_is_open(team: Team, guide: Guide) -> None:
    state = played_until(guide, "discussion", ActKind.TRY)
    assert "A discussion is open. Record its outcome first." in state["last"]["refused"]
    assert team.state(state["case"]) is State.ANALYSIS


def test_a_duplicate_follows_the_first_case_until_the_merge_is_undone(team: Team, guide: Guide) -> None:
    guide.start("duplicate")
    numbers = {str(guide.step()["case"]) for _act in range(4)}
    first, second = sorted(numbers)
    assert (team.state(second), team.card(second).master) == (State.DUPLICATE, first)
    guide.play()
    assert team.card(second).master is None


def test_the_paths_can_be_sent_to_the_page_as_json(guide: Guide) -> None:
    paths = json.loads(json.dumps(guide.paths()))
    assert [path["code"] for path in paths] == list(PATHS)
    for path in paths:
        assert {"code", "title", "about", "ends", "acts"} == set(path)
        assert all(set(act) == {"who", "caption"} and set(act["caption"]) == {"en", "zh"} for act in path["acts"])
