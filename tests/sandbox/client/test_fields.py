"""Every kind of field: what a person may enter, what the field then holds, and how it is shown. Also rich text."""

from datetime import date, time
from typing import Any

import pytest

from bot.sandbox import NoSuchButton, NotOffered, Person, StandIn, Workspace
from bot.sandbox.blocks.plain_text import read_blocks
from bot.sandbox.workspace.message_checks import message_content
from tests.sandbox.conftest import DESK
from tests.support.sample_blocks import Json, actions, field, modal, mrkdwn, options, section, select, text_input


def element(kind: str, **more: Any) -> Json:
    return {"type": kind, "action_id": "value", **more}


def opened(ws: Workspace, chen: Person, *blocks: Json) -> None:
    ws.views.open(chen.id, modal(*blocks))


@pytest.mark.parametrize(
    ("kind", "entered", "held"),
    [
        (element("users_select"), "@anna", {"selected_user": "U0ANNA"}),
        (element("multi_users_select"), "U0ANNA, U0CHEN", {"selected_users": ["U0ANNA", "U0CHEN"]}),
        (element("channels_select"), "#service-desk", {"selected_channel": DESK}),
        (element("multi_channels_select"), [DESK], {"selected_channels": [DESK]}),
        (
            element("conversations_select", filter={"include": ["public"]}),
            DESK,
            {"selected_conversation": DESK},
        ),
        (element("datepicker"), date(2026, 11, 22), {"selected_date": "2026-11-22"}),
        (
            element("timepicker", timezone="Asia/Shanghai"),
            time(9, 5),
            {"selected_time": "09:05", "timezone": "Asia/Shanghai"},
        ),
        (select(type="checkboxes"), ["o1"], {"selected_options": [options(2)[1]]}),
        (select(type="radio_buttons"), "Option 0", {"selected_option": options(1)[0]}),
        (element("number_input", is_decimal_allowed=True), 2.5, {"value": "2.5"}),
        (select(), None, {"selected_option": None}),
        (element("multi_users_select"), None, {"selected_users": []}),
    ],
    ids=range(12),
)
def test_a_field_holds_what_was_entered(ws: Workspace, chen: Person, kind: Json, entered: Any, held: Json) -> None:
    opened(ws, chen, field(kind, optional=True))
    assert chen.fill(field=entered).state["field"]["value"] == {"type": kind["type"], **held}


@pytest.mark.parametrize(
    ("kind", "entered"),
    [
        (element("channels_select"), "C0OLD"),
        (element("conversations_select", filter={"include": ["im"]}), DESK),
        (element("datepicker"), "someday"),
        (select(), "Option"),
        (element("file_input", max_files=1), [("a", b""), ("b", b"")]),
    ],
    ids=range(5),
)
def test_an_entry_that_is_not_offered_is_refused(ws: Workspace, chen: Person, kind: Json, entered: Any) -> None:
    opened(ws, chen, field(kind))
    with pytest.raises(NotOffered):
        chen.fill(field=entered)


@pytest.mark.parametrize(
    ("kind", "entered"),
    [
        (element("email_text_input"), "nobody"),
        (element("url_text_input"), "nowhere"),
        (text_input(min_length=3), "ab"),
        (element("number_input", is_decimal_allowed=False), "1.5"),
        (element("number_input", is_decimal_allowed=True, min_value="2"), "1"),
        (element("number_input", is_decimal_allowed=True, max_value="2"), "3"),
    ],
    ids=range(6),
)
def test_an_invalid_entry_is_reported_at_its_field(ws: Workspace, chen: Person, kind: Json, entered: Any) -> None:
    opened(ws, chen, field(kind))
    chen.fill(field=entered)
    assert set(chen.submit().errors) == {"field"}
    assert chen.view is not None
    assert set(chen.view.errors) == {"field"}


def test_errors_are_in_the_readers_language(ws: Workspace, chen: Person) -> None:
    numbers = element("number_input", is_decimal_allowed=False, min_value="2")
    opened(ws, chen, field(text_input(), "summary"), field(numbers, "hours"))
    chen.fill(hours="1")
    assert chen.submit().errors == {"summary": "请填写此必填字段。", "hours": "请输入不小于 2 的数字。"}
    ws.change_user(chen.id, locale="en-GB")
    assert chen.submit().errors == {
        "summary": "Please complete this required field.",
        "hours": "Please enter a number of at least 2.",
    }


def test_an_error_disappears_when_its_field_is_filled(ws: Workspace, chen: Person) -> None:
    opened(ws, chen, field(text_input(), "summary"), field(text_input(), "other"))
    chen.submit()
    assert set(chen.fill(summary="here").errors) == {"other"}


def test_rich_text_is_shown_as_entered(ws: Workspace, chen: Person) -> None:
    opened(ws, chen, field(element("rich_text_input")))
    assert "Label: hello" in chen.fill(field="hello").plain


def test_an_input_cannot_be_pressed_and_a_view_without_submit_cannot_be_submitted(ws: Workspace, chen: Person) -> None:
    opened(ws, chen, field(text_input()))
    with pytest.raises(NoSuchButton, match="submitted"):
        chen.press("value", choice="x")
    ws.views.open(chen.id, {"type": "modal", "title": mrkdwn(), "blocks": [section()]})
    with pytest.raises(NotOffered):
        chen.submit()


def test_menus_outside_inputs_are_sent_to_the_app_at_once(standin: StandIn, ws: Workspace, chen: Person) -> None:
    standin.connect("http://127.0.0.1:9/")
    opened(ws, chen, section(block_id="pick", accessory=select()))
    assert chen.press("value", choice="o1").error == "dispatch_failed"
    assert ws.log.requests("block_actions")[0].request["actions"][0]["selected_option"] == options(2)[1]


def test_rich_text_blocks_are_shown_as_text(ws: Workspace) -> None:
    inline = [
        {"type": "text", "text": "see "},
        {"type": "link", "url": "https://x.test", "text": "there"},
        {"type": "user", "user_id": "U0ANNA"},
        {"type": "channel", "channel_id": DESK},
        {"type": "broadcast", "range": "here"},
        {"type": "emoji", "name": "eyes"},
        {"type": "date", "timestamp": 0, "format": "{date_num}", "fallback": "then"},
        {"type": "color", "value": "#fff"},
    ]
    part = {"type": "rich_text_section", "elements": inline}
    block = {
        "type": "rich_text",
        "elements": [part, {"type": "rich_text_list", "style": "bullet", "elements": [part]}],
    }
    line = "see there@Anna Berg#service-desk@here:eyes:1970-01-01"
    assert read_blocks([block], ws.reader) == f"{line}\n• {line}"


def test_people_who_left_a_channel_no_longer_see_it(ws: Workspace, chen: Person) -> None:
    chen.say("hello", DESK)
    assert len(chen.sees()) == 1
    ws.channels.leave(DESK, chen.id)
    assert chen.sees() == []


def test_the_request_log_can_be_cleared(standin: StandIn, ws: Workspace, chen: Person) -> None:
    standin.connect("http://127.0.0.1:9/")
    chen.command("/x")
    ws.log.clear()
    assert len(ws.log) == 0


def test_a_select_in_a_message_sends_its_option(standin: StandIn, ws: Workspace, chen: Person) -> None:
    standin.connect("http://127.0.0.1:9/")
    ws.post(DESK, ws.bot_user_id, message_content({"text": "x", "blocks": [actions(select())]}))
    chen.press("value", choice="o0")
    chen.press("value")
    pressed = [entry.request["actions"][0]["selected_option"] for entry in ws.log.requests("block_actions")]
    assert pressed == [options(1)[0], None]
