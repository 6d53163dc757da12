"""The acceptance scenarios of process.md §7 about questions, requirements and sheets, in both languages."""

from storage.vocabulary import Kind, Paper, PaperStatus, Place, State, Step
from tests.support.answers import EVERYBODY, KINDS, SHEETS, SIGNING
from tests.support.process_words import Words
from tests.support.sample_reports import BILLING, BINHAI, CARE, HUADONG, LINGNAN, NANLING, PORT, REPORTS, SampleReport
from tests.support.team import ANNA, CHEN, HE, HUANG, LIN, WU, ZHOU, Team

CERTIFICATE = SampleReport(BINHAI, "Xu Mei 许梅", PORT, "V1.8", "How do I renew the USB certificate? 数字证书如何续期?")
CARE_LIST = SampleReport(
    NANLING, "Gao Feng 高峰", CARE, "V2.5", "Why is yesterday's care list empty? 昨天的关怀名单为什么是空的?"
)
OFD = SampleReport(LINGNAN, "Tang Bo 唐波", REPORTS, "V4.0", "Export reports as OFD 报表导出为OFD格式")
PROVINCES = SampleReport(
    HUADONG,
    "Sun Li 孙丽",
    BILLING,
    "V3.2",
    "Province filter of the invoice list is ignored 账单列表省份筛选无效",
)


def test_1_a_question_is_answered_to_satisfaction_at_once(speakers: Team, words: Words) -> None:
    team = speakers
    case = team.report(CHEN, CERTIFICATE)
    assert words.state(State.TRIAGE) in team.sees(LIN, case)
    team.take(LIN, Step.TRIAGE, case, **KINDS[Kind.QUESTION])
    assert words.state(State.ANSWERING) in team.sees(CHEN, case)
    assert words["question"] in team.sees(CHEN, case)
    answer = {"answer": "Plug it in and press Renew 插入后点续期", "category": "certificate", "effort_hours": "0.5"}
    team.take(CHEN, Step.ANSWER, case, **answer)
    assert words.state(State.ANSWER_CONFIRMING) in team.sees(CHEN, case)
    assert Step.RECORD_VERDICT in team.inbox(CHEN)[-1].buttons
    team.take(CHEN, Step.RECORD_VERDICT, case, satisfied="yes", evidence="Phone 电话", score="5")
    assert words.state(State.CLOSED) in team.sees(CHEN, case)

    report = team.papers(case, Paper.SERVICE_REPORT)
    assert {version.content["round"] for version in report} == {1}
    assert report[-1].content["satisfied"] == "yes"
    assert report[-1].content["score"] == "5"
    assert not team.papers(case, Paper.FAULT_SHEET)
    assert not team.papers(case, Paper.REQUIREMENT_SHEET)
    assert not team.papers(case, Paper.FAULT_RECORD)


def test_2_a_question_whose_customer_is_dissatisfied_twice(speakers: Team, words: Words) -> None:
    team = speakers
    case = team.report(CHEN, CARE_LIST)
    team.take(LIN, Step.TRIAGE, case, **KINDS[Kind.QUESTION])
    usual = {"category": "usage", "effort_hours": "1"}
    unhappy = {"satisfied": "no", "evidence": "Phone 电话"}

    team.take(CHEN, Step.ANSWER, case, answer="It is made at 6 o'clock 每天六点生成", **usual)
    assert Step.CLOSE_UNANSWERED not in team.buttons(HUANG, case)
    assert words["reminded"] in team.refused(HUANG, Step.CLOSE_UNANSWERED, case)
    assert team.state(case) is State.ANSWER_CONFIRMING
    told = team.told_by(
        lambda: team.take(CHEN, Step.RECORD_VERDICT, case, **unhappy, dissatisfied_reason="It is 9 o'clock 已经九点了")
    )
    assert not told & {WU, HUANG, LIN, HE}
    assert words.state(State.ANSWERING) in team.sees(CHEN, case)
    assert "已经九点了" in team.read(CHEN)

    team.take(CHEN, Step.ANSWER, case, answer="The job was late 任务延迟", **usual)
    told = team.told_by(
        lambda: team.take(CHEN, Step.RECORD_VERDICT, case, **unhappy, dissatisfied_reason="Still empty 还是空的")
    )
    assert WU in told
    assert HUANG not in told
    assert "还是空的" in team.read(WU)

    team.take(CHEN, Step.ANSWER, case, answer="It is filled now 现已补齐", consulted=WU, **usual)
    told = team.told_by(lambda: team.take(CHEN, Step.RECORD_VERDICT, case, satisfied="yes", evidence="Mail 邮件"))
    assert {WU, HUANG} <= told
    assert words.state(State.CLOSED) in team.sees(HUANG, case)
    assert words.way(State.ANSWER_CONFIRMING, State.CLOSED) in team.read(HUANG)

    report = team.papers(case, Paper.SERVICE_REPORT)
    reasons = [version.content.get("dissatisfied_reason") for version in report]
    assert [reason for reason in reasons if reason] == ["It is 9 o'clock 已经九点了", "Still empty 还是空的"]
    assert team.card(case).answer_round == 3
    assert not team.papers(case, Paper.FAULT_SHEET)


