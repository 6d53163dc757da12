"""Limits per person and hour, as people meet them in Slack."""

from sqlmodel import func, select

from storage.tables import Case, Draft
from tests.conftest import MakeTeam
from tests.slack.listeners.test_command import ask
from tests.support.team import CHEN, LIN, VIEWER


def test_a_report_over_the_limit_says_when_it_is_possible_and_loses_nothing(make_team: MakeTeam) -> None:
    team = make_team("en", FAULT_MAX_REPORTS_PER_HOUR="2")
    for _ in range(2):
        team.report(CHEN)
    errors = team.try_report(CHEN).errors
    assert "at most 2 in an hour" in " ".join(errors.values())
    team.person(CHEN).opened("report")  # the form stays open, with everything in it
    with team.database.read() as session:
        assert session.exec(select(func.count()).select_from(Case)).one() == 2
        assert [draft.person_id for draft in session.exec(select(Draft))] == [CHEN]
    team.report(LIN)


def test_an_export_over_the_limit_is_refused_in_the_language_of_its_reader(make_team: MakeTeam) -> None:
    team = make_team("zh-CN", FAULT_MAX_EXPORTS_PER_HOUR="1")
    ask(team, VIEWER, "export table csv")
    assert "每人每小时最多导出 1 份文件" in ask(team, VIEWER, "export table csv")
    assert "每人每小时" not in ask(team, CHEN, "export table csv")
