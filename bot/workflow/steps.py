"""THE TABLE OF STEPS: from, to, who may, what is refused, whom it notifies (process.md §2).

Buttons, permission checks, the diagram in `docs/process.md` and the tests of every refusal are derived from it.
A new step needs a row here, its form in `fields.py` and its words in two languages.
"""

from bot.workflow import analysis, checks, correcting, endings, guards, merging, outcomes, taking
from bot.workflow.people import ROLES_OF_PLACE
from bot.workflow.situation import Audience as Tell
from bot.workflow.situation import Check, Effect, Guard, Outcome, Position, Row, Situation, Who
from storage.vocabulary import OPEN_STATES, Paper, Place, Role, State, Step

S = State
CM, SM, TE, TS = Role.CENTER_MANAGER, Role.SERVICE_MANAGER, Role.TECHNICIAN, Role.TESTER
ANY = (CM, SM, TE, TS)
CUSTOMER = Position.INSIDE_REPORTER
#: The states from the published severity until the customer's confirmation.
_AFTER_ANALYSIS = (
    S.DECISION,
    S.HANDLING,
    S.MODIFICATION,
    S.TESTING,
    S.MANUAL_UPDATE,
    S.RELEASE,
    S.REPLYING,
    S.FIX_CONFIRMING,
)


_EARLIER = tuple(state for state in State if state in OPEN_STATES)


def _nothing(_s: Situation) -> Outcome:
    return Outcome()


def _row(
    step: Step,
    sources: State | tuple[State, ...] | frozenset[State],
    to: State | tuple[State, ...] | None,
    who: Who | tuple[Who, ...],
    effect: Effect,
    *,
    notifies: tuple[Tell, ...] = (),
    guards: tuple[Guard, ...] = (),
    checks: tuple[Check, ...] = (),
    papers: tuple[Paper, ...] = (),
) -> Row:
    return Row(
        step,
        frozenset({sources} if isinstance(sources, State) else sources),
        () if to is None else (to,) if isinstance(to, State) else to,
        who if isinstance(who, tuple) else (who,),
        effect,
        notifies,
        guards,
        checks,
        papers,
    )


def _take(sources: State | tuple[State, ...], *places: Place, guards: tuple[Guard, ...] = ()) -> Row:
    """Return a row of `take`: those whose role fits take one of these places, or all that are free (rule 2.1)."""
    who = tuple(role for place in places for role in ROLES_OF_PLACE[place])
    free = taking.is_free(*places)
    return _row(Step.TAKE, sources, None, who, taking.into(*places), notifies=(Tell.WAITING,), guards=(*guards, free))


def _correct(sources: State | frozenset[State], *who: Who) -> Row:
    """Return a row of `correct` (rule 2.2)."""
    return _row(
        Step.CORRECT,
        sources,
        None,
        who,
        correcting.correct,
        notifies=(Tell.SERVICE_MANAGER, Tell.SIGNER),
        checks=(correcting.something_differs, correcting.nobody_was_faster, correcting.duplicates_stay_alike),
        papers=(Paper.CASE, Paper.FAULT_RECORD),
    )


