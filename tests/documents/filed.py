"""The acceptance scenarios of process.md §7, brought to their end by the doing, for their documents to be read."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.casework.cards import PaperCard, paper_card
from bot.documents.papers import Form, paper_file
from bot.documents.wording import Language
from bot.i18n import translator
from storage import documents, people
from storage.people import Profile
from storage.vocabulary import Paper, State, Step
from tests.casework.conftest import Hand
from tests.casework.doing import GENERAL, Doing
from tests.documents.reading import Read, read
from tests.team import ADMIN, ANNA, CHEN, HE, HUANG, LIN, WU, ZHAO, ZHOU

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
REASONS = ("which provinces? 影响哪些省份?", "Somebody else must draft it 需他人起草")
Filed = Callable[["Files"], int]


class Files:
    """Cases of the demo team, filed by a `Doing` whose clock moves on with every step."""

    def __init__(self, doing: Doing, hand: Hand) -> None:
        self.doing, self.hand = doing, hand
        with doing.database.write() as session:
            for person, name in NAMES.items():
                people.keep(session, Profile(person, name, None, None, True), hand.now)

    def report(self, **changed: Any) -> int:
        return self.doing.report(CHEN, **changed)

    def take(self, step: Step, by: str, case: int, /, **answers: Any) -> None:
        self.hand.move(minutes=7)
        self.doing.take(step, by, case, **answers)

    def usual(self, step: Step, case: int, /, **changed: Any) -> None:
        self.hand.move(minutes=7)
        self.doing.usual(step, case, **changed)

    def made(self, case: int, paper: Paper, language: Language = "en", form: Form = "docx") -> bytes:
        """A document of a case, as a file."""
        with self.doing.database.read() as session:
            return paper_file(session, case, paper, form, language, "BTSP-SM", SHANGHAI, None).content

    def opened(self, case: int, paper: Paper, language: Language = "en") -> Read:
        """The same, read."""
        return read(self.made(case, paper, language))

    def records(self, case: int, *papers: Paper) -> list[PaperCard]:
        """Every version of these records of a case."""
        with self.doing.database.read() as session:
            return [paper_card(row) for row in documents.all_of(session, case) if row.paper in papers]

    def onward(self, case: int, until: State, **published: Any) -> None:
        self.doing.onward(case, until, **published)


def moment(at: datetime, language: Language = "en") -> str:
    """A moment as a document of this language says it."""
    if language == "both":
        return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M+08:00")
    return translator(language, "Asia/Shanghai").moment(at)


def question(files: Files) -> int:
    """1. A question, satisfied at once."""
    case = files.report(
        customer="Binhai Port Clearance 滨海口岸通关中心",
        contact="Xu Mei 许梅",
        product="Port Exchange 口岸数据交换平台",
        version="V1.8",
        summary="How do I renew the USB certificate? 数字证书如何续期?",
        description="It ends next week.\n下周到期。",
        suspected_urgency="low",
        attachments=[{"id": "F1", "name": "photo of the token.png"}, {"id": "F2", "name": "截图.png"}],
    )
    files.take(Step.TRIAGE, LIN, case, is_requirement="no", is_fault="no")
    files.take(
        Step.ANSWER,
        CHEN,
        case,
        answer="Plug it in and press Renew 插入后点续期",
        category="certificate",
        effort_hours="0.5",
    )
    files.take(Step.RECORD_VERDICT, CHEN, case, satisfied="yes", evidence="Phone 电话", score="5")
    return case


def dissatisfied(files: Files) -> int:
    """2. Dissatisfied twice."""
    case = files.report(
        customer="Nanling Mobile 南岭移动",
        contact="Gao Feng 高峰",
        product="Customer Care 客户关怀系统",
        version="V2.5",
        summary="Why is yesterday's care list empty? 昨天的关怀名单为什么是空的?",
    )
    files.take(Step.TRIAGE, LIN, case, is_requirement="no", is_fault="no")
    usual = {"category": "usage", "effort_hours": "1"}
    for answer, reason in (
        ("It is made at 6 o'clock 每天六点生成", "It is 9 o'clock 已经九点了"),
        ("The job was late 任务延迟", "Still empty 还是空的"),
    ):
        files.take(Step.ANSWER, CHEN, case, answer=answer, **usual)
        files.take(
            Step.RECORD_VERDICT,
            CHEN,
            case,
            satisfied="no",
            dissatisfied_reason=reason,
            evidence="Phone 电话",
            score="2",
        )
    files.take(Step.ANSWER, CHEN, case, answer="It is filled now 现已补齐", consulted=WU, **usual)
    files.take(Step.RECORD_VERDICT, CHEN, case, satisfied="yes", evidence="Mail 邮件")
    return case


def requirement(files: Files) -> int:
    """3. A customized requirement, returned once."""
    case = files.report(
        customer="Lingnan City Bank 岭南城市银行",
        contact="Tang Bo 唐波",
        product="Report Center 报表中心",
        version="V4.0",
        summary="Export reports as OFD 报表导出为OFD格式",
    )
    wanted = {"new_business": "OFD, the national format 国家版式文件", "current_gap": "Only PDF 只有PDF"}
    files.take(Step.TRIAGE, LIN, case, is_requirement="yes", new_business=wanted["new_business"])
    files.take(Step.DRAFT_SHEET, CHEN, case, **wanted)
    files.take(Step.RETURN_SHEET, HUANG, case, reason="no business value given 未说明业务价值")
    wanted_by = int(files.hand.now.timestamp()) + 90 * 86400
    more = {"value": "Two banks ask for it 两家银行要求", "contract_ref": "HT-2026-0417", "wanted_by": wanted_by}
    files.take(Step.DRAFT_SHEET, CHEN, case, **wanted, **more)
    files.take(Step.SIGN_SHEET, HUANG, case, dev_owner=ANNA, dev_ref="DEV-117")
    return case


def very_severe(files: Files) -> int:
    """4. Very severe, on time; with a discussion, and a test that failed first."""
    case = files.report()
    files.onward(case, State.ANALYSIS)
    files.take(Step.CALL_DISCUSSION, WU, case, invitees=[ZHAO, ANNA], question="Can the loader cope? 装载程序受影响吗?")
    files.take(Step.CLOSE_DISCUSSION, LIN, case, outcome="Yes, since V3.1")
    files.usual(Step.PUBLISH_ANALYSIS, case)
    files.usual(Step.DECIDE_MODIFICATION, case)
    files.usual(Step.SUBMIT_MODIFICATION, case, risk="The table is locked for a minute 表锁一分钟")
    failed = {
        "build": "V3.2.1-rc1",
        "cases": "Rate a long call 长话批价 | rated | exits | fail\nRate a short call | rated | rated | pass",
        "actual": "It still exits",
        "fail_reason": "The index was forgotten 漏改索引",
        "next": "modify",
    }
    files.take(Step.FAIL_TEST, HE, case, **{**files.doing.answers(Step.PASS_TEST), **failed})
    files.usual(
        Step.SUBMIT_MODIFICATION, case, build="V3.2.1-rc2", change="Column and index widened 字段与索引均已加宽"
    )
    files.usual(Step.PASS_TEST, case, build="V3.2.1-rc2", cases="Rate a long call 长话批价 | rated | rated | pass")
    files.onward(case, State.CLOSED)
    return case


def general(files: Files) -> int:
    """5. General, no deadline; the manual's section 4.2 is modified, after the customer rejected the first fix."""
    case = files.report(
        customer="Nanling Mobile 南岭移动",
        contact="Gao Feng 高峰",
        product="Customer Care 客户关怀系统",
        version="V2.5",
        summary="Greeting card logo is blurred 贺卡徽标模糊",
    )
    manual = {
        "needed": "yes",
        "chapter": "4.2",
        "change_type": "M",
        "before": "The logo is drawn as it is",
        "after": "The logo is drawn sharp 徽标清晰",
        "product_version": "V2.5.1",
        "reviewed_by": WU,
    }
    files.onward(case, State.MANUAL_UPDATE, **GENERAL, root_cause=None, prevention=None)
    files.take(Step.UPDATE_MANUAL, LIN, case, **manual)
    files.onward(case, State.FIX_CONFIRMING)
    files.take(Step.REJECT_FIX, CHEN, case, reason="Still blurred 仍然模糊", evidence="Mail 邮件")
    files.onward(case, State.MANUAL_UPDATE, **GENERAL)
    files.take(Step.UPDATE_MANUAL, LIN, case, **{**manual, "chapter": "4.3", "change_type": "A", "before": None})
    files.onward(case, State.CLOSED)
    return case


def redrafted(files: Files) -> int:
    """6. A sheet returned and redrafted twice; the case is triaged again later, so that the signed sheet is void."""
    case = files.report(summary="Province filter of the invoice list is ignored 账单列表省份筛选无效")
    files.usual(Step.TRIAGE, case)
    sheet = files.doing.answers(Step.DRAFT_SHEET)
    for reason in REASONS:
        files.take(Step.DRAFT_SHEET, CHEN, case, **sheet)
        files.take(Step.RETURN_SHEET, HUANG, case, reason=reason)
    files.take(Step.DRAFT_SHEET, ZHOU, case, **{**sheet, "impact": "Anhui and Hubei 安徽、湖北"})
    files.usual(Step.SIGN_SHEET, case)
    files.take(Step.RECLASSIFY, HUANG, case, reason="It was a setting 属配置问题")
    return case


SCENARIOS: dict[str, Filed] = {
    "question": question,
    "dissatisfied": dissatisfied,
    "requirement": requirement,
    "very_severe": very_severe,
    "general": general,
    "redrafted": redrafted,
}
