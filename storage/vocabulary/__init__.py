"""The vocabulary of the process: codes as they are stored in the database, in buttons and in modals.

It uses the standard library only, so every package may import it.
"""

from storage.vocabulary.answers import (
    AfterFailure,
    Category,
    CauseClass,
    ChangeType,
    Channel,
    HandlingKind,
    HoldKind,
    ReleaseResult,
    Reproduced,
    SymptomKind,
    Urgency,
    YesNo,
)
from storage.vocabulary.process import (
    CENTER_ROLES,
    END_STATES,
    OPEN_STATES,
    SEVERITY_ORDER,
    Basis,
    Kind,
    Place,
    Role,
    Severity,
    Source,
    State,
    Step,
)
from storage.vocabulary.records import (
    SHEETS,
    OutboxState,
    Paper,
    PaperStatus,
    ReminderState,
    Rule,
)

__all__ = [
    "CENTER_ROLES",
    "END_STATES",
    "OPEN_STATES",
    "SEVERITY_ORDER",
    "SHEETS",
    "AfterFailure",
    "Basis",
    "Category",
    "CauseClass",
    "ChangeType",
    "Channel",
    "HandlingKind",
    "HoldKind",
    "Kind",
    "OutboxState",
    "Paper",
    "PaperStatus",
    "Place",
    "ReleaseResult",
    "ReminderState",
    "Reproduced",
    "Role",
    "Rule",
    "Severity",
    "Source",
    "State",
    "Step",
    "SymptomKind",
    "Urgency",
    "YesNo",
]
