"""The words of what is stored: records, reminders, messages."""

from enum import StrEnum


class Paper(StrEnum):
    """The records of a case, each in versions. T-numbers are the company's."""

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
    """The status of a version of a record."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    RETURNED = "returned"
    VOID = "void"
    RECLASSIFIED = "reclassified"
    PUBLISHED = "published"
    RECORDED = "recorded"


class Rule(StrEnum):
    """The reason for a reminder. `occurrence` counts within one rule of one case."""

    DEADLINE_SHARE = "deadline_share"
    OVERDUE = "overdue"
    UNACKNOWLEDGED = "unacknowledged"
    NEGOTIATING = "negotiating"
    #: The reporter marked the report as urgent, and nobody has triaged it.
    URGENT = "urgent"
    UNTRIAGED = "untriaged"
    UNSIGNED = "unsigned"
    #: The target of any other state has passed.
    TARGET = "target"
    UNANSWERED = "unanswered"
    HOLD_ENDED = "hold_ended"


class ReminderState(StrEnum):
    """The state of a reminder."""

    WAITING = "waiting"
    SENT = "sent"
    STOPPED = "stopped"


class OutboxState(StrEnum):
    """The state of a message in the outbox."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"


class SubjectKind(StrEnum):
    """What has entries that checkpoints count: a case, a version of a statistics report, the desk itself."""

    CASE = "case"
    REPORT = "report"
    DESK = "desk"


class DeskEvent(StrEnum):
    """The events in the history of the desk, which belong to no case."""

    KEY_USED = "key_used"
    KEY_ROTATED = "key_rotated"
    KEY_LOST = "key_lost"
    RESTORED = "restored"
    EXPORTED = "exported"
    SETTING_CHANGED = "setting_changed"


KEY_EVENTS = (DeskEvent.KEY_USED, DeskEvent.KEY_ROTATED, DeskEvent.KEY_LOST)


class SignedKind(StrEnum):
    """What the desk's key signs."""

    RECORD = "record"
    REPORT = "report"
    CHECKPOINT = "checkpoint"
    DESK_ENTRY = "desk_entry"
    PACK = "pack"


class NotKept(StrEnum):
    """Why there is no copy of a file that a step brought."""

    #: It was deleted in Slack before it was fetched.
    DELETED = "deleted"
    #: Slack does not let the bot read it.
    NO_ACCESS = "no_access"
    #: It is stored outside Slack, where the bot's token is never sent.
    ELSEWHERE = "elsewhere"
    TOO_LARGE = "too_large"
    #: Files of its kind are not kept.
    KIND = "kind"
    #: What Slack sent was never the file that it had announced.
    FAILED = "failed"