def test_3_a_customized_requirement_returned_once(speakers: Team, words: Words) -> None:
    team = speakers
    case = team.report(CHEN, OFD)
    team.take(LIN, Step.TRIAGE, case, **KINDS[Kind.REQUIREMENT])
    assert words.state(State.SHEET_DRAFTING) in team.sees(CHEN, case)
    assert words["requirement"] in team.sees(CHEN, case)
    team.take(CHEN, Step.DRAFT_SHEET, case, current_gap="Only PDF 只有PDF")
    assert {words.buttons[Step.SIGN_SHEET], words.buttons[Step.RETURN_SHEET]} <= _labels(team, HUANG)
    reason = "no business value given 未说明业务价值"
    told = team.told_by(lambda: team.take(HUANG, Step.RETURN_SHEET, case, reason=reason))
    assert CHEN in told
    assert reason in team.read(CHEN)
    assert words.state(State.SHEET_DRAFTING) in team.sees(CHEN, case)

    form = team.open(CHEN, Step.DRAFT_SHEET, case)
    assert reason in form.read(form.opened())
    assert "只有PDF" in form.read(form.opened())
    form.fill(value="Two banks ask for it 两家银行要求")
    assert form.submit().closed
    told = team.told_by(lambda: team.take(HUANG, Step.SIGN_SHEET, case, dev_owner=ANNA, dev_ref="DEV-117"))
    assert {ANNA, CHEN} <= told
    assert "DEV-117" in team.read(ANNA)
    assert words.state(State.HANDED_OVER) in team.sees(CHEN, case)

    first, second = team.papers(case, Paper.REQUIREMENT_SHEET)
    assert (first.version, first.status, first.signer) == (1, PaperStatus.RETURNED, None)
    assert (second.version, second.status, second.signer) == (2, PaperStatus.SIGNED, HUANG)
    assert second.content["value"] == "Two banks ask for it 两家银行要求"
    assert team.history(case)[-1].data["dev_ref"] == "DEV-117"
    for person in EVERYBODY:
        assert team.buttons(person, case) <= {Step.COMMENT, "read_all", "export"}
    assert not team.papers(case, Paper.FAULT_SHEET)


def _labels(team: Team, user: str) -> set[str]:
    """The buttons of somebody's newest direct message, by their words."""
    return {control.label for control in team.inbox(user)[-1].controls}


def test_6_a_sheet_returned_and_redrafted(speakers: Team, words: Words) -> None:
    """Huang Wei, center manager, also stands in as service manager."""
    team = speakers
    case = team.report(CHEN, PROVINCES)
    team.take(LIN, Step.TRIAGE, case, **KINDS[Kind.FAULT] | {"symptom_kind": "error"})
    team.take(CHEN, Step.DRAFT_SHEET, case, **SHEETS[Kind.FAULT])
    reason = "which provinces? 影响哪些省份?"
    assert CHEN in team.told_by(lambda: team.take(HUANG, Step.RETURN_SHEET, case, reason=reason))
    assert reason in team.read(CHEN)

    team.take(HUANG, Step.DRAFT_SHEET, case, impact="All of them 全部省份")
    assert words.state(State.SHEET_SIGNING) in team.sees(HUANG, case)
    assert Step.SIGN_SHEET not in team.buttons(HUANG, case)
    assert words["drafted"] in team.refused(HUANG, Step.SIGN_SHEET, case)
    assert team.state(case) is State.SHEET_SIGNING

    team.take(HUANG, Step.RETURN_SHEET, case, reason="Somebody else must draft it 需他人起草")
    team.take(ZHOU, Step.DRAFT_SHEET, case, impact="Anhui and Hubei 安徽、湖北")
    assert {words.buttons[Step.SIGN_SHEET], words.buttons[Step.RETURN_SHEET]} <= _labels(team, HUANG)
    told = team.told_by(lambda: team.take(HUANG, Step.SIGN_SHEET, case, **SIGNING[Kind.FAULT]))
    assert {LIN, WU, CHEN} <= told
    assert words.state(State.ANALYSIS) in team.sees(LIN, case)
    assert team.at(case, Place.TESTERS) == {LIN}
    assert team.at(case, Place.TECHNICIANS) == {WU}

    sheets = team.papers(case, Paper.FAULT_SHEET)
    assert [sheet.status for sheet in sheets] == [
        PaperStatus.RETURNED,
        PaperStatus.RETURNED,
        PaperStatus.SIGNED,
    ]
    assert [sheet.author for sheet in sheets] == [CHEN, HUANG, ZHOU]
    assert [sheet.signer for sheet in sheets] == [None, None, HUANG]
    assert sheets[-1].content["impact"] == "Anhui and Hubei 安徽、湖北"
    assert reason in "\n".join(team.thread(case))
