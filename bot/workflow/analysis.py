"""What publishing an analysis, and changing a severity or a deadline, changes (process.md activity 6 and §3)."""

from datetime import datetime
from typing import Any

from bot.workflow.lateness import has_passed
from bot.workflow.records import plain
from bot.workflow.severity import PROMISED, raises_severity
from bot.workflow.situation import NewPaper, Outcome, Situation, facts
from storage.vocabulary import Basis, Paper, PaperStatus, State

_RECORD_FIELDS = ("severity", "severity_reason")
_PROMISE_FIELDS = ("deadline_at", "deadline_contact", "deadline_agreed_at", "deadline_evidence")
#: The columns of the deadline in force.
DEADLINE_COLUMNS = ("deadline_at", "deadline_basis", "deadline_since")


def publish_analysis(s: Situation) -> Outcome:
    """Activity 6: publish the report and, at the same time, record the severity in the fault record table.

    While the deadline is negotiated, the report is kept as a draft and the case stays in analysis (§3.2).
    """
    rated = {name: value for name, value in s.answers.items() if name in _RECORD_FIELDS or name.startswith("deadline_")}
    report = plain({name: value for name, value in s.answers.items() if name not in rated})
    if s.answers.get("deadline_basis") == Basis.NEGOTIATING:
        draft = NewPaper(Paper.ANALYSIS_REPORT, {**report, **plain(rated)}, PaperStatus.DRAFT)
        return Outcome(None, {"negotiating": True}, papers=(draft,))
    deadline = new_deadline(s)
    published = NewPaper(Paper.ANALYSIS_REPORT, report, PaperStatus.PUBLISHED)
    return Outcome(
        State.DECISION,
        {
            "severity": s.answers["severity"],
            "module": s.answers["module"],
            "report_published": True,
            "published_at": s.now,
            "negotiating": False,
            **deadline,
        },
        papers=(published, NewPaper(Paper.FAULT_RECORD, _row_content(s, rated, deadline), carries_on=True)),
    )


def _row_content(s: Situation, rated: dict[str, Any], deadline: dict[str, Any]) -> dict[str, Any]:
    """Return what publishing writes into the fault's row. Where nobody promised, no earlier promise is carried on."""
    basis = deadline.get("deadline_basis")
    unpromised = basis is not None and basis not in PROMISED and s.case.first_deadline_at is not None
    dropped: dict[str, Any] = dict.fromkeys(_PROMISE_FIELDS) if unpromised else {}
    how: dict[str, Any] = {}
    if basis is Basis.DEFAULT:
        how = {"default_days": s.case.default_days, "default_since": _default_since(s)}
    return {**dropped, "module": s.answers["module"], **plain({**_kept(s), **rated, **_recorded(deadline), **how})}


def _kept(s: Situation) -> dict[str, Any]:
    """Return the deadline that stays in force. A fault has it in its first row, if a merge brought it (rule 2.3)."""
    if "deadline_basis" in s.answers:
        return {}
    return {name: getattr(s.case, name) for name in ("deadline_at", "deadline_basis", "first_deadline_at")}


def new_deadline(s: Situation) -> dict[str, Any]:
    """Return the columns of the deadline for the answered basis; none where the form does not ask it (rule 2.4).

    A default deadline is computed here once and stored with its working days, so later settings do not move it.
    """
    if "deadline_basis" not in s.answers:
        return {}
    basis = Basis(s.answers["deadline_basis"])
    deadline = s.answers.get("deadline_at")
    if basis is Basis.DEFAULT and s.case.default_days is not None:
        deadline = s.policy.calendar.end_of_days(_default_since(s), s.case.default_days)
    return {"deadline_basis": basis, **_moved_to(s, deadline)}


def _default_since(s: Situation) -> datetime:
    """Return since when a default deadline is counted: the report, or this publication once the case was reopened.

    After a reopening the days since the report have passed, and a new promise does not lie in the past (rule 2.5).
    """
    return s.now if s.case.reopen_count else s.case.reported_at


def _moved_to(s: Situation, deadline: datetime | None) -> dict[str, Any]:
    return {
        "deadline_at": deadline,
        "deadline_since": s.now if deadline else None,
        "first_deadline_at": s.case.first_deadline_at or deadline,
    }


def lapsed_deadline(s: Situation) -> dict[str, Any]:
    """Return the columns of a deadline that ends with a rejected fix or a reopening; none if it lies ahead (rule 2.4).

    The first deadline is kept.
    """
    return dict.fromkeys(DEADLINE_COLUMNS) if has_passed(s.case, s.policy, s.now) else {}


def change_severity(s: Situation) -> Outcome:
    """Record the new severity. Raising it applies the deadline rules again; lowering keeps the promised deadline."""
    raised = raises_severity({**s.answers, **facts(s)})
    deadline = new_deadline(s) if raised else {}
    return Outcome(
        changes={"severity": s.answers["severity"], **deadline},
        papers=(_rated(s, "severity_reason", deadline),),
    )


def change_deadline(s: Situation) -> Outcome:
    """Move the deadline and keep the first one. A case without a promised deadline now has a negotiated one."""
    changes = _moved_to(s, s.answers["deadline_at"])
    if s.case.deadline_basis in (None, Basis.NONE, Basis.DEFAULT):
        changes["deadline_basis"] = Basis.NEGOTIATED
    return Outcome(changes=changes, papers=(_rated(s, "deadline_reason", changes),))


def _rated(s: Situation, reason: str, changes: dict[str, Any]) -> NewPaper:
    """Return the next version of the fault's row, keeping what did not change. `reason` names the reason's column."""
    answers = {reason if name == "reason" else name: value for name, value in s.answers.items()}
    return NewPaper(Paper.FAULT_RECORD, plain({**answers, **_recorded(changes)}), carries_on=True)


def _recorded(deadline: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a deadline that the fault's row repeats; the version itself says since when."""
    return {name: value for name, value in deadline.items() if name != "deadline_since"}
