"""Records whether our words reach the customer (customers.md §6): that Slack refused them, and that they arrived later.

What was not delivered is not the customer's silence: it stops the reminders of an unanswered reply, and what arrives
later starts them anew (process.md §3.8). Both are entries of the history and no steps.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import load, plan_reminders, waits
from bot.casework.steps.customer_words import ANSWERS, VIEWS, is_for_customer, is_receipt
from bot.casework.steps.entries import projection_of
from bot.casework.steps.notify import MessageKind, refresh_card
from bot.workflow.deadlines import WAITING_RULES
from storage import audit, cases, dead_letters, outbox
from storage.audit import NewEntry
from storage.replay import difference
from storage.tables import Case, Outgoing
from storage.vocabulary import HistoryEvent, Rule

#: An answer that took longer to arrive is late. The wait for the customer is counted in days, so that less is nothing.
_LATE_AFTER = timedelta(minutes=1)


def refused(session: Session, message: Outgoing, to: str, error: str, company: CompanySettings, now: datetime) -> None:
    """Record that words for the customer were refused for good, if the message is such, and tell their writer.

    Newer words that arrived meanwhile stand for these. `to` is the channel or person that was tried, `error` the reason
    of the refusal; `now` is aware UTC.
    """
    if message.view not in VIEWS or message.case_id is None or dead_letters.arrived_after(session, message):
        return
    case, seq = cases.hold(session, message.case_id), _seq(message)
    if case is None or not _is_for_customer(session, case, message):
        return
    data = {"entry": seq, "view": message.view, "to": [to], "error": error}
    newest = max(seq, case.undelivered or 0)
    _record(session, case, HistoryEvent.NOT_DELIVERED, data, company, now, undelivered=newest)
    writer, said = cases.entry(session, message.case_id, seq).person_id, {"target": to, "error": error}
    outbox.put(session, MessageKind.NOT_REACHED, writer, now, case_id=message.case_id, arguments={"seq": seq, **said})


def arrived(session: Session, message: Outgoing, company: CompanySettings, now: datetime) -> None:
    """Record that words reached the customer late, or after they or earlier ones had been refused.

    From then on the customer is waited for. `now` is aware UTC.
    """
    if message.view not in VIEWS or message.case_id is None or is_receipt(message):
        return
    if cases.undelivered(session, message.case_id) is None and now - message.created_at <= _LATE_AFTER:
        return
    case = cases.hold(session, message.case_id)
    if case is not None and _is_for_customer(session, case, message) and _begins_the_wait(session, case, message):
        data = {"entry": _seq(message), "view": message.view, "to": [message.target]}
        _record(session, case, HistoryEvent.DELIVERED, data, company, now, undelivered=None, reached_at=now)


def _begins_the_wait(session: Session, case: Case, message: Outgoing) -> bool:
    """Return whether the customer can answer only now: they have what was refused, or an answer that came late."""
    missed, is_answer = case.undelivered, _step(session, message) in ANSWERS
    if missed is None:
        return is_answer and WAITING_RULES.get(case.state) is Rule.UNANSWERED
    return _seq(message) == missed or (is_answer and _seq(message) > missed)


def _seq(message: Outgoing) -> int:
    return int(json.loads(message.arguments)["seq"])


def _step(session: Session, message: Outgoing) -> str:
    return cases.entry(session, message.case_id or 0, _seq(message)).step


def _is_for_customer(session: Session, case: Case, message: Outgoing) -> bool:
    return is_for_customer(case, message, _step(session, message))


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
