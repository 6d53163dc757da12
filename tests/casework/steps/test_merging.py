"""Merging in the database: what the master gets, what undoing brings back, and withdrawing a master (rule 2.3)."""

import json
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from bot.casework.company_settings import CompanySettings
from bot.casework.records.verify import verify
from bot.casework.steps.notify import MessageKind
from bot.workflow.refusal import Refused
from storage import audit, cases
from storage.database import Database
from storage.tables import Case, Outgoing, Reminder
from storage.vocabulary import END_STATES, OPEN_STATES, Basis, Paper, ReminderState, Rule, State, Step
from tests.support.case_builder import SEVERE, CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.property_examples import examples
from tests.support.team import ANNA, CHEN, DESK, HE, HUANG, WU

OTHER = {"customer": "Nanling Mobile 南岭移动"}
HOUR = timedelta(hours=1)


def merge(builder: CaseBuilder, case: int, master: int, by: str = CHEN) -> None:
    builder.take(Step.MERGE_DUPLICATE, by, case, master=f"F-{master}", reason="The same")


def hold(builder: CaseBuilder, case: int, hours: int = 5) -> None:
    until = int((builder.clock() + hours * HOUR).timestamp())
    builder.take(Step.HOLD, CHEN, case, kind="vendor", reason="They look", until=until)


def waiting(builder: CaseBuilder, case: int) -> dict[Rule, list[Any]]:
    """When each waiting reminder of the case is due, by rule."""
    with builder.database.read() as session:
        query = select(Reminder).where(Reminder.case_id == case, Reminder.state == ReminderState.WAITING)
        found: dict[Rule, list[Any]] = {}
        for row in session.exec(query):
            found.setdefault(row.rule, []).append(row.due_at)
    return found


def kept(builder: CaseBuilder, case: int) -> dict[str, Any]:
    """What a merge and its undoing leave as it was."""
    names = ("state", "on_hold", "hold_since", "hold_until", "in_discussion", "negotiating", "deadline_at", "severity")
    with builder.database.read() as session:
        row = cases.get(session, case)
        return {name: getattr(row, name) for name in names}


def history(builder: CaseBuilder, case: int) -> list[tuple[str, str, dict[str, Any]]]:
    with builder.database.read() as session:
        return [(row.step, row.person_id, json.loads(row.data)) for row in audit.entries(session, case)]


def sound(builder: CaseBuilder, *numbers: int) -> None:
    with builder.database.read() as session:
        for case in numbers:
            assert not verify(session, case).findings


def test_undoing_a_merge_brings_back_hold_held_time_and_discussion(builder: CaseBuilder, clock: ManualClock) -> None:
    master, case = builder.fault(State.ANALYSIS), builder.fault(State.ANALYSIS)
    builder.take(Step.CALL_DISCUSSION, WU, case, invitees=[ANNA], question="How?")
    hold(builder, case)
    before, due = kept(builder, case), waiting(builder, case)[Rule.HOLD_ENDED]
    clock.move(hours=1)
    merge(builder, case, master)
    assert not waiting(builder, case), "a duplicate reminds nobody"
    clock.move(hours=1)
    builder.take(Step.UNDO_MERGE, HUANG, case, reason="It differs")
    assert kept(builder, case) == before
    assert waiting(builder, case)[Rule.HOLD_ENDED] == due
    builder.take(Step.CLOSE_DISCUSSION, WU, case, outcome="So")
    builder.take(Step.RESUME, CHEN, case)
    assert Rule.HOLD_ENDED not in waiting(builder, case)


def test_a_hold_that_ended_during_the_merge_is_reminded_of_at_once(builder: CaseBuilder, clock: ManualClock) -> None:
    master, case = builder.fault(State.ANALYSIS), builder.fault(State.ANALYSIS)
    hold(builder, case)
    merge(builder, case, master)
    now = clock.move(hours=24)
    builder.take(Step.UNDO_MERGE, HUANG, case, reason="It differs")
    assert waiting(builder, case)[Rule.HOLD_ENDED] == [now]


def test_the_held_time_before_and_during_the_merge_moves_the_deadline(builder: CaseBuilder, clock: ManualClock) -> None:
    policy = builder.company.policy
    builder.company = builder.company.__class__(DESK, policy=policy.__class__(hold_stops_clock=True))
    builder.deadline = timedelta(days=9)
    master = builder.fault(State.DECISION)
    case = builder.fault(State.DECISION, **SEVERE)
    before = builder.card(case).deadline_at
    assert before is not None
    hold(builder, case, 50)
    clock.move(hours=3)
    merge(builder, case, master)
    clock.move(hours=4)
    builder.take(Step.UNDO_MERGE, HUANG, case, reason="It differs")
    clock.move(hours=2)
    builder.take(Step.RESUME, CHEN, case)
    assert builder.card(case).deadline_at == before + 9 * HOUR


