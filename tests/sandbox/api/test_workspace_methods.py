"""users.*, usergroups.*, conversations.*, files.*, reactions.*, pins.*, team.*"""

from typing import Any

import pytest
import urllib3
from slack_sdk import WebClient

from bot.sandbox import StandIn, Workspace
from tests.sandbox.conftest import DESK, refusal


def test_the_app_learns_its_user_and_its_team(client: WebClient) -> None:
    assert client.auth_test()["user_id"] == "U0BOT"
    assert client.team_info()["team"]["id"] == "T0SANDBOX"
    assert refusal(client.api_test, error="oops")["error"] == "oops"


def test_users_are_found_by_id_and_by_mail_address(client: WebClient) -> None:
    user = client.users_info(user="U0CHEN", include_locale=True)["user"]
    assert (user["tz"], user["tz_offset"], user["locale"]) == ("Asia/Shanghai", 28800, "zh-CN")
    assert "locale" not in client.users_info(user="U0CHEN")["user"]
    assert client.users_lookupByEmail(email="c@x.test")["user"]["id"] == "U0CHEN"
    assert refusal(client.users_lookupByEmail, email="n@x.test")["error"] == "users_not_found"
    assert refusal(client.users_info, user="U0NONE")["error"] == "user_not_found"


def test_the_app_of_a_bot_is_found_by_the_bot(client: WebClient, ws: Workspace) -> None:
    """As in Slack, `auth.test` names the bot and not the app."""
    own = client.auth_test()
    assert "app_id" not in own.data
    assert client.bots_info(bot=own["bot_id"])["bot"]["app_id"] == "A0SANDBOX"
    ws.add_user("U0BUILD", name="build", is_bot=True, bot_id="B0BUILD")
    assert client.bots_info(bot="B0BUILD")["bot"]["app_id"] != "A0SANDBOX"
    assert refusal(client.bots_info, bot="B0NONE")["error"] == "bot_not_found"
    ws.enterprise_id = "E0OURS"
    assert client.auth_test()["enterprise_id"] == "E0OURS"


def test_people_of_other_workspaces_are_reported_one_by_one(client: WebClient, ws: Workspace) -> None:
    ws.add_user("U0SISTER", name="sister", team="T0SISTER", enterprise="E0OURS", is_ultra_restricted=True)
    assert "U0SISTER" not in [member["id"] for member in client.users_list()["members"]]
    user = client.users_info(user="U0SISTER", include_locale=True)["user"]
    assert (user["team_id"], user["is_stranger"], user["is_ultra_restricted"]) == ("T0SISTER", False, True)
    assert user["enterprise_user"] == {"enterprise_id": "E0OURS", "teams": ["T0SISTER"]}
    assert "locale" not in user
    assert client.users_info(user="U0FAR")["user"]["is_stranger"]
    assert client.conversations_open(users="U0SISTER")["channel"]["id"]


def test_a_channel_says_whether_it_is_shared_and_whether_the_bot_is_in_it(client: WebClient, ws: Workspace) -> None:
    ws.add_channel("C0SHARED", "ext", ["U0CHEN"], shared=True, with_bot=False)
    channel = client.conversations_info(channel="C0SHARED")["channel"]
    assert (channel["is_ext_shared"], channel["is_member"]) == (True, False)
    channel = client.conversations_info(channel=DESK)["channel"]
    assert (channel["is_ext_shared"], channel["is_member"]) == (False, True)


def test_lists_are_paginated(client: WebClient) -> None:
    found = [member["id"] for page in client.users_list(limit=1) for member in page["members"]]
    assert found == ["U0BOT", "U0CHEN", "U0ANNA", "U0GONE"]
    assert refusal(client.users_list, cursor="nonsense")["error"] == "invalid_cursor"


def test_the_members_of_a_user_group_are_listed(client: WebClient) -> None:
    assert client.usergroups_users_list(usergroup="S0TEST")["users"] == ["U0CHEN"]
    assert refusal(client.usergroups_users_list, usergroup="S0NONE")["error"] == "no_such_subteam"


@pytest.mark.parametrize(
    ("users", "error"),
    [
        ("", "users_list_not_supplied"),
        ("U0NONE", "user_not_found"),
        ("U0GONE", "user_disabled"),
        ("U0FAR", "user_not_visible"),
        (",".join(["U0CHEN"] * 9), "too_many_users"),
    ],
)
def test_opening_an_invalid_conversation_is_refused(client: WebClient, users: str, error: str) -> None:
    assert refusal(client.conversations_open, users=users)["error"] == error


def test_opening_a_conversation_again_finds_the_same_one(client: WebClient) -> None:
    first = client.conversations_open(users="U0CHEN")
    again = client.conversations_open(users=["U0CHEN"], return_im=True)
    assert first["channel"]["id"] == again["channel"]["id"]
    assert again["already_open"]
    assert again["channel"]["user"] == "U0CHEN"


