"""A database with sent reminders to acknowledge, as after a busy month."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlmodel import Session

from bot.casework.imports.demo import add_demo_registers
from storage import audit, cases, posted_messages, registers
from storage.audit import NewEntry
from storage.tables import Case, Reminder
from storage.vocabulary import Channel, Kind, Place, ReminderState, Rule, Severity, Source, State, Step

#: Posts a message in Slack and returns its channel and ts.
Post: TypeAlias = Callable[[], tuple[str, str]]
#: Reminders of one case. Each has one copy in somebody's direct messages.
PER_CASE = 10


def prepare(session: Session, reminders: int, now: datetime, post: Post) -> list[dict[str, int]]:
    """Write cases with reminders that were sent and posted in Slack. Return the values of their buttons."""
    add_demo_registers(session)
    product = registers.product(session, "Billing Suite 计费账务系统").id or 0
    values = []
    for number in range(0, reminders, PER_CASE):
        case = _case(session, product, number, now)
        values += [_reminder(session, case, occurrence, now, post) for occurrence in range(1, PER_CASE + 1)]
    return values


def _case(session: Session, product: int, number: int, now: datetime) -> int:
    row = Case(
        state=State.MODIFICATION,
        entered_at=now,
        kind=Kind.FAULT,
        source=Source.INTERNAL,
        reporter_id="U0CHEN",
        reported_at=now - timedelta(hours=2),
        product_id=product,
        summary=f"Fault {number}",
        description="…",
        found_at=now,
        channel=Channel.PHONE,
        severity=Severity.VERY_SEVERE,
        deadline_at=now + timedelta(hours=2),
        report_published=True,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    audit.append(session, row, NewEntry(Step.REPORT, "U0CHEN", None, {}, {}), now)
    for place, person in ((Place.TESTERS, "U0LIN"), (Place.TECHNICIANS, "U0WU"), (Place.MODIFIER, "U0ZHAO")):
        cases.change_place(session, row.id, place, frozenset(), {person})
    return row.id


def _reminder(session: Session, case_id: int, occurrence: int, now: datetime, post: Post) -> dict[str, int]:
    row = Reminder(
        case_id=case_id,
        rule=Rule.DEADLINE_SHARE,
        occurrence=occurrence,
        share=50,
        due_at=now,
        state=ReminderState.SENT,
        sent_at=now,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    session.add(
        Reminder(
            case_id=case_id,
            rule=Rule.UNACKNOWLEDGED,
            occurrence=occurrence,
            due_at=now + timedelta(days=1),
            about_id=row.id,
        )
    )
    arguments = f'{{"reminder": {row.id}, "missed": [], "late": false}}'
    posted_messages.remember(session, case_id, "reminder", *post(), person="U0WU", about=row.id, arguments=arguments)
    return {"case": case_id, "version": 1, "reminder": row.id}
