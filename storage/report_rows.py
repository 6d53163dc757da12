"""The faults in a statistics report, with the values of each at the end of the period."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from storage.statistics import cases_counted
from storage.statistics.histories import CASES, CaseHistories, Scope
from storage.tables import METADATA
from storage.vocabulary import Paper, PaperStatus, Severity

_PRODUCTS, _CUSTOMERS = METADATA.tables["products"].c, METADATA.tables["customers"].c
#: The measure whose numerator contains the fault, by flag.
_FLAGS = {"received": "M1", "closed": "M12", "open": "M11", "late": "M9"}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One fault. `received`, `closed`, `open` and `late` say which numbers contain it: M1, M12's closed, M11, M9.

    State, deadline and `resolved_at` are those at the period's end; everything else is the present value.
    `analysis` is the newest published analysis report, as JSON text.
    """

    case_id: int
    received: bool
    closed: bool
    open: bool
    late: bool
    summary: str
    customer: str | None
    product: str
    module: str | None
    severity: Severity | None
    state: str
    reported_at: datetime
    deadline_at: datetime | None
    resolved_at: datetime | None
    analysis: str | None


def report_rows(session: Session, scope: Scope) -> list[ReportRow]:
    """Return the faults received, closed, open at the end, or late in the scope, ordered by number."""
    flags = dict(zip(_FLAGS, cases_counted(session, scope, tuple(_FLAGS.values())), strict=True))
    histories = CaseHistories(scope, sorted(set().union(*flags.values())))
    story = histories.judged.c
    columns = (
        *(story.case_id, CASES.summary, CASES.module, CASES.severity, story.reported_at),
        story.deadline_then.label("deadline_at"),
        *(_CUSTOMERS.name.label("customer"), _PRODUCTS.name.label("product"), _analysis().label("analysis")),
        *(story.state_then.label("state"), story.resolved_then.label("resolved_at")),
    )
    query = (
        select(*columns)
        .join_from(histories.judged, CASES.id.table, story.case_id == CASES.id)
        .join(_PRODUCTS.id.table, _PRODUCTS.id == CASES.product_id)
        .outerjoin(_CUSTOMERS.id.table, _CUSTOMERS.id == CASES.customer_id)
        .order_by(story.case_id)
    )
    rows = session.connection().execute(query).mappings()
    return [ReportRow(**{**row, **{name: row["case_id"] in ids for name, ids in flags.items()}}) for row in rows]


def _analysis() -> ColumnElement[Any]:
    papers = METADATA.tables["documents"].alias("analyses").c
    newest = select(papers.content).where(
        papers.case_id == CASES.id, papers.paper == Paper.ANALYSIS_REPORT, papers.status == PaperStatus.PUBLISHED
    )
    return newest.order_by(papers.version.desc()).limit(1).scalar_subquery()
