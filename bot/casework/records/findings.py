"""What verifying finds: the kinds of inconsistency, and what each is about."""

from dataclasses import dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """The kinds of inconsistency."""

    ENTRY_CHANGED = "entry_changed"
    HISTORY_CUT = "history_cut"
    NOT_REPLAYED = "not_replayed"
    COLUMN_CHANGED = "column_changed"
    PERSONAL_CHANGED = "personal_changed"
    CONTENT_CHANGED = "content_changed"
    AUTHOR_CHANGED = "author_changed"
    ORDER_CHANGED = "order_changed"
    STATUS_CHANGED = "status_changed"
    SIGNATURE_BROKEN = "signature_broken"
    RECORD_MISSING = "record_missing"
    RECORD_UNKNOWN = "record_unknown"
    STATISTICS_CHANGED = "statistics_changed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One inconsistency: in an entry (by its number), a record (`T02 v1`) or a column (`cases.severity`).

    The subject names what differs and never its value.
    """

    kind: FindingKind
    subject: str
