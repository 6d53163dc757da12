"""Writes a fault that ended before this service desk existed as a closed case, with what is known of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlmodel import Session

from bot.casework.steps.entries import EntryWriter
from bot.casework.steps.names import as_registered
from bot.i18n.translator import Translator
from bot.workflow.lateness import in_force
from bot.workflow.records import plain
from bot.workflow.severity import PROMISED
from storage import audit, deadlines, historic_faults, registers
from storage.replay import difference, judged, projection
from storage.tables import Case, Document, Module, ProductVersion
from storage.vocabulary import Basis, Kind, Paper, PaperStatus, Source, Step

#: Of some moments only the day is known, stored as its first minute, so they may be up to a day out of order.
_DAY = timedelta(days=1)
#: The moments of a fault, in the order that they must have.
_IN_ORDER = ("found_at", "reported_at", "resolved_at", "closed_at")
#: The columns that each record contains.
_CASE = (
    *("reference", "customer", "contact", "contact_way", "product", "version", "summary", "description"),
    *("channel", "found_at", "reported_at", "symptom_kind"),
)
_REPORT = ("cause_class", "direct_cause", "module", "measure")
_RECORD = (
    *("severity", "severity_reason", "deadline_basis", "deadline_at", "first_deadline_at", "deadline_contact"),
    *("deadline_agreed_at", "deadline_evidence", "resolved_at", "closed_at", "moved_count", "fixed_version"),
    "reopen_count",
)


def problems_of(values: Mapping[str, Any], names: Mapping[str, str], t: Translator) -> Iterator[tuple[str, str]]:
    """Yield contradictions in a fault's values: the column's code and the reason. `names` are the columns' headings."""
    told = [(code, values[code]) for code in _IN_ORDER if code in values]
    for (before, earlier), (code, later) in pairwise(told):
        if later <= earlier - _DAY:
            yield code, t("lies before “%(column)s”", column=names[before])
    deadline, basis = values.get("deadline_at"), values.get("deadline_basis")
    if deadline is None and basis in (*PROMISED, Basis.DEFAULT):
        yield "deadline_at", t("is empty, but “%(column)s” is %(word)s", column=names["deadline_basis"], word=basis)
    if deadline is not None and basis in (None, Basis.NONE):
        yield "deadline_basis", t("does not say who set the deadline")
    if deadline is not None and "reported_at" in values and deadline < values["reported_at"]:
        yield "deadline_at", t("lies before “%(column)s”", column=names["reported_at"])


def write_fault(session: Session, values: Mapping[str, Any], by: str, now: datetime) -> int:
    """Write the case with its records and a history entry that names the importer; return its id.

    `values` are by column code and already checked; `by` is a Slack user id, `now` aware UTC.
    """
    values = as_registered(session, Step.REPORT, values).answers
    values = {**values, "description": f"[{values['reference']}] {values.get('description') or values['summary']}"}
    row = _case(session, values, by)
    session.add(row)
    session.flush()
    assert row.id is not None
    writer = EntryWriter(session, row.id, by, is_new=True)
    written = [writer.bound(document) for document in _records(row, values, writer, now)]
    answers = writer.hidden(plain({code: values[code] for code in _CASE if code in values}))
    deadline = deadlines.record(session, row, *in_force(row), now)
    changes = {**difference({}, projection(row, {}, ())), **judged(deadline)}
    data = {**answers, "imported": True}
    audit.append(session, row, writer.entry(Step.REPORT, historic_faults.STATE, data, written, changes), now)
    return row.id


def _case(session: Session, values: Mapping[str, Any], by: str) -> Case:
    product = registers.product(session, values["product"])
    assert product.id is not None
    for part, code in ((ProductVersion, "version"), (Module, "module")):
        if code in values:
            registers.keep_part(session, part, product.id, values[code])
    customer = registers.customer(session, values["customer"]) if "customer" in values else None
    names = ("summary", "description", "channel", "reported_at", "symptom_kind", "severity", "module", "fixed_version")
    dated = ("deadline_at", "resolved_at", "closed_at")
    same: dict[str, Any] = {name: values.get(name) for name in (*names, *dated)}
    return Case(
        **same,
        state=historic_faults.STATE,
        entered_at=values["closed_at"],
        kind=Kind.FAULT,
        source=Source.CUSTOMER if customer else Source.INTERNAL,
        reporter_id=by,
        customer_id=customer.id if customer else None,
        contact=values.get("contact", ""),
        contact_way=values.get("contact_way", ""),
        product_id=product.id,
        product_version=values["version"],
        found_at=values.get("found_at", values["reported_at"]),
        first_deadline_at=_first_deadline(values),
        deadline_when_resolved=values.get("deadline_at"),
        deadline_basis=values.get("deadline_basis", Basis.NONE),
        moved_count=values.get("moved_count", 0),
        reopen_count=values.get("reopen_count", 0),
        report_published=True,
    )


def _first_deadline(values: Mapping[str, Any]) -> datetime | None:
    """Return the first deadline as given. A deadline that was never moved is also the first one."""
    moved = values.get("moved_count", 0) > 0
    first: datetime | None = values.get("first_deadline_at") or (None if moved else values.get("deadline_at"))
    return first


def _records(row: Case, values: Mapping[str, Any], writer: EntryWriter, now: datetime) -> Iterator[Document]:
    """Yield the case record, its row in the fault record table, and the report and the reply as far as given."""
    common = {"case": f"F-{row.id}", "version_reported": values["version"]}
    common |= {code: values.get(code) for code in ("customer", "product", "summary", "description", "reference")}

    def record(paper: Paper, content: Mapping[str, Any]) -> Document:
        return writer.add(paper, plain(content), PaperStatus.RECORDED, now)

    yield record(Paper.CASE, {code: values[code] for code in _CASE if code in values})
    if any(code in values for code in ("cause_class", "direct_cause", "measure")):
        yield record(Paper.ANALYSIS_REPORT, common | {code: values[code] for code in _REPORT if code in values})
    told = {code: values[code] for code in _RECORD if code in values}
    judged = {"on_time": _on_time(row, row.deadline_at), "on_time_at_first": _on_time(row, row.first_deadline_at)}
    yield record(Paper.FAULT_RECORD, common | {"deadline_basis": row.deadline_basis} | told | judged)
    if "reply" in values:
        yield record(Paper.REPLY, common | {"reply": values["reply"]})


def _on_time(row: Case, deadline: datetime | None) -> bool | None:
    return None if deadline is None or row.resolved_at is None else row.resolved_at <= deadline
