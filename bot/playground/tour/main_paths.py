"""The main paths: a very severe fault, a general fault, a question, a customized requirement."""

from bot.playground.tour.act import Act, Path, Text, Value, acknowledges, is_refused, share_gone, takes, tries, waits
from bot.playground.tour.example_problems import LOGO, OFD, RATING, RENEWAL
from bot.playground.tour.shared_acts import (
    ANNA,
    CHEN,
    HUANG,
    LIN,
    WU,
    ZHAO,
    analysis,
    asked,
    decided,
    manual_unchanged,
    modified,
    passed,
    released,
    reply_to_closing,
    signed,
    stipulated_in_four_hours,
    to_signing,
    to_testing,
)
from storage.vocabulary import State, Step


def drafter_refused() -> Act:
    """The drafter of a task sheet tries to sign it and is refused (`sign_sheet`, process.md §6 R1)."""
    caption = Text(
        "Chen Jing tries to sign the sheet that she has drafted. The bot does not even show her the button; the tour "
        "presses it all the same, and the bot refuses: only the center manager signs.",
        "陈静试图签发自己起草的任务单。机器人本来就不向她显示该按钮，这里强行按下，结果被拒绝：只有客服中心经理可以签发。",
    )
    return tries(CHEN, Step.SIGN_SHEET, caption)


def without_deadline() -> Act:
    """A very severe fault without a deadline is refused (`publish_analysis`, process.md §3.1)."""
    caption = Text(
        "Wu Gang, the technician, fills in the analysis report and sets the severity “Very severe”, but no deadline. "
        "The form comes back: such a fault must be resolved within the time that the customer stipulates.",
        "技术员吴刚填写内部故障分析报告，严重性选择「非常严重」，但未填解决期限。表单被退回：此类故障须在客户规定的时间内解决。",
    )
    return is_refused(WU, Step.PUBLISH_ANALYSIS, caption, **analysis(RATING, severity="very_severe"))


def with_deadline() -> Act:
    """The report is published with the stipulated deadline, its contact, time and evidence (`publish_analysis`)."""
    caption = Text(
        "Wu Gang adds the deadline that the customer set, four hours from now, with who said so, when and how, and "
        "publishes the report. The severity and the deadline are in the product fault record table now.",
        "吴刚补填客户规定的解决期限（四小时后）以及确认人、时间和依据，发布报告。严重性和期限随即记入产品故障记录表。",
    )
    return takes(WU, Step.PUBLISH_ANALYSIS, caption, **analysis(RATING, **stipulated_in_four_hours()))


def reminded() -> list[Act]:
    """The bot reminds at half of the time to the deadline, and the modifier acknowledges (process.md §3.6)."""
    reminder = Text(
        "Two hours pass: the tour puts the clock forward. Half of the time to the deadline has passed, so the bot "
        "reminds the analysts and Zhao Lei, the modifier, by direct message.",
        "演示将时钟拨快两小时。解决时限已用去一半，机器人以私信提醒分析人员和修改人赵磊。",
    )
    noted = Text(
        "Zhao Lei presses “Acknowledge”. Without that, a reminder of a very severe fault goes on to the center manager "
        "after 15 minutes.",
        "赵磊点击「已知悉」。非常严重故障的提醒若 15 分钟内无人确认，将上报客服中心经理。",
    )
    return [waits(ZHAO, share_gone(50), reminder), acknowledges(ZHAO, noted)]


VERY_SEVERE = Path(
    "very-severe-fault",
    Text("A very severe fault", "非常严重的故障"),
    Text(
        "The whole way from the customer's call to the closed case, with a deadline set by the customer, a reminder, "
        "and two things that the process forbids.",
        "从客户来电到问题单关闭的完整流程，包括客户规定的解决期限、到期提醒，以及规程禁止的两种操作。",
    ),
    State.CLOSED,
    (
        *to_signing(RATING),
        drafter_refused(),
        signed(),
        without_deadline(),
        with_deadline(),
        decided(RATING),
        *reminded(),
        modified(RATING),
        passed(RATING),
        manual_unchanged(),
        released(RATING),
        *reply_to_closing(RATING),
    ),
)


def manual_changed() -> Act:
    """A section of the user manual is modified (`update_manual`)."""
    caption = Text(
        "Lin Xiaoyu presses “Update manual” and writes the new text of section 4.2; “M” marks a modified section.",
        "林晓雨点击「修改说明书」，填写 4.2 节的新内容，「M」表示修订。",
    )
    text = "The logo is printed sharp in all sizes. 各种尺寸的徽标均清晰打印。"
    return takes(
        LIN,
        Step.UPDATE_MANUAL,
        caption,
        needed="yes",
        chapter="4.2",
        change_type="M",
        after=text,
        product_version="V2.5.1",
    )


GENERAL = Path(
    "general-fault",
    Text("A general fault", "一般故障"),
    Text(
        "A fault that hardly affects the customer: no deadline, and a section of the user manual changes.",
        "对客户影响轻微的故障：不设解决期限，并修改软件使用说明书的一节。",
    ),
    State.CLOSED,
    (*to_testing(LOGO), passed(LOGO), manual_changed(), released(LOGO), *reply_to_closing(LOGO)),
)


