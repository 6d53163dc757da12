"""What the report of a case says, by the fields of the form that corrects it (process.md rule 2.2)."""

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.workflow.field import FieldKind
from bot.workflow.fields import FORMS, before, field_of
from storage import audit, cases
from storage.personal import resolved, values_of
from storage.tables import Case
from storage.vocabulary import Step

#: What can be corrected.
_CODES = tuple(field.code for field in FORMS[Step.CORRECT] if field.code != "reason")


def reported(session: Session, row: Case) -> dict[str, Any]:
    """Return what the report says now, and the module of the fault."""
    called = cases.names(session, row)
    shared = ("contact", "contact_way", "summary", "description", "found_at", "module")
    named = {"customer": called.customer, "product": called.product, "version": row.product_version}
    return {**named, **{name: getattr(row, name) for name in shared}}


def corrected_since(session: Session, row: Case, entries: int) -> dict[str, Any]:
    """Return what the report said, while its history had this many entries, in the fields that were corrected since."""
    case_id, found = row.id or 0, dict[str, Any]()
    for entry in audit.entries_of(session, case_id, Step.CORRECT):
        if entry.seq > entries:
            told = resolved(json.loads(entry.data), values_of(session, case_id, entry.data))
            for code in _CODES:
                if code in told or before(code) in told:
                    found.setdefault(code, _value(code, told.get(before(code))))
    return found


def _value(code: str, told: Any) -> Any:
    is_moment = field_of(Step.CORRECT, code).kind is FieldKind.MOMENT
    return datetime.fromisoformat(told) if is_moment and told else told
