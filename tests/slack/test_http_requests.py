"""The HTTP endpoint: only requests of Slack are accepted, and each of them is answered without an error."""

import hashlib
import json
from typing import Any

import pytest

from bot.sandbox.client import payloads
from bot.sandbox.workspace.deliveries import Delivery
from storage.vocabulary import State, Step
from tests.conftest import MakeTeam
from tests.support.logged import Logged
from tests.support.raw_requests import FORM, GONE, JSON, Reply, command, payload, send, signature_of
from tests.support.team import ANNA, CHEN, DESK, HUANG, LIN, Team

SECRET_WORDS = "批价进程 secret words of a customer"


def is_kept_out(reply: Reply, logged: Logged) -> None:
    assert reply.status == 401
    assert SECRET_WORDS not in reply.text
    for part in ("批价进程", "secret", "customer"):
        assert part not in logged.text


def is_calm(reply: Reply) -> None:
    assert reply.status == 200
    assert "Traceback" not in reply.text
    assert "Error" not in reply.text


# Authentication


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": GONE},
        {"X-Slack-Signature": "v0=" + "é" * 64},
        {"X-Slack-Request-Timestamp": GONE},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "yesterday"},
        {"X-Slack-Request-Timestamp": "-5"},
        {"X-Slack-Request-Timestamp": "1e9"},
        {"X-Slack-Request-Timestamp": "²"},
        {"X-Slack-Request-Timestamp": "9" * 5000},
        {"X-Slack-Request-Timestamp": GONE, "X-Slack-Signature": GONE},
    ],
    ids=lambda headers: "+".join(f"{name[8:]}={value[:9]!r}" for name, value in headers.items()),
)
def test_requests_without_a_valid_signature_are_refused(logged: Logged, steady: Team, headers: dict[str, str]) -> None:
    is_kept_out(send(steady, command(steady, SECRET_WORDS), headers=headers), logged)


@pytest.mark.parametrize("seconds", [-301, -86400, 301, 86400])
def test_an_old_or_future_signature_is_refused(logged: Logged, steady: Team, seconds: int) -> None:
    at = steady.now.timestamp() + seconds + (2 if seconds > 0 else 0)
    is_kept_out(send(steady, command(steady, SECRET_WORDS), at=at), logged)


def test_a_timestamp_in_full_width_digits_is_refused_despite_its_valid_signature(logged: Logged, steady: Team) -> None:
    """Python reads full-width digits as numbers, but Slack never sends them."""
    body = command(steady, SECRET_WORDS)
    wide = str(int(steady.now.timestamp())).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    signed = signature_of(steady.workspace.signing_secret, wide, body.encode())
    stamped = wide.encode().decode("latin-1")
    is_kept_out(send(steady, body, headers={"X-Slack-Request-Timestamp": stamped, "X-Slack-Signature": signed}), logged)


def test_a_signature_of_another_body_is_refused(logged: Logged, steady: Team) -> None:
    stamp = str(int(steady.now.timestamp()))
    signed = signature_of(steady.workspace.signing_secret, stamp, command(steady, "help").encode())
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signed}
    is_kept_out(send(steady, command(steady, SECRET_WORDS), headers=headers), logged)


