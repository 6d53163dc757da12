"""The content and the buttons of messages."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.casework.reading.cases import CaseStatus, Listing, ListLine
from bot.casework.reading.redaction import readable_card
from bot.i18n.translator import Translator
from bot.slack.views.case.buttons import USUAL
from bot.slack.views.case.card import card, personal_card
from bot.slack.views.case.discussion import discussion
from bot.slack.views.case.full_record import reading
from bot.slack.views.case.reminder import ASKS_FOR, WHY, help_wanted, reminder
from bot.slack.views.case.step_context import EVIDENCE
from bot.slack.views.case.task import ASKED, settled, task
from bot.slack.views.case.thread import DONE, customer_message, notice, story
from bot.slack.views.desk.help import help_message, not_understood
from bot.slack.views.desk.leavers import reassigned
from bot.slack.views.desk.lists import listing
from bot.slack.views.message import Message
from bot.slack.views.refusal import refused
from bot.workflow import refusals as no
from bot.workflow.deadlines import DEADLINE_RULES
from bot.workflow.fields import FORMS
from bot.workflow.paper_fields import ANSWERS
from bot.workflow.reading_levels import Level
from bot.workflow.reasons import every_refusal
from bot.workflow.refusal import Problem, Refusal
from bot.workflow.steps import WAITS_FOR
from bot.workflow.waiting import Addressee
from storage import vocabulary as v
from storage.vocabulary import State, Step
from tests.support.sample_cases import CHINESE, ENGLISH, NOW, a_card, a_line, a_new_card, a_paper, a_reminder, as_read

BOTH = pytest.mark.parametrize("t", [ENGLISH, CHINESE], ids=["en", "zh-CN"])
SECRET = "the amount column overflows"


def buttons(message: Message | Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    blocks: Iterable[Any] = message.blocks if isinstance(message, Message) else message["blocks"]
    return {e["action_id"]: e for block in blocks if block["type"] == "actions" for e in block["elements"]}


def read(message: Message, t: Translator = ENGLISH) -> str:
    return as_read(message.blocks, t)


# The card


@BOTH
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("personal", [True, False])
def test_the_card_names_the_state_after_the_word_state(state: State, personal: bool, t: Translator) -> None:
    shown = read(card(a_card(state=state, master=None, master_state=None), t, personal=personal), t)
    assert f"{t('State')} {t.word(state)}\n" in shown
    assert f"{'状态' if t is CHINESE else 'State'} " in shown


def test_the_shared_card_has_the_buttons_of_what_somebody_may_do_and_one_that_opens_the_case() -> None:
    assert list(buttons(card(a_card(), ENGLISH, [Step.TAKE]))) == ["take", "open_case"]
    found = buttons(card(a_card(), ENGLISH))
    assert list(found) == ["open_case"]
    assert found["open_case"]["value"] == '{"case":12,"version":7}'


@pytest.mark.parametrize("step", Step)
def test_the_button_of_a_step_carries_case_and_version(step: Step) -> None:
    found = buttons(card(a_card(), ENGLISH, [step], personal=True))[step.value]
    assert json.loads(found["value"]) == {"case": 12, "version": 7}
    assert found["text"]["text"] == ENGLISH.word(step)


def test_buttons_of_usual_steps_come_first_and_grave_ones_last() -> None:
    steps = [Step.COMMENT, Step.REJECT_SHEET, Step.RETURN_SHEET, Step.WITHDRAW, Step.SIGN_SHEET, Step.HOLD]
    found = buttons(card(a_card(), ENGLISH, steps, personal=True))
    of_the_moment, at_hand = ["sign_sheet", "return_sheet", "reject_sheet"], ["comment", "hold", "withdraw"]
    assert list(found) == [*of_the_moment, *at_hand, "read_all", "export"]
    styles = {action: one.get("style") for action, one in found.items() if "style" in one}
    assert styles == {"sign_sheet": "primary", "reject_sheet": "danger", "withdraw": "danger"}


def test_only_closing_unanswered_asks_for_confirmation() -> None:
    found = buttons(card(a_card(), ENGLISH, list(Step), personal=True))
    assert [action for action, one in found.items() if "confirm" in one] == ["close_unanswered"]


def test_a_short_new_case_has_no_button_to_read_all() -> None:
    assert buttons(card(a_new_card(), ENGLISH, [Step.TRIAGE], personal=True)).keys() == {"triage", "export"}
    long = replace(a_new_card(), description="x" * 700)
    assert "read_all" in buttons(card(long, ENGLISH, [Step.TRIAGE], personal=True))


def test_contact_ways_are_shown_on_personal_cards_alone() -> None:
    known = a_card(contact_way="+86 551 5550 1234")
    assert "5550" in read(card(known, ENGLISH, personal=True))
    assert "5550" not in read(card(known, ENGLISH))


@pytest.mark.parametrize("severity", v.Severity)
def test_severity_is_shown_by_shape_and_word(severity: v.Severity) -> None:
    shape = {"very_severe": "▲", "severe": "◆", "general": "●"}[severity]
    assert f"{shape} {ENGLISH.word(severity)}" in read(card(a_card(severity=severity), ENGLISH))


@BOTH
def test_deadlines_are_shown_with_their_basis(t: Translator) -> None:
    assert t.word(v.Basis.CUSTOMER_STIPULATED) in read(card(a_card(), t), t)
    none = a_card(deadline_basis=v.Basis.NONE, deadline_at=None, overdue=False)
    assert f"{t('Deadline')} {t.word(v.Basis.NONE)}" in read(card(none, t), t)
    assert t("Deadline") not in read(card(a_new_card(), t), t)


def test_the_card_names_the_people_or_else_the_role_that_the_case_waits_for() -> None:
    def shown(*waits_for: Addressee) -> str:
        return read(card(a_card(state=State.TESTING, waits_for=waits_for), ENGLISH))

    assert "Waiting for Tester\n" in shown(Addressee(v.Bucket.TEST, role=v.Role.TESTER))
    assert "Waiting for Tester, but not @U0HE\n" in shown(Addressee(v.Bucket.TEST, None, v.Role.TESTER, "U0HE"))
    assert "Waiting for @U0LIN\n" in shown(Addressee(v.Bucket.TEST, "U0LIN"))
    manager = Addressee(v.Bucket.CUSTOMER, role=v.Role.SERVICE_MANAGER)
    assert "Waiting for @U0SUN / Service manager\n" in shown(Addressee(v.Bucket.CUSTOMER, "U0SUN"), manager)
    assert "Waiting for The service desk\n" in shown(), "to a reader who may know nobody of them"
    assert "Waiting for somebody to be assigned" in shown(Addressee(v.Bucket.VACANT, role=v.Role.ADMIN))


@pytest.mark.parametrize(
    ("missing", "t", "said"),
    [
        ((), ENGLISH, "A center manager must assign somebody."),
        ((), CHINESE, "须由客服中心经理指定处理人。"),
        ((v.Role.TECHNICIAN, v.Role.TESTER), CHINESE, "正在等待：客服中心技术员、客服中心测试员。"),
    ],
)
def test_an_administrator_is_told_why_a_case_stands_still(
    missing: tuple[v.Role, ...], t: Translator, said: str
) -> None:
    assert said in read(personal_card(CaseStatus("F-1", State.MODIFICATION, True, missing), t), t)
    assert "⚠" not in read(personal_card(CaseStatus("F-1", State.MODIFICATION, False, ()), t), t)


def test_a_place_that_was_not_given_away_is_named_with_the_reason_in_the_readers_punctuation() -> None:
    said = {"leaver": "U0ZHAO", "to": "U0LIN", "done": [], "refused": [("F-4", v.Place.MODIFIER.value, "原因")]}
    assert "修改人：原因" in read(reassigned(said, CHINESE), CHINESE)
    assert "Modifier: 原因" in read(reassigned(said, ENGLISH))


@pytest.mark.parametrize("state", sorted(v.END_STATES))
def test_an_ended_case_waits_for_nobody(state: State) -> None:
    assert "Waiting for" not in read(card(a_card(state=state), ENGLISH))


# Tasks


def test_every_state_that_waits_has_a_request() -> None:
    assert set(ASKED) == set(WAITS_FOR)


@pytest.mark.parametrize(("t", "said"), [(ENGLISH, "Suspected urgency High"), (CHINESE, "初判紧急程度 高")])
def test_a_task_names_the_suspected_urgency_until_the_severity_is_known(t: Translator, said: str) -> None:
    assert said in read(task(a_card(state=State.TRIAGE, suspected_urgency=v.Urgency.HIGH, severity=None), t, []))
    judged = a_card(state=State.DECISION, suspected_urgency=v.Urgency.HIGH, severity=v.Severity.SEVERE)
    assert said not in read(task(judged, t, []))


@BOTH
@pytest.mark.parametrize("state", ASKED)
def test_a_task_asks_and_offers_the_steps(state: State, t: Translator) -> None:
    made = task(a_card(state=state), t, [Step.ANSWER, Step.RECLASSIFY, Step.SIGN_SHEET])
    assert t(ASKED[state]) in read(made, t)
    assert {"answer", "reclassify", "open_case"} <= buttons(made).keys()


def test_the_task_to_sign_shows_the_content_of_the_sheet() -> None:
    sheet = a_paper(v.Paper.FAULT_SHEET, SECRET, status=v.PaperStatus.SUBMITTED)
    made = task(a_card(state=State.SHEET_SIGNING, papers=(sheet,)), ENGLISH, [Step.SIGN_SHEET])
    assert SECRET in read(made)
    assert "version 2" in read(made)
    assert "a1b2c3d4e5f6 " not in read(made)
    assert "a1b2c3d4e5f6" in read(made)


@pytest.mark.parametrize(
    ("state", "paper"),
    [
        (State.TESTING, v.Paper.MODIFICATION_RECORD),
        (State.DECISION, v.Paper.ANALYSIS_REPORT),
        (State.ANSWERING, v.Paper.SERVICE_REPORT),
        (State.MODIFICATION, v.Paper.TEST_RECORD),
        (State.MODIFICATION, v.Paper.DECISION),
        (State.FIX_CONFIRMING, v.Paper.REPLY),
    ],
)
def test_a_task_shows_the_document_that_it_is_decided_on(state: State, paper: v.Paper) -> None:
    made = task(a_card(state=state, papers=(a_paper(paper, SECRET),)), ENGLISH, [])
    assert ENGLISH.word(paper) in read(made)


def test_the_reason_of_a_return_is_shown_until_the_sheet_is_redrafted() -> None:
    note = a_paper(v.Paper.RETURN_NOTE, SECRET)
    for status, shown in ((v.PaperStatus.RETURNED, True), (v.PaperStatus.VOID, False)):
        sheet = a_paper(v.Paper.FAULT_SHEET, status=status)
        drafting = a_card("x", state=State.SHEET_DRAFTING, papers=(sheet, note))
        assert (SECRET in read(task(drafting, ENGLISH, []))) is shown


@pytest.mark.parametrize(
    ("step", "frm", "to"),
    [
        (Step.REJECT_FIX, State.FIX_CONFIRMING, State.ANALYSIS),
        (Step.REANALYZE, State.DECISION, State.ANALYSIS),
        (Step.RECLASSIFY, State.ANALYSIS, State.TRIAGE),
        (Step.REOPEN, State.CLOSED, State.ANALYSIS),
    ],
)
def test_a_case_that_was_sent_back_says_why(step: Step, frm: State, to: State) -> None:
    line = a_line(step, SECRET, from_state=frm, to_state=to)
    back = a_card("x", state=to, papers=(), last=line)
    assert SECRET in read(task(back, ENGLISH, []))
    commented = replace(back, last=a_line(Step.COMMENT, "y"))
    assert SECRET in read(task(commented, ENGLISH, [], line))


@pytest.mark.parametrize("step", Step)
def test_a_settled_task_says_what_happened_and_asks_nothing(step: Step) -> None:
    made = settled(a_card(), a_line(step, "x"), ENGLISH)
    assert list(buttons(made)) == ["open_case"]
    assert "@U0CHEN" in read(made)


# Thread lines


def test_every_step_has_a_sentence() -> None:
    assert set(DONE) == set(Step)


@BOTH
@pytest.mark.parametrize("step", Step)
def test_a_thread_line_shows_every_answer_with_its_label(step: Step, t: Translator) -> None:
    shown = read(story(a_card(), [a_line(step, SECRET)], t), t)
    assert "@U0CHEN" in shown
    assert all(t.field(step, field.code) in shown for field in FORMS[step])


def test_codes_moments_and_people_are_shown_in_words() -> None:
    line = a_line(
        Step.PUBLISH_ANALYSIS,
        "x",
        data={"severity": "very_severe", "analysts": ["U0LIN"], "deadline_at": NOW.isoformat()},
    )
    shown = read(story(a_card(), [line], CHINESE), CHINESE)
    assert "非常严重" in shown
    assert "@U0LIN" in shown
    assert "2026" in shown
    assert "故障分析 → 待判定是否修改软件" in shown


def test_a_report_under_negotiation_is_not_called_published() -> None:
    line = a_line(Step.PUBLISH_ANALYSIS, "x", to_state=State.ANALYSIS)
    assert "published the" not in read(story(a_card(), [line], ENGLISH))


def test_a_notice_names_its_case() -> None:
    made = notice(a_card("Rating exits"), a_line(Step.SIGN_SHEET), ENGLISH)
    assert read(made).startswith("F-12 · Rating exits")
    assert list(buttons(made)) == ["open_case"]


@BOTH
@pytest.mark.parametrize("step", Step)
def test_the_customer_reads_nothing_internal(step: Step, t: Translator) -> None:
    made = customer_message(a_card(), a_line(step, SECRET), t)
    shown = read(made, t)
    assert "F-12" in shown
    assert (SECRET in shown) is (step in (Step.ANSWER, Step.REPLY_CUSTOMER))
    assert "U0CHEN" not in shown
    assert not buttons(made)


def test_the_customer_is_asked_whether_the_problem_is_solved() -> None:
    assert "您的问题是否已解决？" in read(customer_message(a_card(), a_line(Step.REPLY_CUSTOMER), CHINESE), CHINESE)


def test_a_discussion_opens_with_its_question_and_ends_with_its_outcome() -> None:
    opened = read(discussion(a_card(), a_line(Step.CALL_DISCUSSION, SECRET), ENGLISH))
    assert SECRET in opened
    assert "@U0PERSON49" in opened
    assert SECRET in read(discussion(a_card(), a_line(Step.CLOSE_DISCUSSION, SECRET), ENGLISH))


# Reminders


def test_every_rule_has_a_sentence() -> None:
    assert set(WHY) == set(v.Rule)


@pytest.mark.parametrize("rule", v.Rule)
def test_only_deadline_reminders_can_be_acknowledged(rule: v.Rule) -> None:
    found = buttons(reminder(a_card(), a_reminder(rule), ENGLISH, steps=tuple(v.Step)))
    assert ("acknowledge" in found) is (rule in DEADLINE_RULES)
    assert ("change_deadline" in found) is (rule in DEADLINE_RULES)
    assert all(json.loads(one["value"]) == {"case": 12, "version": 7, "reminder": 5} for one in found.values())


@pytest.mark.parametrize("rule", v.Rule)
def test_a_reminder_offers_the_steps_that_answer_it_to_those_who_may_take_them(rule: v.Rule) -> None:
    beside = {"acknowledge", "need_help", "open_case"}
    case = a_card(in_discussion=False)
    offered = buttons(reminder(case, a_reminder(rule), ENGLISH, steps=tuple(v.Step))).keys() - beside
    assert offered == {USUAL[case.state], *ASKS_FOR.get(rule, ())}
    assert buttons(reminder(a_card(), a_reminder(rule), ENGLISH, steps=())).keys() <= beside


def test_an_acknowledged_reminder_says_who_acknowledged_it() -> None:
    known = a_reminder(v.Rule.OVERDUE, acknowledged_by="U0LIN", acknowledged_at=NOW)
    made = reminder(a_card(), known, ENGLISH, steps=())
    assert list(buttons(made)) == ["need_help", "open_case"]
    assert "✓ Acknowledged by @U0LIN" in read(made)


def test_a_late_reminder_says_so_and_counts_the_missed_ones() -> None:
    shown = read(reminder(a_card(), a_reminder(v.Rule.OVERDUE), ENGLISH, steps=()))
    assert "Late: this was due" in shown
    assert "It stands for 30 reminders that were due from" in shown


def test_a_reminder_shows_the_share_and_the_time_left() -> None:
    shown = read(reminder(a_card(), a_reminder(v.Rule.DEADLINE_SHARE), ENGLISH, steps=(), now=NOW))
    assert "80% of the time" in shown
    assert "5 h left" in shown
    reached = a_reminder(v.Rule.DEADLINE_SHARE, share=100)
    assert "%" not in read(reminder(a_card("x"), reached, ENGLISH, steps=()))


def test_a_call_for_help_names_the_asker() -> None:
    assert "@U0LIN needs help with F-12." in read(help_wanted(a_card(), "U0LIN", ENGLISH))


# Reading, lists, help, refusals


def test_the_full_record_shows_every_text_whole() -> None:
    whole = as_read(reading(a_card("x" * 2999 + "!"), (), ENGLISH)["blocks"])
    assert whole.count("!") > 30
    assert "too long" not in whole


def test_a_record_that_is_too_long_says_so() -> None:
    view = reading(a_card("批" * 3000), (), ENGLISH)
    assert "too long" in as_read(view["blocks"])


def test_people_outside_the_center_do_not_read_internal_documents() -> None:
    kept = as_read(reading(readable_card(a_card(), Level.REPORTER), (), ENGLISH)["blocks"])
    assert ENGLISH.word(v.Paper.SERVICE_REPORT) in kept
    for paper in (v.Paper.ANALYSIS_REPORT, v.Paper.TEST_RECORD, v.Paper.MINUTES, v.Paper.DECISION):
        assert ENGLISH.word(paper) not in kept
    for code in ("effort_hours", "consulted"):
        assert ENGLISH.field(v.Step.ANSWER, code) not in kept
        assert ENGLISH.field(v.Step.ANSWER, code) in as_read(reading(a_card(), (), ENGLISH)["blocks"])


def test_every_answer_that_a_task_shows_belongs_to_a_form() -> None:
    for shown in EVIDENCE.values():
        for paper, codes in shown:
            assert set(codes) <= set(ANSWERS[paper])


def test_a_list_says_how_many_cases_it_leaves_out() -> None:
    lines = [ListLine(number, 1, State.ANALYSIS, "x", None, None, False) for number in range(1, 61)]
    shown = read(listing("Cases", Listing(tuple(lines), 3), ENGLISH))
    assert "F-40" in shown
    assert "F-41" not in shown
    assert "23 more" in shown
    assert "There are no such cases now." in read(listing("Cases", Listing((), 0), ENGLISH))
    assert "More cases: /fault mine all" in read(listing("My cases", Listing((), 0), ENGLISH, "mine all"))


@BOTH
def test_help_names_the_words_of_both_languages(t: Translator) -> None:
    shown = read(help_message(t, [v.Role.TESTER]), t)
    for word in ("new", "F-12", "list", "mine", "queue", "verify", "help", "新建", "列表", "帮助"):
        assert word in shown
    assert t.word(v.Role.TESTER) in shown


def test_an_unknown_word_is_answered_with_the_nearest_ones() -> None:
    shown = read(not_understood("lsit", ["list", "mine"], ENGLISH))
    assert all(word in shown for word in ("lsit", "/fault list", "/fault mine", "/fault help"))


@BOTH
@pytest.mark.parametrize("refusal", every_refusal())
def test_every_refusal_can_be_shown(refusal: type[Refusal], t: Translator) -> None:
    made = refusal(**{name: _word(kind) for name, kind in refusal.__annotations__.items()})
    assert "%(" not in read(refused(Problem(made), t), t)


def _word(kind: Any) -> Any:
    known = {str: "F-9", int: 3, v.State: State.CLOSED, Step: Step.ANSWER, v.Role: v.Role.TESTER}
    return known.get(kind, NOW if "datetime" in str(kind) else (v.Role.TESTER, v.Role.TECHNICIAN))


def test_a_refusal_names_who_moved_the_case() -> None:
    def said(mover: str) -> str:
        return read(refused(Problem(no.MovedOnBy(State.CLOSED, Step.CONFIRM_FIX, mover, NOW)), ENGLISH))

    assert "@U0CHEN" in said("U0CHEN")
    assert "WANG" in said("WANG")
    assert "@WANG" not in said("WANG")
