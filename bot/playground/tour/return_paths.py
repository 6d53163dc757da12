"""Paths that lead back to an earlier state: returned sheets, failed tests, rejected fixes, reopened cases and more."""

from bot.playground.tour.act import Act, Path, Text, takes, tries
from bot.playground.tour.example_problems import LOGIN, LOGO, PROVINCES, TOTALS, Fault
from bot.playground.tour.main_paths import answered, satisfied, triaged_as_question
from bot.playground.tour.shared_acts import (
    CHEN,
    HE,
    HUANG,
    TEST,
    WU,
    ZHOU,
    confirmed,
    decided,
    handled,
    manual_unchanged,
    modified,
    passed,
    published,
    released,
    replied,
    reply_to_closing,
    signed,
    to_decision,
    to_release,
    to_signing,
    to_testing,
)
from storage.vocabulary import State, Step


def returned(reason: str, caption: Text) -> Act:
    """The center manager returns the task sheet for another draft (`return_sheet`)."""
    return takes(HUANG, Step.RETURN_SHEET, caption, reason=reason)


def redrafted() -> list[Act]:
    """The task sheet goes from the return of version 1 to the signature of version 3.

    The center manager drafts version 2 and therefore cannot sign it (process.md §6 R1).
    """
    why = Text(
        "Huang Wei, the center manager, presses “Return with reason”: the sheet does not say which provinces.",
        "客服中心经理黄伟点击「退回（填写原因）」：任务单未说明影响哪些省份。",
    )
    himself = Text(
        "Huang Wei, who stands in for the service managers, presses “Draft” and writes version 2 himself.",
        "黄伟代理客服经理职责，点击「起草」，亲自填写第 2 版任务单。",
    )
    refused = Text(
        "Then he tries to sign it. The bot does not show him the button; the tour presses it all the same, and the bot "
        "refuses: whoever drafted a sheet cannot sign it, not even the center manager.",
        "随后他试图签发。机器人不显示该按钮，这里强行按下，结果被拒绝：任务单由谁起草，谁就不能签发，客服中心经理也不例外。",
    )
    back = Text(
        "So Huang Wei returns his own version, for somebody else to draft the sheet.",
        "于是黄伟退回自己起草的版本，请他人重新起草。",
    )
    third = Text(
        "Zhou Min, the other service manager, presses “Draft” and submits version 3 with the provinces.",
        "另一位客服经理周敏点击「起草」，写明省份，提交第 3 版。",
    )
    final = Text(
        "Huang Wei presses “Sign”. All three versions stay on record; the signed one cannot change any more.",
        "黄伟点击「签发」。三个版本全部留存，已签发的版本不可更改。",
    )
    return [
        returned("Which provinces? 影响哪些省份?", why),
        takes(HUANG, Step.DRAFT_SHEET, himself, impact="All provinces 全部省份"),
        tries(HUANG, Step.SIGN_SHEET, refused),
        returned("Somebody else must draft it 须由他人起草", back),
        takes(ZHOU, Step.DRAFT_SHEET, third, impact="Anhui and Hubei 安徽、湖北"),
        signed(final),
    ]


RETURNED = Path(
    "sheet-returned",
    Text("A returned task sheet", "任务单被退回"),
    Text(
        "The center manager returns a sheet, drafts it himself and cannot sign it; the third version is signed.",
        "客服中心经理退回任务单，自己起草后又不能签发，第三版由他人起草后签发。",
    ),
    State.ANALYSIS,
    (*to_signing(PROVINCES), *redrafted()),
)


def not_this_kind() -> list[Act]:
    """The center manager rejects the sheet as the wrong kind, and the case is triaged again (`reject_sheet`)."""
    rejected = Text(
        "Huang Wei, the center manager, presses “Not this kind”: the certificate has simply expired, so this is no "
        "fault. The sheet becomes void, and the case goes back to triage.",
        "客服中心经理黄伟点击「类别不符」：只是证书到期，不是故障。任务单作废，问题单退回判定。",
    )
    again = Text(
        "Lin Xiaoyu presses “Triage” again; this time it is neither a requirement nor a fault, but a question.",
        "林晓雨再次点击「判定」：既不是个性化需求，也不是故障，而是咨询。",
    )
    return [
        takes(HUANG, Step.REJECT_SHEET, rejected, reason="Not a fault, the certificate expired 不是故障，证书已到期"),
        triaged_as_question(again),
    ]


NOT_THIS_KIND = Path(
    "not-this-kind",
    Text("Not a fault after all", "原来不是故障"),
    Text(
        "The center manager rejects the sheet as the wrong kind; triaged anew, the case is answered as a question.",
        "客服中心经理以类别不符否决任务单，重新判定后按咨询解答。",
    ),
    State.CLOSED,
    (*to_signing(LOGIN), *not_this_kind(), answered("Renew the certificates. 请续期证书。"), satisfied()),
)