def test_a_signature_with_another_secret_is_refused(logged: Logged, steady: Team) -> None:
    body, stamp = command(steady, SECRET_WORDS), str(int(steady.now.timestamp()))
    signed = signature_of("another-secret", stamp, body.encode())
    is_kept_out(send(steady, body, headers={"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signed}), logged)


def test_the_documented_example_of_a_signature_is_computed() -> None:
    """The example is in slack-platform.md §1.2."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
        b"%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert signature_of("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == expected
    assert len(hashlib.sha256(body).hexdigest()) == 64


# Slack's own checks of the endpoint


def test_ssl_check_is_answered_to_slack_alone(logged: Logged, steady: Team) -> None:
    assert send(steady, "ssl_check=1&token=t") == Reply(200, "", "text/plain")
    assert send(steady, "ssl_check=1&token=t", headers={"X-Slack-Signature": GONE}).status == 401


def test_url_verification_returns_the_challenge_to_slack_alone(steady: Team) -> None:
    body = json.dumps({"token": "t", "challenge": "3eZbrw1a", "type": "url_verification"})
    assert send(steady, body, JSON) == Reply(200, "3eZbrw1a", "text/plain")
    assert send(steady, body, JSON, headers={"X-Slack-Signature": GONE}).status == 401


# Commands that contain the word payload


@pytest.mark.parametrize("text", ["payload", "payload=1", "the payload is wrong", "help payload"])
def test_a_command_with_the_word_payload_is_answered(steady: Team, text: str) -> None:
    reply = send(steady, command(steady, text))
    is_calm(reply)
    assert reply.json["text"]


def test_a_form_with_a_field_payload_beside_others_is_a_command(steady: Team) -> None:
    is_calm(send(steady, command(steady, "help", payload="x")))


# Requests that nothing handles


def interaction(kind: str, **extra: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "team": {"id": "T0SANDBOX", "domain": "sandbox"},
        "user": {"id": CHEN, "name": "chen.jing", "team_id": "T0SANDBOX"},
        "api_app_id": "A0SANDBOX",
        "token": "t",
        "trigger_id": "1.2.3",
        **extra,
    }


VIEW: dict[str, Any] = {
    "id": "V1",
    "type": "modal",
    "hash": "1.a",
    "callback_id": "sign_sheet",
    "private_metadata": "",
    "blocks": [{"type": "input", "block_id": "reason", "element": {"type": "plain_text_input"}}],
    "state": {"values": {}},
}


def view_with(**changed: Any) -> dict[str, Any]:
    return {**VIEW, **changed}


def pressed(action_id: str, value: Any = "{}", **extra: Any) -> dict[str, Any]:
    action = {"type": "button", "action_id": action_id, "block_id": "b", "value": value, "action_ts": "1.1"}
    container = {"type": "message", "message_ts": "1.1", "channel_id": DESK, "is_ephemeral": False}
    return interaction("block_actions", actions=[action], container=container, channel={"id": DESK}, **extra)


UNKNOWN = {
    "type": interaction("something_new"),
    "action": pressed("self_destruct"),
    "no actions": interaction("block_actions"),
    "actions of no kind": interaction("block_actions", actions=[None]),
    "view": interaction("view_submission", view=view_with(callback_id="self_destruct")),
    "view without blocks": interaction("view_submission", view=view_with(callback_id="x", blocks=[])),
    "no view": interaction("view_submission"),
    "closed view": interaction("view_closed", view=VIEW, is_cleared=False),
    "shortcut": interaction("shortcut", callback_id="self_destruct"),
    "message shortcut": interaction("message_action", callback_id="report_from_message"),
    "options of nothing": interaction("block_suggestion", action_id="customer", block_id="customer", value="x"),
    "options of an unknown form": interaction(
        "block_suggestion", action_id="customer", block_id="customer", value="x", view=view_with(callback_id="x")
    ),
    "options that the form has not": interaction(
        "block_suggestion", action_id="module", block_id="module", value="x", view=view_with(callback_id="report")
    ),
}


@pytest.mark.parametrize("content", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_an_unknown_interaction_is_answered_without_an_error_and_logged(
    logged: Logged, steady: Team, content: Any
) -> None:
    is_calm(send(steady, payload(content)))
    if content != UNKNOWN["closed view"]:
        steady.workspace.wait_until(lambda: [line for line in logged.lines if "reference" in line])
    assert not steady.workspace.app_bugs


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("command=%2Fother&user_id=U0CHEN&text=", FORM),
        ('{"type": "event_callback", "event": {"type": "user_change"}}', JSON),
        ('{"type": "event_callback", "event": {"type": "user_change", "user": "U0CHEN"}}', JSON),
        ('{"type": "event_callback", "event": {"type": "user_change", "user": {}}}', JSON),
        ('{"type": "event_callback", "event": {"type": "subteam_members_changed"}}', JSON),
        ('{"type": "event_callback", "event": {"type": "app_mention", "text": "?"}}', JSON),
    ],
)
def test_an_unknown_request_is_answered_without_an_error(
    logged: Logged, steady: Team, body: str, content_type: str
) -> None:
    is_calm(send(steady, body, content_type))
    assert "Traceback" not in json.dumps([line.get("event") for line in logged.lines])


def test_the_sender_of_an_unknown_action_gets_a_reference_that_is_in_the_log(logged: Logged, team: Team) -> None:
    chen = team.person(CHEN)
    case = team.case()
    card = team.forged(CHEN, "self_destruct", case, "{}")
    answer = team.press_copy(CHEN, card, "self_destruct")
    [line] = logged.of("request.not_understood")
    assert line["reference"] in answer
    assert chen.command("/fault help").status == 200


# Values that no button of the bot carries


VALUES: dict[str, Any] = {
    "no JSON": "41:7",
    "empty": "",
    "none": None,
    "a number": "41",
    "a list": "[41, 7]",
    "another word": '{"issue": 1}',
    "no such case": '{"case": 999, "version": 1}',
    "negative": '{"case": -1, "version": 1}',
    "zero": '{"case": 0, "version": 1}',
    "huge": f'{{"case": {10**40}, "version": 1}}',
    "larger than a database takes": f'{{"case": {2**63}, "version": 1}}',
    "endless": '{"case": Infinity, "version": 1}',
    "a huge version": f'{{"case": 1, "version": {10**40}}}',
    "words for numbers": '{"case": "one", "version": 1}',
    "a statement": '{"case": "1; DROP TABLE cases", "version": "1"}',
    "a nested one": '{"case": {"case": 1}, "version": 1}',
    "a version to come": '{"case": 1, "version": 99}',
    "a version of words": '{"case": 1, "version": "now"}',
    "a huge reminder": f'{{"case": 1, "version": 1, "reminder": {10**40}}}',
    "a reminder that is not": '{"case": 1, "version": 1, "reminder": 77}',
}


@pytest.mark.parametrize(
    "action", ["triage", "withdraw", "resume", "open_case", "read_all", "export", "acknowledge", "need_help"]
)
def test_an_outdated_or_forged_button_is_answered_and_changes_nothing(team: Team, action: str) -> None:
    door = CaseWithResponseUrls(team)
    before = team.card("F-1")
    for said, value in VALUES.items():
        reply = send(team, payload({**pressed(action, value), "response_url": door.address()}))
        is_calm(reply)
        assert door.answered(), said
        assert team.card("F-1") == before, said


class CaseWithResponseUrls:
    """A case of a running bot, and response URLs that collect the answers to presses."""

    def __init__(self, team: Team) -> None:
        self.team = team
        self.person = team.person(CHEN)
        self.message = team.look(CHEN, team.case())
        self._before = 0

    def address(self) -> str:
        """A new response URL."""
        self._before = len(self.person.ephemerals())
        press = payloads.message_press(self.team.workspace, CHEN, self.message, {"action_id": "x"})
        return str(press.payload["response_url"])

    def answered(self) -> bool:
        """Wait until the presser gets an answer. These presses open no form, because their trigger is made up."""
        return self.team.workspace.wait_until(lambda: len(self.person.ephemerals()) > self._before)


METADATA = {
    "no JSON": "41:7",
    "a list": "[]",
    "a number": "5",
    "no case": "{}",
    "another's": '{"case": 1, "version": 1}',
    "negative": '{"case": -1, "version": 1}',
    "huge": f'{{"case": {10**40}, "version": 1}}',
    "words": '{"case": "1", "version": 1}',
    "an origin of no kind": '{"case": 1, "version": 1, "origin": 5}',
    "an address elsewhere": '{"case": 1, "version": 1, "url": 5}',
}


@pytest.mark.parametrize("step", ["sign_sheet", "comment", "report"])
def test_a_forged_form_is_refused_at_its_field(team: Team, step: str) -> None:
    """The form stays open, so no input is lost."""
    team.case(reporter=ANNA)
    before = team.card("F-1")
    for said, metadata in METADATA.items():
        view = view_with(callback_id=step, private_metadata=metadata)
        reply = send(team, payload(interaction("view_submission", view=view)))
        is_calm(reply)
        assert reply.json["response_action"] == "errors", said
        assert list(reply.json["errors"]) == ["reason"], said
        assert team.card("F-1") == before, said
    assert team.newest() == "F-1"


def test_a_malformed_state_is_refused_in_the_form(team: Team) -> None:
    team.case()
    states: tuple[Any, ...] = ({"reason": {}}, {"reason": {"reason": {}}}, {"reason": 5}, {"testers": {"x": 5}}, 5, [])
    for values in states:
        view = view_with(state={"values": values}, private_metadata='{"case": 1, "version": 1}')
        reply = send(team, payload(interaction("view_submission", view=view)))
        is_calm(reply)
        assert reply.json["response_action"] == "errors"


def test_persons_that_are_not_slack_ids_are_refused(team: Team) -> None:
    case = team.case(State.SHEET_SIGNING)
    team.open(HUANG, Step.SIGN_SHEET, case)
    view = team.person(HUANG).view
    assert view is not None
    delivery = payloads.view_submission(team.workspace, HUANG, view)
    for code in ("testers", "technicians"):
        [element] = delivery.payload["view"]["state"]["values"][code].values()
        element["selected_users"] = ["<!channel>", "U0LIN|x"]
    reply = send(team, delivery.body)
    assert set(reply.json["errors"]) == {"testers", "technicians"}
    assert team.state(case) is State.SHEET_SIGNING


# Sizes, paths, methods


def test_a_body_that_is_too_long_is_refused(logged: Logged, steady: Team) -> None:
    assert send(steady, b"text=" + b"x" * 4_100_000).status == 413
    assert "xxxx" not in logged.text
    is_calm(send(steady, command(steady, "x" * 1_000_000)))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/slack/events", 404),
        ("PUT", "/slack/events", 404),
        ("DELETE", "/slack/events", 404),
        ("POST", "/slack/events/", 404),
        ("POST", "/", 404),
        ("POST", "/health", 404),
        ("GET", "/", 404),
        ("GET", "/health", 200),
        ("GET", "/metrics", 200),
    ],
)
def test_each_path_and_method_has_its_status(steady: Team, method: str, path: str, status: int) -> None:
    assert send(steady, command(steady, "help"), method=method, path=path).status == status


# Errors of the bot


def test_an_error_of_the_bot_is_reported_with_a_reference_that_is_in_the_log(logged: Logged, team: Team) -> None:
    """It is reported to the command, in the form and beside the button. The traceback is in the log alone."""
    case = team.case(State.SHEET_SIGNING)
    card = team.look(HUANG, case)
    team.open(HUANG, Step.RETURN_SHEET, case).fill(reason=SECRET_WORDS)
    break_the_cases(team)
    huang = team.person(HUANG)
    said = [huang.command(f"/fault {case}").body["text"], *huang.submit().errors.values()]
    huang.close_view(everything=True)
    said.append(team.press_copy(HUANG, card, "read_all"))
    references = [line["reference"] for line in logged.of("listener.failed")]
    assert len(references) == 3
    for text, quoted in zip(said, references, strict=True):
        assert quoted in text
        assert "Traceback" not in text
    assert "Traceback" in logged.text
    assert SECRET_WORDS not in logged.text


def break_the_cases(team: Team) -> None:
    """Simulate a bug: a column holds a word that the code does not know."""
    from sqlalchemy import text

    with team.database.engine.begin() as connection:
        connection.execute(text("UPDATE cases SET source = 'unheard_of'"))


# People and time


def test_a_person_whom_the_bot_does_not_know_yet_can_report(team: Team) -> None:
    """Slack is asked about the person first, so that even the first answer is in their language."""
    team.workspace.add_user("U0NEW", name="new.one", real_name="New One", locale="zh-CN", tz="Asia/Shanghai")
    new = team.person("U0NEW")
    answer = new.command("/fault help")
    assert answer.message is not None
    assert "Faultdesk 使用说明" in answer.message.plain
    case = team.report("U0NEW")
    assert team.card(case).reporter == "U0NEW"
    assert "F-1" in team.sees("U0NEW", case)
    team.settle()
    assert new.inbox()


#: Seconds for which Slack does not answer, unless the test ends the wait.
STANDING = 9.0


def test_a_slow_slack_neither_delays_nor_fails_a_step(team: Team) -> None:
    case = team.case(State.SHEET_SIGNING)
    person = team.open(LIN, Step.COMMENT, case)
    person.fill(text="Still failing 仍然失败")
    team.settle()
    team.workspace.failures.slow(STANDING)
    team.workspace.ack_limit = STANDING / 2
    assert person.submit().closed
    for text in ("help", case, "list", "queue"):
        assert team.person(CHEN).command(f"/fault {text}").error is None
    opened = team.person(HUANG)
    assert opened.press("return_sheet", message=opened.inbox()[-1]).error is None
    assert opened.view is None, "Slack has not answered anything yet, and the bot has answered everything"
    team.workspace.failures.slow(0)
    opened.opened("return_sheet")
    assert team.history(case)[-1].step is Step.COMMENT


def test_an_event_is_acknowledged_at_once_while_slack_is_slow(make_team: MakeTeam) -> None:
    team = make_team(FAULT_TESTERS="S0TESTERS")
    team.workspace.wait_until(lambda: bool(team.workspace.log.calls("usergroups.users.list")))
    asked = len(team.workspace.log.calls("usergroups.users.list"))
    team.workspace.failures.slow(STANDING)
    team.workspace.ack_limit = STANDING / 2
    inner = {"type": "subteam_members_changed", "subteam_id": "S0TESTERS", "team_id": "T0SANDBOX"}
    answer = team.playground.standin.send_event(inner)
    assert answer is not None
    assert answer.status == 200
    assert len(team.workspace.log.calls("usergroups.users.list")) == asked, "no request waited for Slack"
    team.workspace.failures.slow(0)
    team.workspace.wait_until(lambda: len(team.workspace.log.calls("usergroups.users.list")) > asked)


def test_a_repeated_request_has_no_second_effect(team: Team) -> None:
    case = team.case()
    sent = team.attempt(LIN, Step.TRIAGE, case, is_requirement="no", is_fault="no")
    history = len(team.history(case))
    assert sent.closed
    again = team.person(LIN).redeliver(sent)
    assert (again.status, again.body) == (200, "")
    assert len(team.history(case)) == history


def test_handmade_payloads_have_no_key_that_real_ones_lack(team: Team) -> None:
    """Real payloads are those of the stand-in workspace."""
    team.case()
    real: Delivery = payloads.message_press(
        team.workspace, CHEN, team.look(CHEN, "F-1"), {"action_id": "triage", "type": "button"}
    )
    assert set(pressed("triage")) - set(real.payload) == set()
