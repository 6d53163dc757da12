"""Whom cases wait for is stored with every change (process.md rule 2.7), and queue, card and notices read it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from slack_sdk import WebClient
from sqlalchemy import text
from sqlmodel import Session, col, select

from bot.casework import people_changes, vacant_roles
from bot.casework.people_changes import changing_people
from bot.casework.reading import cases as reading
from bot.casework.records.verify_waits import verify_waits
from bot.casework.steps import load, rearm, waits
from bot.casework.steps.notify import MessageKind
from bot.runtime import waits as upkeep
from bot.slack.identity import Identity
from bot.workflow.waiting import people_of
from storage import people
from storage import waits as stored
from storage.people import Grant, Profile
from storage.tables import Outgoing
from storage.vocabulary import CENTER_ROLES, Bucket, OutboxState, Role, State, Step
from tests.support.case_builder import FAULT_PATH, GENERAL, GRANTS, CaseBuilder
from tests.support.fixed_company import FixedCompany
from tests.support.logged import Logged
from tests.support.manual_clock import ManualClock
from tests.support.team import ADMIN, ANNA, CHEN, HE, HUANG, LIN, WU, ZHAO, ZHOU


def asked(builder: CaseBuilder, case: int) -> set[str]:
    """Everybody whom the case waits for, as it is stored."""
    with builder.database.read() as session:
        center = load.center(session, builder.company, builder.clock())
        return set(people_of(waits.addressees_of(session, [case]).get(case, ()), center))


def queue(builder: CaseBuilder, person: str) -> tuple[list[str], int]:
    with builder.database.read() as session:
        found = reading.queue(session, person, builder.company, builder.clock())
    return [line.number for line in found.lines], found.more


def messages(builder: CaseBuilder, kind: str) -> list[Outgoing]:
    """The messages of a kind since the last call."""
    with builder.database.write() as session:
        query = select(Outgoing).where(Outgoing.view == kind, Outgoing.state == OutboxState.WAITING)
        found = list(session.exec(query.order_by(col(Outgoing.id))))
        for row in found:
            row.state = OutboxState.SENT
        return found


def told(builder: CaseBuilder, kind: str) -> set[str]:
    return {row.target for row in messages(builder, kind)}


@contextmanager
def people_change(builder: CaseBuilder, *accounts: str) -> Iterator[Session]:
    """Change people or roles as the bot does when Slack reports a change."""
    with builder.database.write() as session, changing_people(session, builder.company, builder.clock()) as changed:
        yield session
        changed.update(accounts)


def leave(builder: CaseBuilder, person: str) -> None:
    with people_change(builder, person) as session:
        people.keep(session, [Profile(person, "", None, None, active=False)], builder.clock())


def only(builder: CaseBuilder, *grants: Grant) -> None:
    """Give exactly these roles."""
    with people_change(builder) as session:
        people.replace_grants(session, "settings", grants)


def well(builder: CaseBuilder) -> bool:
    with builder.database.read() as session:
        return not list(verify_waits(session, builder.company, builder.clock()))


def test_each_state_waits_for_those_who_may_take_its_step(builder: CaseBuilder) -> None:
    case, heard = builder.report(), {}
    for state, step, _person in FAULT_PATH:
        heard[state] = asked(builder, case)
        assert well(builder)
        builder.usual(step, case)
    assert heard == {
        State.TRIAGE: {HUANG, CHEN, ZHOU, WU, LIN, HE},
        State.SHEET_DRAFTING: {CHEN},
        State.SHEET_SIGNING: {HUANG},
        State.ANALYSIS: {LIN, WU},
        State.DECISION: {WU},
        State.MODIFICATION: {ZHAO},
        State.TESTING: {LIN},
        State.MANUAL_UPDATE: {LIN},
        State.RELEASE: {WU},
        State.REPLYING: {CHEN},
        State.FIX_CONFIRMING: {CHEN},
    }
    assert asked(builder, case) == set()


def test_messages_name_whom_a_case_waits_for_in_a_fixed_order(builder: CaseBuilder) -> None:
    case = builder.report()
    with builder.database.read() as session:
        found = waits.addressees_of(session, [case])[case]
    roles = [Role.CENTER_MANAGER, Role.SERVICE_MANAGER, Role.TECHNICIAN, Role.TESTER]
    assert [one.role for one in found] == roles


def test_the_tester_who_modifies_is_not_shown_what_only_another_may_test(builder: CaseBuilder) -> None:
    case = builder.fault(State.DECISION)
    builder.usual(Step.DECIDE_MODIFICATION, case, modifier=LIN)
    builder.take(Step.SUBMIT_MODIFICATION, LIN, case, **builder.answers(Step.SUBMIT_MODIFICATION))
    assert asked(builder, case) == {HE}
    assert queue(builder, LIN) == ([], 0)
    assert queue(builder, HE) == ([f"F-{case}"], 0)
    assert told(builder, MessageKind.TASK) >= {HE}


def test_a_queue_counts_everything_and_begins_with_what_is_due_first(builder: CaseBuilder, clock: ManualClock) -> None:
    oldest = builder.report()
    for _ in range(24):
        clock.move(minutes=1)
        builder.report()
    urgent = builder.fault(State.ANALYSIS)
    numbers, more = queue(builder, CHEN)
    assert numbers[0] == f"F-{oldest}"
    assert len(numbers) + more == 25
    assert queue(builder, LIN)[1] + len(queue(builder, LIN)[0]) == 26
    builder.usual(Step.PUBLISH_ANALYSIS, urgent)
    builder.company = replace(builder.company, policy=replace(builder.company.policy, targets={}))
    assert queue(builder, WU)[0][0] == f"F-{oldest}", "the target of triage ends before the deadline"
    clock.move(hours=30)
    assert queue(builder, WU)[0][0] == f"F-{oldest}"


def test_a_modifier_who_leaves_is_told_to_those_who_can_name_another(builder: CaseBuilder) -> None:
    case = builder.fault(State.MODIFICATION, **GENERAL)
    messages(builder, MessageKind.CARD)
    leave(builder, ZHAO)
    assert told(builder, MessageKind.LEFT) == {HUANG, ADMIN}
    assert told(builder, MessageKind.VACANT) == set(), "the list says it"
    assert messages(builder, MessageKind.CARD), "the card says that nobody may act"
    assert well(builder)
    with builder.database.read() as session:
        (line,) = reading.queue(session, ADMIN, builder.company, builder.clock()).lines
        assert (line.number, line.summary, line.severity, line.deadline_at) == (f"F-{case}", "", None, None)
        status = reading.show_or_status(session, case, ADMIN, builder.company, builder.clock())
        assert isinstance(status, reading.CaseStatus)
        assert (status.is_vacant, status.missing) == (True, ())
    builder.take(Step.REASSIGN, HUANG, case, place="modifier", person=WU)
    assert asked(builder, case) == {WU}
    assert queue(builder, ADMIN) == ([], 0)


def test_who_leaves_is_told_to_those_who_can_act_whoever_is_left(builder: CaseBuilder, logged: Logged) -> None:
    def heard(*grants: Grant) -> set[str]:
        only(builder, *GRANTS)
        with people_change(builder, ZHAO) as session:
            people.keep(session, [Profile(ZHAO, "", None, None, active=True)], builder.clock())
        only(builder, *grants)
        messages(builder, MessageKind.LEFT)
        leave(builder, ZHAO)
        return told(builder, MessageKind.LEFT)

    builder.fault(State.MODIFICATION, **GENERAL)
    staff = [grant for grant in GRANTS if grant.role not in (Role.CENTER_MANAGER, Role.ADMIN)]
    assert heard(*staff, Grant(ADMIN, Role.ADMIN)) == {ADMIN}
    assert heard(*staff) == {WU}
    assert heard(Grant(CHEN, Role.SERVICE_MANAGER)) == set()
    assert [line["leavers"] for line in logged.of("leavers.nobody_to_tell")][-1] == [ZHAO]


def test_a_sheet_that_nobody_may_sign_is_told_when_it_is_submitted_and_when_the_last_signer_goes(
    builder: CaseBuilder,
) -> None:
    case = builder.fault(State.SHEET_DRAFTING)
    only(builder, *(grant for grant in GRANTS if grant.role is not Role.CENTER_MANAGER))
    builder.usual(Step.DRAFT_SHEET, case)
    assert told(builder, MessageKind.VACANT) == {ADMIN}
    only(builder, *GRANTS)
    assert asked(builder, case) == {HUANG}
    leave(builder, HUANG)
    assert told(builder, MessageKind.VACANT) == {ADMIN}
    with builder.database.read() as session:
        status = reading.show_or_status(session, case, ADMIN, builder.company, builder.clock())
    assert isinstance(status, reading.CaseStatus)
    assert status.missing == (Role.CENTER_MANAGER,)


def test_several_cases_on_which_nobody_may_act_any_more_are_one_list(builder: CaseBuilder) -> None:
    signed = {builder.fault(State.SHEET_SIGNING) for _ in range(3)}
    builder.fault(State.TRIAGE)
    leave(builder, HUANG)
    assert [row.target for row in messages(builder, MessageKind.VACANT_CASES)] == [ADMIN]
    assert told(builder, MessageKind.VACANT) == set()
    with builder.database.read() as session:
        found = reading.vacant_cases(session, ADMIN, builder.company, builder.clock())
    assert {(line.number, line.summary) for line in found.lines} == {(f"F-{one}", "") for one in signed}
    assert found.more == 0


def test_a_vacant_role_is_told_to_the_admins_once_a_day_until_somebody_holds_it(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    def tell() -> list[str]:
        with builder.database.write() as session:
            center = load.center(session, builder.company, clock.now())
            vacant_roles.tell(session, center, builder.company, clock.now())
        found = messages(builder, MessageKind.ROLE_VACANT)
        assert {row.target for row in found} <= {ADMIN}
        return [json.loads(row.arguments)["role"] for row in found]

    assert tell() == []
    only(builder, *(grant for grant in GRANTS if grant.role not in (Role.CENTER_MANAGER, Role.TESTER)))
    assert tell() == [Role.CENTER_MANAGER, Role.TESTER]
    assert tell() == []
    clock.move(days=1)
    assert tell() == [Role.CENTER_MANAGER, Role.TESTER]
    only(builder, *GRANTS)
    assert tell() == []
    only(builder, *(grant for grant in GRANTS if grant.role is not Role.TESTER))
    assert tell() == [Role.TESTER], "vacant again on the same day"


def test_a_report_that_nobody_may_triage_is_told_to_the_admins_at_once(builder: CaseBuilder) -> None:
    only(builder, Grant(ADMIN, Role.ADMIN))
    builder.report(person=ANNA)
    assert told(builder, MessageKind.VACANT) == {ADMIN}


def test_each_role_that_becomes_vacant_is_told_at_once_whatever_else_changes(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    def give(*roles: Role) -> list[str]:
        held = dict.fromkeys(roles, (HUANG,)) | {Role.ADMIN: (ADMIN,)}
        company = replace(builder.company, members=held, deputies=())
        Identity(builder.database, WebClient(), clock, FixedCompany(company)).seed()
        return [json.loads(row.arguments)["role"] for row in messages(builder, MessageKind.ROLE_VACANT)]

    give(*CENTER_ROLES - {Role.SERVICE_MANAGER})
    assert give(*CENTER_ROLES - {Role.TESTER}) == [Role.TESTER], "while the other vacant role was filled"
    assert give(*CENTER_ROLES) == []
    assert give(*CENTER_ROLES - {Role.TESTER}) == [Role.TESTER], "vacant again on the same day"


def test_cases_of_an_earlier_version_wait_for_somebody_after_the_start(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    case, other = builder.fault(State.MODIFICATION, **GENERAL), builder.report()
    with builder.database.write() as session:
        session.connection().execute(text("DELETE FROM waits"))
        session.connection().execute(text("DELETE FROM reminders WHERE rule = 'target'"))
    assert not well(builder)
    clock.move(days=3)
    assert upkeep.renew(builder.database, FixedCompany(builder.company), clock) == 2
    assert asked(builder, case) == {ZHAO}
    assert CHEN in asked(builder, other)
    assert well(builder)
    assert upkeep.renew(builder.database, FixedCompany(builder.company), clock) == 0
    builder.sweep()
    reminded = [row.case_id for row in messages(builder, MessageKind.REMINDER)]
    assert case not in reminded, "its target runs from the upgrade"


def test_what_a_clock_that_was_ahead_has_moved_is_written_anew(builder: CaseBuilder, clock: ManualClock) -> None:
    builder.report()
    right = clock.now() + timedelta(hours=5)
    clock.move(days=3)
    builder.sweep()
    clock.set(right)
    with builder.database.write() as session:
        assert rearm.rearm(session, [1], builder.company, right) == 1
    assert well(builder)


def test_tampered_waits_are_found(builder: CaseBuilder) -> None:
    case = builder.fault(State.MODIFICATION)
    assert well(builder)
    with builder.database.write() as session:
        stored.replace(session, case, stored.of_cases(session, [case])[case], ())
    assert not well(builder)


def follow_day(builder: CaseBuilder, clock: ManualClock) -> int:
    """What every worker does once a minute."""
    return upkeep.follow_day(builder.database, FixedCompany(builder.company), clock)


def is_another_day(builder: CaseBuilder, clock: ManualClock) -> bool:
    with builder.database.read() as session:
        return people_changes.is_another_day(session, builder.company, clock.now())


def test_a_deputy_who_drafted_never_counts_as_somebody_who_may_sign(builder: CaseBuilder, clock: ManualClock) -> None:
    """The roles of the day decide; within a minute of its beginning it is written what they change."""
    assert follow_day(builder, clock) == 0
    case = builder.fault(State.SHEET_DRAFTING)
    today = builder.company.today(clock.now())
    deputy = Grant(WU, Role.CENTER_MANAGER, today, today)
    only(builder, *(grant for grant in GRANTS if grant.role is not Role.CENTER_MANAGER), deputy)
    builder.usual(Step.DRAFT_SHEET, case)
    assert asked(builder, case) == {WU}
    assert follow_day(builder, clock) == 0
    clock.move(days=1)
    assert well(builder), "what midnight changes is not written yet"
    assert follow_day(builder, clock) == 1
    assert told(builder, MessageKind.VACANT) == {ADMIN}
    assert told(builder, MessageKind.ROLE_VACANT) == {ADMIN}
    assert well(builder)
    assert follow_day(builder, clock) == 0


def test_a_deputy_whose_time_is_over_leaves_their_places_once_whichever_process_notices_it(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    """Two processes run at midnight, or none: then the next start tells it."""
    today = builder.company.today(clock.now())
    only(builder, *GRANTS, Grant(ANNA, Role.TESTER, today, today + timedelta(days=1)))
    assert follow_day(builder, clock) == 0
    case = builder.fault(State.TESTING)
    builder.take(Step.REASSIGN, HUANG, case, place="testers", from_person=LIN, person=ANNA)
    clock.move(days=2)
    assert follow_day(builder, clock) == 1
    assert told(builder, MessageKind.LEFT) == {HUANG}
    assert follow_day(builder, clock) == 0
    assert told(builder, MessageKind.LEFT) == set()
    assert well(builder)
    midnight = datetime.combine(builder.company.today(clock.now()), time(), builder.company.zone)
    clock.set(midnight + timedelta(days=1))
    assert follow_day(builder, clock) == 0
    clock.set(midnight + timedelta(days=1, seconds=-3))
    assert not is_another_day(builder, clock), "the clock of another machine is a little ahead"
    clock.move(days=-2)
    assert follow_day(builder, clock) == 1, "the clock was put back"
    assert ANNA in asked(builder, case)


def test_an_urgent_report_is_a_task_of_the_service_managers_at_once_and_then_escalates(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    case = builder.report(person=ANNA, suspected_urgency="high")
    tasks = messages(builder, MessageKind.TASK)
    assert {row.target for row in tasks} == {CHEN, ZHOU}
    assert all(row.urgent for row in tasks)
    clock.move(minutes=15)
    builder.sweep()
    assert told(builder, MessageKind.REMINDER) == {HUANG, CHEN, ZHOU, WU, LIN, HE}
    clock.move(minutes=15)
    builder.sweep()
    assert told(builder, MessageKind.REMINDER) == {HUANG}
    clock.move(minutes=60)
    builder.sweep()
    assert told(builder, MessageKind.REMINDER) == set()
    builder.usual(Step.TRIAGE, case)
    again = builder.report(person=ANNA, suspected_urgency="high")
    builder.usual(Step.TRIAGE, again)
    clock.move(minutes=40)
    builder.sweep()
    assert told(builder, MessageKind.REMINDER) == set(), "triage stops it"


def test_a_hold_rests_the_reminders_of_an_urgent_report(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.report(person=ANNA, suspected_urgency="high")
    for step, minutes in ((Step.HOLD, 10), (Step.RESUME, 60), (Step.HOLD, 2), (Step.RESUME, 60)):
        clock.move(minutes=minutes)
        builder.sweep()
        assert told(builder, MessageKind.REMINDER) == set()
        until = int((clock.now() + timedelta(days=1)).timestamp())
        held = {"kind": "vendor", "reason": "Part", "until": until} if step is Step.HOLD else {}
        builder.take(step, CHEN, case, **held)
    assert minutes_of_reminders(builder, clock, 40) == [(3, CENTER_OF_ALL), (18, {HUANG})]


def test_an_urgent_report_reminds_anew_when_its_merge_is_undone(builder: CaseBuilder, clock: ManualClock) -> None:
    master, case = builder.report(), builder.report(person=ANNA, suspected_urgency="high")
    clock.move(minutes=20)
    builder.sweep()
    assert told(builder, MessageKind.REMINDER) == CENTER_OF_ALL
    builder.take(Step.MERGE_DUPLICATE, CHEN, case, master=f"F-{master}", reason="Same")
    clock.move(minutes=60)
    builder.sweep()
    assert told(builder, MessageKind.REMINDER) == set()
    builder.take(Step.UNDO_MERGE, HUANG, case, reason="Not the same")
    assert minutes_of_reminders(builder, clock, 40) == [(15, CENTER_OF_ALL), (30, {HUANG})]


CENTER_OF_ALL = {HUANG, CHEN, ZHOU, WU, LIN, HE}


def minutes_of_reminders(builder: CaseBuilder, clock: ManualClock, minutes: int) -> list[tuple[int, set[str]]]:
    """Let these minutes pass, and return after how many of them whom the bot reminded."""
    heard = []
    for minute in range(1, minutes + 1):
        clock.move(minutes=1)
        builder.sweep()
        if people_told := told(builder, MessageKind.REMINDER):
            heard.append((minute, people_told))
    return heard


@pytest.mark.parametrize("urgency", ["medium", "low", None])
def test_a_report_of_no_great_urgency_mentions_nobody(builder: CaseBuilder, urgency: str | None) -> None:
    builder.report(person=ANNA, suspected_urgency=urgency)
    assert told(builder, MessageKind.TASK) == set()


def test_a_service_manager_who_reports_a_case_is_its_service_manager(builder: CaseBuilder) -> None:
    case, other = builder.report(person=ZHOU), builder.report(person=ANNA)
    builder.take(Step.TRIAGE, LIN, case, **builder.answers(Step.TRIAGE))
    builder.take(Step.TRIAGE, LIN, other, **builder.answers(Step.TRIAGE))
    assert asked(builder, case) == {ZHOU}
    assert asked(builder, other) == {CHEN, ZHOU}
    with builder.database.read() as session:
        found = stored.of_cases(session, [case])[case]
    assert {one.bucket for one in found} == {Bucket.DRAFT}


def test_the_drafter_hears_of_the_signature_also_if_another_manages_the_case(builder: CaseBuilder) -> None:
    case = builder.fault(State.SHEET_DRAFTING)
    builder.take(Step.DRAFT_SHEET, ZHOU, case, **builder.answers(Step.DRAFT_SHEET))
    messages(builder, MessageKind.NOTICE)
    builder.usual(Step.SIGN_SHEET, case)
    assert {CHEN, ZHOU} <= told(builder, MessageKind.NOTICE)


def test_a_hold_rests_the_target_which_goes_on_with_what_was_left(builder: CaseBuilder, clock: ManualClock) -> None:
    """A target of a day (24 hours here) is interrupted twice; only the time off hold counts."""
    case = builder.fault(State.DECISION, **GENERAL)
    until = int((clock.now() + timedelta(days=30)).timestamp())
    for _ in range(2):
        clock.move(hours=10)
        builder.take(Step.HOLD, CHEN, case, kind="vendor", reason="Part", until=until)
        clock.move(days=5)
        builder.sweep()
        assert told(builder, MessageKind.REMINDER) == set()
        builder.take(Step.RESUME, CHEN, case)
    clock.move(hours=3, minutes=50)
    builder.sweep()
    assert told(builder, MessageKind.REMINDER) == set()
    clock.move(minutes=20)
    builder.sweep()
    assert told(builder, MessageKind.REMINDER) == {WU}
    assert well(builder)
