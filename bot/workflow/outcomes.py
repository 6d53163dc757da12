"""What each step changes once it is allowed (process.md §2, column by column). Pure functions."""

from typing import Any

from bot.workflow.analysis import DEADLINE_COLUMNS
from bot.workflow.context import Round
from bot.workflow.lateness import clock_stopped, extended_deadline
from bot.workflow.people import reassigned
from bot.workflow.records import plain, record
from bot.workflow.situation import SHEET_OF, Audience, Mark, NewPaper, Outcome, Situation
from storage.vocabulary import (
    SHEETS,
    AfterFailure,
    Kind,
    Paper,
    PaperStatus,
    Place,
    ReleaseResult,
    Role,
    State,
    YesNo,
)


def _takes_on(s: Situation) -> dict[Place, frozenset[str]]:
    """Make a service manager who acts on a case without one its service manager."""
    free = not s.case.at(Place.SERVICE_MANAGER)
    return {Place.SERVICE_MANAGER: frozenset({s.person.id})} if free and s.is_any(Role.SERVICE_MANAGER) else {}


#: Only a fault has a severity and a deadline. A fault that is triaged again keeps its deadline.
_NO_DEADLINE = dict.fromkeys(("severity", "first_deadline_at", "published_at", *DEADLINE_COLUMNS))


def triage(s: Situation) -> Outcome:
    """Activities 1 and 2: decide whether the case is a customized requirement and, if not, whether it is a fault."""
    if s.answers["is_requirement"] == YesNo.YES:
        kind = Kind.REQUIREMENT
    else:
        kind = Kind.FAULT if s.answers["is_fault"] == YesNo.YES else Kind.QUESTION
    return Outcome(
        State.ANSWERING if kind is Kind.QUESTION else State.SHEET_DRAFTING,
        {
            "kind": kind,
            "symptom_kind": s.answers.get("symptom_kind"),
            "new_business": s.answers.get("new_business"),
            **({} if kind is Kind.FAULT else _NO_DEADLINE),
        },
        places={**_takes_on(s), **_taken(s)},
    )


def _taken(s: Situation) -> dict[Place, frozenset[str]]:
    """End the place of whoever has taken the case for triage."""
    return {Place.TRIAGER: frozenset()} if s.case.at(Place.TRIAGER) else {}


def answer(s: Situation) -> Outcome:
    """Activity 3: record the answer in the customer service report as the next round."""
    number = s.case.answer_round + 1
    return Outcome(
        State.ANSWER_CONFIRMING,
        {"answer_round": number},
        places=_takes_on(s),
        papers=record(Paper.SERVICE_REPORT, s, round=number),
    )


def record_verdict(s: Situation) -> Outcome:
    """Activity 3: close the case if the customer is satisfied; otherwise return it to answering."""
    satisfied = s.answers["satisfied"] == YesNo.YES
    number = s.case.answer_round
    notifies = (Audience.TECHNICIANS,) if number >= 2 else ()
    verdict = NewPaper(Paper.SERVICE_REPORT, plain({**s.answers, "round": number}), carries_on=True)
    return Outcome(
        State.CLOSED if satisfied else State.ANSWERING,
        {"closed_at": s.now} if satisfied else {},
        papers=(verdict,),
        notifies=(*notifies, Audience.CENTER_MANAGER) if number >= 3 else notifies,
    )


_NO_ANALYSIS = {"in_discussion": False, "negotiating": False}


def _untriaged() -> Outcome:
    """Return the case to triage. The signed sheet becomes void; earlier work is kept."""
    return Outcome(
        State.TRIAGE,
        {"kind": None, "sheet_drafter": None, "report_published": False, **_NO_ANALYSIS},
        places={place: frozenset() for place in Place if place is not Place.SERVICE_MANAGER},
        marks=(
            Mark(SHEETS, PaperStatus.VOID),
            Mark((Paper.SERVICE_REPORT, Paper.ANALYSIS_REPORT), PaperStatus.RECLASSIFIED),
        ),
    )


def reclassify(_s: Situation) -> Outcome:
    """Return the case to triage to be judged again. Earlier work is kept."""
    return _untriaged()


def reject_sheet(_s: Situation) -> Outcome:
    """Activity 5: return the case to triage because its kind is wrong. The sheet becomes void."""
    return _untriaged()


def draft_sheet(s: Situation) -> Outcome:
    """Activity 4: submit the next version of the sheet for signature."""
    assert s.case.kind is not None, "only a triaged case has a sheet"
    return Outcome(
        State.SHEET_SIGNING,
        {"sheet_drafter": s.person.id},
        places=_takes_on(s),
        papers=(NewPaper(SHEET_OF[s.case.kind], plain(s.answers), PaperStatus.SUBMITTED),),
    )


def sign_sheet(s: Situation) -> Outcome:
    """Activity 5: sign the sheet. A fault goes to analysis, a requirement to product development (activity 1)."""
    if s.case.kind is Kind.REQUIREMENT:
        return Outcome(State.HANDED_OVER, {"closed_at": s.now}, notifies=(Audience.DEVELOPMENT,), signs=True)
    places = {
        Place.TESTERS: frozenset(s.answers["testers"]),
        Place.TECHNICIANS: frozenset(s.answers["technicians"]),
    }
    return Outcome(State.ANALYSIS, places=places, notifies=(Audience.ANALYSTS,), signs=True)


