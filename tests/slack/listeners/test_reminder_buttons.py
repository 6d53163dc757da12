"""The buttons of reminders, as people receive and press them in direct messages."""

from datetime import timedelta

import pytest

from bot.sandbox import Message
from storage import people
from storage.people import Grant
from storage.vocabulary import Role, State, Step
from tests.support.case_builder import SEVERE, CaseBuilder
from tests.support.team import ADMIN, ANNA, CHEN, HUANG, LIN, WU, ZHOU, Team

HALF = timedelta(hours=5, minutes=1)


def reminders(team: Team, user: str) -> list[Message]:
    """The reminders in somebody's direct messages, including acknowledged ones."""
    return [message for message in team.inbox(user) if "need_help" in message.buttons]


def test_a_reminder_has_its_buttons_and_the_words_of_its_reader(team: Team, builder: CaseBuilder) -> None:
    builder.fault()
    team.pass_time(HALF)
    [english], [chinese] = reminders(team, WU), reminders(team, LIN)
    assert {"acknowledge", "need_help", "open_case"} <= set(english.buttons)
    assert "change_deadline" not in english.buttons, "a technician may not change the deadline"
    assert "50%" in team.person(WU).read(english)
    assert "F-1" in english.plain
    assert "已知悉" in team.person(LIN).read(chinese)
    assert reminders(team, HUANG) == []
    team.pass_time(timedelta(hours=3))
    assert "change_deadline" in reminders(team, CHEN)[-1].buttons
    assert reminders(team, ZHOU) == []


def test_an_acknowledgement_is_shown_on_every_copy_and_stops_the_escalation(team: Team, builder: CaseBuilder) -> None:
    builder.fault()
    team.pass_time(HALF)
    [copy] = reminders(team, LIN)
    team.person(WU).press("acknowledge", message=reminders(team, WU)[0])
    team.settle()
    for user in (WU, LIN):
        [edited] = reminders(team, user)
        assert "acknowledge" not in edited.buttons
        assert "Wu Gang" in edited.plain
    team.person(LIN).press("acknowledge", message=copy)
    team.settle()
    assert "Wu Gang" in reminders(team, LIN)[0].plain
    assert "Lin Xiaoyu" not in reminders(team, WU)[0].plain, "the first acknowledgement is kept"
    team.pass_time(timedelta(minutes=30))
    assert reminders(team, HUANG) == []


def test_a_reminder_acknowledged_before_its_posting_was_recorded_is_edited(team: Team, builder: CaseBuilder) -> None:
    builder.fault()
    team.settle()
    direct = team.workspace.direct(WU).id
    team.workspace.failures.lose_answer("chat.postMessage", channel=direct)
    team.playground.clock.advance(HALF)
    team.playground.bot.jobs.sweep()
    shown = team.workspace.wait_until(lambda: [m for m in team.person(WU).inbox() if "acknowledge" in m.buttons])
    team.person(WU).press("acknowledge", message=shown[0])
    team.settle()
    for user in (WU, LIN):
        assert ["acknowledge" in one.buttons for one in reminders(team, user)] == [False]


def test_an_unacknowledged_reminder_goes_to_the_center_manager_once_after_15_minutes(
    team: Team, builder: CaseBuilder
) -> None:
    builder.fault()
    team.pass_time(HALF)
    team.pass_time(timedelta(minutes=13))
    assert reminders(team, HUANG) == []
    team.pass_time(timedelta(minutes=3))
    assert len(reminders(team, HUANG)) == 1
    team.pass_time(timedelta(minutes=60))
    assert len(reminders(team, HUANG)) == 1
    team.person(HUANG).press("acknowledge", message=reminders(team, HUANG)[0])
    team.settle()
    assert "acknowledge" not in reminders(team, HUANG)[0].buttons


def test_a_person_who_is_not_involved_cannot_press_the_buttons(team: Team, builder: CaseBuilder) -> None:
    builder.fault()
    team.pass_time(HALF)
    [copy] = reminders(team, WU)
    for button in ("acknowledge", "need_help"):
        assert "not on offer" in team.press_copy(ANNA, copy, button)
    assert "not yours to read" in team.press_copy(ANNA, copy, "open_case")
    assert "acknowledge" in reminders(team, WU)[0].buttons
    assert "needs help" not in team.read(HUANG)


def test_asking_for_help_notifies_the_center_manager_once(team: Team, builder: CaseBuilder) -> None:
    builder.fault()
    team.pass_time(HALF)
    pressed = team.person(WU).press("need_help", message=reminders(team, WU)[0])
    team.settle()
    team.person(WU).redeliver(pressed)
    heard = [message for message in team.inbox(HUANG) if "🖐" in message.plain]
    assert len(heard) == 1
    assert "Wu Gang" in heard[0].plain
    assert "open_case" in heard[0].buttons
    team.person(WU).press("need_help", message=reminders(team, WU)[0])
    team.settle()
    assert len([message for message in team.inbox(HUANG) if "🖐" in message.plain]) == 1
    team.workspace.wait_until(lambda: "already" in team.person(WU).ephemerals()[-1].plain)


@pytest.mark.parametrize("admins", [[ADMIN], []])
def test_a_call_for_help_without_a_center_manager_goes_to_the_admins(
    team: Team, builder: CaseBuilder, admins: list[str]
) -> None:
    case = builder.fault()
    team.pass_time(HALF)
    with team.database.write() as session:
        people.replace_grants(
            session, "settings", [Grant(WU, Role.TECHNICIAN), *(Grant(a, Role.ADMIN) for a in admins)]
        )
    wu = team.person(WU)
    said = wu.press("need_help", message=reminders(team, WU)[0])
    (shown,) = team.workspace.wait_until(wu.ephemerals)
    answer = wu.read(shown)
    if not admins:
        assert "neither a center manager nor an administrator" in answer
        return
    assert "There is no center manager. The administrators were asked" in answer
    team.settle()
    team.person(WU).redeliver(said)
    [heard] = [message for message in team.inbox(ADMIN) if "🖐" in message.plain]
    assert f"F-{case}" in heard.plain
    assert builder.card(case).summary[:20] not in heard.plain
    assert not heard.buttons


