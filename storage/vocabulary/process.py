"""The words of the process itself: states, steps, roles, places, kinds, severities."""

from enum import StrEnum


class State(StrEnum):
    """The states of a case, which is in exactly one of them (process.md §2)."""

    TRIAGE = "triage"
    ANSWERING = "answering"
    ANSWER_CONFIRMING = "answer_confirming"
    SHEET_DRAFTING = "sheet_drafting"
    SHEET_SIGNING = "sheet_signing"
    ANALYSIS = "analysis"
    DECISION = "decision"
    HANDLING = "handling"
    MODIFICATION = "modification"
    TESTING = "testing"
    MANUAL_UPDATE = "manual_update"
    RELEASE = "release"
    REPLYING = "replying"
    FIX_CONFIRMING = "fix_confirming"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


END_STATES = frozenset({State.HANDED_OVER, State.CLOSED, State.DUPLICATE, State.WITHDRAWN})


OPEN_STATES = frozenset(State) - END_STATES


class Bucket(StrEnum):
    """What is to be done by whoever a case waits for."""

    TRIAGE = "triage"
    ANSWER = "answer"
    DRAFT = "draft"
    SIGN = "sign"
    ANALYZE = "analyze"
    DECIDE = "decide"
    HANDLE = "handle"
    MODIFY = "modify"
    TEST = "test"
    MANUAL = "manual"
    RELEASE = "release"
    REPLY = "reply"
    #: The customer's feedback or confirmation is to be recorded.
    CUSTOMER = "customer"
    #: Nobody may take the step that the case waits for.
    VACANT = "vacant"


class Step(StrEnum):
    """The steps of the process. A code is also the button's `action_id` and the modal's `callback_id`."""

    REPORT = "report"
    TAKE = "take"
    TRIAGE = "triage"
    ANSWER = "answer"
    RECORD_VERDICT = "record_verdict"
    RECLASSIFY = "reclassify"
    DRAFT_SHEET = "draft_sheet"
    SIGN_SHEET = "sign_sheet"
    RETURN_SHEET = "return_sheet"
    REJECT_SHEET = "reject_sheet"
    CALL_DISCUSSION = "call_discussion"
    CLOSE_DISCUSSION = "close_discussion"
    PUBLISH_ANALYSIS = "publish_analysis"
    CHANGE_SEVERITY = "change_severity"
    CHANGE_DEADLINE = "change_deadline"
    DECIDE_MODIFICATION = "decide_modification"
    REANALYZE = "reanalyze"
    COMPLETE_HANDLING = "complete_handling"
    SUBMIT_MODIFICATION = "submit_modification"
    PASS_TEST = "pass_test"  # noqa: S105 - a test that passes, not a password
    FAIL_TEST = "fail_test"
    UPDATE_MANUAL = "update_manual"
    RECORD_RELEASE = "record_release"
    REPLY_CUSTOMER = "reply_customer"
    CONFIRM_FIX = "confirm_fix"
    REJECT_FIX = "reject_fix"
    CLOSE_UNANSWERED = "close_unanswered"
    REOPEN = "reopen"
    MERGE_DUPLICATE = "merge_duplicate"
    UNDO_MERGE = "undo_merge"
    WITHDRAW = "withdraw"
    HOLD = "hold"
    RESUME = "resume"
    REASSIGN = "reassign"
    CORRECT = "correct"
    COMMENT = "comment"


#: The steps that pass a case on to other people without moving it.
HANDING_OVER = (Step.TAKE, Step.REASSIGN)


class HistoryEvent(StrEnum):
    """Entries of the history that are no steps: they change neither the version of a case nor what it counts."""

    #: The case as it was when its changes began to be recorded.
    ADOPTED = "adopted"
    #: A reminder was handed to delivery.
    REMINDED = "reminded"
    #: Slack refused a reminder, or words for the customer, for good.
    NOT_DELIVERED = "not_delivered"
    #: Words for the customer arrived late, or after earlier ones had been refused.
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    #: Somebody who was reminded needs help.
    HELP_ASKED = "help_asked"
    #: A reminder that a wrong clock sent too early waits again, or is not needed any more.
    REARMED = "rearmed"
    #: The reminders of a case that ended long ago were deleted.
    PRUNED = "pruned"
    #: The bot keeps its own copy of a file that a step brought.
    FILE_KEPT = "file_kept"
    #: There is no copy of a file that a step brought, and there will be none.
    FILE_NOT_KEPT = "file_not_kept"


class Role(StrEnum):
    """The roles of a person in the company. One person may hold several."""

    CENTER_MANAGER = "center_manager"
    SERVICE_MANAGER = "service_manager"
    TECHNICIAN = "technician"
    TESTER = "tester"
    ADMIN = "admin"
    VIEWER = "viewer"


CENTER_ROLES = frozenset({Role.CENTER_MANAGER, Role.SERVICE_MANAGER, Role.TECHNICIAN, Role.TESTER})


class Place(StrEnum):
    """The places that a person may hold on one case."""

    #: Whoever has taken the case for triage. It gives no right, and ends with the triage (process.md rule 2.1).
    TRIAGER = "triager"
    TESTERS = "testers"
    TECHNICIANS = "technicians"
    MODIFIER = "modifier"
    OWNER = "owner"
    SERVICE_MANAGER = "service_manager"


class Kind(StrEnum):
    """The kind of a case, as decided in triage."""

    REQUIREMENT = "requirement"
    FAULT = "fault"
    QUESTION = "question"


class Source(StrEnum):
    """Where the problem was found."""

    CUSTOMER = "customer"
    INTERNAL = "internal"


class Severity(StrEnum):
    """The severity of a fault, determined in analysis."""

    VERY_SEVERE = "very_severe"
    SEVERE = "severe"
    GENERAL = "general"


#: From the lowest to the highest, so that two severities can be compared.
SEVERITY_ORDER = (Severity.GENERAL, Severity.SEVERE, Severity.VERY_SEVERE)


class Basis(StrEnum):
    """The basis of a deadline. `NEGOTIATING` is only an answer of the form and never stored in a published row."""

    CUSTOMER_STIPULATED = "customer_stipulated"
    NEGOTIATED = "negotiated"
    NEGOTIATING = "negotiating"
    DEFAULT = "default"
    INTERNAL = "internal"
    NONE = "none"
