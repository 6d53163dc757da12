"""How a case ends and how it is reopened (process.md §2). Pure functions."""

from typing import Any

from bot.workflow.context import Round
from bot.workflow.merging import undone_merge
from bot.workflow.records import plain, record
from bot.workflow.situation import Mark, NewPaper, Outcome, Situation
from storage.vocabulary import SHEETS, Kind, Paper, PaperStatus, State


def _close(s: Situation, paper: Paper) -> Outcome:
    """Close the case. Closing a fault also completes its row in the product fault record table."""
    papers = record(paper, s)
    if s.case.kind is Kind.FAULT:
        closed = plain({"closed_at": s.now, **s.answers, **_summary(s)})
        papers = (*papers, NewPaper(Paper.FAULT_RECORD, closed, carries_on=True))
    return Outcome(State.CLOSED, {"closed_at": s.now}, papers=papers)


def _summary(s: Situation) -> dict[str, Any]:
    """Return the final figures of the fault's row.

    On time is judged against the deadline in force and, separately, against the first deadline (§3.4).
    """
    case = s.case
    resolved = case.resolved_at or s.now
    return {
        "resolved_at": case.resolved_at,
        "on_time": None if case.deadline_at is None else resolved <= case.deadline_at,
        "on_time_at_first": None if case.first_deadline_at is None else resolved <= case.first_deadline_at,
        "moved_count": case.moved_count,
        "fixed_version": case.fixed_version,
        "reopen_count": case.reopen_count,
    }


def confirm_fix(s: Situation) -> Outcome:
    """Close the case because the customer confirms that the problem is solved."""
    return _close(s, Paper.CLOSE_NOTE)


def close_unanswered(s: Situation) -> Outcome:
    """Close the case because the customer did not respond to the reminders."""
    return _close(s, Paper.CLOSE_NOTE)


def reject_fix(s: Situation) -> Outcome:
    """Return the case to analysis because the customer rejects the fix. The time to resolve continues to run."""
    return Outcome(State.ANALYSIS, _reopened(s))


def reopen(s: Situation) -> Outcome:
    """Reopen a closed case: a fault returns to analysis, a question to answering."""
    fault = s.case.kind is Kind.FAULT
    return Outcome(State.ANALYSIS if fault else State.ANSWERING, {**_reopened(s), "closed_at": None})


def _reopened(s: Situation) -> dict[str, Any]:
    judged = s.case.round
    return {
        "resolved_at": None,
        "fixed_version": None,
        "reopen_count": s.case.reopen_count + 1,
        "report_published": False,
        "round": Round(judged.build, judged.modifier),
    }


def withdraw(s: Situation) -> Outcome:
    """End the case. A signed sheet becomes void, and the cases merged into it are separate again (rule 2.3)."""
    return Outcome(
        State.WITHDRAWN,
        {"in_discussion": False, "negotiating": False, "on_hold": False},
        marks=(Mark(SHEETS, PaperStatus.VOID),),
        linked=tuple(undone_merge(s, duplicate) for duplicate in s.duplicates),
    )