def failed(fault: Fault) -> Act:
    """The test fails, and the case goes back to the modifier (`fail_test`)."""
    caption = Text(
        "He Qing, a tester, presses “Fail”: the fault is still there. The case goes back to the modifier with what "
        "really happened and why.",
        "测试员何清点击「不通过」：故障依旧。问题单连同实际结果和不通过原因退回修改人。",
    )
    found = "The fault is still there 故障依旧"
    return takes(
        HE,
        Step.FAIL_TEST,
        caption,
        cases=fault.test.format(found, "fail"),
        **TEST,
        effort_hours="1",
        actual=found,
        fail_reason="The change is not in the build 构建版本未包含修改",
        next="modify",
    )


def second_build(fault: Fault) -> Act:
    """The modifier submits a second build for testing (`submit_modification`)."""
    caption = Text(
        "Zhao Lei corrects it and presses “Submit modification” with a second build. The test starts anew: the old "
        "result counts for nothing.",
        "赵磊修正后点击「提交修改」，提交第二个构建版本。测试重新进行，原测试结果不再有效。",
    )
    return modified(fault, fault.build_again(), caption)


FAILED = Path(
    "failed-test",
    Text("A failed test", "测试不通过"),
    Text(
        "The build does not hold, goes back to the modifier, and passes the second time.",
        "构建版本测试不通过，退回修改人，第二次测试通过。",
    ),
    State.MANUAL_UPDATE,
    (*to_testing(TOTALS), failed(TOTALS), second_build(TOTALS), passed(TOTALS)),
)


def rolled_back() -> Act:
    """The release is rolled back, and the case goes back to the modifier (`record_release`)."""
    caption = Text(
        "Wu Gang had to take the release back: he presses “Release”, chooses “Rolled back” and says why. The fault "
        "goes back to the modifier.",
        "发布后不得不回退：吴刚点击「发布」，选择「已回退」并填写原因。故障退回修改人。",
    )
    reason = "Two customers cannot log in 两家客户无法登录"
    return takes(WU, Step.RECORD_RELEASE, caption, result="rolled_back", reason=reason)


ROLLED_BACK = Path(
    "rolled-back-release",
    Text("A release that is rolled back", "发布后回退"),
    Text(
        "The release does harm and is taken back; only a new build that passes a new test is released again.",
        "发布造成问题后回退；只有新的构建版本重新通过测试后才能再次发布。",
    ),
    State.REPLYING,
    (
        *to_release(LOGO),
        rolled_back(),
        second_build(LOGO),
        passed(LOGO),
        manual_unchanged(),
        released(LOGO),
    ),
)


def rejected() -> Act:
    """The customer rejects the fix, and the fault is analyzed again (`reject_fix`)."""
    caption = Text(
        "The customer says that the fault is still there. Chen Jing presses “Reject the fix” with the reason and the "
        "evidence; the fault is analyzed again, and its clock goes on.",
        "客户表示故障依旧。陈静点击「不认可修复」并填写原因和依据。故障重新分析，计时继续。",
    )
    return takes(CHEN, Step.REJECT_FIX, caption, reason="It happens again 问题再次出现", evidence="Mail 邮件")


_NEW_REPORT = Text(
    "Wu Gang analyzes the fault again and presses “Publish report”: this is version 2; version 1 stays on record.",
    "吴刚重新分析故障后点击「发布报告」，形成第 2 版报告，第 1 版留存。",
)
REJECTED = Path(
    "rejected-fix",
    Text("A fix that the customer rejects", "客户不认可修复"),
    Text(
        "The customer still sees the fault, so it is analyzed, modified, tested and released once more.",
        "客户仍能看到故障，因此重新分析、修改、测试并发布。",
    ),
    State.CLOSED,
    (
        *to_release(PROVINCES),
        released(PROVINCES),
        replied("It is corrected with V3.2.2 已在 V3.2.2 修复"),
        rejected(),
        published(PROVINCES, _NEW_REPORT),
        decided(PROVINCES),
        second_build(PROVINCES),
        passed(PROVINCES),
        manual_unchanged(),
        released(PROVINCES),
        *reply_to_closing(PROVINCES),
    ),
)
_SETTINGS = "The list is loaded every night now. 现已每晚自动更新列表。"
HANDLED = Path(
    "handled-without-modification",
    Text("Handled without changing the software", "无需修改软件的处理"),
    Text(
        "The cause is a setting: it is corrected and verified, and no build, test or release is needed.",
        "原因在于配置：调整并验证即可，无需构建、测试和发布。",
    ),
    State.CLOSED,
    (*to_decision(LOGIN), *handled(LOGIN), replied(_SETTINGS), confirmed()),
)


def reopened() -> Act:
    """A closed case is reopened, and the fault is analyzed again (`reopen`)."""
    caption = Text(
        "Some days later the customer calls again. Chen Jing presses “Reopen” with the reason, which is possible for "
        "30 days; the fault is analyzed again.",
        "几天后客户再次来电。陈静点击「重新打开」并填写原因（关闭后 30 天内可重新打开），故障重新分析。",
    )
    return takes(CHEN, Step.REOPEN, caption, reason="It happens again 问题再次出现")


REOPENED = Path(
    "reopened",
    Text("A closed case is reopened", "重新打开已关闭的问题单"),
    Text(
        "The fault comes back after its closing: the same case goes on, with its whole history.",
        "关闭后故障再次出现：原问题单继续处理，全部历史记录保留。",
    ),
    State.ANALYSIS,
    (*HANDLED.acts, reopened()),
)