def return_sheet(s: Situation) -> Outcome:
    """Activity 5: return the sheet to its drafter. The next draft is a new version."""
    return Outcome(
        State.SHEET_DRAFTING,
        papers=record(Paper.RETURN_NOTE, s),
        marks=(Mark((SHEET_OF[s.case.kind],), PaperStatus.RETURNED),) if s.case.kind else (),
    )


def call_discussion(s: Situation) -> Outcome:
    """Activity 6: call others to a discussion, where tester and technician cannot find the cause."""
    return Outcome(changes={"in_discussion": True}, papers=record(Paper.MINUTES, s))


def close_discussion(s: Situation) -> Outcome:
    """Activity 6: complete the minutes with the outcome of the discussion."""
    minutes = NewPaper(Paper.MINUTES, plain(s.answers), carries_on=True)
    return Outcome(changes={"in_discussion": False}, papers=(minutes,))


def decide_modification(s: Situation) -> Outcome:
    """Activity 7: decide whether a software modification is needed."""
    modify = s.answers["modification_needed"] == YesNo.YES
    chosen = frozenset({s.answers["modifier" if modify else "owner"]})
    nobody: frozenset[str] = frozenset()
    return Outcome(
        State.MODIFICATION if modify else State.HANDLING,
        {"target_version": s.answers.get("target_version")},
        places={Place.MODIFIER: chosen if modify else nobody, Place.OWNER: nobody if modify else chosen},
        papers=record(Paper.DECISION, s),
        notifies=(Audience.MODIFIER if modify else Audience.OWNER,),
    )


def reanalyze(_s: Situation) -> Outcome:
    """Reopen the report. The next one is published as a new version."""
    return Outcome(State.ANALYSIS, {"report_published": False})


def complete_handling(s: Situation) -> Outcome:
    """Record what was done instead of a modification."""
    return Outcome(State.REPLYING, papers=record(Paper.HANDLING_RECORD, s))


def submit_modification(s: Situation) -> Outcome:
    """Submit a new build by this modifier for testing."""
    built = Round(s.answers["build"], s.person.id)
    return Outcome(State.TESTING, {"round": built}, papers=record(Paper.MODIFICATION_RECORD, s))


def pass_test(s: Situation) -> Outcome:
    """Record that the modified function is correct."""
    return _tested(s, State.MANUAL_UPDATE, passed=True)


def fail_test(s: Situation) -> Outcome:
    """Return the build to its modifier, or the fault to its analysts."""
    analyze = s.answers["next"] == AfterFailure.ANALYZE
    return _tested(s, State.ANALYSIS if analyze else State.MODIFICATION, passed=False)


def _tested(s: Situation, to: State, *, passed: bool) -> Outcome:
    number = s.case.test_round + 1
    judged = Round(s.case.round.build, s.case.round.modifier, passed)
    reopened = {"report_published": False} if to is State.ANALYSIS else {}
    conclusion = "pass" if passed else "fail"
    return Outcome(
        to,
        {"test_round": number, "round": judged, **reopened},
        papers=record(Paper.TEST_RECORD, s, round=number, conclusion=conclusion),
    )


def update_manual(s: Situation) -> Outcome:
    """Record the modified part of the user manual."""
    return Outcome(State.RELEASE, papers=record(Paper.MANUAL_PART, s))


def record_release(s: Situation) -> Outcome:
    """Record the release to the customer, or a roll-back that requires another modification."""
    note = record(Paper.RELEASE_NOTE, s)
    if s.answers["result"] == ReleaseResult.RELEASED:
        return Outcome(State.REPLYING, {"fixed_version": s.answers["version"]}, papers=note)
    undone = Round(s.case.round.build, s.case.round.modifier)
    return Outcome(State.MODIFICATION, {"round": undone}, papers=note)


def reply_customer(s: Situation) -> Outcome:
    """Record the reply. It resolves the fault, which is judged against the deadline in force now (rule 2.4)."""
    resolved = {"resolved_at": s.now, "deadline_when_resolved": extended_deadline(s.case, s.policy, s.now)}
    return Outcome(State.FIX_CONFIRMING, resolved, papers=record(Paper.REPLY, s))


def hold(s: Situation) -> Outcome:
    """Put the case on hold until a moment, while it waits for somebody outside."""
    return Outcome(changes={"on_hold": True, "hold_until": s.answers["until"], "hold_since": s.now})


def resume(s: Situation) -> Outcome:
    """End the hold and move the deadline by the time for which the hold stopped its clock (§3.5)."""
    changes: dict[str, Any] = {"on_hold": False, "hold_until": None, "hold_since": None}
    if clock_stopped(s.case, s.policy):
        changes["deadline_at"] = extended_deadline(s.case, s.policy, s.now)
    return Outcome(changes=changes)


def reassign(s: Situation) -> Outcome:
    """Replace one of those at the place, add one, or take one off. Whoever holds a place alone is replaced."""
    return Outcome(places={Place(s.answers["place"]): reassigned(s)})


def comment(_s: Situation) -> Outcome:
    """Change nothing; the comment is only recorded in the history."""
    return Outcome()
