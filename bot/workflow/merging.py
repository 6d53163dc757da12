"""Merging a case into another, and undoing it (process.md rule 2.3). Pure functions.

A duplicate keeps its hold, its discussion and its negotiation. Its end state suspends them until the merge is undone.
"""

from datetime import datetime

from bot.workflow.context import CaseContext
from bot.workflow.records import plain
from bot.workflow.severity import PROMISED
from bot.workflow.situation import LinkedStep, NewPaper, Outcome, Situation
from storage.vocabulary import Basis, Paper, State, Step


def pending_promise(case: CaseContext) -> datetime | None:
    """Return the agreed deadline that the case has yet to keep (aware UTC); None without one.

    The deadline of a case that is resolved was kept or missed already.
    """
    return case.deadline_at if case.deadline_basis in PROMISED and case.resolved_at is None else None


def earlier_deadline(duplicate: CaseContext, master: CaseContext) -> datetime | None:
    """Return the agreed deadline of a duplicate if it is earlier than any of the master (aware UTC); None otherwise."""
    deadline = pending_promise(duplicate)
    if deadline is None:
        return None
    return deadline if master.deadline_at is None or deadline < master.deadline_at else None


def merge_duplicate(s: Situation) -> Outcome:
    """End the case as a duplicate that follows its master. An earlier agreed deadline becomes the master's."""
    assert s.master is not None, "checked before"
    deadline = earlier_deadline(s.case, s.master)
    return Outcome(
        State.DUPLICATE,
        {"earlier_state": s.case.state, "master_id": s.master.id},
        linked=(_moved_deadline(s, s.master, deadline),) if deadline else (),
    )


def _moved_deadline(s: Situation, master: CaseContext, deadline: datetime) -> LinkedStep:
    """Return the change of the master's deadline. Who agreed to it, and how, is recorded on the duplicate it names.

    Number and reason are answers that no form asks, so that only the center reads them (process.md §6 R9).
    """
    number = s.case.number
    changes = {
        "deadline_at": deadline,
        "first_deadline_at": master.first_deadline_at or deadline,
        "deadline_basis": _stricter(s.case, master),
    }
    merge = {"merged_from": number, "merge_reason": s.answers["reason"]}
    earlier = dict.fromkeys(("deadline_contact", "deadline_evidence", "deadline_reason"))
    agreed = plain({**changes, **merge, "deadline_agreed_at": s.now})
    row = NewPaper(Paper.FAULT_RECORD, {**earlier, **agreed}, carries_on=True)
    return LinkedStep(
        master,
        Step.CHANGE_DEADLINE,
        {"deadline_at": deadline, **merge},
        Outcome(changes={**changes, "deadline_since": s.now}, papers=(row,) if master.severity else ()),
    )


def _stricter(duplicate: CaseContext, master: CaseContext) -> Basis | None:
    """Return the basis of the master's new deadline: stipulated if either was, else the master's own promise."""
    bases = (master.deadline_basis, duplicate.deadline_basis)
    if Basis.CUSTOMER_STIPULATED in bases:
        return Basis.CUSTOMER_STIPULATED
    return next((basis for basis in bases if basis in PROMISED), None)


def undo_merge(s: Situation) -> Outcome:
    """Return the case to the state it had before the merge, with its hold, discussion and negotiation."""
    return _separated(s.case)


def _separated(duplicate: CaseContext) -> Outcome:
    return Outcome(duplicate.earlier_state, {"earlier_state": None, "master_id": None})


def undone_merge(s: Situation, duplicate: CaseContext) -> LinkedStep:
    """Return the undoing of a merge that the withdrawal of the master brings with it, for the same reason."""
    return LinkedStep(duplicate, Step.UNDO_MERGE, {"reason": s.answers["reason"]}, _separated(duplicate))
