"""Queries about reminders: planned, found when due, sent, stopped."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BindParameter, ColumnElement, String, Text, bindparam, cast, func, insert, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, and_, col, or_, select

from storage.core_reads import read
from storage.dialects import as_list, listed, whole_number
from storage.tables import METADATA, AuditEntry, Case, Reminder
from storage.vocabulary import HistoryEvent, ReminderState, Rule

_TABLE = METADATA.tables[Reminder.__tablename__]
#: Cast, because PostgreSQL would infer two different text types from the two uses in `_PLAN`.
_RULE = cast(bindparam("rule"), String)
_OF_CASE: BindParameter[int] = bindparam("case_id")
#: The last occurrence of a rule whose rows were deleted.
_LAST_PRUNED = (
    select(func.max(whole_number(AuditEntry.data, _RULE)))
    .where(AuditEntry.case_id == _OF_CASE, AuditEntry.step == HistoryEvent.PRUNED)
    .scalar_subquery()
)
#: Counts on from the rows of the rule; where there are none, from those that were deleted.
_NEXT_OCCURRENCE = select(func.coalesce(func.max(Reminder.occurrence), _LAST_PRUNED, 0) + 1).where(
    Reminder.case_id == _OF_CASE, Reminder.rule == _RULE
)


class NextOccurrence(NamedTuple):
    """The next occurrence of a rule, due `due_at` (aware UTC), at this share of a deadline or about this reminder."""

    case_id: int
    rule: Rule
    due_at: datetime
    about_id: int | None = None
    share: int | None = None


_PLAN = insert(_TABLE).values(
    occurrence=_NEXT_OCCURRENCE.scalar_subquery(),
    **{name: bindparam(name) for name in NextOccurrence._fields} | {"rule": _RULE},
    state=ReminderState.WAITING,
)


def plan_all(session: Session, occurrences: Iterable[NextOccurrence]) -> None:
    """Add these reminders, each as the next occurrence of its rule."""
    if rows := [occurrence._asdict() for occurrence in occurrences]:
        session.connection().execute(_PLAN, rows)


_SEND = (
    update(_TABLE)
    .where(_TABLE.c.id.in_(listed(bindparam("ids", type_=Text))))
    .values(state=ReminderState.SENT, sent_at=bindparam("now"))
)


def mark_sent(session: Session, rows: Sequence[Reminder], now: datetime) -> None:
    """Mark these stored reminders as sent at `now` (aware UTC), all with one statement."""
    session.connection().execute(_SEND, {"ids": as_list(row.id for row in rows), "now": now})
    for row in rows:
        set_committed_value(row, "state", ReminderState.SENT)
        set_committed_value(row, "sent_at", now)


_STOP = (
    update(_TABLE)
    .where(
        _TABLE.c.case_id == bindparam("case"),
        _TABLE.c.rule.in_(bindparam("rules", expanding=True)),
        _TABLE.c.state == ReminderState.WAITING,
    )
    .values(state=ReminderState.STOPPED)
)


def stop(session: Session, case_id: int, rules: Iterable[Rule]) -> None:
    """Stop the waiting reminders of these rules."""
    session.connection().execute(_STOP, {"case": case_id, "rules": list(rules)})


def due(session: Session, now: datetime, limit: int, excluding: Collection[int] = ()) -> list[Reminder]:
    """Return due reminders, the oldest first, except those with ids in `excluding`; they are locked with their cases.

    No two sweeps get the same reminders. A case that is being changed is left to the next sweep, so nobody waits.
    """
    return list(
        session.exec(
            select(Reminder)
            .join(Case)
            .where(*_due(now, excluding))
            .order_by(col(Reminder.due_at), col(Reminder.id))
            .limit(limit)
            .with_for_update(skip_locked=True, key_share=True)
        )
    )


#: Two clocks that are right within their tolerance differ by less; what was sent earlier was sent by a wrong clock.
TOO_EARLY = timedelta(minutes=2)


def cases_with_early(session: Session, now: datetime, limit: int) -> list[int]:
    """Return cases of which a reminder was sent that is due after `now`. Cheap when there is none."""
    return list(session.exec(select(Reminder.case_id).where(*_sent_early(now)).distinct().limit(limit)))


def sent_early(session: Session, case_ids: Iterable[int], now: datetime) -> list[Reminder]:
    """Return all reminders of these cases that were sent although they are due after `now`, the soonest first.

    They are locked with their cases. A case that is being changed is left out.
    """
    query = select(Reminder).join(Case).where(*_sent_early(now), col(Reminder.case_id).in_(listed(case_ids)))
    query = query.order_by(col(Reminder.due_at), col(Reminder.id))
    return list(session.exec(query.with_for_update(skip_locked=True, key_share=True)))


def _sent_early(now: datetime) -> tuple[ColumnElement[bool], ...]:
    known = col(Reminder.rule).in_(list(Rule))  # a newer version may have planned others
    return col(Reminder.state) == ReminderState.SENT, col(Reminder.due_at) > now + TOO_EARLY, known


def stop_escalations(session: Session, about: Iterable[int]) -> None:
    """Stop the waiting reminders about these reminders."""
    session.exec(
        update(Reminder)
        .where(col(Reminder.about_id).in_(listed(about)), col(Reminder.state) == ReminderState.WAITING)
        .values(state=ReminderState.STOPPED)
        .execution_options(synchronize_session=False)
    )


_SENT_SINCE = select(func.count(func.distinct(Reminder.sent_at))).where(
    Reminder.case_id == bindparam("case"),
    Reminder.rule == bindparam("of_rule"),
    Reminder.state == ReminderState.SENT,
    col(Reminder.sent_at) >= bindparam("moment"),
)


def sent_since(session: Session, case_id: int, rule: Rule, moment: datetime) -> int:
    """Return how many messages of a rule were sent since `moment`. Occurrences missed in a downtime count as one."""
    return session.exec(_SENT_SINCE, params={"case": case_id, "of_rule": rule, "moment": moment}).one()


_TIMES_SENT = (
    select(Reminder.case_id, Reminder.rule, func.count(func.distinct(Reminder.sent_at)))
    .join(Case)
    .where(
        col(Reminder.case_id).in_(listed(bindparam("cases", type_=Text))),
        Reminder.state == ReminderState.SENT,
        col(Reminder.sent_at) >= col(Case.entered_at),
    )
    .group_by(col(Reminder.case_id), col(Reminder.rule))
)


def times_sent(session: Session, case_ids: Iterable[int]) -> Counter[tuple[int, Rule]]:
    """Return how many messages of each rule were sent since the present state of each of these cases began.

    Occurrences missed in a downtime count as one.
    """
    found = session.connection().execute(_TIMES_SENT, {"cases": as_list(case_ids)})
    return Counter({(case_id, Rule(rule)): number for case_id, rule, number in found})


_LAST_PLANNED = (
    select(Reminder.due_at)
    .where(Reminder.case_id == bindparam("case"), Reminder.rule == bindparam("of_rule"))
    .order_by(col(Reminder.occurrence).desc())
    .limit(1)
)


def last_planned(session: Session, case_id: int, rule: Rule) -> datetime | None:
    """Return when the newest reminder of a rule is or was due, in whatever state it is; None if there is none."""
    return session.exec(_LAST_PLANNED, params={"case": case_id, "of_rule": rule}).first()


def last_stopped(session: Session, case_id: int, rule: Rule, number: int, moment: datetime) -> list[datetime]:
    """Return when the newest stopped reminders of a rule would have been due, if after `moment`; at most `number`."""
    query = select(Reminder.due_at).where(Reminder.case_id == case_id, Reminder.rule == rule)
    query = query.where(Reminder.state == ReminderState.STOPPED, Reminder.due_at >= moment)
    return sorted(session.exec(query.order_by(col(Reminder.occurrence).desc()).limit(number)))


_FIRST_OF = select(func.min(func.coalesce(Reminder.first_due_at, Reminder.due_at))).where(
    Reminder.case_id == bindparam("case"),
    Reminder.rule == bindparam("of_rule"),
    or_(
        col(Reminder.state) == ReminderState.WAITING,
        and_(col(Reminder.state) == ReminderState.SENT, col(Reminder.sent_at) >= bindparam("moment")),
    ),
)


def first_of(session: Session, case_id: int, rule: Rule, moment: datetime) -> datetime | None:
    """Return when the first reminder of a rule since `moment` is or was due; None if none is planned."""
    found: datetime | None = read(session, _FIRST_OF, case=case_id, of_rule=rule, moment=moment).scalar_one()
    return found


def next_due(session: Session) -> datetime | None:
    """Return when the next reminder is due; None if none is waiting."""
    return session.exec(select(func.min(Reminder.due_at)).where(Reminder.state == ReminderState.WAITING)).one()


def anything_due(session: Session, now: datetime, excluding: Collection[int] = ()) -> bool:
    """Return whether any reminder is due, except those in `excluding`. Cheap when none is."""
    return first_due(session, now, excluding) is not None


def first_due(session: Session, now: datetime, excluding: Collection[int] = ()) -> Reminder | None:
    """Return the reminder that is sent next; None if none is due, except those in `excluding`."""
    query = select(Reminder).where(*_due(now, excluding)).order_by(col(Reminder.due_at), col(Reminder.id)).limit(1)
    return session.exec(query).first()


def _due(now: datetime, excluding: Collection[int]) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions: due, and of a rule that this version knows, because a newer one may have planned others."""
    yield col(Reminder.state) == ReminderState.WAITING
    yield col(Reminder.due_at) <= now
    yield col(Reminder.rule).in_(list(Rule))
    if excluding:
        yield col(Reminder.id).not_in(listed(excluding))


_WAS_SENT = (
    select(Reminder.id)
    .where(
        Reminder.case_id == bindparam("case"),
        Reminder.rule == bindparam("of_rule"),
        Reminder.share == bindparam("of_share"),
        Reminder.due_at == bindparam("moment"),
        Reminder.state == ReminderState.SENT,
    )
    .limit(1)
)


def was_sent(session: Session, case_id: int, rule: Rule, share: int, due_at: datetime) -> bool:
    """Return whether this share of a deadline, due at this moment, was sent."""
    asked = {"case": case_id, "of_rule": rule, "of_share": share, "moment": due_at}
    return session.exec(_WAS_SENT, params=asked).first() is not None
