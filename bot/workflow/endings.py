"""How a case ends, and how it comes back (process.md §2, activities 11 and beside the path). Pure."""

from typing import Any

from bot.workflow.context import Round
from bot.workflow.records import plain, record
from bot.workflow.situation import Mark, NewPaper, Outcome, Situation
from storage.vocabulary import SHEETS, Kind, Paper, PaperStatus, State


def _close(s: Situation, paper: Paper) -> Outcome:
    """Closing a fault completes its row in the product fault record table."""
    papers = record(paper, s)
    if s.case.kind is Kind.FAULT:
        closed = plain({"closed_at": s.now, **s.answers, **_summary(s)})
        papers = (*papers, NewPaper(Paper.FAULT_RECORD, closed, carries_on=True))
    return Outcome(State.CLOSED, {"closed_at": s.now}, papers=papers)


def _summary(s: Situation) -> dict[str, Any]:
    """What the fault's row says at its end; on time is judged against the deadline in force and the first one."""
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
    """The customer says it is solved."""
    return _close(s, Paper.CLOSE_NOTE)


def close_unanswered(s: Situation) -> Outcome:
    """The customer never said."""
    return _close(s, Paper.CLOSE_NOTE)


def reject_fix(s: Situation) -> Outcome:
    """The clock goes on."""
    return Outcome(State.ANALYSIS, _reopened(s))


def reopen(s: Situation) -> Outcome:
    """A closed case comes back."""
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


def merge_duplicate(s: Situation) -> Outcome:
    """The case ends here and follows its master."""
    assert s.master is not None, "checked before"
    return Outcome(State.DUPLICATE, {"earlier_state": s.case.state, "master_id": s.master.id})


def undo_merge(s: Situation) -> Outcome:
    """Back to where the case was."""
    return Outcome(s.case.earlier_state, {"earlier_state": None, "master_id": None})


def withdraw(_s: Situation) -> Outcome:
    """The case ends; a signed sheet is void."""
    return Outcome(
        State.WITHDRAWN,
        {"in_discussion": False, "negotiating": False, "on_hold": False},
        marks=(Mark(SHEETS, PaperStatus.VOID),),
    )