def test_an_earlier_agreed_deadline_becomes_the_masters(builder: CaseBuilder, clock: ManualClock) -> None:
    builder.deadline = timedelta(hours=90)
    master = builder.fault(State.MODIFICATION, **SEVERE)
    first = builder.card(master).deadline_at
    builder.deadline = timedelta(hours=30)
    case = builder.fault(State.DECISION, **SEVERE)
    deadline = builder.card(case).deadline_at
    assert builder.refused(Step.MERGE_DUPLICATE, CHEN, case, master=f"F-{master}", reason="r") == ["EarlierDeadline"]
    clock.move(minutes=5)
    merge(builder, case, master, HUANG)
    card = builder.card(master)
    assert (card.deadline_at, card.first_deadline_at, card.moved_count) == (deadline, first, 1)
    assert card.state is State.MODIFICATION
    step, person, said = history(builder, master)[-1]
    assert (step, person) == (Step.CHANGE_DEADLINE, HUANG)
    assert (said["merged_from"], said["merge_reason"]) == (f"F-{case}", "The same")
    row = card.paper(Paper.FAULT_RECORD)
    assert row is not None
    assert deadline is not None
    assert (row.version, row.content["deadline_at"]) == (2, deadline.isoformat())
    assert row.content["severity"] == "severe", "the row keeps what did not change"
    assert deadline in waiting(builder, master)[Rule.DEADLINE_SHARE], "the reminders are planned anew"
    assert first not in waiting(builder, master)[Rule.DEADLINE_SHARE]
    sound(builder, master, case)
    builder.take(Step.UNDO_MERGE, HUANG, case, reason="It differs")
    assert builder.card(master).deadline_at == deadline, "a deadline in force stays"


def test_a_master_without_a_deadline_takes_over_the_promise_and_its_basis(builder: CaseBuilder) -> None:
    master, case = builder.report(), builder.fault(State.DECISION)
    deadline = builder.card(case).deadline_at
    merge(builder, case, master, HUANG)
    card = builder.card(master)
    assert (card.deadline_at, card.deadline_basis, card.moved_count) == (deadline, Basis.CUSTOMER_STIPULATED, 0)
    assert card.paper(Paper.FAULT_RECORD) is None
    sound(builder, master, case)


def test_withdrawing_a_master_undoes_each_merge_with_the_same_person_and_reason(builder: CaseBuilder) -> None:
    master = builder.report(ANNA)
    one, other = builder.fault(State.ANALYSIS), builder.report(HE, **OTHER)
    for case in (one, other):
        merge(builder, case, master)
    builder.take(Step.WITHDRAW, ANNA, master, reason="It was the network")
    assert builder.card(master).state is State.WITHDRAWN
    assert [builder.card(case).state for case in (one, other)] == [State.ANALYSIS, State.TRIAGE]
    for case in (one, other):
        assert builder.card(case).master is None
        assert history(builder, case)[-1][:2] == (Step.UNDO_MERGE, ANNA)
        assert history(builder, case)[-1][2]["reason"] == "It was the network"
    assert set(waiting(builder, other)) == {Rule.UNTRIAGED}
    sound(builder, master, one, other)


def messages(builder: CaseBuilder, view: str) -> list[tuple[int | None, str, dict[str, Any]]]:
    with builder.database.read() as session:
        rows = session.exec(select(Outgoing).where(Outgoing.view == view).order_by(Outgoing.id))  # type: ignore[arg-type]
        return [(row.case_id, row.target, json.loads(row.arguments)) for row in rows]


def test_followers_hear_the_state_under_their_own_number_and_words_of_their_own(builder: CaseBuilder) -> None:
    master = builder.report(ANNA)
    same, foreign = builder.report(HE), builder.report("U0BETA", origin=("C0BETA", "1.1"), **OTHER)
    for case in (same, foreign):
        merge(builder, case, master)
    builder.onward(master, State.REPLYING, **SEVERE)
    before = len(messages(builder, MessageKind.FOLLOWER))
    builder.take(Step.REPLY_CUSTOMER, CHEN, master, reply="Column is wider", reply_followers="It is handled")
    state = {"news": "state", "state": State.FIX_CONFIRMING}
    assert messages(builder, MessageKind.FOLLOWER)[before:] == [
        (same, HE, {**state, "words": "Column is wider"}),
        (foreign, "U0BETA", {**state, "words": "It is handled"}),
        (foreign, "C0BETA", {**state, "words": "It is handled"}),
    ]
    notices = [target for case, target, _said in messages(builder, MessageKind.NOTICE) if case == master]
    assert not {HE, "U0BETA"} & set(notices[1:]), "the master's own notices do not reach followers"
    sound(builder, master, same, foreign)


