"""`/fault admin outbox`: refused messages by cause, for admins alone, with one notice for each cause."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from storage import outbox
from storage.tables import Outgoing
from storage.vocabulary import OutboxState
from tests.conftest import MakeTeam
from tests.support.team import ADMIN, CHEN, DESK, HUANG, LIN, Team

POST = "chat.postMessage"


def shown(team: Team, user: str, words: str = "admin outbox") -> str:
    answer = team.person(user).command(f"/fault {words}", channel=DESK)
    assert answer.message is not None
    return answer.message.plain


def states(team: Team) -> list[OutboxState]:
    with team.database.read() as session:
        return [row.state for row in session.exec(select(Outgoing).where(Outgoing.target == LIN))]


def put_refused(team: Team, count: int, error: str = "is_archived", target: str = LIN) -> None:
    """Put calls for help into the outbox that Slack will refuse."""
    channel = team.workspace.direct(target).id
    team.workspace.failures.refuse(POST, error, times=None, channel=channel)
    with team.database.write() as session:
        for _ in range(count):
            outbox.put(session, "help_wanted", target, team.now, case_id=1, arguments={"asker": CHEN})
    team.settle()


def test_an_admin_gets_one_notice_for_each_cause_and_day(team: Team) -> None:
    team.case()
    put_refused(team, 12)
    assert states(team).count(OutboxState.DEAD) == 12
    told = [message for message in team.inbox(ADMIN) if "is_archived" in message.plain]
    assert len(told) == 1
    assert "/fault 管理 发件箱" in told[0].plain
    put_refused(team, 3)
    assert len(team.inbox(ADMIN)) == 1
    team.playground.clock.advance(timedelta(days=1, minutes=1))
    put_refused(team, 1)
    assert len(team.inbox(ADMIN)) == 2


def test_a_cause_is_told_apart_by_target_only_where_the_target_is_at_fault(team: Team) -> None:
    team.case()
    put_refused(team, 2, "is_archived")
    put_refused(team, 2, "is_archived", HUANG)
    assert len(team.inbox(ADMIN)) == 2
    team.workspace.failures.clear()
    put_refused(team, 2, "invalid_blocks")
    put_refused(team, 2, "invalid_blocks", HUANG)
    assert len(team.inbox(ADMIN)) == 3, "an invalid message is one cause, whoever it is for"


@pytest.mark.parametrize(("speaking", "words"), [("en", "Messages: 12"), ("zh-CN", "12")])
def test_the_causes_are_listed_without_case_content(make_team: MakeTeam, speaking: str, words: str) -> None:
    team = make_team(speaking)
    team.case()
    put_refused(team, 12)
    said = shown(team, ADMIN, "管理 发件箱" if speaking == "zh-CN" else "admin outbox")
    assert "is_archived" in said
    assert words in said
    assert "ORA-01438" not in said, "the list has no case content"


def test_only_admins_see_or_change_the_outbox(team: Team) -> None:
    team.case()
    put_refused(team, 2)
    assert "管理员" in shown(team, HUANG)
    assert "管理 发件箱" in shown(team, ADMIN, "admin nonsense")
    value = json.dumps({"error": "is_archived", "target": LIN})
    said = team.press_copy(CHEN, team.forged(CHEN, "outbox_send_again", "F-1", value), "outbox_send_again")
    assert "管理员" in said
    assert states(team).count(OutboxState.DEAD) == 2


def test_messages_are_sent_again_once_the_cause_is_gone(team: Team) -> None:
    team.case()
    put_refused(team, 12)
    team.workspace.failures.clear()
    before = len(team.inbox(LIN))
    press(team, "outbox_send_again")
    team.settle()
    assert len(team.inbox(LIN)) == before + 12
    assert OutboxState.DEAD not in states(team)


def test_refused_messages_can_be_discarded(team: Team) -> None:
    team.case()
    put_refused(team, 3)
    press(team, "outbox_discard")
    assert OutboxState.DEAD not in states(team)
    assert "is_archived" not in shown(team, ADMIN)


def press(team: Team, action: str) -> None:
    admin = team.person(ADMIN)
    answer = admin.command("/fault admin outbox", channel=DESK)
    admin.press(action, message=answer.message)