def triaged_as_question(caption: Text | None = None) -> Act:
    """Both questions of `triage` are answered no, so the case is a question."""
    usual = Text(
        "Lin Xiaoyu, a tester, presses “Triage”: it is no customized requirement and no fault, so it is a question. "
        "Chen Jing is asked to answer it.",
        "测试员林晓雨点击「判定」：不是个性化需求，也不是故障，因此是咨询。系统请陈静解答。",
    )
    return takes(LIN, Step.TRIAGE, caption or usual, is_requirement="no", is_fault="no")


def answered(answer: str, caption: Text | None = None) -> Act:
    """The service manager answers the customer; this is one round of the customer service report (`answer`)."""
    usual = Text(
        "Chen Jing presses “Answer”: the customer gets the answer, and the customer service report records it.",
        "陈静点击「解答」，答复客户，同时记入客户服务报告。",
    )
    return takes(CHEN, Step.ANSWER, caption or usual, answer=answer, category="certificate", effort_hours="0.5")


def verdict(caption: Text, **answers: Value) -> Act:
    """The service manager records what the customer says about the answer (`record_verdict`)."""
    return takes(CHEN, Step.RECORD_VERDICT, caption, evidence="Phone call 电话", **answers)


def satisfied() -> Act:
    """The customer is satisfied, which closes the case (`record_verdict`)."""
    caption = Text(
        "The customer is satisfied. Chen Jing presses “Record the verdict” with the evidence, and the case is closed.",
        "客户表示满意。陈静点击「记录客户评价」并填写依据，问题单关闭。",
    )
    return verdict(caption, satisfied="yes", score="5")


def not_satisfied() -> Act:
    """The customer is not satisfied, which begins another round (`record_verdict`)."""
    caption = Text(
        "The customer is not satisfied. Chen Jing presses “Record the verdict” with the reason, and the question waits "
        "for an answer again.",
        "客户不满意。陈静点击「记录客户评价」并填写不满意原因，咨询重新等待解答。",
    )
    reason = "The Renew button is gray 「续期」按钮为灰色"
    return verdict(caption, satisfied="no", dissatisfied_reason=reason)


_AGAIN = Text(
    "Chen Jing answers once more, with the technician's advice. This is round 2 of the customer service report.",
    "陈静听取技术员意见后再次解答，客户服务报告进入第 2 轮。",
)
QUESTION = Path(
    "question",
    Text("A question", "咨询"),
    Text(
        "No fault at all: the service manager answers until the customer is satisfied, here in the second round.",
        "不属于故障：客服经理负责解答，直到客户满意，本例为第二轮。",
    ),
    State.CLOSED,
    (
        asked(RENEWAL),
        triaged_as_question(),
        answered("Plug the key in and press Renew. 插入数字证书，点击「续期」。"),
        not_satisfied(),
        answered("Install the new driver first; then Renew can be pressed. 请先安装新版驱动，再点击「续期」。", _AGAIN),
        satisfied(),
    ),
)


def handed_over() -> list[Act]:
    """A customized requirement goes from `triage` to `sign_sheet`, which hands it over to product development."""
    triage = Text(
        "Lin Xiaoyu presses “Triage”: it is a customized requirement, as the system in use cannot do it. "
        "The second question is not asked any more.",
        "林晓雨点击「判定」：现有系统不能实现，属于个性化需求，不再询问是否为故障。",
    )
    sheet = Text(
        "Chen Jing presses “Draft” and writes the customized-requirement task sheet: what the system cannot do, and "
        "what it is worth to the business.",
        "陈静点击「起草」，填写个性化需求任务单：现有系统不能实现之处和业务价值。",
    )
    signature = Text(
        "Huang Wei, the center manager, presses “Sign” and names the development owner and the reference. Product "
        "development takes over, and this process ends here.",
        "客服中心经理黄伟点击「签发」，填写开发负责人和产品开发流程编号。该需求转入产品开发，本流程到此结束。",
    )
    gap = "Only PDF can be exported 目前只能导出PDF"
    return [
        takes(LIN, Step.TRIAGE, triage, is_requirement="yes", new_business="Archiving as OFD 以OFD格式归档"),
        takes(CHEN, Step.DRAFT_SHEET, sheet, current_gap=gap, value="Two banks ask for it 两家银行提出需求"),
        takes(HUANG, Step.SIGN_SHEET, signature, dev_owner=ANNA, dev_ref="DEV-117"),
    ]


REQUIREMENT = Path(
    "requirement",
    Text("A customized requirement", "个性化需求"),
    Text(
        "New business that the system cannot do: the center manager signs, and product development takes over.",
        "现有系统不能实现的新业务：由客服中心经理签发任务单后转入产品开发。",
    ),
    State.HANDED_OVER,
    (asked(OFD), *handed_over()),
)
