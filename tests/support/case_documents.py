"""The acceptance scenarios of process.md §7 with further steps that documents show, and readers of the documents."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.casework.reading.read_models import PaperCard, paper_card
from bot.documents.case_files import Form, case_of, paper_file
from bot.documents.context import DocumentSettings
from bot.documents.wording import Language, Wording
from bot.i18n.translator import translator
from bot.workflow.context import Policy
from storage import documents, people
from storage.people import Profile
from storage.personal import values_of
from storage.vocabulary import Paper, State, Step
from tests.support.acceptance_scenarios import AcceptanceScenarios
from tests.support.case_builder import GENERAL, CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import ADMIN, ANNA, CHEN, HE, HUANG, LIN, WU, ZHAO, ZHOU
from tests.support.word_reader import Read, read

NAMES = {
    HUANG: "Huang Wei 黄伟",
    CHEN: "Chen Jing 陈静",
    ZHOU: "Zhou Min 周敏",
    WU: "Wu Gang 吴刚",
    LIN: "Lin Xiaoyu 林晓雨",
    HE: "He Qing 何清",
    ZHAO: "Zhao Lei 赵磊",
    ANNA: "Anna Berg",
    ADMIN: "Desk Admin",
}
SHANGHAI = ZoneInfo("Asia/Shanghai")
Scenario = Callable[["CaseDocuments"], int]


class CaseDocuments:
    """Cases of the demo team, written through a `CaseBuilder`. `take` and `usual` move the clock by seven minutes."""

    def __init__(self, builder: CaseBuilder, clock: ManualClock) -> None:
        self.builder, self.clock, self.scenarios = builder, clock, AcceptanceScenarios(builder, clock)
        with builder.database.write() as session:
            people.keep(session, (Profile(*named, None, None, True) for named in NAMES.items()), clock.now())

    def report(self, **changed: Any) -> int:
        return self.builder.report(CHEN, **changed)

    def take(self, step: Step, by: str, case: int, /, **answers: Any) -> None:
        self.clock.move(minutes=7)
        self.builder.take(step, by, case, **answers)

    def usual(self, step: Step, case: int, /, **changed: Any) -> None:
        self.clock.move(minutes=7)
        self.builder.usual(step, case, **changed)

    def made(self, case: int, paper: Paper, language: Language = "en", form: Form = "docx") -> bytes:
        """One document of a case as the bytes of a file."""
        with self.builder.database.read() as session:
            return paper_file(
                case_of(session, case, Policy()), paper, form, Wording(language, SHANGHAI), DocumentSettings()
            ).content

    def opened(self, case: int, paper: Paper, language: Language = "en") -> Read:
        """One document of a case, read back by a Word reader."""
        return read(self.made(case, paper, language))

    def records(self, case: int, *papers: Paper) -> list[PaperCard]:
        """Every version of these documents of a case."""
        with self.builder.database.read() as session:
            rows = documents.all_of(session, case)
            values = values_of(session, case, *(row.content for row in rows))
            return [paper_card(row, values) for row in rows if row.paper in papers]

    def onward(self, case: int, until: State, **published: Any) -> None:
        self.builder.onward(case, until, **published)


def moment(at: datetime, language: Language = "en") -> str:
    """A moment as a document in this language writes it."""
    if language == "both":
        return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M+08:00")
    return translator(language, "Asia/Shanghai").moment(at)


def question(files: CaseDocuments) -> int:
    """1. A question, satisfied at once."""
    return files.scenarios.question()


def dissatisfied(files: CaseDocuments) -> int:
    """2. Dissatisfied twice. The first verdict has a score."""
    return files.scenarios.dissatisfied({Step.RECORD_VERDICT: lambda _case: {"score": "2"}})


def requirement(files: CaseDocuments) -> int:
    """3. A customized requirement, returned once."""
    return files.scenarios.requirement()


def very_severe(files: CaseDocuments) -> int:
    """4. Very severe, on time, with a discussion and a failed first test."""
    builder = files.builder

    def discussed(case: int) -> Mapping[str, Any]:
        asked = {"invitees": [ZHAO, ANNA], "question": "Can the loader cope? 装载程序受影响吗?"}
        builder.take(Step.CALL_DISCUSSION, WU, case, **asked)
        builder.take(Step.CLOSE_DISCUSSION, LIN, case, outcome="Yes, since V3.1")
        return {}

    def failed_first(case: int) -> Mapping[str, Any]:
        tried = "Rate a long call 长话批价 | rated | exits | fail\nRate a short call | rated | rated | pass"
        why = {"actual": "It still exits", "fail_reason": "The index was forgotten 漏改索引", "next": "modify"}
        builder.take(Step.FAIL_TEST, HE, case, **{**builder.answers(Step.PASS_TEST), "cases": tried, **why})
        anew = {"build": "V3.2.1-rc2", "change": "Column and index widened 字段与索引均已加宽", "effort_hours": "1"}
        builder.usual(Step.SUBMIT_MODIFICATION, case, **anew)
        return {"build": "V3.2.1-rc2", "cases": "Rate a long call 长话批价 | rated | rated | pass"}

    return files.scenarios.very_severe(
        {
            Step.PUBLISH_ANALYSIS: discussed,
            Step.SUBMIT_MODIFICATION: lambda _case: {"risk": "The table is locked for a minute 表锁一分钟"},
            Step.PASS_TEST: failed_first,
        }
    )


def general(files: CaseDocuments) -> int:
    """5. General, without a deadline. The customer rejects the first fix, so the manual is updated twice."""

    def rejected(case: int) -> Mapping[str, Any]:
        files.builder.take(Step.REJECT_FIX, CHEN, case, reason="Still blurred 仍然模糊", evidence="Mail 邮件")
        files.onward(case, State.MANUAL_UPDATE, **GENERAL, root_cause=None, prevention=None)
        manual = {"needed": "yes", "chapter": "4.3", "change_type": "A", "after": "How the logo is drawn 徽标的绘制"}
        files.builder.take(Step.UPDATE_MANUAL, LIN, case, **manual, product_version="V2.5.2")
        files.onward(case, State.FIX_CONFIRMING)
        return {}

    return files.scenarios.general({Step.CONFIRM_FIX: rejected})


def redrafted(files: CaseDocuments) -> int:
    """6. A sheet returned and redrafted twice. The case is reclassified later, so that the signed sheet is void."""
    case = files.scenarios.returned()
    files.take(Step.RECLASSIFY, HUANG, case, reason="It was a setting 属配置问题")
    return case


SCENARIOS: dict[str, Scenario] = {
    "question": question,
    "dissatisfied": dissatisfied,
    "requirement": requirement,
    "very_severe": very_severe,
    "general": general,
    "redrafted": redrafted,
}
