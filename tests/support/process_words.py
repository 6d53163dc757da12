"""What people read, exactly as process.md §2 and §8 word it. Written by hand, not taken from the catalogs."""

from storage.vocabulary import State, Step

S = State


class Words:
    """The words of one language."""

    def __init__(self, state: str, states: dict[State, str], buttons: dict[Step, str], said: dict[str, str]) -> None:
        self._state = state
        self._states = states
        self.buttons = buttons
        self._said = said

    def __getitem__(self, name: str) -> str:
        return self._said[name]

    def state(self, state: State) -> str:
        """The line of a card that names the state."""
        return f"{self._state} {self._states[state]}"

    def way(self, start: State, end: State) -> str:
        """How a message names a move from one state to another."""
        return f"{self._states[start]} → {self._states[end]}"

    def moved_on(self, state: State) -> str:
        """The beginning of the answer to a stale button."""
        return self["moved on"].format(state=self._states[state])


ENGLISH = Words(
    "State",
    {
        S.TRIAGE: "Awaiting triage",
        S.ANSWERING: "Being answered",
        S.ANSWER_CONFIRMING: "Awaiting customer feedback",
        S.SHEET_DRAFTING: "Drafting task sheet",
        S.SHEET_SIGNING: "Awaiting signature",
        S.ANALYSIS: "Fault analysis",
        S.DECISION: "Deciding on modification",
        S.HANDLING: "Handling without modification",
        S.MODIFICATION: "Being modified",
        S.TESTING: "Being tested",
        S.MANUAL_UPDATE: "Updating manual",
        S.RELEASE: "Awaiting release",
        S.REPLYING: "Awaiting reply to customer",
        S.FIX_CONFIRMING: "Awaiting customer confirmation",
        S.HANDED_OVER: "Handed over to development",
        S.CLOSED: "Closed",
        S.DUPLICATE: "Merged as duplicate",
        S.WITHDRAWN: "Withdrawn",
    },
    {
        Step.TRIAGE: "Triage",
        Step.ANSWER: "Answer",
        Step.RECLASSIFY: "Reclassify",
        Step.DRAFT_SHEET: "Draft",
        Step.SIGN_SHEET: "Sign",
        Step.RETURN_SHEET: "Return with reason",
        Step.CALL_DISCUSSION: "Call a discussion",
        Step.PUBLISH_ANALYSIS: "Publish report",
        Step.PASS_TEST: "Pass",
        Step.FAIL_TEST: "Fail",
        Step.RECORD_RELEASE: "Release",
        Step.REPLY_CUSTOMER: "Reply to customer",
        Step.CONFIRM_FIX: "Confirm",
        Step.REJECT_FIX: "Reject the fix",
        Step.REOPEN: "Reopen",
    },
    {
        "moved on": "This case has moved on; it is now {state}.",
        "drafted": "You drafted this sheet and cannot sign it.",
        "set the time": "Set the time the customer stipulated before recording this severity.",
        "your build": "You modified this build, so another tester must judge it.",
        "satisfied?": "Are you satisfied with the answer?",
        "solved?": "Is your problem solved?",
        "reminded": "Only after 3 unanswered reminders in 7 days may the case be closed unanswered.",
        "fault": "Fault",
        "requirement": "Customized requirement",
        "question": "Question",
        "deadline": "Deadline",
        "no deadline": "No deadline",
        "set by customer": "Set by customer",
        "negotiated": "Negotiated",
        "overdue": "Overdue",
        "very severe": "▲ Very severe",
        "general": "● General",
        "acknowledge": "Acknowledge",
        "need help": "I need help",
        "14:00": "2:00",
    },
)
CHINESE = Words(
    "状态",
    {
        S.TRIAGE: "待判定",
        S.ANSWERING: "解答中",
        S.ANSWER_CONFIRMING: "待客户评价",
        S.SHEET_DRAFTING: "起草任务单",
        S.SHEET_SIGNING: "任务单待签发",
        S.ANALYSIS: "故障分析",
        S.DECISION: "待判定是否修改软件",
        S.HANDLING: "非软件处理",
        S.MODIFICATION: "修改中",
        S.TESTING: "测试中",
        S.MANUAL_UPDATE: "说明书修改",
        S.RELEASE: "待发布",
        S.REPLYING: "待回复客户",
        S.FIX_CONFIRMING: "待客户确认",
        S.HANDED_OVER: "已转产品开发",
        S.CLOSED: "已关闭",
        S.DUPLICATE: "重复已合并",
        S.WITHDRAWN: "已撤销",
    },
    {
        Step.TRIAGE: "判定",
        Step.ANSWER: "解答",
        Step.RECLASSIFY: "重新判定",
        Step.DRAFT_SHEET: "起草",
        Step.SIGN_SHEET: "签发",
        Step.RETURN_SHEET: "退回（填写原因）",
        Step.CALL_DISCUSSION: "召集讨论",
        Step.PUBLISH_ANALYSIS: "发布报告",
        Step.PASS_TEST: "通过",
        Step.FAIL_TEST: "不通过",
        Step.RECORD_RELEASE: "发布",
        Step.REPLY_CUSTOMER: "回复客户",
        Step.CONFIRM_FIX: "确认",
        Step.REJECT_FIX: "不认可修复",
        Step.REOPEN: "重新打开",
    },
    {
        "moved on": "该问题单状态已变为“{state}”。",
        "drafted": "该任务单由您起草，不能由您签发。",
        "set the time": "记录该严重性前，请填写客户规定的解决时间。",
        "your build": "该版本由您修改，须由其他测试员判定。",
        "satisfied?": "您对解答是否满意？",
        "solved?": "您的问题是否已解决？",
        "reminded": "须在 7 天内提醒 3 次",
        "fault": "故障",
        "requirement": "个性化需求",
        "question": "咨询",
        "deadline": "解决期限",
        "no deadline": "无期限",
        "set by customer": "客户规定",
        "negotiated": "协商确定",
        "overdue": "超期",
        "very severe": "▲ 非常严重",
        "general": "● 一般",
        "acknowledge": "已知悉",
        "need help": "请求支援",
        "14:00": "14:00",
    },
)
WORDS = {"en": ENGLISH, "zh-CN": CHINESE}
