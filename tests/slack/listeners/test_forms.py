"""Forms as people fill them in: errors at their fields, no input lost, questions that depend on the answers."""

from datetime import timedelta

import pytest

from bot.sandbox import NotOffered, Person, View
from storage.vocabulary import Paper, State, Step
from tests.support import world
from tests.support.case_builder import CaseBuilder
from tests.support.sample_reports import HUADONG
from tests.support.team import ANNA, CHEN, DESK, HE, HUANG, LIN, SHARED, WU, ZHAO, Team

#: The longest text that a field of a Slack form takes (slack-platform.md §2.2).
MAX_TEXT_LENGTH = 3000
SENTENCE = "批价进程夜间退出,错误码 ORA-01438。😀👩‍💻 العربية ثم English עברית. "
WHOLE = (SENTENCE * 200)[: MAX_TEXT_LENGTH - 1] + "尾"
#: A channel of our own.
OURS = "C0OURS"


def builder(team: Team) -> CaseBuilder:
    return CaseBuilder(team.database, team.playground.bot.company, team.playground.clock.now)


def top(person: Person) -> View:
    view = person.view
    assert view is not None
    return view


# Errors


def test_errors_are_at_their_fields_in_the_readers_language_and_no_input_is_lost(team: Team) -> None:
    said = {}
    for user in (CHEN, WU):
        sent = team.try_report(user, description=SENTENCE, found_at=team.now + timedelta(days=1))
        assert not sent.closed
        assert set(sent.errors) == {"found_at"}
        said[user] = sent.errors["found_at"]
        view = top(team.person(user))
        assert view.errors == sent.errors
        assert SENTENCE.strip() in team.person(user).read(view)
        team.person(user).fill(found_at=team.now - timedelta(days=1))
        assert team.person(user).submit().closed
    assert said[CHEN] != said[WU]
    assert said[WU].isascii()
    assert not said[CHEN].isascii()
    assert team.card("F-1").description == SENTENCE.strip()


def test_the_problems_of_a_form_are_reported_together(team: Team) -> None:
    builder(team).fault(State.TESTING)
    sent = team.try_usually(HE, Step.PASS_TEST, "F-1", effort_hours="0", cases="login | works | works")
    assert not sent.closed
    assert set(sent.errors) <= {"effort_hours", "cases"}
    assert "cases" in sent.errors
    assert team.state("F-1") is State.TESTING


def test_a_test_with_a_failed_case_cannot_pass(team: Team) -> None:
    builder(team).fault(State.TESTING)
    sent = team.try_usually(HE, Step.PASS_TEST, "F-1", cases="a | b | b | pass\nlogin | token | 500 | fail")
    assert set(sent.errors) == {"cases"}
    team.person(HE).fill(cases="a | b | b | pass\nlogin | token | token | 通过")
    assert team.person(HE).submit().closed


def test_a_form_of_a_case_that_moved_on_says_so_and_keeps_its_input(team: Team) -> None:
    builder(team).fault(State.SHEET_SIGNING)
    slow = team.open(HUANG, Step.RETURN_SHEET, "F-1")
    slow.fill(reason="Which provinces? 影响哪些省份?")
    builder(team).usual(Step.SIGN_SHEET, 1)
    sent = slow.submit()
    assert "故障分析" in sent.errors["reason"]
    assert "签发" in sent.errors["reason"]
    assert "影响哪些省份" in top(slow).plain
    assert team.state("F-1") is State.ANALYSIS


def test_a_press_after_somebody_signed_is_answered_with_what_happened(team: Team) -> None:
    """The answer names the new state and who signed. It is no error."""
    builder(team).fault(State.SHEET_SIGNING)
    old = team.look(HUANG, "F-1")
    builder(team).usual(Step.SIGN_SHEET, 1)
    said = team.press_copy(HUANG, old, Step.SIGN_SHEET)
    assert "故障分析" in said
    assert "Huang Wei" in said
    assert len(team.papers("F-1", Paper.FAULT_SHEET)) == 1


# Questions that depend on the answers


def test_triage_asks_its_questions_in_the_written_order(team: Team) -> None:
    team.report(CHEN)
    lin = team.open(LIN, Step.TRIAGE, "F-1")
    assert set(top(lin).fields) == {"is_requirement"}
    lin.fill(is_requirement="yes")
    assert set(lin.opened().fields) == {"is_requirement", "new_business"}
    lin.fill(new_business="OFD export 导出")
    lin.fill(is_requirement="no")
    assert set(lin.opened().fields) == {"is_requirement", "is_fault"}
    lin.fill(is_fault="yes")
    assert set(lin.opened().fields) == {"is_requirement", "is_fault", "symptom_kind"}
    lin.fill(is_fault="no")
    assert set(lin.opened().fields) == {"is_requirement", "is_fault"}
    assert lin.submit().closed
    assert team.state("F-1") is State.ANSWERING


