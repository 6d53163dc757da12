"""Export orders: which document somebody requests, whether they may have it, and where it is sent."""

from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlmodel import Session

from bot.casework import limits
from bot.casework.company_settings import CompanySettings
from bot.casework.reading import cases
from bot.casework.records import checkpoints
from bot.casework.statistics.measures import StatisticsQuery, ids_of
from bot.casework.statistics.periods import between
from bot.casework.steps import load
from bot.casework.steps.notify import MessageKind
from bot.workflow import export_refusals
from bot.workflow.paper_fields import paper_visibility
from bot.workflow.reading_levels import Level, Visibility
from bot.workflow.reading_rights import reads_center
from bot.workflow.refusal import Problem, Refused
from storage import deliveries, desk_history, documents, outbox, turns
from storage.record_rows import RecordFilter
from storage.vocabulary import DeskEvent, Paper


class ExportKind(StrEnum):
    """What can be exported. Each has the formats in `FORMS`; the first is the default."""

    PAPER = "paper"
    TABLE = "table"
    CHARTS = "charts"
    REPORT = "report"
    PACK = "pack"


FORMS: dict[ExportKind, tuple[str, ...]] = {
    ExportKind.PAPER: ("docx", "pdf"),
    ExportKind.TABLE: ("xlsx", "csv"),
    ExportKind.CHARTS: ("png",),
    ExportKind.REPORT: ("docx", "xlsx", "pdf"),
    ExportKind.PACK: ("zip",),
}
#: The records that are exported as documents, in the order of the process (process.md §4).
PAPERS = (
    *(Paper.SERVICE_REPORT, Paper.FAULT_SHEET, Paper.REQUIREMENT_SHEET, Paper.ANALYSIS_REPORT),
    *(Paper.TEST_RECORD, Paper.MANUAL_PART),
)
#: What is made in both languages side by side; everything else is in one language.
_BILINGUAL = frozenset({ExportKind.PAPER, ExportKind.PACK})


class ExportOrder(BaseModel):
    """An export order as it waits in the outbox.

    `first` and `last` are days in the company's time zone, both included; None means no limit. `language` is `en`,
    `zh-CN` or `both`. `customer` and `product` are names. `version` is that of a report; None means the newest issued
    version, or the draft if none was issued. Raises `ValueError` for an inconsistent order.
    """

    model_config = ConfigDict(frozen=True)

    what: ExportKind
    asker: str
    form: str
    language: str
    case_id: int | None = Field(default=None, gt=0, lt=2**31)
    paper: Paper | None = None
    first: date | None = None
    last: date | None = None
    customer: str | None = None
    product: str | None = None
    version: int | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        """Check the subject: a document is of a case, statistics are of a period, a pack is of either.

        A table is of a case, of a period, or of all time.
        """
        of_case, days = self.case_id is not None, (self.first, self.last)
        if (self.what is ExportKind.PAPER) != (self.paper in PAPERS):
            raise ValueError("`paper` is for documents only, and required for them")
        if (days[0] is None) != (days[1] is None) or (self.first and self.last and self.last < self.first):
            raise ValueError("a period needs a first and a last day in this order")
        if of_case and (self.first or self.customer or self.product):
            raise ValueError("an order is of a case, or of a period with names")
        needs_case, needs_days = self.what is ExportKind.PAPER, self.what in (ExportKind.CHARTS, ExportKind.REPORT)
        if (needs_case and not of_case) or (needs_days and not self.first):
            raise ValueError("the case or the period is missing")
        if self.what is ExportKind.PACK and not of_case and not self.first:
            raise ValueError("a pack is of a case or of a period")
        return self

    @property
    def about(self) -> tuple[str, ...]:
        """The subject: a case, or the days and names that narrow the selection."""
        days = () if self.first is None else (f"{self.first}", f"{self.last}")
        number = () if self.case_id is None else (f"F-{self.case_id}",)
        return (*number, *days, *(name for name in (self.customer, self.product) if name))

    def statistics_query(self, zone: tzinfo) -> StatisticsQuery | None:
        """Return the period in the company's time zone with the names; None for an order without a period."""
        if self.first is None or self.last is None:
            return None
        return StatisticsQuery(between(self.first, self.last, zone), self.customer, self.product)

    def wanted(self, session: Session, zone: tzinfo, *, closed: bool = False) -> RecordFilter:
        """Return the selection of rows of the record table; with `closed`, also faults closed in the period."""
        asked = self.statistics_query(zone)
        since, until = (asked.period.since, asked.period.until) if asked else (None, None)
        return RecordFilter(since, until, *ids_of(session, self.customer, self.product), self.case_id, closed=closed)

    def makeable(self) -> Self:
        """Return the order itself. Raises `Refused` if it cannot be made in its format or language."""
        if self.form not in FORMS[self.what]:
            raise Refused(Problem(export_refusals.NotInThatForm(self.form, ", ".join(FORMS[self.what]))))
        if self.language == "both" and self.what not in _BILINGUAL:
            raise Refused(Problem(export_refusals.OneLanguage()))
        return self


