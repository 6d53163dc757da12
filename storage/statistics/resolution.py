"""How faults are resolved: times, deadlines, backlog, reopenings, tests (M7–M14).

Cases that stand as withdrawn or duplicate are left out here; `apart` shows them.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, case, literal, or_, type_coerce, union_all

from storage.columns import Moment
from storage.statistics.fact import elapsed, facts
from storage.statistics.ledger import Ledger
from storage.vocabulary import OPEN_STATES, Kind, State

#: Ages of open faults in whole days: each band's name and the first day beyond it.
BANDS: tuple[tuple[str, int | None], ...] = (("0-3", 4), ("4-7", 8), ("8-30", 31), (">30", None))
#: The parts of M8.
IN_FORCE, FIRST = "in_force", "first"
_DAY = 24 * 3600
_APART = (State.WITHDRAWN, State.DUPLICATE)


def _not_apart(ledger: Ledger) -> ColumnElement[bool]:
    """Neither withdrawn nor a duplicate."""
    return ledger.stories.c.state.not_in(_APART)


def _faults(ledger: Ledger) -> ColumnElement[bool]:
    return and_(ledger.stories.c.kind == Kind.FAULT, _not_apart(ledger))


def time_to_resolve(ledger: Ledger) -> Select[Any]:
    """M7: from the report to the reply that resolved the case in the period and still stands at its end.

    A case resolved, rejected or reopened, and resolved again counts once, from its report to its last reply.
    """
    story = ledger.stories.c
    amount = elapsed(story.reported_at, story.resolved_then)
    return facts(story.case_id, amount=amount).where(_resolved(ledger))


def _resolved(ledger: Ledger) -> ColumnElement[bool]:
    return and_(_not_apart(ledger), ledger.stories.c.resolved_then >= ledger.scope.since)


def on_time(ledger: Ledger) -> Any:
    """M8: cases resolved as in M7 that have a deadline; on time at the deadline's own moment.

    `in_force`: against the deadline in force; `first`: against the first one (§3.4).
    """
    story = ledger.stories.c

    def judged(part: str, deadline: ColumnElement[Any]) -> Select[Any]:
        kept = story.resolved_then <= deadline
        return facts(story.case_id, part=literal(part), counted=kept).where(_resolved(ledger), deadline.is_not(None))

    return union_all(judged(IN_FORCE, story.deadline_at), judged(FIRST, story.first_deadline_at))


def late(ledger: Ledger) -> Select[Any]:
    """M9: the resolved of M8, and those neither ended nor resolved whose deadline lies before the period's end.

    Late are the resolved past their deadline, and all of the latter. A deadline yet to come is in neither number.
    """
    story, scope = ledger.stories.c, ledger.scope
    resolved = and_(story.resolved_then >= scope.since, story.deadline_at.is_not(None))
    past = and_(
        story.resolved_then.is_(None), story.state_then.in_(OPEN_STATES), story.deadline_at < literal(scope.until)
    )
    late = or_(story.resolved_then.is_(None), story.resolved_then > story.deadline_at)
    return facts(story.case_id, counted=late).where(_not_apart(ledger), or_(resolved, past))


def deadline_moved(ledger: Ledger) -> Select[Any]:
    """M10: faults reported in the period that have a deadline; counted if it was moved. Time on hold moves none."""
    story = ledger.stories.c
    return facts(story.case_id, counted=story.moved_count > 0).where(
        _faults(ledger), story.reported_at >= ledger.scope.since, story.deadline_at.is_not(None)
    )


def backlog(ledger: Ledger) -> Select[Any]:
    """M11: faults not ended at the period's end (so also those awaiting the customer's confirmation), by age.

    The age is whole days from the report to the period's end: 3 days and 23 hours are 3 days.
    """
    story = ledger.stories.c
    age = elapsed(story.reported_at, literal(ledger.scope.until, Moment))
    bands = [(age < beyond * _DAY, name) for name, beyond in BANDS if beyond]
    band = case(*bands, else_=BANDS[-1][0])
    return facts(story.case_id, part=band, amount=age).where(_faults(ledger), story.state_then.in_(OPEN_STATES))


def backlog_index(ledger: Ledger) -> Select[Any]:
    """M12: faults closed in the period and still closed at its end, to faults reported in the period."""
    story, since = ledger.stories.c, ledger.scope.since
    closed = and_(story.state_then == State.CLOSED, story.entered_then >= since)
    arrived = story.reported_at >= since
    return facts(story.case_id, counted=closed, based=arrived).where(_faults(ledger), or_(closed, arrived))


def reopened(ledger: Ledger) -> Select[Any]:
    """M13: faults with a reply in the period, whether or not it stands; counted if ever rejected or reopened so far."""
    story = ledger.stories.c
    replied = story.replied_at >= ledger.scope.since
    return facts(story.case_id, counted=story.undone_seq.is_not(None)).where(_faults(ledger), replied)


def first_pass(ledger: Ledger) -> Select[Any]:
    """M14: faults whose test round 1 was in the period; counted if it passed."""
    story = ledger.stories.c
    tested = story.first_tested_at >= ledger.scope.since
    passed = story.first_passed_seq == story.first_tested_seq
    return facts(story.case_id, counted=passed).where(_faults(ledger), tested)


def apart(ledger: Ledger) -> Select[Any]:
    """What M7–M14 leave out: cases that were withdrawn or merged in the period and still are."""
    story = ledger.stories.c
    ended = facts(story.case_id, part=story.state_then)
    still = story.state_then == type_coerce(story.state, Text)
    return ended.where(story.state_then.in_(_APART), still, story.entered_then >= ledger.scope.since)
