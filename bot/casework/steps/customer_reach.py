"""Records whether our words reach the customer (customers.md §6): that Slack refused them, and that they arrived later.

What could not be delivered is not the customer's silence: it stops the reminders of an unanswered reply, and what
arrives later starts them anew (process.md §3.8). Both are entries of the history and no steps.
"""

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import load, plan_reminders, waits
from bot.casework.steps.entries import projection_of
from bot.casework.steps.notify import MessageKind, refresh_card
from storage import audit, cases, dead_letters, outbox
from storage.audit import NewEntry
from storage.replay import difference
from storage.tables import Case, Outgoing
from storage.vocabulary import HistoryEvent, Source, Step

#: The messages that can carry words for the customer.
_VIEWS = (MessageKind.CUSTOMER, MessageKind.NOTICE, MessageKind.TASK)
#: The steps that answer the customer.
_SAID = (Step.ANSWER, Step.REPLY_CUSTOMER)


def refused(session: Session, message: Outgoing, error: str, company: CompanySettings, now: datetime) -> None:
    """Record that words for the customer were refused for good, if the message is such, and tell their writer.

    Newer words that arrived meanwhile stand for these. `error` is the reason of the refusal; `now` is aware UTC.
    """
    if message.view not in _VIEWS or message.case_id is None or dead_letters.arrived_after(session, message):
        return
    case, seq = cases.hold(session, message.case_id), _seq(message)
    if case is None or not _is_for_customer(session, case, message):
        return
    data = {"entry": seq, "view": message.view, "to": [message.target], "error": error}
    newest = max(seq, case.undelivered or 0)
    _record(session, case, HistoryEvent.NOT_DELIVERED, data, company, now, undelivered=newest)
    writer, said = cases.entry(session, message.case_id, seq).person_id, {"target": message.target, "error": error}
    outbox.put(session, MessageKind.NOT_REACHED, writer, now, case_id=message.case_id, arguments={"seq": seq, **said})


def arrived(session: Session, message: Outgoing, company: CompanySettings, now: datetime) -> None:
    """Record that words reached the customer which had been refused, or a newer answer. `now` is aware UTC."""
    if message.view not in _VIEWS or message.case_id is None:
        return
    missed = cases.undelivered(session, message.case_id)
    if missed is None or _seq(message) < missed:
        return
    case = cases.hold(session, message.case_id)
    if case is None or case.undelivered is None or not _is_for_customer(session, case, message):
        return
    if _seq(message) == missed or _step(session, message) in _SAID:
        data = {"entry": _seq(message), "view": message.view, "to": [message.target]}
        _record(session, case, HistoryEvent.DELIVERED, data, company, now, undelivered=None, reached_at=now)


def _seq(message: Outgoing) -> int:
    return int(json.loads(message.arguments)["seq"])


def _step(session: Session, message: Outgoing) -> str:
    return cases.entry(session, message.case_id or 0, _seq(message)).step


def _is_for_customer(session: Session, case: Case, message: Outgoing) -> bool:
    """Return whether the case's customer is to read this message.

    The customer of an internal case is its reporter, who gets the words directly.
    """
    if case.source is Source.CUSTOMER:
        return message.view == MessageKind.CUSTOMER
    return message.target == case.reporter_id and _step(session, message) in _SAID


def _record(
    session: Session,
    case: Case,
    event: HistoryEvent,
    data: dict[str, Any],
    company: CompanySettings,
    now: datetime,
    **columns: Any,
) -> None:
    """Change these columns of a locked case with an entry, and let reminders, waits and card follow."""
    now = audit.moment(session, load.id_of(case), now)
    before = load.case_context(session, case, company)
    earlier = projection_of(case, before)
    for name, value in columns.items():
        setattr(case, name, value)
    session.flush()
    after = load.case_context(session, case, company)
    changes = difference(earlier, projection_of(case, after))
    audit.append_events(session, [(case, NewEntry(event, audit.NOBODY, case.state, data, changes))], now)
    plan_reminders.replan(session, before, after, case, company.policy, now)
    waits.refresh(session, case, after, load.center(session, company, now), company, now)
    refresh_card(session, load.id_of(case), company, now)