@pytest.mark.parametrize("reporter", [HE, ANNA])
def test_a_comment_on_a_duplicate_reaches_the_masters_people(builder: CaseBuilder, reporter: str) -> None:
    master, case = builder.fault(State.ANALYSIS), builder.report(reporter, **OTHER)
    merge(builder, case, master)
    builder.take(Step.COMMENT, reporter, case, text="Still there")
    sent = messages(builder, MessageKind.DUPLICATE_COMMENT)
    said = {"duplicate": case, "seq": len(history(builder, case))}
    assert sent[0] == (master, DESK, said)
    assert [target for _case, target, _said in sent[1:]] == [CHEN, HUANG], "the manager alone may undo the merge"
    builder.take(Step.COMMENT, WU, case, text="I know")
    assert [target for _case, target, _said in messages(builder, MessageKind.DUPLICATE_COMMENT)[3:]] == [DESK, CHEN]


# Random sequences


@pytest.fixture(scope="module")
def four_cases(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a report, a question's neighbour in analysis and two published faults, to be copied."""
    path = shutil.copy(migrated, tmp_path_factory.mktemp("merging"))
    database = Database(f"sqlite:///{path}")
    builder = CaseBuilder(database, CompanySettings(DESK), ManualClock().now)
    builder.seed()
    builder.report(ANNA)
    builder.fault(State.ANALYSIS)
    builder.fault(State.DECISION, **SEVERE)
    builder.report(HE, **OTHER)
    database.close()
    return Path(path)


STEPS = (Step.MERGE_DUPLICATE, Step.MERGE_DUPLICATE, Step.UNDO_MERGE, Step.HOLD, Step.RESUME, Step.WITHDRAW)


@settings(max_examples=examples(6), deadline=None, database=None)
@given(seed=st.integers(0, 2**32))
def test_any_sequence_of_merges_holds_and_withdrawals_keeps_the_rules(four_cases: Path, seed: int) -> None:
    chance = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{shutil.copy(four_cases, folder)}")
        clock = ManualClock()
        builder, before = CaseBuilder(database, CompanySettings(DESK), clock.now), dict[int, dict[str, Any]]()
        try:
            for _ in range(14):
                clock.move(minutes=chance.randint(1, 200))
                attempt(builder, chance, before)
                check(builder, before)
            sound(builder, 1, 2, 3, 4)
        finally:
            database.close()


def attempt(builder: CaseBuilder, chance: Random, before: dict[int, dict[str, Any]]) -> None:
    """Attempt a random step; remember in `before` what each merged case was like."""
    case, step = chance.randint(1, 4), chance.choice(STEPS)
    was = {number: kept(builder, number) for number in range(1, 5)}
    merged = [number for number, state in was.items() if state["state"] is State.DUPLICATE]
    if step is Step.UNDO_MERGE and merged:
        case = chance.choice(merged)
    raw: dict[Step, dict[str, Any]] = {
        Step.MERGE_DUPLICATE: {"master": f"F-{chance.randint(1, 4)}", "reason": "r"},
        Step.HOLD: {"kind": "vendor", "reason": "r", "until": int(builder.clock().timestamp()) + 9000},
        Step.WITHDRAW: {"reason": "r", "evidence": "e"},
        Step.RESUME: {},
    }
    if step is Step.WITHDRAW and chance.random() < 0.6:
        return
    try:
        by = {Step.UNDO_MERGE: HUANG, Step.MERGE_DUPLICATE: chance.choice((CHEN, HUANG))}.get(step, CHEN)
        builder.take(step, by, case, **raw.get(step, {"reason": "r"}))
    except Refused:
        assert {number: kept(builder, number) for number in was} == was, "a refused step changed a case"
        return
    for number, state in was.items():
        if builder.card(number).state is State.DUPLICATE and state["state"] is not State.DUPLICATE:
            before[number] = state


def check(builder: CaseBuilder, before: dict[int, dict[str, Any]]) -> None:
    """Assert what rule 2.3 says of every case."""
    with builder.database.read() as session:
        rows = {row.id: row for row in session.exec(select(Case))}
    for number, row in rows.items():
        assert number is not None
        assert (row.master_id is None) is (row.state is not State.DUPLICATE)
        reminders = waiting(builder, number)
        if row.state is State.DUPLICATE:
            assert row.master_id is not None
            assert rows[row.master_id].state in OPEN_STATES
            assert row.master_id != number
        elif number in before:
            was = before.pop(number)
            assert {**was, "deadline_at": row.deadline_at} == kept(builder, number), "undoing brings all of it back"
            assert (row.deadline_at or builder.clock()) <= (was["deadline_at"] or row.deadline_at or builder.clock())
        assert not (row.state in END_STATES and reminders), "an ended case reminds of nothing"
        assert (Rule.HOLD_ENDED in reminders) is (row.on_hold and row.state in OPEN_STATES)
