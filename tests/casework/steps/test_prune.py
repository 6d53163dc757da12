"""Pruning deletes what ended cases no longer need; everything that somebody can still see, do or prove stays."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlmodel import col, select

from bot.casework.steps.acknowledge import acknowledge
from bot.casework.steps.notify import MessageKind
from bot.casework.steps.prune import prune
from bot.workflow.refusal import Refused
from storage import posted_messages, pruning, reminders
from storage.as_of import session_at
from storage.tables import AuditEntry, Outgoing, Posted, Reminder
from storage.vocabulary import HistoryEvent, OutboxState, ReminderState, Rule, State, Step
from tests.casework.records.test_as_of import stored
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import CHEN, DESK, HUANG, LIN, WU
from tests.support.verified import found_in

KEPT = timedelta(days=30)


def deliver(builder: CaseBuilder) -> None:
    """Send everything that waits, as far as the database shows it."""
    edited = (MessageKind.CARD, MessageKind.TASK, MessageKind.REMINDER, MessageKind.DISCUSSION)
    with builder.database.write() as session:
        for row in session.exec(select(Outgoing).where(Outgoing.state == OutboxState.WAITING)):
            row.state, row.due_at = OutboxState.SENT, builder.clock()
            about = json.loads(row.arguments).get("reminder")
            if row.view in edited and row.case_id:
                person = row.target if row.target != DESK else None
                posted_messages.remember(session, row.case_id, row.view, "C1", str(row.id), person=person, about=about)


def pruned(builder: CaseBuilder) -> int:
    """Prune everything that may be pruned now; return the number of cases."""
    before, cases = builder.clock() - KEPT, 0
    with builder.database.write() as session:
        while pruning.delete_messages(session, before, 7):
            pass
        while found := prune(session, before, builder.clock()):
            cases += found
    return cases


_Row = TypeVar("_Row", AuditEntry, Outgoing, Posted, Reminder)


def rows(builder: CaseBuilder, table: type[_Row], case: int) -> list[_Row]:
    with builder.database.read() as session:
        return list(session.exec(select(table).where(table.case_id == case)))


def past(builder: CaseBuilder, clock: ManualClock) -> None:
    """Let the time pass in which everything is kept. Another case is reported, whose reminder is the newest."""
    builder.report()
    clock.advance(KEPT + timedelta(hours=1))


def reminded_and_closed(builder: CaseBuilder, clock: ManualClock) -> int:
    """A very severe fault that was reminded of, acknowledged, overdue and closed."""
    case = builder.fault()
    clock.move(hours=5)
    builder.sweep()
    (first,) = (row.id for row in rows(builder, Reminder, case) if row.state is ReminderState.SENT and row.share == 50)
    with builder.database.write() as session:
        acknowledge(session, first or 0, WU, builder.company, clock.now())
    clock.move(hours=8)
    builder.sweep()
    builder.onward(case, State.CLOSED)
    deliver(builder)
    return case


def test_of_a_case_that_ended_long_ago_only_the_history_and_the_card_stay(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    case, ongoing = reminded_and_closed(builder, clock), builder.fault()
    deliver(builder)
    clock.advance(KEPT - timedelta(hours=1))
    assert pruned(builder) == 0
    entries = len(rows(builder, AuditEntry, case))
    clock.move(hours=2)
    assert pruned(builder) == 1
    assert not rows(builder, Reminder, case)
    assert not rows(builder, Outgoing, case)
    assert [row.view for row in rows(builder, Posted, case)] == [MessageKind.CARD]
    assert len(rows(builder, AuditEntry, case)) == entries + 1, "the pruning itself is an entry"
    assert rows(builder, Reminder, ongoing)
    assert {row.view for row in rows(builder, Posted, ongoing)} > {MessageKind.CARD}
    assert found_in(builder.database) == []
    assert pruned(builder) == 0


def test_what_is_posted_of_a_case_without_reminders_goes_too(builder: CaseBuilder, clock: ManualClock) -> None:
    """A task that was sent after the reminders were pruned, for example because Slack was away until then."""
    case = reminded_and_closed(builder, clock)
    past(builder, clock)
    assert pruned(builder) == 1
    entries = len(rows(builder, AuditEntry, case))
    with builder.database.write() as session:
        posted_messages.remember(session, case, MessageKind.TASK, "C1", "1.5", person=LIN)
    assert pruned(builder) == 1
    assert [row.view for row in rows(builder, Posted, case)] == [MessageKind.CARD]
    assert len(rows(builder, AuditEntry, case)) == entries, "the history names the reminders that are gone"
    assert found_in(builder.database) == []
    assert pruned(builder) == 0


def test_a_reopened_case_counts_its_reminders_on(builder: CaseBuilder, clock: ManualClock) -> None:
    """As after the company allowed reopening for longer than before."""
    case, last = reminded_and_closed(builder, clock), dict[Rule, int]()
    builder.company = replace(builder.company, policy=replace(builder.company.policy, reopen_within=3 * KEPT))
    for _ in range(2):
        for row in rows(builder, Reminder, case):
            assert row.occurrence not in range(1, last.get(row.rule, 0) + 1), row.rule
        last |= {
            row.rule: row.occurrence for row in sorted(rows(builder, Reminder, case), key=lambda row: row.occurrence)
        }
        past(builder, clock)
        assert pruned(builder) == 1
        builder.take(Step.REOPEN, CHEN, case, reason="It exits again")
        builder.usual(Step.PUBLISH_ANALYSIS, case)
        clock.move(hours=12)
        assert builder.sweep()
        builder.onward(case, State.CLOSED)
        deliver(builder)
    assert last[Rule.DEADLINE_SHARE] == 6
    assert found_in(builder.database) == []


def test_a_rule_that_a_later_pruning_does_not_name_counts_on_too(builder: CaseBuilder, clock: ManualClock) -> None:
    case, last = reminded_and_closed(builder, clock), dict[Rule, int]()
    for row in rows(builder, Reminder, case):
        last[row.rule] = max(row.occurrence, last.get(row.rule, 0))
    past(builder, clock)
    assert pruned(builder) == 1
    for rule in last:
        with builder.database.write() as session:
            reminders.plan_all(session, [reminders.NextOccurrence(case, rule, clock.now())] * 2)
        assert max(row.occurrence for row in rows(builder, Reminder, case) if row.rule is rule) == last[rule] + 2
        with builder.database.write() as session:
            reminders.stop(session, case, last)
        past(builder, clock)
        assert pruned(builder) >= 1


def test_an_earlier_moment_is_as_it_was(builder: CaseBuilder, clock: ManualClock) -> None:
    case = reminded_and_closed(builder, clock)
    builder.report()
    moment = clock.now()
    with builder.database.read() as session:
        picture = stored(session)
    clock.advance(KEPT + timedelta(hours=1))
    assert pruned(builder) == 1
    assert not rows(builder, Reminder, case)
    with builder.database.read() as session, session_at(session, moment) as then:
        assert stored(then) == picture


def test_what_may_come_back_or_be_sent_keeps_everything(builder: CaseBuilder, clock: ManualClock) -> None:
    master, dead, duplicate = builder.fault(), builder.report(), builder.report()
    builder.take(Step.MERGE_DUPLICATE, CHEN, duplicate, master=str(master), reason="The same cause")
    builder.take(Step.WITHDRAW, CHEN, dead, reason="No fault")
    with builder.database.write() as session:
        row = session.exec(select(Outgoing).where(Outgoing.case_id == dead).order_by(col(Outgoing.id).desc())).first()
        assert row is not None
        row.state, row.due_at = OutboxState.DEAD, clock.now()
    deliver(builder)
    past(builder, clock)
    assert pruned(builder) == 0
    assert [row.state for row in rows(builder, Outgoing, dead)] == [OutboxState.DEAD]
    builder.onward(master, State.CLOSED)
    deliver(builder)
    past(builder, clock)
    assert pruned(builder) == 2, "master and duplicate, but not what a dead letter is about"
    assert rows(builder, Reminder, dead)
    builder.take(Step.UNDO_MERGE, HUANG, duplicate, reason="Another cause")
    (planned,) = rows(builder, Reminder, duplicate)
    assert (planned.rule, planned.occurrence) == (Rule.UNTRIAGED, 2)
    assert found_in(builder.database) == []


def test_the_newest_reminder_stays_so_that_no_button_ever_means_another_one(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    """SQLite would give its id to the next reminder."""
    case = reminded_and_closed(builder, clock)
    clock.advance(2 * KEPT)
    assert pruned(builder) == 0
    ids = {row.id for row in rows(builder, Reminder, case)}
    past(builder, clock)
    assert pruned(builder) == 1
    assert ids.isdisjoint(row.id for row in rows(builder, Reminder, builder.report()))


def test_the_button_of_a_reminder_that_is_gone_is_refused(builder: CaseBuilder, clock: ManualClock) -> None:
    case = reminded_and_closed(builder, clock)
    (gone, *_more) = rows(builder, Reminder, case)
    past(builder, clock)
    pruned(builder)
    with pytest.raises(Refused), builder.database.write() as session:
        acknowledge(session, gone.id or 0, WU, builder.company, clock.now())


def test_the_entry_of_the_pruning_is_no_step(builder: CaseBuilder, clock: ManualClock) -> None:
    case = reminded_and_closed(builder, clock)
    version = builder.card(case).version
    past(builder, clock)
    pruned(builder)
    assert builder.card(case).version == version
    assert max(rows(builder, AuditEntry, case), key=lambda entry: entry.seq).step == HistoryEvent.PRUNED
    builder.take(Step.COMMENT, LIN, case, text="Thank you")
    assert found_in(builder.database) == []
