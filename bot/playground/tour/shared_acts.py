"""Acts that most paths of a fault share, and sequences of them from the report up to a state."""

from collections.abc import Mapping
from dataclasses import replace

from bot.playground.tour.act import HOUR, MINUTE, Act, Text, Value, after, reports, takes
from bot.playground.tour.example_problems import Fault, Problem
from storage.vocabulary import Step

#: The people of process.md §7. Anna belongs to R&D and holds no role.
HUANG, CHEN, ZHOU, WU = "U0HUANG", "U0CHEN", "U0ZHOU", "U0WU"
LIN, HE, ZHAO, ANNA = "U0LIN", "U0HE", "U0ZHAO", "U0ANNA"

NO_DEADLINE: Mapping[str, Value] = {"severity": "general", "deadline_basis": "none"}
TEST: Mapping[str, Value] = {"regression": "The whole module 整个模块", "environment": "Test system 测试环境"}


def stipulated_in_four_hours() -> dict[str, Value]:
    """Return the severity answers of a very severe fault whose customer stipulates a deadline in four hours."""
    return {
        "severity": "very_severe",
        "deadline_basis": "customer_stipulated",
        "deadline_at": after(4 * HOUR),
        "deadline_contact": "Sun Li 孙丽",
        "deadline_agreed_at": after(-MINUTE),
        "deadline_evidence": "Phone call 电话",
    }


def reported(problem: Problem, who: str = CHEN, caption: Text | None = None) -> Act:
    """A problem is reported (`report`), by default by the service manager for a customer."""
    usual = Text(
        f"Chen Jing, the service manager, types /fault and reports what the customer said on the phone: "
        f"{problem.what.en}. The case gets its number, and its card appears in #service-desk.",
        f"客服经理陈静输入 /fault，登记客户来电反映的问题：{problem.what.zh}。"
        "问题单获得编号，卡片出现在 #service-desk 频道。",
    )
    return reports(who, caption or usual, **problem.report)


def asked(problem: Problem) -> Act:
    """The service manager reports a customer's question or request (`report`)."""
    caption = Text(
        f"Chen Jing, the service manager, types /fault and reports what the customer asks for: {problem.what.en}. "
        "The case gets its number.",
        f"客服经理陈静输入 /fault，登记客户的询问：{problem.what.zh}。问题单获得编号。",
    )
    return reported(problem, caption=caption)


def triaged(symptom_kind: str, caption: Text | None = None) -> Act:
    """A tester answers the two questions of `triage` with no and yes, so the case is a fault."""
    usual = Text(
        "Lin Xiaoyu, a tester, presses “Triage” and answers two questions in the written order: it is no customized "
        "requirement, and it is a fault. So a fault-handling task sheet is needed.",
        "测试员林晓雨点击「判定」，按规程的顺序回答两个问题：不是个性化需求，是故障。因此需要起草故障处理任务单。",
    )
    return takes(LIN, Step.TRIAGE, caption or usual, is_requirement="no", is_fault="yes", symptom_kind=symptom_kind)


def drafted(fault: Fault) -> Act:
    """The service manager submits the fault-handling task sheet for signature (`draft_sheet`)."""
    caption = Text(
        "Chen Jing presses “Draft” and writes the fault-handling task sheet: what happens and whom it affects. "
        "The center manager is asked to sign it.",
        "陈静点击「起草」，填写故障处理任务单：故障描述和影响范围。系统随即请客服中心经理签发。",
    )
    return takes(CHEN, Step.DRAFT_SHEET, caption, symptom=fault.report["description"], impact=fault.impact)


def signed(caption: Text | None = None) -> Act:
    """The center manager signs the sheet and names the analysts (`sign_sheet`)."""
    usual = Text(
        "Huang Wei, the center manager, presses “Sign” and names the tester and the technician who analyze the fault. "
        "From now on the content of the sheet cannot change.",
        "客服中心经理黄伟点击「签发」，指定分析故障的测试员和技术员。自此任务单内容不可更改。",
    )
    return takes(HUANG, Step.SIGN_SHEET, caption or usual, testers=(LIN,), technicians=(WU,))


def analysis(fault: Fault, **severity: Value) -> dict[str, Value]:
    """Return the answers to the analysis report; `severity` are those about the severity and its deadline."""
    return {
        "analysts": (WU, LIN),
        "reproduced": "yes",
        "direct_cause": fault.cause,
        "root_cause": "No test covered it 缺少相应测试",
        "cause_class": "code",
        "module": fault.module,
        "versions": fault.versions,
        "measure": fault.measure,
        "modification_proposed": "yes",
        "prevention": "Cover it with a test 补充测试用例",
        "effort_hours": "2",
        **severity,
        "severity_reason": f"As the customer says 客户反映：{fault.impact}",
    }


def published(fault: Fault, caption: Text | None = None) -> Act:
    """The technician publishes the analysis report of a general fault (`publish_analysis`)."""
    usual = Text(
        "Wu Gang, the technician, presses “Publish report”: the cause, what should be done, and the severity. "
        "This fault is general, so the process sets no deadline.",
        "技术员吴刚点击「发布报告」，填写原因、处理建议和严重性。该故障为一般故障，规程不设解决期限。",
    )
    return takes(WU, Step.PUBLISH_ANALYSIS, caption or usual, **analysis(fault, **NO_DEADLINE))


