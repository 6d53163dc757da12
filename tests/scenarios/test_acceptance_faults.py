"""The acceptance scenarios of process.md §7 about faults, in both languages."""

from datetime import datetime, timedelta

from storage.vocabulary import Basis, Kind, Paper, PaperStatus, Severity, State, Step
from tests.support import world
from tests.support.answers import KINDS, MODIFY, NO_MANUAL, REPORT, SHEETS, SIGNING, TEST, released
from tests.support.process_words import Words
from tests.support.sample_reports import BILLING, CARE, HUADONG, NANLING, SampleReport
from tests.support.team import CHEN, HE, HUANG, LIN, WU, ZHAO, Team

RATING = SampleReport(HUADONG, "Sun Li 孙丽", BILLING, "V3.2", "Rating process exits with ORA-01438 批价进程异常退出")
LOGO = SampleReport(NANLING, "Gao Feng 高峰", CARE, "V2.5", "Greeting card logo is blurred 贺卡徽标模糊")


def clock(team: Team, hour: int, minute: int) -> datetime:
    """The next moment at which it is this time in Shanghai."""
    local = team.now.astimezone(world.zone())
    moment = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return moment if moment > local else moment + timedelta(days=1)


def test_4_a_very_severe_fault_resolved_on_time(speakers: Team, words: Words) -> None:
    team = speakers
    team.wait_until(clock(team, 9, 10))
    case = team.report(CHEN, RATING)
    team.take(LIN, Step.TRIAGE, case, **KINDS[Kind.FAULT])
    team.take(CHEN, Step.DRAFT_SHEET, case, **SHEETS[Kind.FAULT])
    team.take(HUANG, Step.SIGN_SHEET, case, **SIGNING[Kind.FAULT])

    report = {**REPORT, "severity": "very_severe", "severity_reason": "No bills are made 无法出账"}
    refused = team.attempt(WU, Step.PUBLISH_ANALYSIS, case, **report)
    assert words["set the time"] in refused.errors.values()
    assert team.state(case) is State.ANALYSIS
    deadline, agreed_at = clock(team, 14, 0), team.now - timedelta(minutes=1)
    said = {"deadline_contact": "Sun Li 孙丽", "deadline_evidence": "Phone 电话"}
    team.person(WU).fill(deadline_basis="customer_stipulated", deadline_agreed_at=agreed_at, **said)
    refused = team.person(WU).submit()
    assert refused.errors["deadline_at"] == words["set the time"]
    assert not team.papers(case, Paper.FAULT_RECORD)
    team.person(WU).fill(deadline_at=deadline)
    assert team.person(WU).submit().closed
    seen = team.sees(HUANG, case)
    assert words.state(State.DECISION) in seen
    assert words["very severe"] in seen
    assert words["set by customer"] in seen
    assert words["14:00"] in seen

    team.take(WU, Step.DECIDE_MODIFICATION, case, **MODIFY)
    at_half = clock(team, 11, 36)
    assert not team.told_by(lambda: team.wait_until(at_half - timedelta(minutes=15))) & {WU, LIN, ZHAO}
    reminded = team.told_by(lambda: team.wait_until(at_half))
    assert {WU, LIN, ZHAO} <= reminded
    assert not reminded & {CHEN, HUANG}
    assert words["acknowledge"] in {control.label for control in team.inbox(WU)[-1].controls}
    assert words["need help"] in {control.label for control in team.inbox(WU)[-1].controls}
    team.person(WU).press("acknowledge", message=team.inbox(WU)[-1])

    team.take(
        ZHAO,
        Step.SUBMIT_MODIFICATION,
        case,
        change="Wider column 加宽字段",
        modules="rating.sql",
        build="V3.2.1-rc1",
        self_check="Ran 已自测",
        effort_hours="2",
    )
    team.take(HE, Step.PASS_TEST, case, **TEST)
    team.take(LIN, Step.UPDATE_MANUAL, case, **NO_MANUAL)
    team.take(WU, Step.RECORD_RELEASE, case, **released(team.now, "V3.2.1"))
    team.wait_until(clock(team, 13, 20))
    assert words.state(State.REPLYING) in team.sees(CHEN, case)
    team.take(CHEN, Step.REPLY_CUSTOMER, case, reply="Corrected with V3.2.1 已在V3.2.1修复")
    assert words.state(State.FIX_CONFIRMING) in team.sees(CHEN, case)
    assert not team.told_by(lambda: team.wait_until(deadline + timedelta(hours=3))), "reminders stop"
    team.take(CHEN, Step.CONFIRM_FIX, case, evidence="Mail 邮件", score="5")

    card = team.card(case)
    assert words.state(State.CLOSED) in team.sees(LIN, case)
    assert words["overdue"] not in team.sees(LIN, case)
    assert card.resolved_at is not None
    assert card.resolved_at.astimezone(world.zone()).strftime("%H:%M") == "13:20"
    assert card.deadline_at == deadline >= card.resolved_at
    assert (card.fixed_version, card.moved_count, card.test_round) == ("V3.2.1", 0, 1)


def test_5_a_general_fault_without_deadline(speakers: Team, words: Words) -> None:
    team = speakers
    case = team.report(CHEN, LOGO)
    team.take(HE, Step.TRIAGE, case, is_requirement="no", is_fault="yes", symptom_kind="other")
    team.take(CHEN, Step.DRAFT_SHEET, case, **SHEETS[Kind.FAULT])
    team.take(HUANG, Step.SIGN_SHEET, case, **SIGNING[Kind.FAULT])
    report = {**REPORT, "module": "Greeting cards 贺卡", "versions": "V2.5"}
    team.take(
        LIN,
        Step.PUBLISH_ANALYSIS,
        case,
        **report,
        severity="general",
        severity_reason="Slight 轻微",
        deadline_basis="none",
    )
    seen = team.sees(CHEN, case)
    assert words["general"] in seen
    assert f"{words['deadline']} {words['no deadline']}" in seen
    assert team.card(case).deadline_at is None
    assert team.card(case).deadline_basis is Basis.NONE

    team.take(WU, Step.DECIDE_MODIFICATION, case, **MODIFY | {"target_version": "V2.5.1"})
    told = team.told_by(lambda: team.pass_time(timedelta(days=60)))
    assert told == {ZHAO}, "only the target of the state reminds"
    team.advance(case, State.MANUAL_UPDATE)
    team.take(
        LIN,
        Step.UPDATE_MANUAL,
        case,
        needed="yes",
        chapter="4.2",
        change_type="M",
        after="The logo is drawn sharp 徽标清晰",
        product_version="V2.5.1",
    )
    manual = team.papers(case, Paper.MANUAL_PART)[-1]
    assert (manual.content["chapter"], manual.content["change_type"]) == ("4.2", "M")
    assert manual.status is PaperStatus.RECORDED
    team.take(WU, Step.RECORD_RELEASE, case, **released(team.now, "V2.5.1"))
    team.advance(case, State.CLOSED)
    assert words.state(State.CLOSED) in team.sees(CHEN, case)
    assert team.card(case).severity is Severity.GENERAL
