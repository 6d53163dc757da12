"""A person in front of a small Bolt app: answers, late and missing ones, signatures, and what does not exist."""

import threading
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from bot.sandbox import (
    AppBug,
    Delivery,
    NoSuchCommand,
    NoSuchField,
    NotConnected,
    NotThere,
    NoView,
    Person,
    StandIn,
    Workspace,
)
from bot.sandbox.client.signing import signature
from bot.sandbox.client.transport import Transport
from tests.sandbox.conftest import DESK, trigger
from tests.support.form_app import FORM
from tests.support.manual_clock import ManualClock
from tests.support.sample_blocks import actions, button, home, modal, option, section
from tests.support.world import MAX_WAIT_SECONDS

pytestmark = pytest.mark.usefixtures("requests")


def test_a_command_is_answered_ephemerally_or_in_the_channel(chen: Person, ws: Workspace) -> None:
    message = chen.command("/say hello <@U0ANNA>", DESK).message
    assert message is not None
    assert (message.ephemeral_to, message.plain) == ("U0CHEN", "hello @Anna Berg")
    assert ws.history(DESK) == []
    chen.command('/say {"response_type": "in_channel", "text": "all"}', DESK)
    assert [m.text for m in ws.history(DESK)][-1] == "all"
    with pytest.raises(AppBug, match="invalid_blocks"):
        chen.command('/say {"text": "x", "blocks": [{"type": "header"}]}', DESK)


def test_a_late_acknowledgement_times_out(chen: Person, ws: Workspace, app: App) -> None:
    release = threading.Event()

    @app.command("/slow")
    def slow(ack: Ack) -> None:
        release.wait(MAX_WAIT_SECONDS)
        ack()

    ws.ack_limit = 0.1
    answer = chen.command("/slow")
    release.set()
    assert (answer.status, answer.error) == (None, "operation_timeout")


def test_unhandled_requests_and_unreachable_apps_are_reported(chen: Person, standin: StandIn) -> None:
    assert chen.command("/unknown").error == "http_client_error"
    standin.connect("http://127.0.0.1:9/")
    assert chen.command("/form").error == "dispatch_failed"
    standin.transport.bot_url = None
    with pytest.raises(NotConnected):
        chen.command("/form")


def test_a_redelivery_is_the_same_request(chen: Person, ws: Workspace, requests: list[Any]) -> None:
    first = chen.command("/say once", DESK)
    chen.redeliver(first)
    assert requests[0] == requests[1]
    assert len(chen.ephemerals(DESK)) == 1


def test_the_documented_example_of_a_signature_is_computed() -> None:
    body = (
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
        "%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert signature("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == expected
    assert SignatureVerifier("s").generate_signature(timestamp="1", body="x") == signature("s", "1", "x")


@pytest.mark.parametrize("seconds", [-310, 310])
def test_stale_signatures_are_refused_by_the_app(chen: Person, standin: StandIn, ws: Workspace, seconds: int) -> None:
    standin.transport.stamp = lambda: ws.state.now().timestamp() + seconds
    assert chen.command("/form").status == 401


def test_a_request_signed_before_the_clock_was_advanced_is_signed_again(
    chen: Person, standin: StandIn, ws: Workspace, clock: ManualClock
) -> None:
    """Slack's clock never jumps. The clock of the stand-in jumps here between the signing of a request and its
    check.
    """
    stamp = standin.transport.stamp

    def signed_before_the_jump() -> float:
        standin.transport.stamp = stamp
        signed_at = stamp()
        clock.move(hours=1)
        return signed_at

    standin.transport.stamp = signed_before_the_jump
    assert chen.command("/form").status == 200


def test_unknown_people_and_fields_and_missing_views_are_refused(chen: Person, standin: StandIn, ws: Workspace) -> None:
    with pytest.raises(NoView):
        chen.submit()
    ws.views.open(chen.id, FORM)
    with pytest.raises(NoSuchField, match="summary"):
        chen.fill(nothing="x")
    with pytest.raises(NotThere):
        standin.person("U0NONE")
    with pytest.raises(NotThere, match="deactivated"):
        standin.person("U0GONE").command("/form")


def test_a_button_of_the_home_sends_no_response_url(chen: Person, client: WebClient, requests: list[Any]) -> None:
    client.views_publish(user_id=chen.id, view=home(actions(button("sign", "1"))))
    assert chen.offered == {"sign"}
    chen.press("sign")
    assert requests[-1]["container"]["type"] == "view"
    assert "response_url" not in requests[-1]


def test_a_menu_in_a_message_sends_its_option(chen: Person, client: WebClient, app: App, requests: list[Any]) -> None:
    @app.action("more")
    def more(ack: Ack, body: dict[str, Any]) -> None:
        requests.append(body["actions"][0])
        ack()

    menu = {"type": "overflow", "action_id": "more", "options": [option("A", "a"), option("B", "b")]}
    client.chat_postMessage(channel=DESK, text="x", blocks=[section(accessory=menu)])
    chen.press("more", choice="b")
    assert requests[-1]["selected_option"]["value"] == "b"


def test_commands_and_shortcuts_must_be_in_the_manifest(clock: ManualClock) -> None:
    commands = [{"command": "/esc", "description": "d", "should_escape": True}]
    manifest = {
        "_metadata": {"major_version": 2},
        "display_information": {"name": "x"},
        "features": {"slash_commands": commands},
    }
    workspace = Workspace(manifest=manifest, clock=clock.now)
    anna = Person(Transport(workspace), workspace.add_user("U0ANNA", name="anna", real_name="Anna Berg").id)
    with pytest.raises(NoSuchCommand):
        anna.command("/fault")
    with pytest.raises(NoSuchCommand):
        anna.shortcut("report")
    assert anna.say("nobody listens").text == "nobody listens"


def test_global_and_message_shortcuts_reach_the_app(chen: Person, app: App, requests: list[Any]) -> None:
    @app.shortcut("from_message")
    def from_message(ack: Ack, body: dict[str, Any]) -> None:
        requests.append(body)
        ack()

    assert chen.shortcut("report").ok
    assert chen.opened("form").title == "Form"
    message = chen.say("broken since 9:00", DESK)
    assert chen.message_shortcut("from_message", message).ok
    assert requests[-1]["message"]["text"] == "broken since 9:00"


def test_a_command_with_the_word_payload_reaches_the_app(chen: Person) -> None:
    delivery = chen.command("/say the payload").delivery
    assert isinstance(delivery, Delivery)
    assert "payload" in delivery.body


def test_the_trigger_of_a_press_in_a_view_allows_a_push(chen: Person, ws: Workspace, client: WebClient) -> None:
    view = ws.views.open(chen.id, FORM)
    client.views_push(trigger_id=trigger(ws, chen.id, view.id), view=modal(callback_id="above"))
    assert chen.opened("above").previous_view_id == view.id


def test_people_of_other_workspaces_have_neither_commands_nor_shortcuts(standin: StandIn) -> None:
    far = standin.person("U0FAR")
    with pytest.raises(NoSuchCommand, match="another workspace"):
        far.command("/say hello")
    with pytest.raises(NoSuchCommand, match="another workspace"):
        far.shortcut("fill")
