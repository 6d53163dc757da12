"""The usual answers of the demo team for each step, so that a test states only what is special about its case."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from storage.vocabulary import Kind, Severity, State, Step

#: The people of process.md §7, as the demo workspace knows them. Anna stands for R&D; she holds no role.
HUANG, CHEN, ZHOU, WU = "U0HUANG", "U0CHEN", "U0ZHOU", "U0WU"
LIN, HE, ZHAO, ADMIN = "U0LIN", "U0HE", "U0ZHAO", "U0ADMIN"
VIEWER, ANNA, SUNLI = "U0VIEWER", "U0ANNA", "U0SUNLI"
EVERYBODY = (HUANG, CHEN, ZHOU, WU, LIN, HE, ZHAO, ADMIN, VIEWER, ANNA)
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

Answers = dict[str, Any]

#: Who usually takes a case out of a state, and with which step.
USUAL: dict[State, tuple[str, Step]] = {
    State.TRIAGE: (LIN, Step.TRIAGE),
    State.ANSWERING: (CHEN, Step.ANSWER),
    State.ANSWER_CONFIRMING: (CHEN, Step.RECORD_VERDICT),
    State.SHEET_DRAFTING: (CHEN, Step.DRAFT_SHEET),
    State.SHEET_SIGNING: (HUANG, Step.SIGN_SHEET),
    State.ANALYSIS: (WU, Step.PUBLISH_ANALYSIS),
    State.DECISION: (WU, Step.DECIDE_MODIFICATION),
    State.HANDLING: (WU, Step.COMPLETE_HANDLING),
    State.MODIFICATION: (ZHAO, Step.SUBMIT_MODIFICATION),
    State.TESTING: (HE, Step.PASS_TEST),
    State.MANUAL_UPDATE: (LIN, Step.UPDATE_MANUAL),
    State.RELEASE: (WU, Step.RECORD_RELEASE),
    State.REPLYING: (CHEN, Step.REPLY_CUSTOMER),
    State.FIX_CONFIRMING: (CHEN, Step.CONFIRM_FIX),
}

KINDS: dict[Kind, Answers] = {
    Kind.FAULT: {"is_requirement": "no", "is_fault": "yes", "symptom_kind": "exit"},
    Kind.QUESTION: {"is_requirement": "no", "is_fault": "no"},
    Kind.REQUIREMENT: {"is_requirement": "yes", "new_business": "A format nobody writes yet"},
}
SHEETS: dict[Kind, Answers] = {
    Kind.FAULT: {"symptom": "It exits every night", "impact": "No bills are made"},
    Kind.REQUIREMENT: {"current_gap": "The system cannot write it", "value": "Two new customers"},
}
SIGNING: dict[Kind, Answers] = {
    Kind.FAULT: {"testers": [LIN], "technicians": [WU]},
    Kind.REQUIREMENT: {"dev_owner": ANNA, "dev_ref": "DEV-117"},
}
#: Three forms whose cost is measured: who submits them, of a case in which state, and the answers.
MEASURED: dict[Step, tuple[str, State, Answers]] = {
    Step.COMMENT: (WU, State.TRIAGE, {"text": "It happened again"}),
    Step.TRIAGE: (LIN, State.TRIAGE, KINDS[Kind.FAULT]),
    Step.SIGN_SHEET: (HUANG, State.SHEET_SIGNING, SIGNING[Kind.FAULT]),
}
REPORT: Answers = {
    "analysts": [WU, LIN],
    "reproduced": "yes",
    "direct_cause": "A number is too large for its column",
    "root_cause": "Nobody checks the size",
    "cause_class": "code",
    "module": "Rating",
    "versions": "V3.2",
    "measure": "Widen the column",
    "modification_proposed": "yes",
    "prevention": "Check sizes in review",
    "effort_hours": "2",
}
MODIFY: Answers = {"modification_needed": "yes", "modifier": ZHAO, "target_version": "V3.2.1"}
HANDLE: Answers = {"modification_needed": "no", "handling_kind": "configuration", "owner": WU}
TEST: Answers = {
    "cases": "Rate a long call | rated | rated | pass",
    "regression": "All of rating",
    "environment": "Test system",
    "effort_hours": "1",
}
FAILED: Answers = {
    **TEST,
    "cases": "Rate a long call | rated | exits | fail",
    "actual": "It still exits",
    "fail_reason": "The index was forgotten",
    "next": "modify",
}
NO_MANUAL: Answers = {"needed": "no", "no_reason": "Nothing that a user sees"}
ROLLED_BACK: Answers = {"result": "rolled_back", "reason": "Two customers cannot log in"}

_FIXED: Mapping[Step, Answers] = {
    Step.ANSWER: {"answer": "Plug it in and press Renew", "category": "usage", "effort_hours": "0.5"},
    Step.RECORD_VERDICT: {"satisfied": "yes", "evidence": "Told on the phone"},
    Step.DECIDE_MODIFICATION: MODIFY,
    Step.COMPLETE_HANDLING: {"result": "The setting is corrected", "verified_by": HE},
    Step.SUBMIT_MODIFICATION: {
        "change": "The column is wider",
        "modules": "rating.sql",
        "build": "V3.2.1-rc1",
        "self_check": "Rated a long call",
        "effort_hours": "3",
    },
    Step.PASS_TEST: TEST,
    Step.FAIL_TEST: FAILED,
    Step.UPDATE_MANUAL: NO_MANUAL,
    Step.REPLY_CUSTOMER: {"reply": "It is corrected with V3.2.1"},
    Step.CONFIRM_FIX: {"evidence": "Mail of today"},
    Step.REJECT_FIX: {"reason": "It exits again", "evidence": "Mail of today"},
    Step.CALL_DISCUSSION: {"invitees": [ZHAO, ANNA], "question": "Can the loader cope?"},
    Step.CLOSE_DISCUSSION: {"outcome": "Yes, since V3.1"},
    Step.CORRECT: {"reason": "Misheard on the phone", "summary": "Rating exits every night"},
    Step.WITHDRAW: {"reason": "Solved by itself", "evidence": "Phone call"},
}
_REASON: Answers = {"reason": "There is a good reason"}


def deadline(severity: Severity, now: datetime, at: datetime | None = None) -> Answers:
    """The severity with its usual deadline: stipulated in 4 hours, negotiated in 5 days, or none."""
    said: Answers = {"severity": severity}
    if severity is Severity.GENERAL:
        return said | {"deadline_basis": "none"}
    stipulated = severity is Severity.VERY_SEVERE
    return (
        said
        | {"deadline_basis": "customer_stipulated" if stipulated else "negotiated"}
        | {"deadline_at": at or now + (4 * _HOUR if stipulated else 5 * _DAY)}
        | promised(now)
    )


def promised(now: datetime) -> Answers:
    """Who at the customer named the time, when, and the evidence."""
    return {
        "deadline_contact": "Sun Li 孙丽",
        "deadline_agreed_at": now - _MINUTE,
        "deadline_evidence": "Phone call",
    }


def usual(step: Step, now: datetime, kind: Kind | None, severity: Severity = Severity.GENERAL) -> Answers:
    """The answers that a step's form usually gets. `kind` is the kind of the case, or the kind that triage gives it."""
    of_kind: dict[Step, Callable[[Kind], Answers]] = {
        Step.TRIAGE: KINDS.__getitem__,
        Step.DRAFT_SHEET: SHEETS.__getitem__,
        Step.SIGN_SHEET: SIGNING.__getitem__,
    }
    if step in of_kind:
        assert kind is not None
        return of_kind[step](kind)
    match step:
        case Step.PUBLISH_ANALYSIS:
            return {**REPORT, **deadline(severity, now), "severity_reason": "As the customer describes it"}
        case Step.RECORD_RELEASE:
            return released(now)
        case Step.CHANGE_DEADLINE:
            return {"deadline_at": now + 2 * _DAY, **_REASON, **promised(now)}
        case Step.CHANGE_SEVERITY:
            return {**deadline(severity, now), **_REASON}
        case Step.HOLD:
            return {"kind": "customer", **_REASON, "until": now + _DAY}
    return _FIXED.get(step, _REASON)


def released(now: datetime, version: str = "V3.2.1") -> Answers:
    """Released a minute ago."""
    return {
        "result": "released",
        "version": version,
        "released_at": now - _MINUTE,
        "where": "Production",
        "rollback_plan": "Restore last night's copy",
    }
