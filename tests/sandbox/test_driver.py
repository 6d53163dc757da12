"""The driver against a small Bolt app: command, modal, fields, submission, direct message, buttons."""

import json
import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from bot.sandbox import (
    AppBug,
    Delivery,
    NoSuchButton,
    NoSuchCommand,
    NoSuchField,
    NotConnected,
    NotOffered,
    NotThere,
    NoView,
    Person,
    Workspace,
)
from bot.sandbox.signing import signature
from tests.sandbox.conftest import DESK, Clock, trigger
from tests.sandbox.samples import (
    actions,
    button,
    field,
    home,
    modal,
    option,
    plain,
    section,
    select,
    text_input,
)

USERS = {"type": "multi_users_select", "action_id": "value", "max_selected_items": 1}
CUSTOMER = {"type": "external_select", "action_id": "customer", "min_query_length": 2}
FORM = modal(
    field(text_input(max_length=5), "summary"),
    field(select(option("Severe", "severe"), option("Mild", "mild")), "severity", dispatch_action=True),
    field(USERS, "testers", optional=True),
    field(CUSTOMER, "customer", optional=True),
    field({"type": "datetimepicker", "action_id": "value"}, "deadline_at", optional=True),
    field({"type": "file_input", "action_id": "value", "filetypes": ["png"]}, "files", optional=True),
)


@pytest.fixture
def seen() -> list[Any]:
    return []


