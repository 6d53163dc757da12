"""chat.*: who may post where, what a message may hold, and what an edit changes."""

from typing import Any

import pytest
from slack_sdk import WebClient

from bot.sandbox import Person, Workspace
from bot.sandbox.client.screen import Screen
from tests.sandbox.conftest import DESK, refusal
from tests.support.sample_blocks import actions, button, section

UNFIT_METADATA = {"event_type": "e", "event_payload": {"a": None}}


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0NONE", "channel_not_found"),
        ("C0SECRET", "channel_not_found"),
        ("C0OLD", "is_archived"),
        ("U0GONE", "channel_not_found"),
        ("U0BOT", "cannot_dm_bot"),
    ],
)
def test_posting_to_a_place_that_cannot_be_posted_to_is_refused(client: WebClient, channel: str, error: str) -> None:
    assert refusal(client.chat_postMessage, channel=channel, text="x")["error"] == error


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"text": "x", "attachments": [{"text": "a"}] * 101}, "too_many_attachments"),
        ({"text": "x", "attachments": [{"color": "good"}]}, "invalid_attachments"),
        ({"text": "x", "metadata": {"event_type": "e"}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": UNFIT_METADATA}, "invalid_metadata_schema"),
        ({"text": "x", "thread_ts": "1.000000"}, "cannot_reply_to_message"),
        ({}, "no_text"),
    ],
)  # fmt: skip
def test_invalid_content_is_refused(client: WebClient, content: dict[str, Any], error: str) -> None:
    arguments = {"channel": DESK, **content}
    assert refusal(client.api_call, api_method="chat.postMessage", json=arguments)["error"] == error


def test_text_is_cut_at_40000_characters(client: WebClient, ws: Workspace) -> None:
    client.chat_postMessage(channel=DESK, text="x" * 40_001)
    assert len(ws.history(DESK)[-1].text) == 40_000


def test_timestamps_increase_while_the_clock_stands_still(client: WebClient, ws: Workspace) -> None:
    stamps = [client.chat_postMessage(channel=DESK, text="x")["ts"] for _ in range(3)]
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize(("knows_repeats", "posted"), [(False, ["x", "y", "x"]), (True, ["x", "y"])])
def test_a_repeated_id_is_ignored_or_recognized(
    client: WebClient, ws: Workspace, knows_repeats: bool, posted: list[str]
) -> None:
    ws.knows_repeats = knows_repeats
    first, _other, again = (
        client.chat_postMessage(channel=DESK, text=text, client_msg_id=own_id)
        for text, own_id in (("x", "1"), ("y", "2"), ("x", "1"))
    )
    assert (first["ts"] == again["ts"]) is knows_repeats
    assert [message.text for message in ws.history(DESK)] == posted


def test_posting_to_a_user_id_opens_the_direct_conversation(client: WebClient, chen: Person) -> None:
    channel = client.chat_postMessage(channel="U0CHEN", text="hello")["channel"]
    assert channel.startswith("D")
    assert [message.text for message in chen.inbox()] == ["hello"]


def test_an_ephemeral_message_is_seen_by_one_person_and_cannot_be_edited(
    client: WebClient, ws: Workspace, chen: Person
) -> None:
    ts = client.chat_postEphemeral(channel=DESK, user="U0CHEN", text="psst")["message_ts"]
    assert [message.text for message in chen.ephemerals(DESK)] == ["psst"]
    assert ws.history(DESK) == Screen(ws, "U0ANNA").ephemerals() == []
    assert refusal(client.chat_update, channel=DESK, ts=ts, text="x")["error"] == "message_not_found"
    assert refusal(client.chat_delete, channel=DESK, ts=ts)["error"] == "message_not_found"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": DESK, "user": "U0FAR", "text": "x"}, "user_not_in_channel"),
        ({"channel": DESK, "user": "U0CHEN", "text": "汉" * 1334}, "msg_too_long"),
        ({"channel": "C0OUT", "user": "U0CHEN", "text": "x"}, "not_in_channel"),
    ],
)
def test_an_invalid_ephemeral_message_is_refused(client: WebClient, arguments: dict[str, Any], error: str) -> None:
    assert refusal(client.chat_postEphemeral, **arguments)["error"] == error