def test_changing_the_deadline_from_a_reminder_replans_the_reminders(team: Team, builder: CaseBuilder) -> None:
    builder.fault()
    team.pass_time(timedelta(hours=8, minutes=1))
    chen = team.person(CHEN)
    chen.press("change_deadline", message=reminders(team, CHEN)[-1])
    chen.opened("change_deadline")
    later = (team.now + timedelta(hours=32)).replace(second=0, microsecond=0)
    chen.fill(
        deadline_at=later,
        reason="Vendor",
        deadline_contact="Sun Li",
        deadline_agreed_at=team.now - timedelta(minutes=5),
        deadline_evidence="Mail",
    )
    assert chen.submit().closed
    assert team.card("F-1").deadline_at == later
    assert team.card("F-1").moved_count == 1
    heard = len(reminders(team, WU))
    team.pass_time(timedelta(hours=3))
    assert len(reminders(team, WU)) == heard, "reminders of the old deadline are canceled"
    team.wait_until(later - timedelta(hours=8) + timedelta(minutes=5))
    assert len(reminders(team, WU)) > heard


def test_opening_the_case_shows_the_steps_of_whoever_presses(team: Team, builder: CaseBuilder) -> None:
    builder.fault()
    team.pass_time(HALF)
    wu = team.person(WU)
    wu.press("open_case", message=reminders(team, WU)[0])
    team.workspace.wait_until(wu.ephemerals)
    assert "decide_modification" in wu.ephemerals()[-1].buttons


def test_after_a_day_of_downtime_there_are_four_reminders_and_the_missed_ones_are_late(
    team: Team, builder: CaseBuilder
) -> None:
    builder.fault()
    team.pass_time(timedelta(hours=34, minutes=10))
    heard = reminders(team, WU)
    assert len(heard) == 4, "50, 80 and 100 %, and one for all hours after the deadline"
    for message in heard[:3]:
        assert "Late" in team.person(WU).read(message)
    assert "It stands for" in team.person(WU).read(heard[3])
    team.playground.bot.jobs.sweep()
    assert len(reminders(team, WU)) == 4


def test_a_resolved_case_reminds_nobody(team: Team, builder: CaseBuilder) -> None:
    case = builder.fault(State.FIX_CONFIRMING)
    team.pass_time(timedelta(hours=30))
    assert [message for message in team.inbox(WU) if "acknowledge" in message.buttons] == []
    builder.take(Step.REJECT_FIX, CHEN, case, **builder.answers(Step.REJECT_FIX))
    team.pass_time(timedelta(minutes=5))
    assert reminders(team, WU) == [], "the deadline that has passed is no longer in force"


def test_a_reminder_of_a_severe_fault_has_the_same_buttons_and_is_not_escalated(
    team: Team, builder: CaseBuilder
) -> None:
    builder.fault(**SEVERE)
    team.pass_time(timedelta(hours=8, minutes=1))
    assert {"acknowledge", "need_help"} <= set(reminders(team, WU)[0].buttons)
    team.pass_time(timedelta(minutes=30))
    assert reminders(team, HUANG) == []


def test_the_sweep_runs_by_itself(make_team) -> None:  # type: ignore[no-untyped-def]
    team: Team = make_team(FAULT_SWEEP_SECONDS="0.2")
    work = CaseBuilder(team.database, team.playground.bot.company, team.playground.clock.now)
    work.fault()
    team.settle()
    team.playground.clock.advance(HALF)
    team.workspace.wait_until(lambda: [m for m in team.person(WU).inbox() if "need_help" in m.buttons])


def test_waiting_reminders_reach_those_for_whom_the_case_waits(team: Team, builder: CaseBuilder) -> None:
    builder.report()
    builder.fault(State.SHEET_SIGNING)
    team.pass_time(timedelta(hours=4, minutes=5))
    assert "F-1" in team.read(ZHOU)
    before = len(team.inbox(HUANG))
    team.pass_time(timedelta(hours=4))
    assert len(team.inbox(HUANG)) > before


def test_a_waiting_reminder_offers_the_step_that_it_asks_for(team: Team, builder: CaseBuilder) -> None:
    builder.report()
    team.pass_time(timedelta(hours=4, minutes=5))
    zhou = team.person(ZHOU)
    [waiting] = [message for message in team.inbox(ZHOU) if "triage" in message.buttons]
    zhou.press("triage", message=waiting)
    zhou.opened("triage")
    zhou.fill(is_requirement="no", is_fault="no")
    assert zhou.submit().closed
    assert team.card("F-1").state is State.ANSWERING


def test_the_reminder_at_the_end_of_a_hold_offers_to_resume(team: Team, builder: CaseBuilder) -> None:
    case = builder.fault(State.ANALYSIS)
    team.settle()
    until = int((team.now + timedelta(days=1)).timestamp())
    builder.take(Step.HOLD, CHEN, case, kind="vendor", reason="Their fix", until=until)
    team.pass_time(timedelta(days=1, minutes=5))
    [over] = [message for message in team.inbox(WU) if "resume" in message.buttons]
    team.person(WU).press("resume", message=over)
    team.settle()
    assert not team.card("F-1").on_hold
    assert "not on hold" in team.press_copy(WU, over, "resume"), "the case was resumed already"