# Aligned by hand, so that each row reads as a line of the table.
# fmt: off
TABLE: tuple[Row, ...] = (
    _row(Step.REPORT, (), S.TRIAGE, (), _nothing,
         notifies=(Tell.REPORTER,), papers=(Paper.CASE,)),
    _take(S.TRIAGE, Place.TRIAGER),
    _take((S.ANSWERING, S.ANSWER_CONFIRMING, S.SHEET_DRAFTING, S.REPLYING, S.FIX_CONFIRMING), Place.SERVICE_MANAGER),
    _take(S.ANALYSIS, Place.TESTERS, Place.TECHNICIANS),
    _take((S.DECISION, S.RELEASE), Place.TECHNICIANS),
    _take(S.TESTING, Place.TESTERS, guards=(guards.modifier_never_tests,)),
    _take(S.MANUAL_UPDATE, Place.TESTERS),
    _row(Step.TRIAGE, S.TRIAGE, (S.SHEET_DRAFTING, S.ANSWERING), ANY, outcomes.triage,
         notifies=(Tell.SERVICE_MANAGER,)),
    _row(Step.ANSWER, S.ANSWERING, S.ANSWER_CONFIRMING, SM, outcomes.answer,
         notifies=(Tell.CUSTOMER, Tell.REPORTER), checks=(checks.named_hold('consulted', TE),),
         papers=(Paper.SERVICE_REPORT,)),
    _row(Step.RECORD_VERDICT, S.ANSWER_CONFIRMING, (S.CLOSED, S.ANSWERING), (SM, CUSTOMER), outcomes.record_verdict,
         notifies=(Tell.SERVICE_MANAGER,), papers=(Paper.SERVICE_REPORT,)),
    _row(Step.RECLASSIFY, (S.ANSWERING, S.ANSWER_CONFIRMING), S.TRIAGE, ANY, outcomes.reclassify),
    _row(Step.RECLASSIFY, S.ANALYSIS, S.TRIAGE, CM, outcomes.reclassify),
    _row(Step.DRAFT_SHEET, S.SHEET_DRAFTING, S.SHEET_SIGNING, SM, outcomes.draft_sheet,
         notifies=(Tell.CENTER_MANAGER,), papers=(Paper.FAULT_SHEET, Paper.REQUIREMENT_SHEET)),
    _row(Step.SIGN_SHEET, S.SHEET_SIGNING, (S.ANALYSIS, S.HANDED_OVER), CM, outcomes.sign_sheet,
         notifies=(Tell.SERVICE_MANAGER, Tell.REPORTER, Tell.DRAFTER), guards=(guards.drafter_never_signs,),
         checks=(checks.named_hold('testers', TS), checks.named_hold('technicians', TE))),
    _row(Step.RETURN_SHEET, S.SHEET_SIGNING, S.SHEET_DRAFTING, CM, outcomes.return_sheet,
         notifies=(Tell.DRAFTER,), papers=(Paper.RETURN_NOTE,)),
    _row(Step.REJECT_SHEET, S.SHEET_SIGNING, S.TRIAGE, CM, outcomes.reject_sheet,
         notifies=(Tell.SERVICE_MANAGER, Tell.DRAFTER)),
    _row(Step.CALL_DISCUSSION, S.ANALYSIS, None, (TE, TS), outcomes.call_discussion,
         notifies=(Tell.INVITEES,), guards=(guards.no_discussion,), papers=(Paper.MINUTES,)),
    _row(Step.CLOSE_DISCUSSION, S.ANALYSIS, None, (TE, TS), outcomes.close_discussion,
         notifies=(Tell.INVITEES,), guards=(guards.discussion,), papers=(Paper.MINUTES,)),
    _row(Step.PUBLISH_ANALYSIS, S.ANALYSIS, S.DECISION, (Place.TECHNICIANS, Place.TESTERS), analysis.publish_analysis,
         notifies=(Tell.SERVICE_MANAGER, Tell.CENTER_MANAGER), guards=(guards.still_an_analyst, guards.no_discussion),
         checks=(checks.analysts_are_named, checks.severity_not_lowered),
         papers=(Paper.ANALYSIS_REPORT, Paper.FAULT_RECORD)),
    _row(Step.CHANGE_SEVERITY, _AFTER_ANALYSIS, None, (TE, TS, CM), analysis.change_severity,
         notifies=(Tell.SERVICE_MANAGER,), guards=(guards.fault_is_published, guards.manager_can_only_lower),
         checks=(checks.severity_changes, checks.severity_not_lowered, checks.raised_by_analysts),
         papers=(Paper.FAULT_RECORD,)),
    _row(Step.CHANGE_DEADLINE, (S.ANALYSIS, *_AFTER_ANALYSIS), None, (CM, SM), analysis.change_deadline,
         notifies=(Tell.ANALYSTS,), guards=(guards.deadline_can_change,),
         checks=(checks.deadline_changes,), papers=(Paper.FAULT_RECORD,)),
    _row(Step.DECIDE_MODIFICATION, S.DECISION, (S.MODIFICATION, S.HANDLING), (TE, CM), outcomes.decide_modification,
         papers=(Paper.DECISION,)),
    _row(Step.REANALYZE, (S.DECISION, S.HANDLING), S.ANALYSIS, (TE, CM, Place.OWNER), outcomes.reanalyze,
         notifies=(Tell.ANALYSTS,)),
    _row(Step.COMPLETE_HANDLING, S.HANDLING, S.REPLYING, Place.OWNER, outcomes.complete_handling,
         notifies=(Tell.SERVICE_MANAGER,), checks=(checks.verified_by_another,), papers=(Paper.HANDLING_RECORD,)),
    _row(Step.SUBMIT_MODIFICATION, S.MODIFICATION, S.TESTING, Place.MODIFIER, outcomes.submit_modification,
         notifies=(Tell.TESTERS,), papers=(Paper.MODIFICATION_RECORD,)),
    _row(Step.PASS_TEST, S.TESTING, S.MANUAL_UPDATE, TS, outcomes.pass_test,
         notifies=(Tell.SERVICE_MANAGER,), guards=(guards.modifier_never_tests,),
         checks=(checks.tests_the_submitted_build, checks.every_case_passed), papers=(Paper.TEST_RECORD,)),
    _row(Step.FAIL_TEST, S.TESTING, (S.MODIFICATION, S.ANALYSIS), TS, outcomes.fail_test,
         notifies=(Tell.MODIFIER, Tell.TECHNICIANS), guards=(guards.modifier_never_tests,),
         checks=(checks.tests_the_submitted_build,), papers=(Paper.TEST_RECORD,)),
    _row(Step.UPDATE_MANUAL, S.MANUAL_UPDATE, S.RELEASE, TS, outcomes.update_manual,
         notifies=(Tell.TECHNICIANS,), papers=(Paper.MANUAL_PART,)),
    _row(Step.RECORD_RELEASE, S.RELEASE, (S.REPLYING, S.MODIFICATION), TE, outcomes.record_release,
         notifies=(Tell.SERVICE_MANAGER,), guards=(guards.build_is_tested,), papers=(Paper.RELEASE_NOTE,)),
    _row(Step.REPLY_CUSTOMER, S.REPLYING, S.FIX_CONFIRMING, SM, outcomes.reply_customer,
         notifies=(Tell.CUSTOMER,), papers=(Paper.REPLY,)),
    _row(Step.CONFIRM_FIX, S.FIX_CONFIRMING, S.CLOSED, (SM, CUSTOMER), endings.confirm_fix,
         notifies=(Tell.EVERYONE,), guards=(guards.fault_is_finished,), papers=(Paper.CLOSE_NOTE, Paper.FAULT_RECORD)),
    _row(Step.REJECT_FIX, S.FIX_CONFIRMING, S.ANALYSIS, (SM, CUSTOMER), endings.reject_fix,
         notifies=(Tell.ANALYSTS, Tell.CENTER_MANAGER)),
    _row(Step.CLOSE_UNANSWERED, (S.FIX_CONFIRMING, S.ANSWER_CONFIRMING), S.CLOSED, CM, endings.close_unanswered,
         notifies=(Tell.REPORTER,),
         guards=(guards.never_if_very_severe, guards.fault_is_finished, guards.customer_was_reached,
                 guards.reminded_enough),
         papers=(Paper.CLOSE_NOTE, Paper.FAULT_RECORD)),
    _row(Step.REOPEN, S.CLOSED, (S.ANALYSIS, S.ANSWERING), (SM, CUSTOMER), endings.reopen,
         notifies=(Tell.CENTER_MANAGER,), guards=(guards.was_fault_or_question, guards.reopened_in_time)),
    _row(Step.MERGE_DUPLICATE, OPEN_STATES, S.DUPLICATE, (SM, TE, CM), merging.merge_duplicate,
         notifies=(Tell.BOTH_REPORTERS,),
         guards=(guards.desk_or_manager_merges, guards.has_no_duplicates),
         checks=(checks.master_fits, checks.manager_moves_deadlines_only)),
    _row(Step.UNDO_MERGE, S.DUPLICATE, _EARLIER, CM, merging.undo_merge,
         notifies=(Tell.BOTH_REPORTERS,)),
    _row(Step.WITHDRAW, OPEN_STATES, S.WITHDRAWN, (Position.REPORTER, SM, CM), endings.withdraw,
         notifies=(Tell.EVERYONE,), guards=(guards.manager_if_very_severe(Position.REPORTER, SM),)),
    _row(Step.HOLD, OPEN_STATES, None, (Position.ASSIGNEE, SM), outcomes.hold,
         notifies=(Tell.CENTER_MANAGER,), guards=(guards.not_on_hold,)),
    _row(Step.RESUME, OPEN_STATES, None, (Position.ASSIGNEE, SM), outcomes.resume,
         notifies=(Tell.CENTER_MANAGER,), guards=(guards.on_hold,)),
    _row(Step.REASSIGN, OPEN_STATES, None, (CM, TE), outcomes.reassign,
         notifies=(Tell.OLD_AND_NEW,),
         checks=(checks.person_leaves_place, checks.person_fits_place, checks.tester_remains)),
    _correct(S.TRIAGE, Position.REPORTER, SM, CM),
    _correct(OPEN_STATES - {S.TRIAGE}, SM, CM),
    _row(Step.COMMENT, frozenset(State), None, Position.PARTICIPANT, outcomes.comment),
)
# fmt: on