def decided(fault: Fault) -> Act:
    """The technician decides that the software is modified, and names the modifier (`decide_modification`)."""
    caption = Text(
        "Wu Gang presses “Decide on modification”: yes, the software must be modified. He names Zhao Lei as the "
        "modifier, who reads the cause and the measure in a direct message.",
        "吴刚点击「判定是否修改」：需要修改软件，并指定赵磊为修改人。赵磊在私信中看到原因和处理建议。",
    )
    answers = {"modification_needed": "yes", "modifier": ZHAO, "target_version": fault.fixed_in}
    return replace(takes(WU, Step.DECIDE_MODIFICATION, caption, **answers), notifies=ZHAO)


def modified(fault: Fault, build: str | None = None, caption: Text | None = None) -> Act:
    """The modifier submits a build for testing (`submit_modification`)."""
    usual = Text(
        "Zhao Lei, the modifier, changes the software, checks the build himself and presses “Submit modification”. "
        "The testers are asked to test it.",
        "修改人赵磊修改软件并自测后，点击「提交修改」。系统随即请测试员测试该构建版本。",
    )
    return takes(
        ZHAO,
        Step.SUBMIT_MODIFICATION,
        caption or usual,
        change=fault.change,
        modules=fault.files,
        build=build or fault.build,
        self_check="Done, no problem found 已自测，未发现问题",
        effort_hours="3",
    )


def passed(fault: Fault) -> Act:
    """A tester passes the build (`pass_test`)."""
    caption = Text(
        "He Qing, a tester, tests the build and presses “Pass”. Whoever modified a build may not judge it.",
        "测试员何清测试该构建版本后点击「通过」。修改该版本的人不得自行判定测试结果。",
    )
    cases = fault.test.format("as expected 与预期一致", "pass")
    return takes(HE, Step.PASS_TEST, caption, cases=cases, **TEST, effort_hours="1")


def manual_unchanged() -> Act:
    """A tester records that the user manual needs no change (`update_manual`)."""
    caption = Text(
        "Lin Xiaoyu presses “Update manual” and records why the user manual needs no change.",
        "林晓雨点击「修改说明书」，记录软件使用说明书无需修改的原因。",
    )
    return takes(LIN, Step.UPDATE_MANUAL, caption, needed="no", no_reason="Nothing that a user sees 用户界面无变化")


def released(fault: Fault) -> Act:
    """The technician records the release of the tested build (`record_release`)."""
    caption = Text(
        f"Wu Gang releases the tested build as {fault.fixed_in} and records it with “Release”: where, when, and how to "
        "go back if need be.",
        f"吴刚将已通过测试的版本作为 {fault.fixed_in} 发布，并点击「发布」记录发布地点、时间和回退方案。",
    )
    return takes(
        WU,
        Step.RECORD_RELEASE,
        caption,
        result="released",
        version=fault.fixed_in,
        released_at=after(-MINUTE),
        where="Production system 生产环境",
        rollback_plan="Restore last night's copy 恢复昨晚的备份",
    )


def replied(reply: str) -> Act:
    """The service manager replies to the customer, which resolves the fault (`reply_customer`)."""
    caption = Text(
        "Chen Jing presses “Reply to customer” and explains the solution in the customer's words; the internal report "
        "stays inside. The fault counts as resolved now.",
        "陈静点击「回复客户」，用客户能理解的语言说明处理结果，内部报告不外传。故障自此计为已解决。",
    )
    return takes(CHEN, Step.REPLY_CUSTOMER, caption, reply=reply)


def confirmed() -> Act:
    """The service manager records the customer's confirmation, which closes the case (`confirm_fix`)."""
    caption = Text(
        "The customer says that the problem is solved. Chen Jing presses “Confirm” with the evidence, as she speaks "
        "for the customer, and the case is closed.",
        "客户表示问题已解决。陈静代客户点击「确认」并填写依据，问题单关闭。",
    )
    return takes(CHEN, Step.CONFIRM_FIX, caption, evidence="Mail of today 今天的邮件", score="5")


# Sequences of acts up to a state


def to_signing(fault: Fault) -> list[Act]:
    """Return the acts up to the submission of the task sheet for signature."""
    return [reported(fault), triaged(fault.symptom_kind), drafted(fault)]


def to_decision(fault: Fault) -> list[Act]:
    """Return the acts up to the published analysis report of a general fault."""
    return [*to_signing(fault), signed(), published(fault)]


def to_modification(fault: Fault) -> list[Act]:
    """Return the acts up to the decision that names the modifier."""
    return [*to_decision(fault), decided(fault)]


def to_testing(fault: Fault) -> list[Act]:
    """Return the acts up to the submission of the build for testing."""
    return [*to_modification(fault), modified(fault)]


def to_release(fault: Fault) -> list[Act]:
    """Return the acts up to the tested build with its manual decision, which awaits release."""
    return [*to_testing(fault), passed(fault), manual_unchanged()]


def reply_to_closing(fault: Fault) -> list[Act]:
    """Return the acts from the reply after a release up to the customer's confirmation."""
    return [replied(f"It is corrected with {fault.fixed_in} 已在 {fault.fixed_in} 修复"), confirmed()]


def handled(fault: Fault) -> list[Act]:
    """Return the acts from the decision against a modification up to the completed handling."""
    decision = Text(
        "Wu Gang presses “Decide on modification”: no, a corrected setting is enough. He takes charge of it himself.",
        "吴刚点击「判定是否修改」：无需修改软件，调整配置即可，由他本人负责处理。",
    )
    done = Text(
        "Wu Gang corrects the setting and presses “Complete handling”; He Qing has verified the result.",
        "吴刚调整配置后点击「完成处理」，结果由何清验证。",
    )
    answers = {"modification_needed": "no", "handling_kind": "configuration", "owner": WU}
    return [
        takes(WU, Step.DECIDE_MODIFICATION, decision, **answers),
        takes(WU, Step.COMPLETE_HANDLING, done, result=fault.change, verified_by=HE),
    ]