BASIC = {"deadline_basis"}
PROMISE = {"deadline_at", "deadline_contact", "deadline_agreed_at", "deadline_evidence"}


def deadline_fields(person: Person) -> set[str]:
    return {code for code in person.opened().fields if code.startswith("deadline")}


def test_the_deadline_fields_depend_on_the_severity(team: Team) -> None:
    builder(team).fault(State.ANALYSIS)
    wu = team.open(WU, Step.PUBLISH_ANALYSIS, "F-1")
    assert deadline_fields(wu) == set()
    wu.fill(severity="very_severe")
    assert deadline_fields(wu) >= BASIC
    wu.fill(deadline_basis="customer_stipulated")
    assert deadline_fields(wu) == BASIC | PROMISE
    wu.fill(severity="severe")
    with pytest.raises(NotOffered):
        wu.fill(deadline_basis="customer_stipulated")
    wu.fill(deadline_basis="negotiating")
    assert deadline_fields(wu) == BASIC
    wu.fill(deadline_basis="negotiated")
    assert deadline_fields(wu) == BASIC | PROMISE
    wu.fill(severity="general", deadline_basis="none")
    assert deadline_fields(wu) == BASIC


def test_input_stays_when_the_form_changes(team: Team) -> None:
    builder(team).fault(State.ANALYSIS)
    wu = team.open(WU, Step.PUBLISH_ANALYSIS, "F-1")
    wu.fill(direct_cause=SENTENCE, measure="Widen 加宽", effort_hours="2.5", cause_class="code")
    wu.fill(severity="very_severe")
    wu.fill(deadline_basis="customer_stipulated")
    shown = wu.read(wu.opened())
    for kept in (SENTENCE.strip(), "Widen 加宽", "2.5"):
        assert kept in shown


def test_a_very_severe_report_without_a_deadline_is_refused_in_the_readers_language(team: Team) -> None:
    builder(team).fault(State.ANALYSIS)
    for user, words in ((WU, "Set the time the customer stipulated"), (LIN, "请填写客户规定的解决时间")):
        person = team.open(user, Step.PUBLISH_ANALYSIS, "F-1")
        person.fill(
            reproduced="yes",
            direct_cause="Overflow",
            root_cause="Column",
            cause_class="code",
            module="Rating",
            measure="Widen",
            modification_proposed="yes",
            prevention="Check",
            effort_hours="1",
            severity="very_severe",
            severity_reason="No bills",
        )
        sent = person.submit()
        assert not sent.closed
        if sent.answer is not None:  # otherwise Slack itself requires the field
            assert words in " ".join(sent.errors.values())
        person.close_view(everything=True)
    assert team.state("F-1") is State.ANALYSIS


def test_the_manual_form_asks_for_what_its_answer_needs(team: Team) -> None:
    builder(team).fault(State.MANUAL_UPDATE)
    lin = team.open(LIN, Step.UPDATE_MANUAL, "F-1")
    lin.fill(needed="yes")
    assert {"chapter", "change_type", "after", "product_version"} <= set(lin.opened().fields)
    lin.fill(needed="no")
    assert set(lin.opened().fields) == {"needed", "no_reason"}


# Long and foreign text


def test_texts_of_3000_characters_are_kept_and_shown_whole(team: Team) -> None:
    case = team.report(CHEN, description=WHOLE)
    assert team.card(case).description == WHOLE
    shown = team.look(WU, case)
    assert "尾" not in team.person(WU).read(shown).replace(SENTENCE, "")
    wu = team.press(WU, "read_all", case)
    assert WHOLE in "".join(wu.read(wu.opened("reading")).split("\n")) or WHOLE in wu.read(wu.view or shown)
    team.take(LIN, Step.TRIAGE, case, is_requirement="no", is_fault="yes", symptom_kind="exit")
    team.take(CHEN, Step.DRAFT_SHEET, case, symptom=WHOLE, impact=WHOLE, steps=WHOLE, environment=WHOLE)
    [sheet] = team.papers(case, Paper.FAULT_SHEET)
    assert sheet.content["symptom"] == sheet.content["impact"] == sheet.content["steps"] == WHOLE
    team.settle()
    assert {"sign_sheet", "return_sheet", "reject_sheet"} <= set(team.inbox(HUANG)[-1].buttons)
    team.take(HUANG, Step.SIGN_SHEET, case, testers=[LIN], technicians=[WU])
    team.take(WU, Step.COMMENT, case, text=WHOLE)
    team.settle()
    assert not team.workspace.app_bugs
    assert not [entry for entry in team.workspace.log.calls() if not entry.ok]


