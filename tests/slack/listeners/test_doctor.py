"""`/fault admin doctor` finds what `faultdesk doctor` does, for admins alone."""

import pytest

from tests.conftest import MakeTeam
from tests.support.team import ADMIN, ANNA, DESK, HUANG, Team

WU = "U0WU"


def asked(team: Team, user: str, words: str = "admin doctor") -> str:
    return team.person(user).read(team.ask(user, words))


@pytest.mark.parametrize(
    ("speaking", "words", "expected"),
    [
        ("en", "admin doctor", ("I am not a member of #service-desk.", "Invite me there", "In order: ")),
        ("zh-CN", "管理 诊断", ("我不在频道 #service-desk 中。", "请用 /invite 邀请我", "正常：")),
    ],
)
def test_an_admin_reads_what_is_wrong_first(
    make_team: MakeTeam, speaking: str, words: str, expected: tuple[str, ...]
) -> None:
    team = make_team(speaking)
    team.workspace.channels.leave(DESK, team.workspace.bot_user_id)
    said = asked(team, ADMIN, words)
    places = [said.index(one) for one in (expected[2], *expected[:2], "✓ ")]
    assert places == sorted(places)
    assert team.workspace.bot_token not in said


def test_it_is_acknowledged_before_slack_is_asked(team: Team) -> None:
    """The checks take longer than Slack waits for an acknowledgement."""
    answer = team.person(ADMIN).command("/fault admin doctor", channel=DESK)
    assert answer.message is None
    team.workspace.wait_until(lambda: team.person(ADMIN).ephemerals(DESK))
    assert team.workspace.log.calls("blocks.validate")


@pytest.mark.parametrize("user", [HUANG, ANNA])
def test_everybody_else_is_refused_in_one_sentence(team: Team, user: str) -> None:
    assert asked(team, user) in ("✋ 只有管理员可以进行此操作。", "✋ Only administrators may do this.")
    assert not team.workspace.log.calls("blocks.validate"), "nothing was checked"


def test_it_can_be_asked_for_in_a_direct_message(team: Team) -> None:
    team.person(ADMIN).say("admin doctor")
    team.workspace.wait_until(lambda: team.inbox(ADMIN))
    assert "安装诊断" in team.read(ADMIN)


def test_the_words_after_admin_are_offered(team: Team) -> None:
    assert "管理 诊断" in asked(team, ADMIN, "admin")
    assert "/fault 管理 诊断" in asked(team, ADMIN, "help")
