"""A person in front of a small Bolt app: command, modal, fields, submission, direct message, buttons."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.sandbox import (
    AppBug,
    NoSuchButton,
    NotOffered,
    Person,
    Workspace,
)
from tests.sandbox.conftest import DESK
from tests.support.form_app import FORM
from tests.support.sample_blocks import field, modal, plain, section, text_input

pytestmark = pytest.mark.usefixtures("requests")


def test_a_person_goes_from_a_command_to_a_form_a_message_and_a_button(chen: Person, ws: Workspace) -> None:
    answer = chen.command("/form", DESK)
    assert (answer.status, answer.ok, answer.message) == (200, True, None)
    assert chen.opened("form").title == "Form"
    chen.fill(summary="hello", severity="Severe", testers=["U0ANNA"])
    assert chen.submit().closed
    (message,) = chen.inbox()
    assert message.buttons == {"sign": "41", "open": "41"}
    assert message.plain == "hello\n[Sign] [Go]"
    assert chen.press("sign").ok
    assert chen.inbox()[-1].plain == "signed"
    with pytest.raises(NoSuchButton, match="on offer"):
        chen.press("sign")
    assert chen.press("sign", message=message).ok


def test_payloads_are_complete(chen: Person, requests: list[Any]) -> None:
    chen.command("/form", DESK)
    chen.fill(summary="a", severity="mild")
    chen.submit()
    chen.press("sign", value="41", label="Sign")
    submission, press = requests
    assert submission["view"]["state"]["values"]["severity"]["value"]["selected_option"]["value"] == "mild"
    assert submission["view"]["state"]["values"]["testers"]["value"]["selected_users"] == []
    assert press["container"]["message_ts"] == press["message"]["ts"]
    assert press["actions"][0] | {"action_ts": ""} == {
        "type": "button",
        "action_id": "sign",
        "block_id": press["message"]["blocks"][1]["block_id"],
        "text": plain("Sign"),
        "value": "41",
        "action_ts": "",
    }


def test_a_dispatched_choice_adds_a_field_and_keeps_the_input(chen: Person) -> None:
    chen.command("/form")
    view = chen.fill(summary="kept", severity="severe", reason="late field")
    assert view.state["summary"]["value"]["value"] == "kept"
    assert view.state["reason"]["value"]["value"] == "late field"


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [("华东电信", "华东电信"), ("银行", "华东银行"), ("港口", 'new: "港口"')],
)
def test_an_external_select_offers_what_the_app_finds(chen: Person, typed: str, chosen: str) -> None:
    chen.command("/form")
    held = chen.fill(customer=typed).state["customer"]["customer"]["selected_option"]
    assert held["text"]["text"] == chosen


def test_an_option_that_was_offered_is_not_looked_up_again(chen: Person, ws: Workspace) -> None:
    """The page sends the value of an offered option. The app would take that value for a new name."""
    chen.command("/form")
    offered = chen.suggest("customer", "港口")
    assert [one["value"] for one in offered] == ["2"]
    asked = len(ws.log.requests("block_suggestion"))
    held = chen.fill(customer="2").state["customer"]["customer"]["selected_option"]
    assert held == offered[0]
    assert chen.fill(customer="2").state["customer"]["customer"]["selected_option"] == offered[0]
    assert len(ws.log.requests("block_suggestion")) == asked


def test_an_external_select_is_looked_up_from_its_least_length_on(chen: Person, ws: Workspace) -> None:
    chen.command("/form")
    with pytest.raises(NotOffered, match="2 characters"):
        chen.fill(customer="华")
    assert not ws.log.requests("block_suggestion")


def test_moments_can_be_entered_in_several_forms(chen: Person) -> None:
    chen.command("/form")
    due = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    for written in (due, int(due.timestamp()), "2026-11-22T14:00", "2026-11-22T07:00+01:00"):
        view = chen.fill(deadline_at=written)
        assert view.state["deadline_at"]["value"]["selected_date_time"] == due.timestamp()
    assert "2026-11-22 14:00" in chen.read(view)


@pytest.mark.parametrize(
    "entry",
    [
        {"severity": "unheard-of"},
        {"summary": "too long"},
        {"summary": "a\nb"},
        {"testers": ["U0ANNA", "U0CHEN"]},
        {"testers": ["U0GONE"]},
        {"files": [("a.exe", b"x")]},
        {"deadline_at": "tomorrow"},
    ],
    ids=str,
)
def test_entries_that_do_not_fit_their_field_are_refused(chen: Person, entry: dict[str, Any]) -> None:
    chen.command("/form")
    with pytest.raises(NotOffered):
        chen.fill(**entry)


def test_files_are_uploaded(chen: Person, ws: Workspace) -> None:
    chen.command("/form")
    held = chen.fill(files=[("a.png", b"x")]).state["files"]["value"]["files"]
    assert ws.files.known(held[0]["id"]).content == b"x"


def test_missing_required_fields_are_not_sent_to_the_app(chen: Person, ws: Workspace) -> None:
    chen.command("/form")
    chen.opened()
    submission = chen.submit()
    assert set(submission.errors) == {"summary", "severity"}
    assert (submission.closed, submission.status) == (False, None)
    assert not ws.log.requests("view_submission")


def filled(chen: Person, ws: Workspace, answer: dict[str, Any], **more: Any) -> None:
    """Open a form whose summary dictates the app's answer."""
    form = {**FORM, **more, "blocks": [field(text_input(), "summary")]}
    ws.views.open(chen.id, form)
    chen.fill(summary=json.dumps(answer))


def test_errors_are_shown_at_their_fields(chen: Person, ws: Workspace) -> None:
    filled(chen, ws, {"response_action": "errors", "errors": {"summary": "say more"}})
    assert chen.submit().errors == {"summary": "say more"}
    assert chen.view is not None
    assert chen.view.errors == {"summary": "say more"}


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "dance"},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "push"},
    ],
)
def test_unusable_answers_to_a_submission_are_bugs(chen: Person, ws: Workspace, answer: dict[str, Any]) -> None:
    filled(chen, ws, answer)
    with pytest.raises(AppBug):
        chen.submit()
    assert len(ws.app_bugs) == 1
    ws.strict = False
    assert not chen.submit().closed


def test_an_answer_can_push_update_and_clear_views(chen: Person, ws: Workspace) -> None:
    plain_view = modal(section("next"), callback_id="next", notify_on_close=True)
    filled(chen, ws, {"response_action": "push", "view": plain_view})
    chen.submit()
    assert [view.callback_id for view in chen.views] == ["form", "next"]
    chen.close_view()
    chen.fill(summary=json.dumps({"response_action": "update", "view": {**plain_view, "callback_id": "other"}}))
    chen.submit()
    assert [view.callback_id for view in chen.views] == ["other"]
    filled(chen, ws, {"response_action": "clear"})
    assert chen.submit().closed
    assert chen.views == ()


def test_closing_is_sent_only_if_the_view_asks_for_it(chen: Person, ws: Workspace, requests: list[Any]) -> None:
    ws.views.open(chen.id, FORM)
    assert chen.close_view() is None
    root = ws.views.open(chen.id, {**FORM, "notify_on_close": True})
    ws.views.push(chen.id, FORM)
    answer = chen.close_view(everything=True)
    assert answer is not None
    assert (requests[-1]["is_cleared"], requests[-1]["view"]["id"]) == (True, root.id)