@pytest.fixture(autouse=True)
def desk_app(app: App, seen: list[Any]) -> None:
    """Teach the app a form, a card with a button, and what an app may answer."""

    def open_form(body: dict[str, Any], client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=FORM)

    def ask_more(body: dict[str, Any], client: WebClient) -> None:
        longer = {**FORM, "blocks": [*FORM["blocks"], field(text_input(), "reason", optional=True)]}
        client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=longer)

    def acknowledge(ack: Ack) -> None:
        ack()

    app.command("/form")(ack=acknowledge, lazy=[open_form])
    app.shortcut("report")(ack=acknowledge, lazy=[open_form])
    app.action({"block_id": "severity", "action_id": "value"})(ack=acknowledge, lazy=[ask_more])

    @app.command("/say")
    def say(ack: Ack, command: dict[str, Any]) -> None:
        seen.append(command)
        ack(json.loads(command["text"]) if command["text"].startswith("{") else command["text"])

    @app.options("customer")
    def customers(ack: Ack, payload: dict[str, Any]) -> None:
        names = ["华东电信", "华东银行", f'new: "{payload["value"]}"']
        ack(options=[option(name, str(n)) for n, name in enumerate(names) if payload["value"] in name])

    @app.view("form")
    def submitted(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        seen.append(body)
        summary = body["view"]["state"]["values"]["summary"]["value"]["value"]
        if summary.startswith("{"):
            ack(json.loads(summary))
            return
        ack()
        card = actions(button("sign", "41", "Sign"), button("open", "41"))
        client.chat_postMessage(channel=body["user"]["id"], text=summary, blocks=[section(summary), card])

    @app.action("sign")
    def sign(ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        seen.append(body)
        ack()
        respond(text="signed", replace_original=True)

    @app.view_closed("form")
    def closed(ack: Ack, body: dict[str, Any]) -> None:
        seen.append(body)
        ack()


def test_from_command_to_button(chen: Person, ws: Workspace) -> None:
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


def test_payloads_are_whole(chen: Person, seen: list[Any]) -> None:
    chen.command("/form", DESK)
    chen.fill(summary="a", severity="mild")
    chen.submit()
    chen.press("sign", value="41", label="Sign")
    submission, press = seen
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


def test_dispatched_choice_brings_a_field_and_keeps_what_was_entered(chen: Person) -> None:
    chen.command("/form")
    view = chen.fill(summary="kept", severity="severe", reason="late field")
    assert view.state["summary"]["value"]["value"] == "kept"
    assert view.state["reason"]["value"]["value"] == "late field"


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [("华东电信", "华东电信"), ("银行", 'new: "银行"'), ("港口", 'new: "港口"')],
)
def test_external_select(chen: Person, typed: str, chosen: str) -> None:
    chen.command("/form")
    held = chen.fill(customer=typed).state["customer"]["customer"]["selected_option"]
    assert held["text"]["text"] == chosen


def test_external_select_asks_only_from_its_least_length_on(chen: Person, ws: Workspace) -> None:
    chen.command("/form")
    with pytest.raises(NotOffered, match="2 characters"):
        chen.fill(customer="华")
    assert not ws.log.requests("block_suggestion")


def test_moments(chen: Person) -> None:
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
def test_entries_that_are_not_accepted(chen: Person, entry: dict[str, Any]) -> None:
    chen.command("/form")
    with pytest.raises(NotOffered):
        chen.fill(**entry)


def test_files_are_uploaded(chen: Person, ws: Workspace) -> None:
    chen.command("/form")
    held = chen.fill(files=[("a.png", b"x")]).state["files"]["value"]["files"]
    assert ws.files.known(held[0]["id"]).content == b"x"


def test_required_fields_stop_at_the_screen(chen: Person, ws: Workspace) -> None:
    chen.command("/form")
    chen.opened()
    submission = chen.submit()
    assert set(submission.errors) == {"summary", "severity"}
    assert (submission.closed, submission.status) == (False, None)
    assert not ws.log.requests("view_submission")


def filled(chen: Person, ws: Workspace, answer: dict[str, Any], **more: Any) -> None:
    """Open a form whose summary tells the app what to answer."""
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
def test_unusable_answers_to_a_submission_are_bugs(
    chen: Person, ws: Workspace, answer: dict[str, Any]
) -> None:
    filled(chen, ws, answer)
    with pytest.raises(AppBug):
        chen.submit()
    assert len(ws.app_bugs) == 1
    ws.strict = False
    assert not chen.submit().closed


def test_update_push_and_clear(chen: Person, ws: Workspace) -> None:
    plain_view = modal(section("next"), callback_id="next", notify_on_close=True)
    filled(chen, ws, {"response_action": "push", "view": plain_view})
    chen.submit()
    assert [view.callback_id for view in chen.views] == ["form", "next"]
    chen.close_view()
    chen.fill(
        summary=json.dumps({"response_action": "update", "view": {**plain_view, "callback_id": "other"}})
    )
    chen.submit()
    assert [view.callback_id for view in chen.views] == ["other"]
    filled(chen, ws, {"response_action": "clear"})
    assert chen.submit().closed
    assert chen.views == ()


def test_closing_is_told_only_if_wanted(chen: Person, ws: Workspace, seen: list[Any]) -> None:
    ws.views.open(chen.id, FORM)
    assert chen.close_view() is None
    root = ws.views.open(chen.id, {**FORM, "notify_on_close": True})
    ws.views.push(chen.id, FORM)
    answer = chen.close_view(everything=True)
    assert answer is not None
    assert (seen[-1]["is_cleared"], seen[-1]["view"]["id"]) == (True, root.id)


def test_command_answers(chen: Person, ws: Workspace) -> None:
    message = chen.command("/say hello <@U0ANNA>", DESK).message
    assert message is not None
    assert (message.ephemeral_to, message.plain) == ("U0CHEN", "hello @Anna Berg")
    assert ws.history(DESK) == []
    chen.command('/say {"response_type": "in_channel", "text": "all"}', DESK)
    assert [m.text for m in ws.history(DESK)][-1] == "all"
    with pytest.raises(AppBug, match="invalid_blocks"):
        chen.command('/say {"text": "x", "blocks": [{"type": "header"}]}', DESK)


def test_late_acknowledgement(chen: Person, ws: Workspace, app: App) -> None:
    release = threading.Event()

    @app.command("/slow")
    def slow(ack: Ack) -> None:
        release.wait(5)
        ack()

    ws.ack_limit = 0.1
    answer = chen.command("/slow")
    release.set()
    assert (answer.status, answer.error) == (None, "operation_timeout")


def test_unhandled_and_unreachable(chen: Person, ws: Workspace) -> None:
    assert chen.command("/unknown").error == "http_client_error"
    ws.connect("http://127.0.0.1:9/")
    assert chen.command("/form").error == "dispatch_failed"
    ws.carrier.bot_url = None
    with pytest.raises(NotConnected):
        chen.command("/form")


def test_redelivery_is_the_same_request(chen: Person, ws: Workspace, seen: list[Any]) -> None:
    first = chen.command("/say once", DESK)
    chen.redeliver(first)
    assert seen[0] == seen[1]
    assert len(chen.ephemerals(DESK)) == 1


def test_signature_of_the_documentation() -> None:
    body = (
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
        "%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert signature("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == expected
    assert SignatureVerifier("s").generate_signature(timestamp="1", body="x") == signature("s", "1", "x")


@pytest.mark.parametrize("seconds", [-301, 301])
def test_stale_signatures_are_refused_by_the_app(chen: Person, ws: Workspace, seconds: int) -> None:
    ws.carrier.stamp = lambda: time.time() + seconds
    assert chen.command("/form").status == 401


def test_what_is_not_there(chen: Person, ws: Workspace) -> None:
    with pytest.raises(NoView):
        chen.submit()
    ws.views.open(chen.id, FORM)
    with pytest.raises(NoSuchField, match="summary"):
        chen.fill(nothing="x")
    with pytest.raises(NotThere):
        ws.person("U0NONE")
    with pytest.raises(NotThere, match="deactivated"):
        ws.person("U0GONE").command("/form")


def test_stale_press_in_a_view_and_home(chen: Person, client: WebClient, seen: list[Any]) -> None:
    client.views_publish(user_id=chen.id, view=home(actions(button("sign", "1"))))
    assert chen.offered == {"sign"}
    chen.press("sign")
    assert seen[-1]["container"]["type"] == "view"
    assert "response_url" not in seen[-1]


def test_menus_in_messages(chen: Person, client: WebClient, app: App, seen: list[Any]) -> None:
    @app.action("more")
    def more(ack: Ack, body: dict[str, Any]) -> None:
        seen.append(body["actions"][0])
        ack()

    menu = {"type": "overflow", "action_id": "more", "options": [option("A", "a"), option("B", "b")]}
    client.chat_postMessage(channel=DESK, text="x", blocks=[section(accessory=menu)])
    chen.press("more", choice="b")
    assert seen[-1]["selected_option"]["value"] == "b"


def test_manifest_rules_commands_and_shortcuts(clock: Clock) -> None:
    commands = [{"command": "/esc", "description": "d", "should_escape": True}]
    manifest = {
        "_metadata": {"major_version": 2},
        "display_information": {"name": "x"},
        "features": {"slash_commands": commands},
    }
    workspace = Workspace(manifest=manifest, clock=clock)
    anna = workspace.person(workspace.add_user("U0ANNA", name="anna", real_name="Anna Berg").id)
    with pytest.raises(NoSuchCommand):
        anna.command("/fault")
    with pytest.raises(NoSuchCommand):
        anna.shortcut("report")
    assert anna.say("nobody listens").text == "nobody listens"


def test_shortcuts(chen: Person, app: App, seen: list[Any]) -> None:
    @app.shortcut("from_message")
    def from_message(ack: Ack, body: dict[str, Any]) -> None:
        seen.append(body)
        ack()

    assert chen.shortcut("report").ok
    assert chen.opened("form").title == "Form"
    message = chen.say("broken since 9:00", DESK)
    assert chen.message_shortcut("from_message", message).ok
    assert seen[-1]["message"]["text"] == "broken since 9:00"


def test_a_word_that_bolt_misreads_still_reaches_the_app(chen: Person) -> None:
    delivery = chen.command("/say the payload").delivery
    assert isinstance(delivery, Delivery)
    assert "payload" in delivery.body


def test_trigger_of_a_press_serves_push(chen: Person, ws: Workspace, client: WebClient) -> None:
    view = ws.views.open(chen.id, FORM)
    client.views_push(trigger_id=trigger(ws, chen.id, view.id), view=modal(callback_id="above"))
    assert chen.opened("above").previous_view_id == view.id
