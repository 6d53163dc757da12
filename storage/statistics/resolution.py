"""The resolution of faults: times, deadlines, backlog, reopenings, tests (M7–M14).

Cases that are withdrawn or duplicates at present are left out; `apart` shows them.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, case, literal, or_, type_coerce, union_all

from storage.columns import Moment
from storage.statistics.fact import elapsed, facts
from storage.statistics.histories import CaseHistories
from storage.vocabulary import OPEN_STATES, Kind, State

#: The age bands of open faults: name, and first whole day beyond the band.
BANDS: tuple[tuple[str, int | None], ...] = (("0-3", 4), ("4-7", 8), ("8-30", 31), (">30", None))
#: The parts of M8: against the deadline in force, and against the first one.
IN_FORCE, FIRST = "in_force", "first"
_DAY = 24 * 3600
_APART = (State.WITHDRAWN, State.DUPLICATE)


def _is_counted(story: Any) -> ColumnElement[bool]:
    """Return the condition that the case of a story is neither withdrawn nor a duplicate."""
    counted: ColumnElement[bool] = story.state.not_in(_APART)
    return counted


def _faults(histories: CaseHistories) -> ColumnElement[bool]:
    return and_(histories.stories.c.kind == Kind.FAULT, _is_counted(histories.stories.c))


def time_to_resolve(histories: CaseHistories) -> Select[Any]:
    """M7: time from the report to the reply that resolved the case in the period and is still valid at its end.

    A case that is resolved, rejected or reopened, and resolved again counts once, from its report to its last reply.
    """
    story = histories.stories.c
    amount = elapsed(story.reported_at, story.resolved_then)
    return facts(story.case_id, amount=amount).where(*_resolved_in(histories, story))


def _resolved_in(histories: CaseHistories, story: Any) -> tuple[ColumnElement[bool], ...]:
    return _is_counted(story), story.resolved_then >= histories.scope.since


def on_time(histories: CaseHistories) -> Any:
    """M8: cases resolved as in M7 for which a deadline was in force then. A reply at the very deadline is on time.

    `in_force` compares with that deadline, `first` with the first one (§3.4). A later change of the deadline does not
    alter either (rule 2.4).
    """
    story = histories.judged.c
    chosen = (*_resolved_in(histories, story), story.deadline_then.is_not(None))

    def compared(part: str, deadline: ColumnElement[Any]) -> Select[Any]:
        kept = story.resolved_then <= deadline
        return facts(story.case_id, part=literal(part), counted=kept).where(*chosen, deadline.is_not(None))

    return union_all(compared(IN_FORCE, story.deadline_then), compared(FIRST, story.first_deadline_at))


def late(histories: CaseHistories) -> Select[Any]:
    """M9: the resolved cases of M8, and open unresolved ones whose deadline is before the period's end.

    Counted as late are the former if resolved after their deadline, and all of the latter. A case whose deadline lies
    ahead is in neither number, nor is an open one on a hold that stops the clock at the period's end (§3.5).
    """
    story, scope = histories.judged.c, histories.scope
    resolved = and_(story.resolved_then >= scope.since, story.deadline_then.is_not(None))
    past = and_(
        story.resolved_then.is_(None), story.state_then.in_(OPEN_STATES), story.deadline_then < literal(scope.until)
    )
    if scope.hold_stops_clock:
        past = and_(past, story.may_stop_then.is_(False))
    late = or_(story.resolved_then.is_(None), story.resolved_then > story.deadline_then)
    return facts(story.case_id, counted=late).where(_is_counted(story), or_(resolved, past))


def deadline_moved(histories: CaseHistories) -> Select[Any]:
    """M10: faults reported in the period that have a deadline; counted if it was moved. Time on hold does not count."""
    story = histories.stories.c
    return facts(story.case_id, counted=story.moved_count > 0).where(
        _faults(histories), story.reported_at >= histories.scope.since, story.deadline_at.is_not(None)
    )


def backlog(histories: CaseHistories) -> Select[Any]:
    """M11: faults not ended at the period's end, including those awaiting the customer's confirmation, by age.

    The age is in whole days from the report to the period's end: 3 days and 23 hours are 3 days.
    """
    story = histories.stories.c
    age = elapsed(story.reported_at, literal(histories.scope.until, Moment))
    bands = [(age < beyond * _DAY, name) for name, beyond in BANDS if beyond]
    band = case(*bands, else_=BANDS[-1][0])
    return facts(story.case_id, part=band, amount=age).where(_faults(histories), story.state_then.in_(OPEN_STATES))


def backlog_index(histories: CaseHistories) -> Select[Any]:
    """M12: faults closed in the period and still closed at its end, relative to faults reported in the period."""
    story, since = histories.stories.c, histories.scope.since
    closed = and_(story.state_then == State.CLOSED, story.entered_then >= since)
    arrived = story.reported_at >= since
    return facts(story.case_id, counted=closed, based=arrived).where(_faults(histories), or_(closed, arrived))


def reopened(histories: CaseHistories) -> Select[Any]:
    """M13: faults with a reply in the period, rejected or not; counted if ever rejected or reopened so far."""
    story = histories.stories.c
    replied = story.replied_at >= histories.scope.since
    return facts(story.case_id, counted=story.undone_seq.is_not(None)).where(_faults(histories), replied)


def first_pass(histories: CaseHistories) -> Select[Any]:
    """M14: faults whose first test round was in the period; counted if it passed."""
    story = histories.stories.c
    tested = story.first_tested_at >= histories.scope.since
    passed = story.first_passed_seq == story.first_tested_seq
    return facts(story.case_id, counted=passed).where(_faults(histories), tested)


def apart(histories: CaseHistories) -> Select[Any]:
    """The cases that M7–M14 leave out: withdrawn or merged in the period, and still so at present."""
    story = histories.stories.c
    ended = facts(story.case_id, part=story.state_then)
    still = story.state_then == type_coerce(story.state, Text)
    return ended.where(story.state_then.in_(_APART), still, story.entered_then >= histories.scope.since)
