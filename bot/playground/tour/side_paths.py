"""Paths beside the main one: discussions, duplicates, holds, withdrawals."""

from bot.playground.tour.act import DAY, Act, Path, Text, after, number_of, on, past, takes, tries, waits
from bot.playground.tour.example_problems import INSIDE, PROVINCES, TOTALS
from bot.playground.tour.shared_acts import (
    ANNA,
    CHEN,
    HUANG,
    LIN,
    WU,
    ZHAO,
    published,
    reported,
    signed,
    to_modification,
    to_signing,
    triaged,
)
from storage.vocabulary import State, Step


def discussed() -> list[Act]:
    """A discussion is called, blocks the report, and is closed with an outcome (process.md §2)."""
    called = Text(
        "Wu Gang, the technician, cannot find the cause alone. He presses “Call a discussion” and invites Zhao Lei and "
        "Anna Berg; the bot writes to both with the question.",
        "技术员吴刚无法独自查明原因，点击「召集讨论」，邀请赵磊和 Anna Berg，机器人将问题发给二人。",
    )
    refused = Text(
        "Wu Gang tries to publish the report before the discussion has an outcome. The bot refuses: the outcome first.",
        "讨论尚无结论，吴刚就试图发布报告，被机器人拒绝：须先记录讨论结论。",
    )
    closed = Text(
        "Lin Xiaoyu, the tester, presses “Close the discussion” and records the outcome, which stays with the case.",
        "测试员林晓雨点击「结束讨论」，记录讨论结论，并存入问题单。",
    )
    question = "Why is the last day left out? 为什么漏掉最后一天?"
    outcome = "The month ends a day early 月末日期少算一天"
    return [
        takes(WU, Step.CALL_DISCUSSION, called, invitees=(ZHAO, ANNA), question=question),
        tries(WU, Step.PUBLISH_ANALYSIS, refused),
        takes(LIN, Step.CLOSE_DISCUSSION, closed, outcome=outcome),
    ]


DISCUSSION = Path(
    "discussion",
    Text("A discussion of the cause", "召集讨论"),
    Text(
        "The analysts cannot find the cause alone and call others in; the report waits for the outcome.",
        "分析人员无法独自查明原因，召集相关人员讨论；有结论后才能发布报告。",
    ),
    State.DECISION,
    (*to_signing(TOTALS), signed(), *discussed(), published(TOTALS)),
)


def merged() -> list[Act]:
    """The second case is merged into the first one, and the merge is undone (`merge_duplicate`, `undo_merge`)."""
    same = Text(
        "Anna Berg, a colleague in Berlin, reports what a customer told her. Nobody knows yet that it may be the same "
        "problem.",
        "柏林的同事 Anna Berg 登记客户向她反映的问题，尚不知道可能与前一问题相同。",
    )
    merge = Text(
        "Chen Jing sees that both cases tell of the same problem. She presses “Merge as duplicate” and chooses the "
        "first one; both reporters are told.",
        "陈静发现两张问题单反映同一问题，点击「合并为重复」，选择前一问题单。两位提出人均收到通知。",
    )
    undo = Text(
        "It turns out to be another problem. Huang Wei, the center manager, presses “Undo merge”, and the case is back "
        "where it was.",
        "后来发现是另一个问题。客服中心经理黄伟点击「取消合并」，问题单回到合并前的环节。",
    )
    reason, other = "The same list, the same filter 同一列表、同一筛选", "Another cause 原因不同"
    return [
        reported(PROVINCES, ANNA, same),
        takes(CHEN, Step.MERGE_DUPLICATE, merge, master=number_of(0), reason=reason),
        takes(HUANG, Step.UNDO_MERGE, undo, reason=other),
        triaged(PROVINCES.symptom_kind),
    ]


DUPLICATE = Path(
    "duplicate",
    Text("A duplicate, merged and undone", "合并重复与取消合并"),
    Text(
        "The same problem is reported twice and merged; when it proves to be another one, the merge is undone.",
        "同一问题被登记两次而合并；后来证明并非同一问题，于是取消合并。",
    ),
    State.SHEET_DRAFTING,
    (reported(PROVINCES), triaged(PROVINCES.symptom_kind), *on(1, merged())),
)


