"""Cleaning raw answers: what is accepted, what is refused, and with which refusal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest

from bot.workflow import moment_refusals
from bot.workflow import refusals as no
from bot.workflow.answers import check_answers
from bot.workflow.conditions import Fact, always
from bot.workflow.field import MAX_LINE_LENGTH, MAX_TEXT_LENGTH, Field, FieldKind, Form, optional
from bot.workflow.fields import FORMS
from bot.workflow.refusal import Refusal
from storage.vocabulary import Basis, Kind, Severity, Step, SymptomKind, YesNo
from tests.support.form_answers import answers
from tests.support.workflow_cases import LIN_XIAOYU, NOW, WU_GANG

FACTS: dict[str, Any] = {
    Fact.KIND: Kind.FAULT,
    Fact.HAS_CUSTOMER: YesNo.YES,
    Fact.HAS_DEFAULT: YesNo.NO,
    Fact.AS_CUSTOMER: YesNo.NO,
    Fact.AS_REPORTER: YesNo.NO,
    Fact.ALONE: YesNo.NO,
    Fact.PLACES: ("testers", "service_manager"),
}


def found(form: Form, raw: dict[str, Any], **facts: Any) -> dict[str | None, Refusal]:
    judged = check_answers(form, raw, {**FACTS, **facts}, NOW)
    return {problem.field: problem.refusal for problem in judged.problems}


def one(kind: FieldKind, value: Any, **more: Any) -> Any:
    """The clean value of a form with one optional field, or the refusal."""
    judged = check_answers((optional(Field("it", kind, **more)),), {"it": value}, FACTS, NOW)
    return judged.problems[0].refusal if judged.problems else judged.answers.get("it")


@pytest.mark.parametrize("step", Step)
def test_a_form_left_empty_names_every_required_field(step: Step) -> None:
    asked = {field.code for field in FORMS[step] if field.shown(FACTS) and field.required(FACTS)}
    assert set(found(FORMS[step], {})) == asked


@pytest.mark.parametrize("step", [step for step in Step if FORMS[step]])
def test_every_form_can_be_filled_and_is_refused_without_any_one_required_answer(step: Step) -> None:
    chance = Random(step.value)
    for kind in (Kind.FAULT, Kind.REQUIREMENT):
        facts = {**FACTS, Fact.KIND: kind}
        raw = answers(FORMS[step], facts, chance)
        judged = check_answers(FORMS[step], raw, facts, NOW)
        assert not judged.problems
        for field in FORMS[step]:
            without = {code: value for code, value in raw.items() if code != field.code}
            if field.code in raw and field.required({**facts, **without}):
                assert field.code in found(FORMS[step], without, **facts)


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        (-1, False),
        (0, True),
        (datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC), True),
        (datetime(2200, 1, 1, tzinfo=UTC), False),
        (datetime(9999, 12, 31, tzinfo=UTC), False),
        (datetime(1, 1, 1, tzinfo=UTC), False),
    ],
)
def test_moments_lie_between_1970_and_2199(value: Any, accepted: bool) -> None:
    """Rule 2.5."""
    found = one(FieldKind.MOMENT, value)
    assert isinstance(found, datetime) if accepted else found == moment_refusals.OutsideCalendar(1970, 2199)


def test_every_moment_of_every_form_is_within_the_calendar_and_a_promise_lies_ahead() -> None:
    moments = [(step, field) for step in Step for field in FORMS[step] if field.kind is FieldKind.MOMENT]
    promises = {"deadline_at", "until"}
    assert {field.code for _step, field in moments if field.future} == promises
    for _step, field in moments:
        form = (replace(optional(field), shown=always),)
        assert found(form, {field.code: -1}) == {field.code: moment_refusals.OutsideCalendar(1970, 2199)}
        past = {field.code: int(NOW.timestamp())}
        assert found(form, past) == ({field.code: moment_refusals.NotInFuture()} if field.code in promises else {})


def test_answers_to_questions_that_are_not_asked_are_left_out() -> None:
    raw = {"is_requirement": "no", "is_fault": "no", "new_business": "OFD", "symptom_kind": "hang", "x": "y"}
    assert set(check_answers(FORMS[Step.TRIAGE], raw, FACTS, NOW).answers) == {"is_requirement", "is_fault"}


def test_triage_asks_its_two_questions_in_the_written_order() -> None:
    triage = FORMS[Step.TRIAGE]
    assert set(found(triage, {"is_fault": "yes", "symptom_kind": "hang"})) == {"is_requirement"}
    assert set(found(triage, {"is_requirement": "no"})) == {"is_fault"}
    assert set(found(triage, {"is_requirement": "no", "is_fault": "yes"})) == {"symptom_kind"}
    assert set(found(triage, {"is_requirement": "yes"})) == {"new_business"}


@pytest.mark.parametrize(
    "text", ["批" * MAX_TEXT_LENGTH, "😀" * MAX_TEXT_LENGTH, "  \n" + "و" * MAX_TEXT_LENGTH + "\n "]
)
def test_the_longest_text_is_kept_in_any_script(text: str) -> None:
    assert one(FieldKind.TEXT, text) == text.strip()


@pytest.mark.parametrize("kind", [FieldKind.TEXT, FieldKind.LINE])
def test_nul_characters_are_removed(kind: FieldKind) -> None:
    """PostgreSQL would refuse the whole step because of one."""
    assert one(kind, "a\x00b \x00") == "ab"
    assert one(kind, "\x00 \x00") is None


def test_a_longer_text_is_refused_with_both_numbers() -> None:
    assert one(FieldKind.TEXT, "批" * (MAX_TEXT_LENGTH + 1)) == no.TooLong(MAX_TEXT_LENGTH, MAX_TEXT_LENGTH + 1)
    assert one(FieldKind.LINE, "x" * (MAX_LINE_LENGTH + 1), longest=MAX_LINE_LENGTH) == no.TooLong(
        MAX_LINE_LENGTH, MAX_LINE_LENGTH + 1
    )


def test_a_text_that_is_too_long_is_not_called_missing_as_well() -> None:
    assert found(FORMS[Step.REOPEN], {"reason": "x" * 3001}) == {"reason": no.TooLong(3000, 3001)}


@pytest.mark.parametrize(
    "text", ["👩‍💻 family 👨‍👩‍👧", "العربية \u202brtl\u202c", "<!channel> *b* %(x)s {y} =1+1", "a\n\nb"]
)
def test_text_stays_as_typed(text: str) -> None:
    assert one(FieldKind.TEXT, text) == text


@pytest.mark.parametrize("empty", [None, "", " \n\u3000\t", 5, [], {}])
def test_blank_text_counts_as_missing(empty: Any) -> None:
    assert one(FieldKind.TEXT, empty) is None
    assert found(FORMS[Step.REOPEN], {"reason": empty}) == {"reason": no.Missing()}


def test_line_breaks_and_tabs_in_a_line_become_single_spaces() -> None:
    assert one(FieldKind.LINE, " Sun\n Li \u3000 孙丽 ") == "Sun Li 孙丽"
    assert one(FieldKind.LOOKUP, "Billing\tSuite") == "Billing Suite"


def test_a_choice_becomes_a_word_of_the_vocabulary() -> None:
    assert one(FieldKind.CHOICE, "hang", options=SymptomKind) is SymptomKind.HANG
    assert one(FieldKind.CHOICE, "b", offers=lambda _: ("a", "b")) == "b"


@pytest.mark.parametrize("value", ["HANG", "死机", "hang ", ["hang"], 1])
def test_a_choice_that_is_not_offered_is_refused(value: Any) -> None:
    assert one(FieldKind.CHOICE, value, options=SymptomKind) == no.NotOffered()


@pytest.mark.parametrize("value", ["", None])
def test_an_empty_choice_is_none(value: Any) -> None:
    assert one(FieldKind.CHOICE, value, options=SymptomKind) is None


def test_persons_are_slack_ids_each_named_once() -> None:
    assert one(FieldKind.PEOPLE, [WU_GANG, LIN_XIAOYU, WU_GANG, ""]) == (WU_GANG, LIN_XIAOYU)
    assert one(FieldKind.PERSON, WU_GANG) == WU_GANG
    assert one(FieldKind.PEOPLE, WU_GANG) is None
    assert one(FieldKind.PERSON, "") is None


@pytest.mark.parametrize("value", ["Wu Gang", "u0wu", "U0WU>", 7, ["U0WU"]])
def test_a_person_that_is_not_a_slack_id_is_refused(value: Any) -> None:
    assert one(FieldKind.PERSON, value) == no.NotOffered()


@pytest.mark.parametrize("value", [1795327200, "1795327200 ", datetime(2026, 11, 22, 6, tzinfo=UTC)])
def test_a_moment_becomes_timezone_aware_utc(value: Any) -> None:
    assert one(FieldKind.MOMENT, value) == datetime(2026, 11, 22, 6, tzinfo=UTC)


def test_a_moment_in_another_zone_is_converted_to_utc() -> None:
    shanghai = timezone(timedelta(hours=8))
    moment = one(FieldKind.MOMENT, datetime(2026, 11, 22, 14, tzinfo=shanghai))
    assert (moment, moment.tzinfo) == (NOW, UTC)


@pytest.mark.parametrize("value", ["now", "1e30", 10**30, float("nan"), NOW.replace(tzinfo=None), []])
def test_an_unreadable_moment_is_refused(value: Any) -> None:
    assert one(FieldKind.MOMENT, value) == moment_refusals.NotAMoment()


@pytest.mark.parametrize("value", [None, ""])
def test_empty_moments_and_hours_are_none(value: Any) -> None:
    assert one(FieldKind.MOMENT, value) is None
    assert one(FieldKind.HOURS, value) is None


def test_a_moment_of_the_past_cannot_lie_in_the_future() -> None:
    assert one(FieldKind.MOMENT, NOW, past=True) == NOW
    assert one(FieldKind.MOMENT, NOW + timedelta(minutes=1), past=True) == moment_refusals.NotYetPast()
    assert one(FieldKind.MOMENT, NOW + timedelta(minutes=1)) == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(("raw", "hours"), [("0.5", 0.5), (" 2 ", 2), (1000, 1000), ("１２", 12)])
def test_hours_are_numbers(raw: Any, hours: float) -> None:
    assert one(FieldKind.HOURS, raw) == hours


@pytest.mark.parametrize("value", ["0", "-1", "1000.1", "inf", "nan", "1h", "一", [1]])
def test_unreadable_hours_and_hours_outside_the_range_are_refused(value: Any) -> None:
    assert one(FieldKind.HOURS, value) == no.NotANumber()


def test_files_keep_id_name_and_link() -> None:
    files = [{"id": "F1", "name": "日志.txt", "link": "https://x", "url_private": "https://files"}, {"id": "F2"}]
    kept = ({"id": "F1", "name": "日志.txt", "link": "https://x"}, {"id": "F2", "name": ""})
    assert one(FieldKind.FILES, files) == kept
    assert one(FieldKind.FILES, None) is None


def test_test_cases_are_read_in_both_languages() -> None:
    lines = "login | token | token | PASS\n\n登录｜令牌｜错误 500｜不通过\r\n  导出 | 文件 | 文件 | 通过  "
    cases = one(FieldKind.TEST_CASES, lines)
    assert [(case["title"], case["passed"]) for case in cases] == [
        ("login", True),
        ("登录", False),
        ("导出", True),
    ]
    assert cases[1] == {"title": "登录", "expected": "令牌", "actual": "错误 500", "passed": False}


@pytest.mark.parametrize(
    "line", ["just words", "a | b | c", "a | b | c | maybe", "a | | c | pass", "a | b | c | pass | d"]
)
def test_an_unreadable_test_case_is_named_by_its_line(line: str) -> None:
    assert one(FieldKind.TEST_CASES, f"a | b | c | pass\n{line}") == no.BadTestCase(2)


def test_a_comment_needs_text_or_a_file() -> None:
    comment = FORMS[Step.COMMENT]
    assert found(comment, {}) == {"text": no.Missing()}
    assert not found(comment, {"text": "已转告客户"})
    assert not found(comment, {"files": [{"id": "F1"}]})


def test_the_reporter_names_the_customer_unless_the_source_is_internal() -> None:
    assert "customer" in found(FORMS[Step.REPORT], {"source": "customer"})
    assert "customer" not in found(FORMS[Step.REPORT], {"source": "internal"})


def deadline(severity: Severity, **given: Any) -> dict[str | None, Refusal]:
    problems = found(FORMS[Step.PUBLISH_ANALYSIS], {"severity": severity, **given.pop("raw", {})}, **given)
    return {code: why for code, why in problems.items() if code is not None and code.startswith("deadline")}


def test_a_very_severe_fault_without_the_customers_time_is_refused() -> None:
    assert deadline(Severity.VERY_SEVERE) == {"deadline_basis": moment_refusals.DeadlineMissing()}
    asked = deadline(Severity.VERY_SEVERE, raw={"deadline_basis": "customer_stipulated"})
    assert asked["deadline_at"] == moment_refusals.DeadlineMissing()
    assert set(asked) == {"deadline_at", "deadline_contact", "deadline_agreed_at", "deadline_evidence"}


def test_a_severe_fault_needs_the_agreement_or_a_running_negotiation() -> None:
    assert (
        deadline(Severity.SEVERE, raw={"deadline_basis": "negotiated"})["deadline_at"]
        == moment_refusals.AgreementMissing()
    )
    assert deadline(Severity.SEVERE, raw={"deadline_basis": "negotiating"}) == {}


@pytest.mark.parametrize(
    ("severity", "facts", "bases"),
    [
        (Severity.VERY_SEVERE, {}, {Basis.CUSTOMER_STIPULATED}),
        (Severity.VERY_SEVERE, {Fact.HAS_CUSTOMER: YesNo.NO}, {Basis.CUSTOMER_STIPULATED, Basis.INTERNAL}),
        (Severity.SEVERE, {}, {Basis.NEGOTIATED, Basis.NEGOTIATING}),
        (
            Severity.SEVERE,
            {Fact.HAS_CUSTOMER: YesNo.NO},
            {Basis.NEGOTIATED, Basis.NEGOTIATING, Basis.INTERNAL},
        ),
        (Severity.GENERAL, {}, {Basis.NONE}),
        (Severity.GENERAL, {Fact.HAS_DEFAULT: YesNo.YES}, {Basis.NONE, Basis.DEFAULT}),
    ],
)
def test_the_severity_decides_which_deadline_bases_are_offered(
    severity: Severity, facts: dict[str, Any], bases: set[Basis]
) -> None:
    for basis in Basis:
        refusal = deadline(severity, raw={"deadline_basis": basis.value}, **facts).get("deadline_basis")
        assert refusal == (None if basis in bases else no.NotOffered())


def test_no_deadline_basis_is_offered_before_a_severity_is_chosen() -> None:
    basis = next(field for field in FORMS[Step.PUBLISH_ANALYSIS] if field.code == "deadline_basis")
    assert basis.options_for(FACTS) == ()
    assert not basis.shown(FACTS)


def test_root_cause_and_prevention_are_required_of_a_very_severe_fault_only() -> None:
    for severity in Severity:
        missing = set(found(FORMS[Step.PUBLISH_ANALYSIS], {"severity": severity}))
        assert ({"root_cause", "prevention"} <= missing) is (severity is Severity.VERY_SEVERE)


def test_the_deadline_rules_run_again_only_when_the_severity_rises() -> None:
    form = FORMS[Step.CHANGE_SEVERITY]
    raised = found(form, {"severity": "severe"}, **{Fact.SEVERITY: Severity.GENERAL})
    lowered = found(form, {"severity": "severe"}, **{Fact.SEVERITY: Severity.VERY_SEVERE})
    assert set(raised) == {"reason", "deadline_basis"}
    assert set(lowered) == {"reason"}
    talks = {"severity": "severe", "deadline_basis": "negotiating"}
    assert found(form, talks, **{Fact.SEVERITY: Severity.GENERAL})["deadline_basis"] == no.NotOffered()


def test_reassigning_offers_only_places_that_the_case_has() -> None:
    refused = found(FORMS[Step.REASSIGN], {"place": "modifier", "person": WU_GANG})
    assert refused == {"place": no.NotOffered()}
    assert not found(FORMS[Step.REASSIGN], {"place": "testers", "person": WU_GANG})


@pytest.mark.parametrize("step", [Step.RECORD_VERDICT, Step.CONFIRM_FIX, Step.REJECT_FIX])
def test_the_customers_verdict_needs_evidence_unless_the_customer_gives_it(step: Step) -> None:
    assert "evidence" in found(FORMS[step], {})
    assert "evidence" not in found(FORMS[step], {}, **{Fact.AS_CUSTOMER: YesNo.YES})


def test_the_reporter_withdraws_without_evidence() -> None:
    assert set(found(FORMS[Step.WITHDRAW], {})) == {"reason", "evidence"}
    assert set(found(FORMS[Step.WITHDRAW], {}, **{Fact.AS_REPORTER: YesNo.YES})) == {"reason"}


# Characters that show nothing, and halves of characters


@pytest.mark.parametrize("kind", [FieldKind.LINE, FieldKind.TEXT, FieldKind.LOOKUP])
@pytest.mark.parametrize("text", ["\u200b", "\u3164 \u2800", "\u00ad\n\ufe0f"])
def test_text_that_shows_nothing_is_empty(kind: FieldKind, text: str) -> None:
    assert one(kind, text) is None


@pytest.mark.parametrize("kind", [FieldKind.LINE, FieldKind.TEXT, FieldKind.LOOKUP, FieldKind.TEST_CASES])
@pytest.mark.parametrize("text", ["x \ud83d", "\udc69", "a | b | \ud83d | pass"])
def test_half_an_emoji_is_refused_at_its_field(kind: FieldKind, text: str) -> None:
    assert one(kind, text) == no.HalfCharacter()


def test_half_an_emoji_in_the_name_of_a_file_is_marked() -> None:
    """Whoever brings the file cannot correct its name, and no database stores the half."""
    [kept] = one(FieldKind.FILES, [{"id": "F1", "name": "log \ud83d.txt"}])
    assert kept["name"] == "log \ufffd.txt"


def test_a_whole_emoji_is_kept() -> None:
    assert one(FieldKind.LINE, "👩‍💻 批价") == "👩‍💻 批价"