def test_channels_are_created_joined_and_listed(client: WebClient, ws: Workspace) -> None:
    channel = client.conversations_create(name="war-room")["channel"]
    assert client.conversations_invite(channel=channel["id"], users="U0CHEN,U0ANNA")["ok"]
    assert client.conversations_members(channel=channel["id"])["members"] == ["U0ANNA", "U0BOT", "U0CHEN"]
    assert client.conversations_join(channel="C0OUT")["channel"]["is_member"]
    assert client.conversations_join(channel="C0OUT")["warning"] == "already_in_channel"
    assert client.conversations_info(channel=DESK, include_num_members=True)["channel"]["num_members"] == 3


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("conversations.create", {"name": "service-desk"}, "name_taken"),
        ("conversations.create", {"name": "War Room"}, "invalid_name_specials"),
        ("conversations.create", {"name": "x" * 81}, "invalid_name_maxlength"),
        ("conversations.invite", {"channel": DESK, "users": "U0CHEN"}, "already_in_channel"),
        ("conversations.invite", {"channel": DESK, "users": "U0BOT"}, "cant_invite_self"),
        ("conversations.invite", {"channel": DESK, "users": "U0FAR"}, "cant_invite"),
        ("conversations.invite", {"channel": DESK}, "no_user"),
        ("conversations.invite", {"channel": "C0OUT", "users": "U0ANNA"}, "not_in_channel"),
        ("conversations.join", {"channel": "C0OLD"}, "is_archived"),
        ("conversations.join", {"channel": "C0SECRET"}, "channel_not_found"),
        ("conversations.info", {"channel": "C0NONE"}, "channel_not_found"),
        ("conversations.history", {"channel": "C0OUT"}, "not_in_channel"),
        ("conversations.history", {"channel": DESK, "oldest": "noon"}, "invalid_ts_oldest"),
        ("conversations.replies", {"channel": DESK, "ts": "1.0"}, "thread_not_found"),
        ("reactions.add", {"channel": DESK, "timestamp": "1.0", "name": "eyes"}, "message_not_found"),
        ("pins.add", {"channel": DESK, "timestamp": "1.0"}, "message_not_found"),
        ("files.info", {"file": "F0NONE"}, "file_not_found"),
        ("files.getUploadURLExternal", {"filename": "a.txt", "length": 0}, "missing_argument"),
        ("files.completeUploadExternal", {"files": '[{"id": "F0NONE"}]'}, "file_not_found"),
    ],
)
def test_invalid_arguments_are_refused(client: WebClient, method: str, arguments: dict[str, Any], error: str) -> None:
    assert refusal(client.api_call, api_method=method, params=arguments)["error"] == error


def test_history_is_newest_first_and_replies_are_in_order(client: WebClient) -> None:
    first, second = (client.chat_postMessage(channel=DESK, text=text)["ts"] for text in "ab")
    client.chat_postMessage(channel=DESK, text="c", thread_ts=first)
    newest_first = client.conversations_history(channel=DESK)["messages"]
    assert [message["text"] for message in newest_first] == ["b", "a"]
    since = client.conversations_history(channel=DESK, oldest=second, inclusive=True)["messages"]
    assert [message["text"] for message in since] == ["b"]
    thread = client.conversations_replies(channel=DESK, ts=first)["messages"]
    assert [message["text"] for message in thread] == ["a", "c"]


def test_metadata_is_returned_only_on_request(client: WebClient) -> None:
    metadata = {"event_type": "case", "event_payload": {"id": 1}}
    client.chat_postMessage(channel=DESK, text="a", metadata=metadata)
    assert "metadata" not in client.conversations_history(channel=DESK)["messages"][0]
    shown = client.conversations_history(channel=DESK, include_all_metadata=True)["messages"][0]
    assert shown["metadata"] == metadata


def test_reactions_and_pins_are_added_once(client: WebClient, ws: Workspace) -> None:
    ts = client.chat_postMessage(channel=DESK, text="a")["ts"]
    client.reactions_add(channel=DESK, timestamp=ts, name="eyes")
    client.pins_add(channel=DESK, timestamp=ts)
    assert (ws.history(DESK)[-1].reactions, ws.history(DESK)[-1].pinned) == ((("eyes", "U0BOT"),), True)
    twice = refusal(client.reactions_add, channel=DESK, timestamp=ts, name="eyes")
    assert twice["error"] == "already_reacted"
    assert refusal(client.pins_add, channel=DESK, timestamp=ts)["error"] == "already_pinned"
    colons = refusal(client.reactions_add, channel=DESK, timestamp=ts, name=":eyes:")
    assert colons["error"] == "invalid_name"


def test_a_file_is_uploaded_in_three_steps(client: WebClient, standin: StandIn, ws: Workspace) -> None:
    answer = client.files_upload_v2(channel=DESK, filename="a.txt", content="abc", title="A")
    file = client.files_info(file=answer["files"][0]["id"])["file"]
    assert (file["title"], file["size"], ws.history(DESK)[-1].files[0]["id"]) == ("A", 3, file["id"])
    with_token = {"Authorization": f"Bearer {ws.bot_token}"}
    assert urllib3.request("GET", file["url_private"], headers=with_token).data == b"abc"
    assert urllib3.request("GET", file["url_private"], redirect=False).status == 302
    again = refusal(client.files_completeUploadExternal, files=[{"id": file["id"]}])
    assert again["error"] == "file_not_found"


def test_an_upload_of_another_length_is_refused(client: WebClient, standin: StandIn) -> None:
    address = client.files_getUploadURLExternal(filename="a.txt", length=3)["upload_url"]
    assert urllib3.request("POST", address, body=b"abcd").status == 400
