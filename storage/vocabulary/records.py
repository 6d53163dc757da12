"""Words of what is kept: records, reminders, messages."""

from enum import StrEnum


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
