"""Parses the words of an export order in both languages: `F-12 T02 pdf`, `table last month`, `pack 2026-10 中文`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.casework.company_settings import Office
from bot.casework.records.export_orders import FORMS, PAPERS, Order, What
from bot.casework.statistics import query
from bot.casework.statistics.periods import Period
from bot.casework.statistics.query import Unclear, Why
from bot.casework.steps.load import number
from storage.vocabulary import Paper

_GOODS: dict[str, What | Paper] = {
    **{paper.value.casefold(): paper for paper in PAPERS},
    **dict.fromkeys(("table", "t05", "record", "表", "记录表", "故障记录表", "产品故障记录表"), What.TABLE),
    **dict.fromkeys(("report", "t08", "统计报告", "维护统计报告"), What.REPORT),
    **dict.fromkeys(("charts", "chart", "stats", "statistics", "图表", "统计"), What.CHARTS),
    **dict.fromkeys(("pack", "evidence", "证据包"), What.PACK),
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
_EVER = ("all", "全部")
_COMPANY_NUMBER = re.compile(r".*-(t0\d)")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was understood. `ever` is the word for all time; `rest` names a period, a customer or a product."""

    what: What | None = None
    case_id: int | None = None
    paper: Paper | None = None
    form: str | None = None
    language: str | None = None
    ever: str | None = None
    rest: str = ""


def understood(text: str) -> Wish:
    """Parse the words after `export`, in any order. Words that are not understood stay in `rest`."""
    found: dict[str, What | Paper | str | int] = {}
    rest = [word for word in text.split() if not _found(word, found)]
    if found.get("what") in (None, What.PAPER) and len(rest) == 1 and rest[0].isdecimal():  # 12 T02
        rest = [word for word in rest if not _found(f"f-{word}", found)]
    return Wish(rest=" ".join(rest), **found)  # type: ignore[arg-type]


def order_of(
    session: Session, wish: Wish, asker: str, language: str, office: Office, now: datetime
) -> Order | Unclear | None:
    """Return the order that a wish describes, in `language` unless it names one; None if it does not name one thing.

    A table without a period covers all time, as with the word `all`; everything else covers this month.
    `now` is aware.
    """
    found = query.named(session, wish.rest, office, now)
    if isinstance(found, Unclear) or wish.what is None:
        return found if isinstance(found, Unclear) else None
    period: Period | None = found.get("period") or (None if _is_whole(wish) else query.this_month(office, now))
    if wish.ever and (period or wish.what is not What.TABLE):
        return Unclear(Why.UNKNOWN, wish.ever)
    try:
        order = Order(
            what=wish.what,
            asker=asker,
            form=wish.form or FORMS[wish.what][0],
            language=wish.language or language,
            case_id=wish.case_id,
            paper=wish.paper,
            first=period.first if period else None,
            last=period.last if period else None,
            customer=found.get("customer"),
            product=found.get("product"),
        )
    except ValueError:
        return None
    return order.makeable()


def _is_whole(wish: Wish) -> bool:
    """Return whether the wish, without further words, covers its whole case or all time."""
    return wish.case_id is not None or wish.what in (None, What.TABLE, What.PAPER)


def _found(word: str, found: dict[str, What | Paper | str | int]) -> bool:
    """Record what a word means, unless its meaning is already taken; return whether it was recorded."""
    meant = dict(_meant(word.casefold()))
    if not meant or meant.keys() & found.keys():
        return False
    found.update(meant)
    return True


def _meant(word: str) -> Iterator[tuple[str, What | Paper | str | int]]:
    bare = match[1] if (match := _COMPANY_NUMBER.fullmatch(word)) else word
    good = _GOODS.get(bare)
    if isinstance(good, Paper):
        yield from (("what", What.PAPER), ("paper", good))
    elif good is not None:
        yield "what", good
    for name, known in (("form", _FORMS), ("language", _LANGUAGES)):
        if word in known:
            yield name, known[word]
    if word in _EVER:
        yield "ever", word
    if good is None and (case_id := number(word)) is not None and word.startswith("f"):
        yield "case_id", case_id
