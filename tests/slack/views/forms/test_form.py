"""Forms show exactly the table of fields, and answers that are filled in come back unchanged."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.i18n.translator import Translator
from bot.sandbox.blocks.structure import state_of
from bot.sandbox.blocks.validation.composition import check_option_list
from bot.slack.views.forms.form import case_options, form, options, parse
from bot.workflow.conditions import Fact
from bot.workflow.decide import shown_fields
from bot.workflow.field import MAX_PEOPLE, Field, FieldKind
from bot.workflow.fields import FORMS
from storage import vocabulary as v
from storage.vocabulary import Step
from tests.support.sample_cases import CHINESE, CROWD, ENGLISH, NOW, a_card, facts
from tests.support.sample_messages import fillings

EVERY_STEP = pytest.mark.parametrize("step", Step)
BOTH = pytest.mark.parametrize("t", [ENGLISH, CHINESE], ids=["en", "zh-CN"])
FAULT = facts(v.Kind.FAULT, v.Severity.GENERAL)


def drawn(step: Step, answers: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "facts": FAULT,
        "answers": answers or {},
        "metadata": '{"case":12}',
        "card": None,
    }
    return form(step, more.pop("t", ENGLISH), **{**known, **more})


def inputs(view: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


@EVERY_STEP
@BOTH
def test_every_field_of_the_table_is_asked(step: Step, t: Translator) -> None:
    asked = set()
    for kind in v.Kind:
        for answers in fillings(step, "x"):
            known = {**facts(kind, v.Severity.GENERAL), **answers}
            view = drawn(step, answers, facts=facts(kind, v.Severity.GENERAL), t=t)
            expected = [field.code for field in shown_fields(FORMS[step], known)]
            assert list(inputs(view)) == expected
            asked |= set(expected)
    assert asked == {field.code for field in FORMS[step]}


@EVERY_STEP
def test_a_form_carries_its_step_and_its_metadata(step: Step) -> None:
    view = drawn(step, metadata='{"case":41}')
    assert view["callback_id"] == step.value
    assert view["private_metadata"] == '{"case":41}'


@EVERY_STEP
def test_answers_come_back_as_they_were_filled_in(step: Step) -> None:
    for answers in fillings(step, "批价 <x> & y"):
        view = drawn(step, answers)
        held = parse(step, {"state": {"values": state_of(view["blocks"])}})
        asked = [field for field in FORMS[step] if field.code in inputs(view) and _fits(field, answers)]
        assert held == {field.code: _as_slack_says(answers[field.code]) for field in asked}


def _fits(field: Field, answers: Mapping[str, Any]) -> bool:
    """Whether a form can be prefilled with the answer. Files cannot, and neither can a choice that is not offered."""
    if field.kind is FieldKind.CHOICE:
        return answers[field.code] in field.options_for({**FAULT, **answers})
    return field.kind is not FieldKind.FILES


def _as_slack_says(value: Any) -> Any:
    if isinstance(value, (list, tuple)):  # a record of an earlier version may name more people than a form takes
        return value[:MAX_PEOPLE]
    if value == NOW.isoformat():
        return int(NOW.timestamp())
    return str(value) if isinstance(value, float) else value


def test_answers_are_read_by_block_id_alone() -> None:
    chosen = {"type": "static_select", "selected_option": {"value": "negotiated"}}
    values = {
        "deadline_basis": {"deadline_basis:0a1b": chosen},
        "module": {"module": {"selected_option": {"value": "new:Rating"}}},
        "analysts": {"analysts": {"selected_users": ["U0CHEN"]}},
        "deadline_at": {"deadline_at": {"selected_date_time": 1795327200}},
        "measure": {"measure": {"value": None}},
        "forged": {"forged": {"value": "x"}},
    }
    assert parse(Step.PUBLISH_ANALYSIS, {"state": {"values": values}}) == {
        "deadline_basis": "negotiated",
        "module": "Rating",
        "analysts": ["U0CHEN"],
        "deadline_at": 1795327200,
    }


def test_files_are_kept_by_id_and_name() -> None:
    files = [{"id": "F0A", "name": "日志.txt", "url_private": "https://x", "permalink": "https://y"}]
    values = {"files": {"files": {"type": "file_input", "files": files}}}
    assert parse(Step.COMMENT, {"state": {"values": values}}) == {
        "files": [{"id": "F0A", "name": "日志.txt", "link": "https://y"}]
    }


def test_an_empty_view_has_no_answers() -> None:
    assert parse(Step.HOLD, {}) == {}


def test_a_choice_that_is_no_longer_offered_is_not_kept() -> None:
    def element(severity: v.Severity) -> Any:
        view = drawn(Step.PUBLISH_ANALYSIS, {"severity": severity, "deadline_basis": "negotiated"})
        return inputs(view)["deadline_basis"]["element"]

    severe, general = element(v.Severity.SEVERE), element(v.Severity.GENERAL)
    assert severe["initial_option"]["value"] == "negotiated"
    assert severe["action_id"] != general["action_id"]
    assert severe["action_id"].startswith("deadline_basis:")
    assert "initial_option" not in general


def test_only_steering_answers_redraw_the_form() -> None:
    for step in Step:
        for answers in fillings(step, "x"):
            for code, block in inputs(drawn(step, answers)).items():
                steers = next(field.steers for field in FORMS[step] if field.code == code)
                assert block.get("dispatch_action", False) is steers


@pytest.mark.parametrize(("severity", "optional"), [(v.Severity.VERY_SEVERE, False), (v.Severity.GENERAL, True)])
def test_root_cause_and_prevention_are_optional_unless_the_fault_is_very_severe(
    severity: v.Severity, optional: bool
) -> None:
    asked = inputs(drawn(Step.PUBLISH_ANALYSIS, {"severity": severity}))
    assert asked["root_cause"]["optional"] is optional
    assert asked["prevention"]["optional"] is optional


def test_the_text_of_a_comment_is_optional() -> None:
    """Whether it is required depends on the files, which Slack sends only with the submission."""
    assert inputs(drawn(Step.COMMENT))["text"]["optional"] is True


def test_evidence_is_asked_unless_the_reader_is_the_customer() -> None:
    assert "evidence" in inputs(drawn(Step.CONFIRM_FIX))
    assert "evidence" not in inputs(drawn(Step.CONFIRM_FIX, facts=facts(v.Kind.FAULT, None, customer=True)))


def test_the_places_offered_are_those_of_the_case() -> None:
    known = {**FAULT, Fact.PLACES: (v.Place.MODIFIER, v.Place.SERVICE_MANAGER)}
    offered = inputs(drawn(Step.REASSIGN, facts=known))["place"]["element"]["options"]
    assert [option["value"] for option in offered] == ["modifier", "service_manager"]


def test_a_choice_without_options_is_left_out() -> None:
    assert "place" not in inputs(drawn(Step.REASSIGN, facts={}))


@pytest.mark.parametrize("wrong", ["soon", -1, 99_999_999_999_999, [], {}, "", object()])
def test_values_that_do_not_fit_are_not_filled_in(wrong: Any) -> None:
    answers = {field.code: wrong for field in FORMS[Step.PUBLISH_ANALYSIS]}
    view = drawn(Step.PUBLISH_ANALYSIS, {**answers, "severity": "severe", "deadline_basis": "negotiated"})
    element = inputs(view)["deadline_at"]["element"]
    assert "initial_date_time" not in element


def test_what_is_known_is_shown_above_the_questions() -> None:
    card = a_card("批价进程异常退出")
    view = drawn(Step.REPLY_CUSTOMER, card=card)
    kinds = [block["type"] for block in view["blocks"]]
    assert kinds.index("divider") == kinds.index("input") - 1
    assert list(inputs(view)) == ["reply", "reply_followers"]


def test_the_report_form_needs_no_case() -> None:
    view = drawn(Step.REPORT, facts={})
    assert view["blocks"][0]["block_id"] == "source"
    assert inputs(view)["customer"]["optional"] is True
    assert inputs(drawn(Step.REPORT, {"source": "customer"}, facts={}))["customer"]["optional"] is False


@BOTH
def test_a_new_name_is_offered_last(t: Translator) -> None:
    found = options(["Rating", "Rating 批价"], "rat", t, may_add=True)
    assert [one["value"] for one in found] == ["Rating", "Rating 批价", "new:rat"]
    assert found[-1]["text"]["text"] == t('new: "%(name)s"', name="rat")


@pytest.mark.parametrize(
    ("names", "typed", "may_add"),
    [
        (["Rating"], "rating", True),
        (["Rating"], "  RATING ", True),
        ([], " ", True),
        ([], "x", False),
        ([], "x" * 141, True),
    ],
)
def test_a_name_that_is_known_blank_too_long_or_not_allowed_is_not_offered_as_new(
    names: list[str], typed: str, may_add: bool
) -> None:
    assert [one["value"] for one in options(names, typed, ENGLISH, may_add)] == names


@pytest.mark.parametrize("typed", ["x" * 140, "批" * 140, "👩‍💻" * 40, 'a"b', "<!channel>"])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 150])
def test_slack_accepts_the_offered_names(typed: str, count: int) -> None:
    names = [f"{number} {'name' * 33}" for number in range(count)]
    assert check_option_list({"options": options(names, typed, CHINESE, may_add=True)}) == []
    assert check_option_list({"options": case_options([("F-1", name) for name in names])}) == []


@pytest.mark.parametrize("name", ["Rating", "new:Rating", "new:new:x", "批" * 140])
def test_a_name_comes_back_from_its_option(name: str) -> None:
    for found in (options([name], "", ENGLISH, True)[0], options([], name, ENGLISH, True)[-1]):
        values = {"module": {"module": {"selected_option": found}}}
        assert parse(Step.PUBLISH_ANALYSIS, {"state": {"values": values}}) == {"module": name}


def test_only_slack_ids_are_filled_in_as_people() -> None:
    answers = {"testers": ["U0CHEN", "<!channel>", *CROWD[:2]], "technicians": None}
    asked = inputs(drawn(Step.SIGN_SHEET, answers))
    assert asked["testers"]["element"]["initial_users"] == ["U0CHEN", *CROWD[:2]]
    assert "initial_users" not in asked["technicians"]["element"]