@pytest.mark.parametrize(
    "text",
    ["a" * MAX_TEXT_LENGTH, "&<>" * (MAX_TEXT_LENGTH // 3), "批" * MAX_TEXT_LENGTH, "😀" * (MAX_TEXT_LENGTH // 2)],
)
def test_the_longest_texts_are_accepted_everywhere(team: Team, text: str) -> None:
    case = team.report(CHEN, description=text, summary=text[:140], contact=text[:140], contact_way=text[:140])
    team.take(WU, Step.COMMENT, case, text=text)
    assert team.card(case).description == text
    wu = team.press(WU, "read_all", case)
    wu.opened("reading")
    team.settle()
    assert not team.workspace.app_bugs
    assert not [entry for entry in team.workspace.log.calls() if not entry.ok]


# Names that are looked up while typing


def texts(options: list[dict[str, object]]) -> list[str]:
    return [str(option["text"]["text"]) for option in options]  # type: ignore[index]


def test_known_names_are_found_while_typing_and_new_ones_are_offered(team: Team) -> None:
    chen = team.person(CHEN)
    chen.command("/fault")
    chen.opened("report")
    assert texts(chen.suggest("customer", "华东"))[0] == "Huadong Telecom Anhui 华东电信安徽分公司"
    assert "Nova Bank" in texts(chen.suggest("customer", "Nova Bank"))[-1]
    assert len(texts(chen.suggest("customer", "huadong telecom anhui 华东电信安徽分公司"))) == 1, (
        "a known name is not offered as a new one"
    )
    assert texts(chen.suggest("customer", "%")) == texts(chen.suggest("customer", "%"))
    assert len(texts(chen.suggest("customer", "%"))) == 1, "% is not a wildcard"
    assert len(texts(chen.suggest("product", ""))) == 4
    chen.fill(product="Billing Suite 计费账务系统")
    assert set(texts(chen.suggest("version", "V"))[:2]) == {"V3.2", "V3.3"}
    assert "V2.5" not in texts(chen.suggest("version", "V"))


def test_a_new_name_is_known_afterwards(team: Team) -> None:
    team.report(CHEN, customer="Nova Bank 新星银行", product="Teller 柜面", version="V9")
    card = team.card("F-1")
    assert (card.customer, card.product, card.product_version) == ("Nova Bank 新星银行", "Teller 柜面", "V9")
    chen = team.person(CHEN)
    chen.command("/fault")
    chen.opened("report")
    assert texts(chen.suggest("customer", "Nova"))[0] == "Nova Bank 新星银行"
    chen.fill(product="Teller 柜面")
    assert texts(chen.suggest("version", "V9")) == ["V9"]


def test_a_company_may_allow_known_names_only(make_team) -> None:  # type: ignore[no-untyped-def]
    team: Team = make_team(FAULT_NEW_NAMES="false")
    chen = team.person(CHEN)
    chen.command("/fault")
    chen.opened("report")
    assert chen.suggest("customer", "Nova Bank") == []
    team.fill_report(CHEN)
    view = top(chen)
    state = view.state["customer"]
    [element] = state.values()
    element["selected_option"] = {"text": {"type": "plain_text", "text": "x"}, "value": "new:Nova Bank"}
    sent = chen.submit()
    assert set(sent.errors) == {"customer"}
    assert sent.errors["customer"]
    chen.fill(customer=HUADONG)
    assert chen.submit().closed
    assert team.newest() == "F-1"


def test_a_master_is_found_by_number_and_by_words(team: Team) -> None:
    work = builder(team)
    work.report()
    work.report(summary="Another summary 另一个")
    chen = team.open(CHEN, Step.MERGE_DUPLICATE, "F-2")
    assert texts(chen.suggest("master", "F-1"))[0].startswith("F-1 ·")
    assert texts(chen.suggest("master", "ora-01438"))[0].startswith("F-1 ·")
    assert not [text for text in texts(chen.suggest("master", "")) if text.startswith("F-2")]
    chen.fill(master="F-1", reason="Same")
    assert chen.submit().closed
    assert team.card("F-2").master == "F-1"


# Shortcuts


def test_the_global_shortcut_opens_the_report_form(team: Team) -> None:
    anna = team.person(ANNA)
    anna.shortcut("report")
    anna.opened("report")
    team.fill_report(ANNA)
    assert anna.submit().closed
    assert team.card("F-1").reporter == ANNA


def test_a_case_made_from_a_message_is_answered_in_the_thread_of_the_message(team: Team) -> None:
    team.workspace.add_channel(OURS, "projects", [CHEN, ANNA])
    said = "How do I renew the USB certificate? <b>&amp; more</b> 数字证书如何续期?\nSecond line @wu.gang"
    message = team.person(ANNA).say(said, channel=OURS)
    chen = team.person(CHEN)
    chen.message_shortcut("report_from_message", message)
    view = chen.opened("report")
    assert "数字证书如何续期?" in view.plain
    assert "<b>&amp; more</b>" in view.plain, "Slack's escapes are undone"
    assert "@Wu Gang 吴刚" in view.plain
    team.fill_report(CHEN, summary="Certificate", description=None)
    assert chen.submit().closed
    assert team.card("F-1").description.startswith("How do I renew")
    team.take(LIN, Step.TRIAGE, "F-1", is_requirement="no", is_fault="no")
    team.take(CHEN, Step.ANSWER, "F-1", answer="Use the tool 用续期工具", category="certificate", effort_hours="1")
    team.settle()
    thread = team.workspace.thread(OURS, message.ts)
    assert len(thread) == 2
    assert "用续期工具" in thread[-1].plain
    assert team.workspace.pings(thread[-1]) == set()


def test_a_case_made_from_a_message_in_a_thread_is_answered_in_that_thread(team: Team) -> None:
    team.workspace.add_channel(OURS, "projects", [CHEN, ANNA])
    first = team.person(ANNA).say("Hello", channel=OURS)
    second = team.person(ANNA).say("It exits", channel=OURS, thread_ts=first.ts)
    chen = team.person(CHEN)
    chen.message_shortcut("report_from_message", second)
    chen.opened("report")
    team.fill_report(CHEN)
    assert chen.submit().closed
    builder(team).onward(1, State.FIX_CONFIRMING)
    team.settle()
    assert "V3.2.1" in team.workspace.thread(OURS, first.ts)[-1].plain


@pytest.mark.parametrize("text", ["批价" * 4000, "&" * 3000, "x" * 39_000])
def test_a_message_longer_than_a_field_still_opens_the_form(team: Team, text: str) -> None:
    message = team.person("U0SUNLI").say(text, channel=SHARED)
    chen = team.person(CHEN)
    chen.message_shortcut("report_from_message", message)
    assert chen.opened("report").fields
    assert not team.workspace.app_bugs


def test_a_message_from_a_channel_without_the_bot_makes_a_case_and_an_admin_is_told(team: Team) -> None:
    message = team.person(ANNA).say("Broken", channel="C0GENERAL")
    anna = team.person(ANNA)
    anna.message_shortcut("report_from_message", message)
    anna.opened("report")
    team.fill_report(ANNA)
    assert anna.submit().closed
    builder(team).onward(1, State.FIX_CONFIRMING)
    team.settle()
    assert "not_in_channel" in team.read("U0ADMIN"), "an admin learns that the customer got no message"


# Time zones


def test_everybody_reads_moments_in_their_own_time_zone(team: Team) -> None:
    deadline = team.now.replace(hour=6, minute=30, second=0, microsecond=0) + timedelta(days=2)
    builder(team).fault(deadline_at=int(deadline.timestamp()))
    team.workspace.change_user(ANNA, locale="zh-CN")
    team.settle()
    here = deadline.astimezone(world.zone()).strftime("%H:%M")
    assert here in team.sees(CHEN, "F-1")
    assert here in team.sees(WU, "F-1")
    team.workspace.change_user(WU, tz="America/New_York")
    assert here not in team.sees(WU, "F-1")
    [card, *_] = [message for message in team.workspace.history(DESK) if message.thread_ts is None]
    assert "6:30" in card.plain or "06:30" in card.plain, "the moment is read as UTC"


def test_a_moment_in_a_refusal_is_in_the_readers_time_zone(team: Team) -> None:
    builder(team).fault(State.SHEET_SIGNING)
    team.workspace.change_user(HUANG, tz="America/New_York", locale="en-US")
    team.playground.bot.people.begin()
    slow = team.open(HUANG, Step.RETURN_SHEET, "F-1")
    slow.fill(reason="?")
    builder(team).usual(Step.SIGN_SHEET, 1)
    said = slow.submit().errors["reason"]
    assert "UTC-" in said


def test_a_person_without_the_needed_role_is_refused_at_the_field(team: Team) -> None:
    builder(team).fault(State.SHEET_SIGNING)
    sent = team.try_usually(HUANG, Step.SIGN_SHEET, "F-1", testers=[ZHAO], technicians=[WU])
    assert set(sent.errors) == {"testers"}
    assert "测试员" in sent.errors["testers"]
    assert team.state("F-1") is State.SHEET_SIGNING