#: Whom each open state waits for. A place that nobody holds counts as held by everybody of its role.
WAITS_FOR: dict[State, tuple[Who, ...]] = {
    S.TRIAGE: (Place.TRIAGER,),
    S.ANSWERING: (Position.CARETAKER,),
    S.ANSWER_CONFIRMING: (Position.CARETAKER, CUSTOMER),
    S.SHEET_DRAFTING: (Position.CARETAKER,),
    S.SHEET_SIGNING: (CM,),
    S.ANALYSIS: (Place.TESTERS, Place.TECHNICIANS),
    S.DECISION: (Place.TECHNICIANS,),
    S.HANDLING: (Place.OWNER,),
    S.MODIFICATION: (Place.MODIFIER,),
    S.TESTING: (Place.TESTERS,),
    S.MANUAL_UPDATE: (Place.TESTERS,),
    S.RELEASE: (Place.TECHNICIANS,),
    S.REPLYING: (Position.CARETAKER,),
    S.FIX_CONFIRMING: (Position.CARETAKER, CUSTOMER),
}
#: Steps that do not depend on what the state waits for. All others are offered as the next step.
ALWAYS_OFFERED = frozenset(
    {
        Step.COMMENT,
        Step.HOLD,
        Step.RESUME,
        Step.REASSIGN,
        Step.CORRECT,
        Step.MERGE_DUPLICATE,
        Step.WITHDRAW,
        Step.CHANGE_SEVERITY,
        Step.CHANGE_DEADLINE,
    }
)


def row_of(step: Step, state: State) -> Row | None:
    """Return the row that lets `step` start in `state`; None if there is none."""
    return _BY_STEP_AND_STATE.get((step, state))


def rows_of(step: Step) -> tuple[Row, ...]:
    """Return all rows of a step, in the order of the table."""
    return tuple(row for row in TABLE if row.step is step)


_BY_STEP_AND_STATE = {(row.step, state): row for row in TABLE for state in row.sources}
