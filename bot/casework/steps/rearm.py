"""Arms reminders again that a clock which was ahead has sent too early (process.md §3.7)."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import load, waits
from bot.casework.steps.plan_reminders import ahead
from bot.casework.steps.reminder_entries import record_rearmed
from bot.workflow import deadlines
from bot.workflow.context import CaseContext, Policy
from bot.workflow.deadlines import Due
from storage import cases, reminders
from storage.tables import Case, Reminder
from storage.vocabulary import ReminderState, Rule

#: The most cases whose reminders are armed again in one transaction.
BATCH_SIZE = 50


def rearm(session: Session, case_ids: Iterable[int], company: CompanySettings, now: datetime) -> int:
    """Let reminders of these cases wait again that were sent although they are due after `now`.

    Those that are not needed any more are stopped. Neither counts as sent. Returns their number. `now` is aware UTC.
    """
    cases.keep_people(session)
    early = sorted(reminders.sent_early(session, case_ids, now), key=_series)
    rows = {load.id_of(row): row for row in cases.several(session, {one.case_id for one in early})}
    contexts = {case.id: case for case in load.case_contexts(session, list(rows.values()), company)}
    for (case_id, rule, *_more), found in groupby(early, key=_series):
        series = list(found)
        due = _next(series[0], contexts[case_id], rows[case_id], company.policy, now)
        if rule in deadlines.REPEATING and due:
            reminders.stop(session, case_id, [rule])  # the occurrence after those that were sent early
        for row in series:
            _take_back(row, due if row is series[0] else None)
    reminders.stop_escalations(session, (row.id for row in early if row.id))
    record_rearmed(session, ((rows[row.case_id], row) for row in early), now)
    session.flush()
    waits.refresh_cases(session, rows, company, now)  # the end of a state's target may be another
    return len(early)


def _series(row: Reminder) -> tuple[int, Rule, int, int]:
    """Return what reminders that follow each other have in common."""
    return row.case_id, row.rule, row.share or 0, row.about_id or 0


def _next(row: Reminder, case: CaseContext, stored: Case, policy: Policy, now: datetime) -> Due | None:
    """Return when a reminder should have been sent, after `now`; None if it is not needed any more."""
    if not deadlines.still_due(row.rule, case, policy):
        return None
    if row.rule not in deadlines.DEADLINE_RULES:
        return ahead(Due(row.rule, row.first_due_at or row.due_at), case, policy, now)
    dues = deadlines.deadline_dues(case, stored.published_at or now, now, policy)
    same = (ahead(due, case, policy, now) for due in dues if (due.rule, due.share) == (row.rule, row.share))
    return next((due for due in same if row.share is None or due.at == row.due_at), None)


def _take_back(row: Reminder, due: Due | None) -> None:
    row.sent_at = row.acknowledged_by = row.acknowledged_at = None
    row.first_due_at, row.stands_for = None, 1
    row.state = ReminderState.WAITING if due else ReminderState.STOPPED
    row.due_at = due.at if due else row.due_at
