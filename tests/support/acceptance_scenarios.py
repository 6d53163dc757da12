"""The six acceptance scenarios of process.md §7, played to their ends in November 2026, in Shanghai time."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from storage import people
from storage.people import Grant
from storage.vocabulary import Role, Step
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import ANNA, CHEN, HUANG, LIN, SHANGHAI, WU, ZHOU

HUADONG, NANLING = "Huadong Telecom Anhui 华东电信安徽分公司", "Nanling Mobile 南岭移动"
BINHAI, LINGNAN = "Binhai Port Clearance 滨海口岸通关中心", "Lingnan City Bank 岭南城市银行"
BILLING, CARE = "Billing Suite 计费账务系统", "Customer Care 客户关怀系统"
PORT, REPORTS = "Port Exchange 口岸数据交换平台", "Report Center 报表中心"
RATING, CARDS = "Rating 批价", "Greeting cards 贺卡"
#: The first morning after November, when the report of November is due.
MORNING = datetime(2026, 12, 1, 8, tzinfo=SHANGHAI).astimezone(UTC)
#: Acts on a case just before a step of its scenario is taken for the first time. Returns changed answers for that step.
Detour: TypeAlias = Callable[[int], Mapping[str, Any]]
Detours: TypeAlias = Mapping[Step, Detour]
NONE: Detours = {}
_QUESTION = {"is_requirement": "no", "is_fault": "no"}
_SHEET = {"symptom": "See above 见上", "impact": "One customer 一家客户"}


class AcceptanceScenarios:
    """The six scenarios. Each method plays one of them and returns its case.

    Answers that are not given here are the usual ones. `detours` insert further steps into a scenario. They do not move
    the clock, so that the scenario continues at its own times.
    """

    def __init__(self, builder: CaseBuilder, clock: ManualClock) -> None:
        self._builder, self._clock = builder, clock
        self._detours: dict[Step, Detour] = {}

    def at(self, day: int, time: str) -> datetime:
        """Set the clock to this day of November and this time in Shanghai, and return the moment."""
        hour, minute = map(int, time.split(":"))
        self._clock.set(datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC))
        return self._clock.now()

    def all(self) -> None:
        """Play all six scenarios one after the other, then set the clock to the first morning of December."""
        self.question()
        self.dissatisfied()
        self.requirement()
        self.very_severe()
        self.general()
        self.returned()
        self._clock.set(MORNING)

    def _huang_stands_in(self) -> None:
        """Let the center manager also act as service manager on the day of scenario 6 alone."""
        day = self.at(17, "09:00").astimezone(SHANGHAI).date()
        with self._builder.database.write() as session:
            people.replace_grants(session, "deputies", [Grant(HUANG, Role.SERVICE_MANAGER, day, day)])

    def _take(self, day: int, time: str, step: Step, by: str, case: int, /, **raw: Any) -> None:
        self.at(day, time)
        self._builder.take(step, by, case, **{**raw, **self._detour(step, case)})

    def _usual(self, day: int, time: str, step: Step, case: int, /, **changed: Any) -> None:
        self.at(day, time)
        self._builder.usual(step, case, **{**changed, **self._detour(step, case)})

    def _detour(self, step: Step, case: int) -> Mapping[str, Any]:
        detour = self._detours.pop(step, None)
        return detour(case) if detour else {}

    def _report(self, day: int, time: str, customer: str, product: str, version: str, summary: str, **more: Any) -> int:
        self.at(day, time)
        return self._builder.report(customer=customer, product=product, version=version, summary=summary, **more)

    def question(self, detours: Detours = NONE) -> int:
        """1. Satisfied at once."""
        self._detours = dict(detours)
        more = {"contact": "Xu Mei 许梅", "description": "It ends next week.\n下周到期。", "suspected_urgency": "low"}
        files = [{"id": "F1", "name": "photo of the token.png"}, {"id": "F2", "name": "截图.png"}]
        summary = "How do I renew the USB certificate? 数字证书如何续期?"
        case = self._report(2, "09:00", BINHAI, PORT, "V1.8", summary, attachments=files, **more)
        self._take(2, "09:20", Step.TRIAGE, LIN, case, **_QUESTION)
        said = {"answer": "Plug it in and press Renew 插入后点续期", "category": "certificate", "effort_hours": "0.5"}
        self._take(2, "10:00", Step.ANSWER, CHEN, case, **said)
        self._take(2, "10:30", Step.RECORD_VERDICT, CHEN, case, satisfied="yes", evidence="Phone 电话", score="5")
        return case

    def dissatisfied(self, detours: Detours = NONE) -> int:
        """2. Dissatisfied twice, then satisfied."""
        self._detours = dict(detours)
        summary = "Why is yesterday's care list empty? 昨天的关怀名单为什么是空的?"
        more = {"contact": "Gao Feng 高峰", "description": "It is made every morning.\n平时每天早上生成。"}
        case = self._report(3, "09:00", NANLING, CARE, "V2.5", summary, **more)
        unhappy = {"satisfied": "no", "evidence": "Phone 电话", "dissatisfied_reason": "Still empty 还是空的"}
        self._take(3, "09:40", Step.TRIAGE, LIN, case, **_QUESTION)
        said = {"answer": "It is made at six o'clock 每天六点生成", "category": "usage", "effort_hours": "1"}
        self._take(3, "11:00", Step.ANSWER, CHEN, case, **said)
        assert self._builder.refused(Step.CLOSE_UNANSWERED, HUANG, case, reason="Silence") == ["NotRemindedEnough"]
        self._take(3, "11:30", Step.RECORD_VERDICT, CHEN, case, **unhappy)
        self._take(3, "14:00", Step.ANSWER, CHEN, case, **{**said, "answer": "The job was late 任务延迟"})
        self._take(3, "15:00", Step.RECORD_VERDICT, CHEN, case, **unhappy)
        said |= {"answer": "It is filled now 现已补齐", "effort_hours": "2", "consulted": WU}
        self._take(4, "09:00", Step.ANSWER, CHEN, case, **said)
        self._take(4, "10:00", Step.RECORD_VERDICT, CHEN, case, satisfied="yes", evidence="Mail 邮件")
        return case

    def requirement(self, detours: Detours = NONE) -> int:
        """3. A customized requirement, returned once, handed over."""
        self._detours = dict(detours)
        more = {"contact": "Tang Bo 唐波", "description": "The authorities ask for OFD.\n监管要求报送OFD格式。"}
        case = self._report(5, "10:00", LINGNAN, REPORTS, "V4.0", "Export reports as OFD 报表导出为OFD格式", **more)
        self._take(5, "10:30", Step.TRIAGE, LIN, case, is_requirement="yes", new_business="OFD")
        sheet = {"new_business": "OFD", "current_gap": "Only PDF 只有PDF"}
        self._take(5, "11:00", Step.DRAFT_SHEET, CHEN, case, **sheet)
        self._take(5, "11:30", Step.RETURN_SHEET, HUANG, case, reason="no business value given 未说明业务价值")
        wanted_by = int(self.at(6, "09:00").timestamp()) + 90 * 86400
        value = {"value": "Two banks ask for it 两家银行要求", "contract_ref": "HT-2026-0417", "wanted_by": wanted_by}
        self._take(6, "09:00", Step.DRAFT_SHEET, CHEN, case, **sheet, **value)
        self._take(6, "12:00", Step.SIGN_SHEET, HUANG, case, dev_owner=ANNA, dev_ref="DEV-117")
        return case

    def very_severe(self, detours: Detours = NONE) -> int:
        """4. Very severe; the customer says 14:00, the reply is at 13:20."""
        self._detours = dict(detours)
        summary = "Rating process exits with ORA-01438 批价进程异常退出"
        case = self._report(9, "09:10", HUADONG, BILLING, "V3.2", summary)
        self._usual(9, "09:15", Step.TRIAGE, case)
        self._usual(9, "09:30", Step.DRAFT_SHEET, case, **_SHEET)
        self._usual(9, "09:40", Step.SIGN_SHEET, case)
        deadline, said_at = self.at(9, "14:00"), self.at(9, "10:05")
        self.at(9, "10:10")
        report = {**self._builder.answers(Step.PUBLISH_ANALYSIS), "effort_hours": "1.5", "deadline_at": None}
        assert "DeadlineMissing" in self._builder.refused(Step.PUBLISH_ANALYSIS, WU, case, **report)
        report |= {"deadline_at": int(deadline.timestamp()), "deadline_agreed_at": int(said_at.timestamp())}
        self._take(9, "10:10", Step.PUBLISH_ANALYSIS, WU, case, **report)
        self._usual(9, "10:15", Step.DECIDE_MODIFICATION, case)
        self._usual(9, "11:30", Step.SUBMIT_MODIFICATION, case, effort_hours="1")
        self._usual(9, "12:30", Step.PASS_TEST, case, effort_hours="1")
        self._usual(9, "12:40", Step.UPDATE_MANUAL, case)
        self._usual(9, "13:00", Step.RECORD_RELEASE, case)
        self._usual(9, "13:20", Step.REPLY_CUSTOMER, case)
        self._usual(9, "15:00", Step.CONFIRM_FIX, case, score="5")
        return case

    def general(self, detours: Detours = NONE) -> int:
        """5. General, without a deadline; manual section 4.2, type M."""
        self._detours = dict(detours)
        more = {"contact": "Gao Feng 高峰", "description": "On large screens only.\n仅在大屏幕上出现。"}
        case = self._report(10, "09:00", NANLING, CARE, "V2.5", "Greeting card logo is blurred 贺卡徽标模糊", **more)
        self._usual(10, "10:00", Step.TRIAGE, case, symptom_kind="other")
        self._usual(10, "11:00", Step.DRAFT_SHEET, case, **_SHEET)
        self._usual(10, "13:00", Step.SIGN_SHEET, case)
        slight = {"severity": "general", "deadline_basis": "none", "deadline_at": None, "module": CARDS}
        self._usual(11, "09:00", Step.PUBLISH_ANALYSIS, case, **slight, cause_class="configuration", effort_hours="2")
        self._usual(11, "09:30", Step.DECIDE_MODIFICATION, case, target_version="V2.5.1")
        self._usual(12, "09:00", Step.SUBMIT_MODIFICATION, case, build="V2.5.1-rc1", effort_hours="3")
        self._usual(12, "15:00", Step.PASS_TEST, case, build="V2.5.1-rc1", effort_hours="1")
        manual = {"needed": "yes", "no_reason": None, "chapter": "4.2", "change_type": "M"}
        drawn = {"before": "The logo is drawn as it is", "after": "The logo is drawn sharp 徽标清晰"}
        drawn |= {"product_version": "V2.5.1", "reviewed_by": WU}
        self._usual(13, "10:00", Step.UPDATE_MANUAL, case, **manual, **drawn)
        self._usual(13, "14:00", Step.RECORD_RELEASE, case, version="V2.5.1")
        self._usual(13, "16:00", Step.REPLY_CUSTOMER, case)
        self._usual(16, "09:00", Step.CONFIRM_FIX, case, score="4")
        return case

    def returned(self, detours: Detours = NONE) -> int:
        """6. The sheet is returned. The center manager redrafts it and cannot sign it. It is drafted once more and
        signed.
        """
        self._detours = dict(detours)
        self._huang_stands_in()
        summary = "Province filter of the invoice list is ignored 账单列表省份筛选无效"
        more = {"description": "Invoices of all provinces are listed.\n列出了所有省份的账单。"}
        case = self._report(17, "09:00", HUADONG, BILLING, "V3.2", summary, **more)
        self._usual(17, "09:30", Step.TRIAGE, case, symptom_kind="error")
        self._take(17, "10:00", Step.DRAFT_SHEET, CHEN, case, symptom_kind="error", **_SHEET)
        self._take(17, "10:30", Step.RETURN_SHEET, HUANG, case, reason="which provinces? 影响哪些省份?")
        self._take(17, "11:00", Step.DRAFT_SHEET, HUANG, case, symptom_kind="error", **_SHEET)
        signing = self._builder.answers(Step.SIGN_SHEET)
        assert self._builder.refused(Step.SIGN_SHEET, HUANG, case, **signing) == ["DrafterCannotSign"]
        self._take(17, "11:30", Step.RETURN_SHEET, HUANG, case, reason="Somebody else must draft it 需他人起草")
        impact = "Anhui and Hubei 安徽、湖北"
        self._take(17, "14:00", Step.DRAFT_SHEET, ZHOU, case, symptom_kind="error", **{**_SHEET, "impact": impact})
        self._usual(17, "15:00", Step.SIGN_SHEET, case)
        return case
