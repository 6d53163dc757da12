"""Parses the words of an export order in both languages: `F-12 T02 pdf`, `table last month`, `pack 2026-10 中文`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.records.export_orders import FORMS, PAPERS, ExportKind, ExportOrder, check_subject
from bot.casework.statistics import query
from bot.casework.statistics.periods import Period
from bot.casework.statistics.query import UnclearQuery, UnclearReason
from bot.casework.steps import load
from bot.workflow.reading_levels import Visibility
from bot.workflow.reading_rights import reads_center
from storage.vocabulary import Paper

_KINDS: dict[str, ExportKind | Paper] = {
    **{paper.value.casefold(): paper for paper in PAPERS},
    **dict.fromkeys(("table", "t05", "record", "表", "记录表", "故障记录表", "产品故障记录表"), ExportKind.TABLE),
    **dict.fromkeys(("report", "t08", "统计报告", "维护统计报告"), ExportKind.REPORT),
    **dict.fromkeys(("charts", "chart", "stats", "statistics", "图表", "统计"), ExportKind.CHARTS),
    **dict.fromkeys(("pack", "evidence", "证据包"), ExportKind.PACK),
    **dict.fromkeys(("服务报告", "客户服务报告"), Paper.SERVICE_REPORT),
    **dict.fromkeys(("任务单", "故障处理任务单"), Paper.FAULT_SHEET),
    **dict.fromkeys(("需求任务单", "个性化需求任务单"), Paper.REQUIREMENT_SHEET),
    **dict.fromkeys(("分析报告", "故障分析报告", "内部故障分析报告"), Paper.ANALYSIS_REPORT),
    **dict.fromkeys(("测试记录",), Paper.TEST_RECORD),
    **dict.fromkeys(("说明书", "软件使用说明书"), Paper.MANUAL_PART),
}
_FORMS = {
    **{form: form for form in ("docx", "pdf", "xlsx", "csv", "zip", "png")},
    **{"word": "docx", "excel": "xlsx"},
}
_LANGUAGES = {
    **dict.fromkeys(("en", "english", "英文"), "en"),
    **dict.fromkeys(("zh", "zh-cn", "chinese", "中文"), "zh-CN"),
    **dict.fromkeys(("both", "双语"), "both"),
}
_ALL_TIME = ("all", "全部")
#: The word for a case before its number, which then is one word.
_CASE_WORD = re.compile(r"(问题单|\bcase)\s+(?=[#F0-9])", re.IGNORECASE)
_COMPANY_NUMBER = re.compile(r".*-(t0\d)")


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What was understood. `ever` is the word for all time; `rest` names a period, a customer or a product."""

    what: ExportKind | None = None
    case_id: int | None = None
    paper: Paper | None = None
    form: str | None = None
    language: str | None = None
    ever: str | None = None
    rest: str = ""


def parse(text: str) -> ExportRequest:
    """Parse the words after `export`, in any order. Words that are not understood stay in `rest`."""
    found: dict[str, ExportKind | Paper | str | int] = {}
    rest = [word for word in _CASE_WORD.sub(r"\1", text).split() if not _found(word, found)]
    if found.get("what") in (None, ExportKind.PAPER) and len(rest) == 1 and load.number(rest[0]):  # 12 T02
        rest = [word for word in rest if not _found(f"f-{word}", found)]
    return ExportRequest(rest=" ".join(rest), **found)  # type: ignore[arg-type]


def order_of(
    session: Session, request: ExportRequest, asker: str, language: str, company: CompanySettings, now: datetime
) -> ExportOrder | UnclearQuery | None:
    """Return the order that a wish describes, in `language` unless it names one; None if it does not name one thing.

    A table without a period covers all time, as with the word `all`; everything else covers this month.
    The operator, for whom `asker` is empty, may have everything. Raises `Refused` if the person may not have it, before
    a name is looked up. `now` is aware.
    """
    if asker and not _may_look_up(session, request, asker, company, now):
        return None
    found = query.named(session, request.rest, company, now)
    if isinstance(found, UnclearQuery) or request.what is None:
        return found if isinstance(found, UnclearQuery) else None
    period: Period | None = found.get("period") or (None if _is_whole(request) else query.this_month(company, now))
    if request.ever and (period or request.what is not ExportKind.TABLE):
        return UnclearQuery(UnclearReason.UNKNOWN, request.ever)
    try:
        order = ExportOrder(
            what=request.what,
            asker=asker,
            form=request.form or FORMS[request.what][0],
            language=request.language or language,
            case_id=request.case_id,
            paper=request.paper,
            first=period.first if period else None,
            last=period.last if period else None,
            customer=found.get("customer"),
            product=found.get("product"),
        )
    except ValueError:
        return None
    return order.makeable()


def _may_look_up(session: Session, request: ExportRequest, asker: str, company: CompanySettings, now: datetime) -> bool:
    """Return whether the words that are left may name something. Raises `Refused` if the person may not have it.

    Names are lists of the center (process.md §6 R9). Somebody else who named no case is told what they may export.
    """
    forgot_case = request.case_id is None and request.what in (None, ExportKind.PAPER)
    if forgot_case:
        return reads_center(load.person_context(session, asker, company, now))
    level = check_subject(session, asker, request.case_id, request.paper, company, now)
    return level.may_read(Visibility.CENTER) or not request.rest


def _is_whole(request: ExportRequest) -> bool:
    """Return whether the wish, without further words, covers its whole case or all time."""
    return request.case_id is not None or request.what in (None, ExportKind.TABLE, ExportKind.PAPER)


def _found(word: str, found: dict[str, ExportKind | Paper | str | int]) -> bool:
    """Record what a word means, unless its meaning is already taken; return whether it was recorded."""
    meant = dict(_meant(word.casefold()))
    if not meant or meant.keys() & found.keys():
        return False
    found.update(meant)
    return True


def _meant(word: str) -> Iterator[tuple[str, ExportKind | Paper | str | int]]:
    bare = match[1] if (match := _COMPANY_NUMBER.fullmatch(word)) else word
    good = _KINDS.get(bare)
    if isinstance(good, Paper):
        yield from (("what", ExportKind.PAPER), ("paper", good))
    elif good is not None:
        yield "what", good
    for name, known in (("form", _FORMS), ("language", _LANGUAGES)):
        if word in known:
            yield name, known[word]
    if word in _ALL_TIME:
        yield "ever", word
    if good is None and not word[:1].isdecimal() and (case_id := load.number(word)) is not None:
        yield "case_id", case_id