def test_an_update_with_text_alone_removes_the_blocks(client: WebClient, ws: Workspace) -> None:
    ts = client.chat_postMessage(channel=DESK, text="a", blocks=[section("b")])["ts"]
    client.chat_update(channel=DESK, ts=ts, text="c")
    message = ws.history(DESK)[-1]
    assert (message.text, message.blocks, bool(message.edited_at)) == ("c", (), True)


def test_an_update_keeps_the_metadata_until_it_is_emptied(client: WebClient, ws: Workspace) -> None:
    metadata = {"event_type": "case", "event_payload": {"id": 1}}
    ts = client.chat_postMessage(channel=DESK, text="a", metadata=metadata)["ts"]
    client.chat_update(channel=DESK, ts=ts, text="b")
    assert ws.history(DESK)[-1].metadata == metadata
    client.chat_update(channel=DESK, ts=ts, text="c", metadata={})
    assert ws.history(DESK)[-1].metadata is None


def test_only_own_messages_can_be_changed(client: WebClient, ws: Workspace, chen: Person) -> None:
    message = chen.say("mine", DESK)
    update = refusal(client.chat_update, channel=DESK, ts=message.ts, text="yours")
    delete = refusal(client.chat_delete, channel=DESK, ts=message.ts)
    assert (update["error"], delete["error"]) == ("cant_update_message", "cant_delete_message")


def test_an_update_is_limited_to_4000_characters(client: WebClient) -> None:
    ts = client.chat_postMessage(channel=DESK, text="a")["ts"]
    assert refusal(client.chat_update, channel=DESK, ts=ts, text="x" * 4001)["error"] == "msg_too_long"


def test_a_message_that_was_read_before_an_update_keeps_its_blocks(client: WebClient, ws: Workspace) -> None:
    ts = client.chat_postMessage(channel=DESK, text="a", blocks=[actions(button("sign", "41"))])["ts"]
    before = ws.history(DESK)[-1]
    client.chat_update(channel=DESK, ts=ts, text="done", blocks=[section("done")])
    assert before.buttons == {"sign": "41"}
    assert ws.history(DESK)[-1].buttons == {}


def test_messages_have_permalinks_and_can_be_deleted(client: WebClient, ws: Workspace) -> None:
    first = client.chat_postMessage(channel=DESK, text="a")["ts"]
    answer = client.chat_postMessage(channel=DESK, text="b", thread_ts=first)["ts"]
    link = client.chat_getPermalink(channel=DESK, message_ts=answer)["permalink"]
    assert link.endswith(f"/archives/{DESK}/p{answer.replace('.', '')}?thread_ts={first}&cid={DESK}")
    assert [message.text for message in ws.thread(DESK, first)] == ["a", "b"]
    client.chat_delete(channel=DESK, ts=answer)
    assert [message.text for message in ws.history(DESK)] == ["a"]


@pytest.mark.parametrize(
    ("text", "blocks", "pinged"),
    [
        ("hi <@U0CHEN> and <!subteam^S0TEST>", None, {"U0CHEN", "S0TEST"}),
        ("&lt;!channel&gt; @here", None, set()),
        ("x", [section("<!everyone|all> @here")], {"@everyone", "@here"}),
        ("x", [{"type": "section", "text": {"type": "mrkdwn", "text": "@here", "verbatim": True}}], set()),
        ("x", [{"type": "section", "text": {"type": "plain_text", "text": "<!here> <@U0CHEN>"}}], set()),
        ("x", [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
            {"type": "user", "user_id": "U0ANNA"}, {"type": "broadcast", "range": "here"},
            {"type": "text", "text": "<!channel>"}]}]}], {"U0ANNA", "@here"}),
    ],
)  # fmt: skip
def test_mentions_are_found_in_text_and_blocks(
    client: WebClient, ws: Workspace, text: str, blocks: Any, pinged: set[str]
) -> None:
    client.chat_postMessage(channel=DESK, text=text, blocks=blocks)
    assert ws.pings(ws.history(DESK)[-1]) == pinged
