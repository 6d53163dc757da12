"""The histories of cases for one scope: every move with its duration, and one row of key events per case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, case, false, func, or_, select

from storage import historic_faults
from storage.dialects import listed, number
from storage.tables import METADATA
from storage.vocabulary import State, Step

CASES, ENTRIES = METADATA.tables["cases"].c, METADATA.tables["audit_entries"].c
_CHANGES = METADATA.tables["deadline_changes"].c
#: The steps whose form asks for the hours spent, and those that may carry the customer's score.
_WITH_EFFORT = (Step.ANSWER, Step.PUBLISH_ANALYSIS, Step.SUBMIT_MODIFICATION, Step.PASS_TEST, Step.FAIL_TEST)
_WITH_SCORE = (Step.RECORD_VERDICT, Step.CONFIRM_FIX)
_TESTS = (Step.PASS_TEST, Step.FAIL_TEST)
_ANSWERING = (State.ANSWERING, State.ANSWER_CONFIRMING)


@dataclass(frozen=True, slots=True)
class Scope:
    """The period [since, until) in aware UTC, optionally limited to one customer or one product.

    `until` is not after the present moment, so a stay that still lasts counts up to it. With `hold_stops_clock`, a hold
    stops the clock of deadlines (process.md §3.5).
    """

    since: datetime
    until: datetime
    customer: int | None = None
    product: int | None = None
    hold_stops_clock: bool = False

    def of(self, columns: Any) -> list[ColumnElement[bool]]:
        """Return the conditions that rows with these columns belong to the customer and the product."""
        wanted = {"customer_id": self.customer, "product_id": self.product}
        return [columns[name] == value for name, value in wanted.items() if value is not None]


class CaseHistories:
    """The source of the measures of one scope for these cases, as parts of one statement.

    `cases` are their ids, or the parameter that stands for them (`storage.dialects.listed`).
    """

    def __init__(self, scope: Scope, cases: Sequence[int] | ColumnElement[str]) -> None:
        self.scope = scope
        self._cases = cases

    def _taken(self) -> Select[Any]:
        """Select the entries that moved a case before the period's end, with the hours and scores within the period."""
        in_period = ENTRIES.at >= self.scope.since
        moved = or_(ENTRIES.from_state.is_(None), ENTRIES.from_state != ENTRIES.to_state)
        return (
            select(
                *(ENTRIES.case_id, ENTRIES.seq, ENTRIES.at, ENTRIES.step, ENTRIES.from_state, ENTRIES.to_state),
                _when(in_period & ENTRIES.step.in_(_WITH_EFFORT), number(ENTRIES.data, "effort_hours")).label("hours"),
                _when(in_period & ENTRIES.step.in_(_WITH_SCORE), number(ENTRIES.data, "score")).label("score"),
            )
            .where(ENTRIES.case_id.in_(listed(self._cases)))
            .where(ENTRIES.at < self.scope.until, moved)
        )

    @cached_property
    def moves(self) -> CTE:
        """Each move, with `left_at`: when the case left the state it moved to; NULL if still there at the end."""
        taken = self._taken().subquery("taken").c
        left_at = func.lead(taken.at).over(partition_by=taken.case_id, order_by=taken.seq)
        return select(*taken, left_at.label("left_at")).cte("moves")

    @cached_property
    def imported(self) -> CTE:
        """Each imported case that did not move by the period's end, with the time of its report."""
        imported = select(ENTRIES.case_id, CASES.reported_at).join(CASES.id.table, ENTRIES.case_id == CASES.id)
        unmoved = ENTRIES.case_id.not_in(select(self.moves.c.case_id))
        conditions = (ENTRIES.case_id.in_(listed(self._cases)), *historic_faults.ENTRY, unmoved)
        return imported.where(*conditions).cte("imported")

    @cached_property
    def stories(self) -> CTE:
        """Each case in its present state, with the key events of its history up to the period's end.

        `state_then`, `entered_then`: its state at the period's end, and since when;
        `resolved_then`: when it was resolved, unless the fix was rejected or the case reopened since;
        `replied_at`: the last reply to the customer, rejected or not.
        """
        events = self._key_events().subquery("events").c
        stands = events.replied_seq > func.coalesce(events.undone_seq, 0)
        columns = ("kind", "state", "reported_at", "deadline_at", "first_deadline_at", "moved_count", "module")
        return (
            select(
                *events,
                *(CASES[name] for name in (*columns, "product_id")),
                _when(stands, events.replied_at).label("resolved_then"),
            )
            .join(CASES.id.table, events.case_id == CASES.id)
            .cte("stories")
        )

    @cached_property
    def judged(self) -> CTE:
        """Each story, with what its case is judged by.

        `deadline_then`: the deadline that was in force when the case was resolved, or at the period's end if it was
        not; `may_stop_then`: at the period's end the case was on a hold that may stop the clock.
        """
        story = self.stories.c
        resolved = story.resolved_then.is_not(None)
        ended = _CHANGES.at < self.scope.until
        at_end, may_stop = (_of_change(column, story, ended) for column in (_CHANGES.deadline_at, _CHANGES.may_stop))
        when_resolved = _of_change(_CHANGES.deadline_at, story, _CHANGES.seq <= story.replied_seq)
        deadline = case((resolved, when_resolved), else_=at_end).label("deadline_then")
        stopped = case((resolved, false()), else_=func.coalesce(may_stop, false())).label("may_stop_then")
        return select(*story, deadline, stopped).cte("judged")

    def _key_events(self) -> Select[Any]:
        """Select one row of key events per case from its moves."""
        moves = self.moves.c
        last = moves.left_at.is_(None)
        satisfied = and_(moves.step == Step.RECORD_VERDICT, moves.to_state == State.CLOSED)
        triage, reply = moves.step == Step.TRIAGE, moves.step == Step.REPLY_CUSTOMER
        response = moves.step.in_((Step.ANSWER, Step.REPLY_CUSTOMER))
        test = moves.step.in_(_TESTS)
        undone = moves.step.in_((Step.REJECT_FIX, Step.REOPEN))
        misjudged = moves.step.in_((Step.RECLASSIFY, Step.REJECT_SHEET))
        unanswered = and_(moves.step == Step.RECLASSIFY, moves.from_state.in_(_ANSWERING))
        return select(
            moves.case_id,
            func.max(_when(last, moves.to_state)).label("state_then"),
            func.max(_when(last, moves.at)).label("entered_then"),
            func.min(_when(triage, moves.at)).label("first_triaged_at"),
            func.max(_when(triage, moves.at)).label("last_triaged_at"),
            func.min(_when(response, moves.at)).label("responded_at"),
            func.min(_when(test, moves.at)).label("first_tested_at"),
            func.min(_when(test, moves.seq)).label("first_tested_seq"),
            func.min(_when(moves.step == Step.PASS_TEST, moves.seq)).label("first_passed_seq"),
            func.max(_when(reply, moves.at)).label("replied_at"),
            func.max(_when(reply, moves.seq)).label("replied_seq"),
            func.max(_when(undone, moves.seq)).label("undone_seq"),
            func.count(_when(misjudged, 1)).label("misjudged"),
            func.count(_when(moves.step == Step.ANSWER, 1)).label("answers"),
            func.min(_when(satisfied, moves.seq)).label("satisfied_seq"),
            func.count(_when(unanswered, 1)).label("unanswered"),
        ).group_by(moves.case_id)


def before(of: Any, step: Step, value: Callable[[ColumnElement[Any]], Any]) -> ColumnElement[Any]:
    """Return `value` of the times at which the same case took `step` before `of` (which has `case_id` and `seq`).

    A subquery by the index of the history serves the few moves that need it; window functions over all moves cost
    more.
    """
    earlier = METADATA.tables["audit_entries"].alias().c
    found = select(value(earlier.at)).where(earlier.case_id == of.case_id, earlier.seq < of.seq, earlier.step == step)
    return found.scalar_subquery()


def _of_change(column: ColumnElement[Any], story: Any, *chosen: ColumnElement[bool]) -> ColumnElement[Any]:
    """Return a column of the last chosen change of the deadline of the story's case."""
    found = select(column).where(_CHANGES.case_id == story.case_id, *chosen)
    return found.order_by(_CHANGES.seq.desc()).limit(1).scalar_subquery()


def _when(condition: ColumnElement[bool], value: Any) -> ColumnElement[Any]:
    """Return the value where the condition holds, else NULL."""
    return case((condition, value))
