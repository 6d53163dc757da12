"""What an app asks to check its installation: scopes, user groups, and whether its blocks are valid."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox import Workspace
from bot.sandbox.workspace.manifest import Manifest
from tests.sandbox.conftest import refusal
from tests.support.sample_blocks import field, home, modal, section, text_input


def test_every_answer_names_the_scopes_of_the_token(client: WebClient, ws: Workspace) -> None:
    assert "x-oauth-scopes" not in client.auth_test().headers, "without a manifest they are not known"
    ws.manifest = Manifest({"oauth_config": {"scopes": {"bot": ["users:read", "chat:write"]}}})
    assert client.auth_test().headers["x-oauth-scopes"] == "chat:write,users:read"
    assert "x-oauth-scopes" not in client.api_test().headers, "it has no token"


@pytest.mark.parametrize(
    "given",
    [{"view": modal(section())}, {"view": home()}, {"blocks": [section()]}, {"message": {"blocks": [section()]}}],
)
def test_valid_blocks_are_answered_with_ok(client: WebClient, given: dict[str, Any]) -> None:
    assert client.blocks_validate(**given)["ok"] is True


@pytest.mark.parametrize(
    ("given", "error", "pointer"),
    [
        ({"blocks": [section("x" * 3001)]}, "invalid_blocks", "/0/text/text"),
        ({"view": modal(section("x" * 3001))}, "invalid_view", "/blocks/0/text/text"),
        ({"message": {"blocks": [section("x" * 3001)]}}, "invalid_message", "/blocks/0/text/text"),
        ({"view": home(field(text_input(), label={}))}, "invalid_view", "/blocks/0/label"),
    ],
)
def test_invalid_blocks_are_answered_with_each_place(
    client: WebClient, given: dict[str, Any], error: str, pointer: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.blocks_validate(**given)
    answer = refused.value.response
    assert answer["error"] == error
    assert pointer in {one["pointer"] for one in answer["errors"]}
    assert all(one["code"] == "failed_constraint" and one["message"] for one in answer["errors"])


def test_exactly_one_thing_is_validated_and_no_token_is_needed(client: WebClient, ws: Workspace) -> None:
    both = {"view": modal(), "blocks": [section()]}
    assert refusal(client.blocks_validate, **both)["error"] == "invalid_arguments"
    assert refusal(client.blocks_validate)["error"] == "invalid_arguments"
    assert WebClient(base_url=client.base_url).blocks_validate(view=modal())["ok"] is True


def test_user_groups_are_listed_the_deactivated_ones_on_request(client: WebClient, ws: Workspace) -> None:
    ws.add_group("S1", ["U0CHEN"], "one")
    ws.add_group("S2", [], "two")
    ws.groups.change("S2", disabled=True)
    assert [one["id"] for one in client.usergroups_list()["usergroups"]][-1] == "S1"
    found = client.usergroups_list(include_disabled=True, include_users=True, include_count=True)["usergroups"]
    assert [(one["id"], one["users"], one["user_count"], bool(one["date_delete"])) for one in found][-2:] == [
        ("S1", ["U0CHEN"], 1, False),
        ("S2", [], 0, True),
    ]