def place_order(session: Session, order: ExportOrder, delivery: str, company: CompanySettings, now: datetime) -> bool:
    """Queue an order, once per `delivery` (a Slack request).

    Raises `Refused` if the person may not have the document, or has ordered too many within an hour.

    Returns whether it is posted in the case's thread; otherwise the person receives it as a direct message.
    """
    level = check_order(session, order, company, now)
    if order.paper and order.case_id and documents.newest_of(session, order.case_id, order.paper) is None:
        raise Refused(Problem(export_refusals.NoSuchPaper(f"F-{order.case_id}", order.paper)))
    shared = goes_to_thread(order, level)
    if deliveries.first(session, delivery, now):
        asker = load.person_context(session, order.asker, company, now)
        limits.check(session, limits.EXPORTS, asker, company, now)
        turns.caused_by(session, order.asker)
        target = company.desk_channel if shared else order.asker
        arguments = {"order": order.model_dump(mode="json")}
        outbox.put(session, MessageKind.FILE, target, now, case_id=order.case_id, arguments=arguments, aside=True)
        note_taken(session, order, company, now)
    return shared


def goes_to_thread(order: ExportOrder, level: Level) -> bool:
    """Return whether a document goes to the case's thread in the service-desk channel, which the center reads.

    `level` is that of its asker. Everything else goes to the asker alone.
    """
    return order.what is ExportKind.PAPER and level.may_read(Visibility.CENTER)


def note_taken(
    session: Session, order: ExportOrder, company: CompanySettings, now: datetime, as_of: datetime | None = None
) -> None:
    """Write to the history of the desk who took what, and a checkpoint with each pack. Moments are aware UTC.

    `as_of` is the earlier moment as of which it was taken.
    """
    taken = order.model_dump(mode="json", exclude={"asker"}, exclude_none=True)
    taken |= {"as_of": as_of.isoformat()} if as_of else {}
    desk_history.append(session, DeskEvent.EXPORTED, order.asker, taken, now)
    if order.what is ExportKind.PACK:
        checkpoints.write_now(session, company, now)


def check_order(session: Session, order: ExportOrder, company: CompanySettings, now: datetime) -> Level:
    """Check that the person may have this, and return the level at which it is made. Raises `Refused` if not."""
    return check_subject(session, order.asker, order.case_id, order.paper, company, now)


def check_subject(
    session: Session,
    asker: str,
    case_id: int | None,
    paper: Paper | None,
    company: CompanySettings,
    now: datetime,
) -> Level:
    """Check that the person may have a document of a case, or anything else if `paper` is None. Raises `Refused`.

    Returns the level at which it is made. Without a case it is made of all of them.
    """
    if case_id is None:
        if not reads_center(load.person_context(session, asker, company, now)):
            raise Refused(Problem(export_refusals.ForTheCenter()))
        return Level.CENTER
    level = cases.show(session, case_id, asker, company, now).level
    if not level.may_read(paper_visibility(paper) if paper else Visibility.CENTER):
        raise Refused(Problem(export_refusals.InternalPaper() if paper else export_refusals.ForTheCenter()))
    return level


def offered(papers: tuple[Paper, ...], level: Level) -> tuple[Paper, ...]:
    """Return which of a case's documents its reader may have."""
    return tuple(paper for paper in papers if level.may_read(paper_visibility(paper)))
