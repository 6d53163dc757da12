"""The words of the process: codes as they stand in the database, in buttons and in modals.

Standard library only, so that every room may speak them.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a case stands; a case is in exactly one state."""

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


class Step(StrEnum):
    """What a person may do to a case; also the button's `action_id` and the modal's `callback_id`."""

    REPORT = "report"
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
    COMMENT = "comment"


class Role(StrEnum):
    """What a person is in the company; one person may hold several."""

    CENTER_MANAGER = "center_manager"
    SERVICE_MANAGER = "service_manager"
    TECHNICIAN = "technician"
    TESTER = "tester"
    ADMIN = "admin"
    VIEWER = "viewer"


CENTER_ROLES = frozenset({Role.CENTER_MANAGER, Role.SERVICE_MANAGER, Role.TECHNICIAN, Role.TESTER})


class Place(StrEnum):
    """What a person is on one case."""

    TESTERS = "testers"
    TECHNICIANS = "technicians"
    MODIFIER = "modifier"
    OWNER = "owner"
    SERVICE_MANAGER = "service_manager"


class Kind(StrEnum):
    """What triage found the case to be."""

    REQUIREMENT = "requirement"
    FAULT = "fault"
    QUESTION = "question"


class Source(StrEnum):
    """Where the problem was found."""

    CUSTOMER = "customer"
    INTERNAL = "internal"


class Severity(StrEnum):
    """How grave a fault is; found in analysis."""

    VERY_SEVERE = "very_severe"
    SEVERE = "severe"
    GENERAL = "general"


#: From slight to grave, so that two severities can be compared.
SEVERITY_ORDER = (Severity.GENERAL, Severity.SEVERE, Severity.VERY_SEVERE)


class Basis(StrEnum):
    """Who or what set a deadline. `NEGOTIATING` is an answer of the form, never of a published row."""

    CUSTOMER_STIPULATED = "customer_stipulated"
    NEGOTIATED = "negotiated"
    NEGOTIATING = "negotiating"
    DEFAULT = "default"
    INTERNAL = "internal"
    NONE = "none"


class YesNo(StrEnum):
    """An answer to a plain question."""

    YES = "yes"
    NO = "no"


class Channel(StrEnum):
    """How the problem reached us."""

    PHONE = "phone"
    MAIL = "mail"
    CHAT = "chat"
    ON_SITE = "on_site"
    SLACK = "slack"


class Urgency(StrEnum):
    """How urgent the reporter believes it to be; the severity is found in analysis."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class SymptomKind(StrEnum):
    """How a fault shows (process.md §1)."""

    ERROR = "error"
    EXIT = "exit"
    HANG = "hang"
    PERFORMANCE = "performance"
    OTHER = "other"


class Category(StrEnum):
    """What a question is about."""

    USAGE = "usage"
    CERTIFICATE = "certificate"
    DATABASE = "database"
    NETWORK = "network"
    OTHER = "other"


class Reproduced(StrEnum):
    """Whether the fault could be shown again."""

    YES = "yes"
    NO = "no"
    PARTLY = "partly"


class CauseClass(StrEnum):
    """Where the cause lies."""

    CODE = "code"
    DESIGN = "design"
    REQUIREMENT = "requirement"
    CONFIGURATION = "configuration"
    DATA = "data"
    CERTIFICATE = "certificate"
    NETWORK = "network"
    HARDWARE = "hardware"
    USAGE = "usage"
    THIRD_PARTY = "third_party"


class HandlingKind(StrEnum):
    """What is done where the software need not change."""

    CONFIGURATION = "configuration"
    DATA = "data"
    CERTIFICATE = "certificate"
    NETWORK = "network"
    HARDWARE = "hardware"
    GUIDANCE = "guidance"
    WORKAROUND = "workaround"


class AfterFailure(StrEnum):
    """Where a failed test leads."""

    MODIFY = "modify"
    ANALYZE = "analyze"


class ChangeType(StrEnum):
    """The A/M/D letters of the company's change histories."""

    ADDED = "A"
    MODIFIED = "M"
    DELETED = "D"


class ReleaseResult(StrEnum):
    """How a release went."""

    RELEASED = "released"
    ROLLED_BACK = "rolled_back"


class HoldKind(StrEnum):
    """Whom a held case waits for."""

    CUSTOMER = "customer"
    VENDOR = "vendor"
    CHANGE = "change"


class Paper(StrEnum):
    """The records a case collects, each in versions. T-numbers are the company's."""

    CASE = "case"
    SERVICE_REPORT = "T01"
    FAULT_SHEET = "T02"
    REQUIREMENT_SHEET = "T03"
    ANALYSIS_REPORT = "T04"
    FAULT_RECORD = "T05"
    MODIFICATION_RECORD = "modification"
    TEST_RECORD = "T06"
    MANUAL_PART = "T07"
    MINUTES = "minutes"
    DECISION = "decision"
    HANDLING_RECORD = "handling"
    RELEASE_NOTE = "release_note"
    REPLY = "reply"
    RETURN_NOTE = "return_note"
    CLOSE_NOTE = "close_note"


SHEETS = (Paper.FAULT_SHEET, Paper.REQUIREMENT_SHEET)


class PaperStatus(StrEnum):
    """What a version of a record is worth."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    RETURNED = "returned"
    VOID = "void"
    RECLASSIFIED = "reclassified"
    PUBLISHED = "published"
    RECORDED = "recorded"


class Rule(StrEnum):
    """Why a reminder is due. `occurrence` counts within one rule of one case."""

    DEADLINE_SHARE = "deadline_share"
    OVERDUE = "overdue"
    UNACKNOWLEDGED = "unacknowledged"
    NEGOTIATING = "negotiating"
    UNTRIAGED = "untriaged"
    UNSIGNED = "unsigned"
    UNANSWERED = "unanswered"
    HOLD_ENDED = "hold_ended"


class ReminderState(StrEnum):
    """What became of a reminder."""

    WAITING = "waiting"
    SENT = "sent"
    STOPPED = "stopped"


class OutboxState(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"