def held() -> list[Act]:
    """The case is on hold for a day, the bot reminds the modifier, and the modifier resumes it (`hold`, `resume`)."""
    hold = Text(
        "Zhao Lei, the modifier, needs an answer from the vendor. He presses “Put on hold” until tomorrow; the case "
        "stays where it is, and the center manager is told.",
        "修改人赵磊需等待厂商答复，点击「挂起」，挂起至明天。问题单停留在当前环节，客服中心经理收到通知。",
    )
    over = Text(
        "A day passes: the tour puts the clock forward. The bot reminds Zhao Lei that the hold has ended.",
        "演示将时钟拨快一天。机器人提醒赵磊挂起时间已到。",
    )
    resume = Text(
        "Zhao Lei has the answer and presses “Resume”. This step needs no form: it is done on the click.",
        "赵磊已得到答复，点击「恢复处理」。这一步无需填写表单，点击即生效。",
    )
    reason = "The vendor looks for a driver 厂商正在查找驱动程序"
    return [
        takes(ZHAO, Step.HOLD, hold, kind="vendor", reason=reason, until=after(DAY)),
        waits(ZHAO, past("until"), over),
        takes(ZHAO, Step.RESUME, resume),
    ]


HELD = Path(
    "hold",
    Text("A case on hold", "挂起与恢复"),
    Text(
        "The modifier waits for a vendor: the case is put on hold, the bot reminds him in time, and work goes on.",
        "修改人等待厂商答复：问题单挂起，到期后机器人提醒，随后恢复处理。",
    ),
    State.MODIFICATION,
    (*to_modification(TOTALS), *held()),
)


def withdrawn() -> list[Act]:
    """A colleague reports an internal problem, corrects the report, and withdraws it after triage (`withdraw`)."""
    finding = Text(
        "Anna Berg, a colleague in Berlin, types /fault and reports what she found herself, as anybody may.",
        "柏林的同事 Anna Berg 输入 /fault，登记自己发现的问题。公司任何人都可以提出问题。",
    )
    correction = Text(
        "Anna Berg has named the wrong version. She presses “Correct” and says why; the history keeps both values.",
        "Anna Berg 填错了版本，点击「更正」并说明原因。历史记录保留更正前后的内容。",
    )
    own = Text(
        "Lin Xiaoyu, a tester, presses “Take it” on the card. The case waits for her alone now, and nobody else looks "
        "into it at the same time.",
        "测试员林晓雨在卡片上点击「接手」。问题单此后只等她处理，其他人不会重复查看。",
    )
    back = Text(
        "Anna Berg finds that the network was to blame. As the reporter she presses “Withdraw” with the reason; nobody "
        "has to do anything more.",
        "Anna Berg 发现是网络原因。她作为提出人点击「撤销」并填写原因，此后无需任何人处理。",
    )
    triage = Text(
        "Lin Xiaoyu presses “Triage”: no customized requirement, but a fault.",
        "林晓雨点击「判定」：不是个性化需求，是故障。",
    )
    return [
        reported(INSIDE, ANNA, finding),
        takes(ANNA, Step.CORRECT, correction, version="V3.2", reason="Looked at the wrong screen 看错了界面"),
        takes(LIN, Step.TAKE, own),
        triaged("performance", triage),
        takes(ANNA, Step.WITHDRAW, back, reason="It was the network 是网络原因"),
    ]


WITHDRAWN = Path(
    "withdrawn",
    Text("A withdrawn case", "撤销问题单"),
    Text(
        "Whoever reported a problem may correct the report until the triage, and take it back; the case ends, and its "
        "history stays.",
        "提出人可在判定前更正所提问题的内容，也可以撤销；问题单到此结束，历史记录保留。",
    ),
    State.WITHDRAWN,
    tuple(withdrawn()),
)
