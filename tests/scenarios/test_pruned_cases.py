"""A case whose reminders and postings were pruned still works for people."""

from datetime import timedelta

from sqlmodel import col, select

from storage.tables import Outgoing, Posted
from storage.vocabulary import Severity, State, Step
from tests.support.team import CHEN, DESK, HUANG, LIN, Team
from tests.support.verified import found_in


def views(team: Team, number: str) -> set[str]:
    with team.database.read() as session:
        return set(session.exec(select(Posted.view).where(Posted.case_id == int(number[2:]))))


def test_the_card_is_edited_and_answered_long_after_the_end(team: Team) -> None:
    team.meet()
    duplicate, master = team.case(), team.case(State.DECISION, severity=Severity.VERY_SEVERE)
    team.take(CHEN, Step.MERGE_DUPLICATE, duplicate, master=master[2:], reason="The same cause")
    team.pass_time(timedelta(days=2))
    team.advance(master, State.CLOSED)
    team.settle()
    assert views(team, master) >= {"card", "task", "reminder"}
    team.case()
    team.pass_time(timedelta(days=31))
    team.settle()
    team.playground.bot.check_slack()
    assert team.playground.bot.jobs.prune()
    assert views(team, master) == views(team, duplicate) == {"card"}
    with team.database.read() as session:
        assert not session.exec(select(Outgoing).where(col(Outgoing.case_id) == int(master[2:]))).all()
    said = len(team.thread(master))
    team.take(LIN, Step.COMMENT, master, text="Thank you all")
    assert len(team.thread(master)) == said + 1
    team.take(HUANG, Step.UNDO_MERGE, duplicate, reason="Another cause")
    assert "triage" in team.thread(duplicate)[0].lower()
    roots = [message for message in team.workspace.history(DESK) if message.thread_ts is None]
    assert len(roots) == 3, "cards are edited, not posted again"
    assert found_in(team.database) == []
    assert not team.workspace.app_bugs
