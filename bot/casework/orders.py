"""Orders of documents: what somebody wants made, whether they may have it, and where it goes."""

from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from bot.casework import inquiry, read
from bot.casework.office import Office
from bot.casework.periods import between
from bot.casework.statistics import Asked
from bot.casework.tell import View
from bot.workflow import unmade
from bot.workflow.refusal import Problem, Refused
from storage import deliveries, outbox
from storage.vocabulary import Paper


class What(StrEnum):
    """What can be made. Each is made in the forms of `FORMS`, the first of which is the usual one."""

    PAPER = "paper"
    TABLE = "table"
    CHARTS = "charts"
    REPORT = "report"
    PACK = "pack"


FORMS: dict[What, tuple[str, ...]] = {
    What.PAPER: ("docx", "pdf"),
    What.TABLE: ("xlsx", "csv"),
    What.CHARTS: ("png",),
    What.REPORT: ("docx", "xlsx", "pdf"),
    What.PACK: ("zip",),
}
#: The records that are documents of their own, in the order of the process (process.md §4).
PAPERS = (
    *(Paper.SERVICE_REPORT, Paper.FAULT_SHEET, Paper.REQUIREMENT_SHEET, Paper.ANALYSIS_REPORT),
    *(Paper.TEST_RECORD, Paper.MANUAL_PART),
)
#: What those may have who are involved in a case without working on it; the others are internal.
_FOR_ALL = frozenset({Paper.SERVICE_REPORT, Paper.MANUAL_PART})


class Order(BaseModel):
    """One order, as it waits in the outbox. The days are the office's, both included; None: since ever, until now.

    `language` is `en`, `zh-CN` or `both`. `customer` and `product` are names.
    """

    model_config = ConfigDict(frozen=True)

    what: What
    asker: str
    form: str
    language: str
    case_id: int | None = None
    paper: Paper | None = None
    first: date | None = None
    last: date | None = None
    customer: str | None = None
    product: str | None = None

    @property
    def about(self) -> tuple[str, ...]:
        """What it is of: a case, or the days and names that narrow it."""
        days = () if self.first is None else (f"{self.first}", f"{self.last}")
        number = () if self.case_id is None else (f"F-{self.case_id}",)
        return (*number, *days, *(name for name in (self.customer, self.product) if name))

    def narrowed(self, asked: Asked) -> Self:
        """The same, of a period, perhaps a customer and a product."""
        days = {"first": asked.period.first, "last": asked.period.last}
        return self.model_copy(update={**days, "customer": asked.customer, "product": asked.product})

    def asked(self, zone: tzinfo) -> Asked | None:
        """The period in the office's zone, and the names; None for an order without a period."""
        if self.first is None or self.last is None:
            return None
        return Asked(between(self.first, self.last, zone), self.customer, self.product)

    def in_form(self, form: str) -> Self:
        """The same in another form. `Refused` if it is not made in that."""
        if form not in FORMS[self.what]:
            raise Refused(Problem(unmade.NotInThatForm(form, ", ".join(FORMS[self.what]))))
        return self.model_copy(update={"form": form})


def place(session: Session, order: Order, delivery: str, office: Office, now: datetime) -> bool:
    """Queue what was ordered; the same `delivery` (a request of Slack's) once. `Refused` to whom it is not for.

    Returns whether it goes into the case's thread; otherwise its asker gets it as a direct message.
    """
    inside = check(session, order, office, now)
    shared = order.what is What.PAPER and inside
    if deliveries.first(session, delivery, now):
        target = office.desk if shared else order.asker
        arguments = {"order": order.model_dump(mode="json")}
        outbox.put(session, View.FILE, target, now, case_id=order.case_id, arguments=arguments, aside=True)
    return shared


def check(session: Session, order: Order, office: Office, now: datetime) -> bool:
    """May its asker have this? `Refused` if not. Returns whether the asker is of the center or reads for it."""
    if order.case_id is None:
        inquiry.allow(session, order.asker, office, now)
        return True
    inside = read.show(session, order.case_id, order.asker, office, now).inside
    if not inside and order.paper not in _FOR_ALL:
        raise Refused(Problem(unmade.InternalPaper()))
    return inside


def offered(papers: tuple[Paper, ...], *, inside: bool) -> tuple[Paper, ...]:
    """Those of a case's documents that its reader may have."""
    return papers if inside else tuple(paper for paper in papers if paper in _FOR_ALL)
