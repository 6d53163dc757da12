"""The HTTP API: content types, tokens, scopes, rates and unknown methods."""
# ruff: noqa: E501  # one row for each broken manifest

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3
from slack_sdk import WebClient

from bot.sandbox import StandIn, Workspace
from tests.sandbox.conftest import DESK, client_of, refusal, with_people_and_channels
from tests.support.manual_clock import ManualClock

MANIFEST: dict[str, Any] = {
    "_metadata": {"major_version": 2},
    "display_information": {"name": "Example"},
    "oauth_config": {"scopes": {"bot": ["chat:write", "channels:read"]}},
    "features": {"app_home": {"home_tab_enabled": False, "messages_tab_enabled": False}},
}
POST = {"channel": DESK, "text": "x"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def call(standin: StandIn, method: str, token: str | None = None, **request: Any) -> Any:
    headers = {"Authorization": f"Bearer {token or standin.workspace.bot_token}"} if token != "" else {}
    verb = request.pop("verb", "POST")
    headers |= request.pop("headers", {})
    return urllib3.request(verb, standin.url + method, headers=headers, retries=False, **request).json()


@pytest.mark.parametrize(
    "request_",
    [
        {"json": POST},
        {"fields": POST},
        {"body": urlencode(POST), "headers": FORM},
        {"verb": "GET", "fields": POST},
    ],
    ids=["json", "multipart", "form", "query"],
)
def test_every_content_type_is_read(standin: StandIn, request_: dict[str, Any]) -> None:
    assert call(standin, "chat.postMessage", **request_)["message"]["text"] == "x"


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"body": b"{", "headers": {"Content-Type": "application/json"}}, "invalid_json"),
        ({"body": b"[]", "headers": {"Content-Type": "application/json"}}, "json_not_object"),
        ({"body": b"\xff", "headers": {"Content-Type": "application/json"}}, "invalid_charset"),
        ({"body": b"x", "headers": {"Content-Type": "text/csv"}}, "invalid_post_type"),
        ({"body": b"x"}, "missing_post_type"),
    ],
)
def test_unreadable_bodies_are_refused(standin: StandIn, request_: dict[str, Any], error: str) -> None:
    assert call(standin, "chat.postMessage", **request_)["error"] == error


def test_a_token_is_read_from_a_form_but_not_from_json_or_the_query(standin: StandIn) -> None:
    token = standin.workspace.bot_token
    form = call(standin, "auth.test", "", body=urlencode({"token": token}), headers=FORM)
    in_json = call(standin, "auth.test", "", json={"token": token})
    query = call(standin, "auth.test", "", verb="GET", fields={"token": token})
    assert (form["ok"], in_json["error"], query["error"]) == (True, "not_authed", "not_authed")


def test_wrong_tokens_are_refused(standin: StandIn) -> None:
    app_token = standin.workspace.app_token
    assert call(standin, "auth.test", "xoxb-wrong")["error"] == "invalid_auth"
    assert call(standin, "auth.test", app_token)["error"] == "not_allowed_token_type"
    assert call(standin, "apps.connections.open")["error"] == "not_allowed_token_type"
    assert call(standin, "apps.connections.open", app_token)["url"].startswith("ws://")


def test_unknown_methods_and_missing_arguments_are_refused(client: WebClient) -> None:
    assert refusal(client.api_call, api_method="chat.shout")["error"] == "unknown_method"
    missing = refusal(client.api_call, api_method="reactions.add", params={"channel": DESK})
    assert missing["error"] == "invalid_arguments"
    assert "[ERROR] missing required field: name" in missing["response_metadata"]["messages"]


def test_every_call_is_logged(client: WebClient, ws: Workspace) -> None:
    client.chat_postMessage(channel=DESK, text="x")
    refusal(client.chat_postMessage, channel="C0NONE", text="x")
    assert [entry.ok for entry in ws.log.calls("chat.postMessage")] == [True, False]
    assert json.dumps(ws.log.calls()[0].answer)


def test_the_scopes_and_features_of_the_manifest_are_enforced() -> None:
    with StandIn(with_people_and_channels(Workspace(clock=ManualClock().now, manifest=MANIFEST))) as standin:
        client = client_of(standin)
        refused = refusal(client.users_info, user="U0CHEN")
        assert (refused["error"], refused["needed"]) == ("missing_scope", "users:read")
        assert refused["provided"] == "channels:read,chat:write"
        assert client.conversations_info(channel=DESK)["channel"]["name"] == "service-desk"
        assert refusal(client.conversations_history, channel=DESK)["error"] == "missing_scope"
        assert refusal(client.chat_postMessage, channel="C0OUT", text="x")["error"] == "not_in_channel"
        assert refusal(client.chat_postMessage, channel="U0CHEN", text="x")["error"] == "messages_tab_disabled"
        view = {"type": "home", "blocks": []}
        assert refusal(client.views_publish, user_id="U0CHEN", view=view)["error"] == "not_enabled"


def test_chat_write_public_allows_posting_to_public_channels(client: WebClient) -> None:
    assert client.chat_postMessage(channel="C0OUT", text="x")["ok"]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("display_information", "name"), "x" * 36, "must be less than 36 characters [json-pointer:/display_information/name]"),
        (("features", "colour"), "red", "invalid additional property: colour [json-pointer:/features]"),
        (("features", "shortcuts"), [{"name": "a", "type": "page", "callback_id": "c", "description": "d"}], "must be a valid enum value [json-pointer:/features/shortcuts/0/type]"),
        (("features", "slash_commands"), [{"command": "fault", "description": "d"}], "must match the required format [json-pointer:/features/slash_commands/0/command]"),
    ],
)  # fmt: skip
def test_a_broken_manifest_is_refused(path: tuple[str, str], value: Any, words: str) -> None:
    broken = json.loads(json.dumps(MANIFEST))
    broken[path[0]][path[1]] = value
    with pytest.raises(ValueError, match="json-pointer") as refused:
        Workspace(clock=ManualClock().now, manifest=broken)
    assert words in str(refused.value)


def test_a_second_message_within_a_second_is_rate_limited(clock: ManualClock) -> None:
    with StandIn(with_people_and_channels(Workspace(clock=clock.now, enforce_rates=True))) as standin:
        client = client_of(standin)
        client.chat_postMessage(channel=DESK, text="1")
        client.chat_postMessage(channel="C0OUT", text="elsewhere")
        refused = refusal(client.chat_postMessage, channel=DESK, text="2")
        assert (refused.status_code, refused["error"], refused.headers["Retry-After"]) == (
            429,
            "ratelimited",
            "1",
        )
        clock.move(seconds=1)
        assert client.chat_postMessage(channel=DESK, text="2")["ok"]
