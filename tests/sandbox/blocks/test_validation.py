"""Each rule of Block Kit is broken once over HTTP and refused in Slack's words."""
# ruff: noqa: E501  # one row for each rule reads better than wrapped ones

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.sandbox import StandIn, Workspace
from tests.sandbox.conftest import client_of, refusal, trigger, with_people_and_channels
from tests.support.manual_clock import ManualClock
from tests.support.sample_blocks import (
    Json,
    actions,
    button,
    field,
    home,
    modal,
    mrkdwn,
    option,
    options,
    plain,
    section,
    select,
    text_input,
    without,
)

IMAGE = {"type": "image", "image_url": "https://x.test/a.png", "alt_text": "a"}
CONFIRM = {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain()}
RICH = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
}
CELL = {"type": "raw_text", "text": "x"}


def datetimes(**more: Any) -> Json:
    return {"type": "datetimepicker", "action_id": "value", **more}


def table(rows: int = 1, columns: int = 1, text: str = "x") -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows}


IN_MESSAGES: list[tuple[str, Any, str]] = [
    ("51 blocks", [section()] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ("26 buttons", [actions(*(button(f"a{n}") for n in range(26)))], "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
    ("no buttons", [actions()], "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
    ("6 in overflow", [section(accessory={"type": "overflow", "action_id": "a", "options": options(6)})], "no more than 5 items allowed [json-pointer:/blocks/0/accessory/options]"),
    ("11 fields", [{"type": "section", "fields": [plain()] * 11}], "no more than 10 items allowed [json-pointer:/blocks/0/fields]"),
    ("long field", [{"type": "section", "fields": [plain("x" * 2001)]}], "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]"),
    ("long section", [section("x" * 3001)], "failed to match all allowed schemas [json-pointer:/blocks/0/text]"),
    ("long section's detail", [section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ("empty text", [section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ("empty section", [{"type": "section"}], "must define either `text` or `fields` [json-pointer:/blocks/0/type]"),
    ("long header", [{"type": "header", "text": plain("x" * 151)}], "must be less than 151 characters [json-pointer:/blocks/0/text/text]"),
    ("mrkdwn header", [{"type": "header", "text": mrkdwn()}], "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"),
    ("emoji in mrkdwn", [{"type": "section", "text": mrkdwn() | {"emoji": True}}], "invalid additional property: emoji [json-pointer:/blocks/0/text]"),
    ("verbatim in plain", [{"type": "section", "text": plain() | {"verbatim": True}}], "invalid additional property: verbatim [json-pointer:/blocks/0/text]"),
    ("11 in context", [{"type": "context", "elements": [mrkdwn()] * 11}], "no more than 10 items allowed [json-pointer:/blocks/0/elements]"),
    ("button in context", [{"type": "context", "elements": [button()]}], "unsupported type: button [json-pointer:/blocks/0/elements/0/type]"),
    ("input in actions", [actions(text_input())], "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]"),
    ("input in section", [section(accessory=text_input())], "unsupported type: plain_text_input [json-pointer:/blocks/0/accessory/type]"),
    ("button as input", [field(button())], "unsupported type: button [json-pointer:/blocks/0/element/type]"),
    ("datetime accessory", [section(accessory=datetimes())], "unsupported type: datetimepicker [json-pointer:/blocks/0/accessory/type]"),
    ("same action_id", [actions(button("x"), button("x"))], '`action_id` "x" already exists [json-pointer:/blocks/0/elements/1/action_id]'),
    ("same block_id", [section(block_id="b"), section(block_id="b")], '`block_id` "b" already exists [json-pointer:/blocks/1/block_id]'),
    ("long block_id", [section(block_id="b" * 256)], "must be less than 256 characters [json-pointer:/blocks/0/block_id]"),
    ("long action_id", [actions(button("x" * 256))], "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]"),
    ("long label", [actions(button(text="x" * 76))], "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"),
    ("mrkdwn label", [actions(button() | {"text": mrkdwn()})], "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/text/type]"),
    ("long value", [actions(button(value="x" * 2001))], "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"),
    ("number as value", [actions(button() | {"value": 7})], "must provide a string [json-pointer:/blocks/0/elements/0/value]"),
    ("button style", [actions(button(style="loud"))], "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]"),
    ("no button text", [actions(without(button(), "text"))], "missing required field: text [json-pointer:/blocks/0/elements/0]"),
    ("long confirm title", [actions(button(confirm=CONFIRM | {"title": plain("x" * 101)}))], "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]"),
    ("long confirm text", [actions(button(confirm=CONFIRM | {"text": plain("x" * 301)}))], "must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]"),
    ("long confirm button", [actions(button(confirm=CONFIRM | {"deny": plain("x" * 31)}))], "must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/deny/text]"),
    ("unknown type", [{"type": "marquee"}], "unsupported type: marquee [json-pointer:/blocks/0/type]"),
    ("no type", [{"text": plain()}], "missing required field: type [json-pointer:/blocks/0]"),
    ("unknown key", [section(colour="red")], "invalid additional property: colour [json-pointer:/blocks/0]"),
    ("text is a string", [{"type": "section", "text": "hello"}], "must provide an object [json-pointer:/blocks/0/text]"),
    ("image without source", [without(IMAGE, "image_url")], "missing required field: image_url [json-pointer:/blocks/0]"),
    ("image without alt", [without(IMAGE, "alt_text")], "missing required field: alt_text [json-pointer:/blocks/0]"),
    ("long alt", [IMAGE | {"alt_text": "x" * 2001}], "must be less than 2001 characters [json-pointer:/blocks/0/alt_text]"),
    ("long image address", [IMAGE | {"image_url": "https://" + "x" * 3000}], "must be less than 3001 characters [json-pointer:/blocks/0/image_url]"),
    ("file block", [{"type": "file", "external_id": "x", "source": "remote"}], "unsupported type: file [json-pointer:/blocks/0/type]"),
    ("alert outside modals", [{"type": "alert", "text": plain()}], "unsupported type: alert [json-pointer:/blocks/0/type]"),
    ("long markdown", [{"type": "markdown", "text": "x" * 12_001}], "must be less than 12001 characters [json-pointer:/blocks/0/text]"),
    ("much markdown", [{"type": "markdown", "text": "x" * 6_001}] * 2, "must be less than 12001 characters [json-pointer:/blocks]"),
    ("101 rows", [table(rows=101)], "no more than 100 items allowed [json-pointer:/blocks/0/rows]"),
    ("21 columns", [table(columns=21)], "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"),
    ("table too wordy", [table(rows=2, text="x" * 5_001)], "must be less than 10001 characters [json-pointer:/blocks]"),
    ("two tables", [table(), table()], "only_one_table_allowed [json-pointer:/blocks]"),
    ("rich text in vain", [{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}], "unsupported type: text [json-pointer:/blocks/0/elements/0/type]"),
    ("file_input", [field({"type": "file_input", "action_id": "f"})], "unsupported type: file_input [json-pointer:/blocks/0/element/type]"),
    ("number_input", [field({"type": "number_input", "action_id": "n", "is_decimal_allowed": True})], "unsupported type: number_input [json-pointer:/blocks/0/element/type]"),
    ("rich_text_input", [field({"type": "rich_text_input", "action_id": "n"})], "unsupported type: rich_text_input [json-pointer:/blocks/0/element/type]"),
    ("6 feedback", [{"type": "context_actions", "elements": [{"type": "icon_button", "action_id": f"i{n}", "icon": "trash", "text": plain()} for n in range(6)]}], "no more than 5 items allowed [json-pointer:/blocks/0/elements]"),
    ("video author", [{"type": "video", "alt_text": "a", "title": plain(), "thumbnail_url": "https://x", "video_url": "https://x", "author_name": "x" * 50}], "must be less than 50 characters [json-pointer:/blocks/0/author_name]"),
    ("card title", [{"type": "card", "title": plain("x" * 151)}], "must be less than 151 characters [json-pointer:/blocks/0/title/text]"),
    ("11 cards", [{"type": "carousel", "cards": [{"type": "card", "title": plain()}] * 11}], "no more than 10 items allowed [json-pointer:/blocks/0/cards]"),
    ("11 children", [{"type": "container", "child_blocks": [section()] * 11}], "no more than 10 items allowed [json-pointer:/blocks/0/child_blocks]"),
    ("one data row", [{"type": "data_table", "rows": [[CELL]]}], "no fewer than 2 items allowed [json-pointer:/blocks/0/rows]"),
    ("3 charts", [{"type": "data_visualization", "title": plain()}] * 3, "no more than 2 items allowed [json-pointer:/blocks]"),
    ("early datetime", [field(datetimes(initial_date_time=5))], "must be greater than or equal to 1000000000 [json-pointer:/blocks/0/element/initial_date_time]"),
    ("datetime hint", [field(datetimes(placeholder=plain()))], "invalid additional property: placeholder [json-pointer:/blocks/0/element]"),
]  # fmt: skip

IN_FIELDS: list[tuple[str, Json, str]] = [
    ("101 options", select(*options(101)), "no more than 100 items allowed [json-pointer:/view/blocks/0/element/options]"),
    ("101 groups", without(select(), "options") | {"option_groups": [{"label": plain(), "options": options(1)}] * 101}, "no more than 100 items allowed [json-pointer:/view/blocks/0/element/option_groups]"),
    ("long group label", without(select(), "options") | {"option_groups": [{"label": plain("x" * 76), "options": options(1)}]}, "must be less than 76 characters [json-pointer:/view/blocks/0/element/option_groups/0/label/text]"),
    ("options and groups", select(option_groups=[{"label": plain(), "options": options(1)}]), "must provide only one of options, option_groups [json-pointer:/view/blocks/0/element]"),
    ("no options", without(select(), "options"), "missing required field: options [json-pointer:/view/blocks/0/element]"),
    ("long option", select(option("x" * 76)), "must be less than 76 characters [json-pointer:/view/blocks/0/element/options/0/text/text]"),
    ("long option value", select(option(value="x" * 151)), "must be less than 151 characters [json-pointer:/view/blocks/0/element/options/0/value]"),
    ("long description", select(option(description=plain("x" * 76))), "must be less than 76 characters [json-pointer:/view/blocks/0/element/options/0/description/text]"),
    ("url option", select(option(url="https://x")), "invalid additional property: url [json-pointer:/view/blocks/0/element/options/0]"),
    ("initial not offered", select(initial_option=option("No", "no")), "`initial_option` must exactly match one of the provided options [json-pointer:/view/blocks/0/element/initial_option]"),
    ("initials not offered", select(type="multi_static_select", initial_options=[option("No", "no")]), "`initial_options` must exactly match one of the provided options [json-pointer:/view/blocks/0/element/initial_options]"),
    ("no selection at all", select(type="multi_static_select", max_selected_items=0), "must be greater than or equal to 1 [json-pointer:/view/blocks/0/element/max_selected_items]"),
    ("11 radio buttons", select(*options(11), type="radio_buttons"), "no more than 10 items allowed [json-pointer:/view/blocks/0/element/options]"),
    ("11 checkboxes", select(*options(11), type="checkboxes"), "no more than 10 items allowed [json-pointer:/view/blocks/0/element/options]"),
    ("long placeholder", text_input(placeholder=plain("x" * 151)), "must be less than 151 characters [json-pointer:/view/blocks/0/element/placeholder/text]"),
    ("max_length", text_input(max_length=3001), "must be less than or equal to 3000 [json-pointer:/view/blocks/0/element/max_length]"),
    ("min above max", text_input(min_length=5, max_length=4), "`min_length` must not be greater than `max_length` [json-pointer:/view/blocks/0/element/min_length]"),
    ("long initial", text_input(max_length=2, initial_value="abc"), "must be less than 3 characters [json-pointer:/view/blocks/0/element/initial_value]"),
    ("dispatch config", text_input(dispatch_action_config={"trigger_actions_on": ["on_blur"]}), "must be a valid enum value [json-pointer:/view/blocks/0/element/dispatch_action_config/trigger_actions_on/0]"),
    ("bad date", {"type": "datepicker", "action_id": "value", "initial_date": "2026-13-01"}, "must match the required format [json-pointer:/view/blocks/0/element/initial_date]"),
    ("bad time", {"type": "timepicker", "action_id": "value", "initial_time": "24:00"}, "must match the required format [json-pointer:/view/blocks/0/element/initial_time]"),
    ("number kind", {"type": "number_input", "action_id": "value"}, "missing required field: is_decimal_allowed [json-pointer:/view/blocks/0/element]"),
    ("number not text", {"type": "number_input", "action_id": "value", "is_decimal_allowed": True, "min_value": 1}, "must provide a string [json-pointer:/view/blocks/0/element/min_value]"),
    ("number range", {"type": "number_input", "action_id": "value", "is_decimal_allowed": True, "min_value": "2", "max_value": "1"}, "`min_value` must not be greater than `max_value` [json-pointer:/view/blocks/0/element/min_value]"),
    ("11 files", {"type": "file_input", "action_id": "value", "max_files": 11}, "must be less than or equal to 10 [json-pointer:/view/blocks/0/element/max_files]"),
    ("unnamed rich text", {"type": "rich_text_input"}, "missing required field: action_id [json-pointer:/view/blocks/0/element]"),
    ("empty filter", {"type": "conversations_select", "action_id": "value", "filter": {}}, "must provide at least one property [json-pointer:/view/blocks/0/element/filter]"),
    ("overflow as input", {"type": "overflow", "action_id": "value", "options": options(2)}, "unsupported type: overflow [json-pointer:/view/blocks/0/element/type]"),
]  # fmt: skip

IN_MODALS: list[tuple[str, Json, str]] = [
    ("101 blocks", modal(*[section()] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
    ("no title", without(modal(), "title"), "missing required field: title [json-pointer:/view]"),
    ("empty title", modal(title=plain("")), "must be more than 0 characters [json-pointer:/view/title/text]"),
    ("long title", modal(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
    ("long submit", modal(submit=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/submit/text]"),
    ("long close", modal(close=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/close/text]"),
    ("long metadata", modal(private_metadata="x" * 3001), "must be less than 3001 characters [json-pointer:/view/private_metadata]"),
    ("long callback_id", modal(callback_id="x" * 256), "must be less than 256 characters [json-pointer:/view/callback_id]"),
    ("long external_id", modal(external_id="x" * 256), "must be less than 256 characters [json-pointer:/view/external_id]"),
    ("input without submit", without(modal(section(), field(text_input())), "submit"), "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/1/input]"),
    ("two in focus", modal(field(text_input(focus_on_load=True), "a"), field(text_input(focus_on_load=True), "b")), "`focus_on_load` can only be set on one element [json-pointer:/view/blocks/1/element/focus_on_load]"),
    ("markdown", modal({"type": "markdown", "text": "x"}), "unsupported type: markdown [json-pointer:/view/blocks/0/type]"),
    ("table", modal(table()), "unsupported type: table [json-pointer:/view/blocks/0/type]"),
    ("dispatching files", modal(field({"type": "file_input", "action_id": "f"}, dispatch_action=True)), "unsupported type: file_input [json-pointer:/view/blocks/0/element/type]"),
    ("response_url in section", modal(section(accessory={"type": "channels_select", "action_id": "c", "response_url_enabled": True})), "invalid additional property: response_url_enabled [json-pointer:/view/blocks/0/accessory]"),
    ("long label", modal(field(text_input()) | {"label": plain("x" * 2001)}), "must be less than 2001 characters [json-pointer:/view/blocks/0/label/text]"),
    ("long hint", modal(field(text_input(), hint=plain("x" * 2001))), "must be less than 2001 characters [json-pointer:/view/blocks/0/hint/text]"),
    ("long alert", modal({"type": "alert", "text": plain("x" * 201)}), "must be less than 201 characters [json-pointer:/view/blocks/0/text/text]"),
    ("a home", home(), "must be a valid enum value [json-pointer:/view/type]"),
]  # fmt: skip

IN_HOMES: list[tuple[str, Json, str]] = [
    ("title", home(title=plain()), "invalid additional property: title [json-pointer:/view]"),
    ("submit", home(submit=plain()), "invalid additional property: submit [json-pointer:/view]"),
    ("datetime", home(field(datetimes())), "unsupported type: datetimepicker [json-pointer:/view/blocks/0/element/type]"),
    ("table", home(table()), "unsupported type: table [json-pointer:/view/blocks/0/type]"),
    ("101 blocks", home(*[section()] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
]  # fmt: skip

ACCEPTED: list[Json] = [
    section("x" * 3000),
    section(fields=[plain("x" * 2000)]),
    section(accessory=button(style="primary", confirm=CONFIRM, url="https://x.test")),
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn(), IMAGE]},
    actions(*(button(f"a{n}") for n in range(25))),
    actions(datetimes(initial_date_time=1_795_377_136), {"type": "datepicker", "initial_date": "2026-11-22"}),
    IMAGE,
    field(text_input(max_length=3000, multiline=True), optional=True, dispatch_action=True),
    field(select(initial_option=option("Option 1", "o1"))),
    field({"type": "multi_users_select", "action_id": "value", "max_selected_items": 3}),
    RICH,
]


@pytest.fixture(scope="module")
def desk() -> Iterator[StandIn]:
    with StandIn(with_people_and_channels(Workspace(clock=ManualClock().now))) as running:
        yield running


@pytest.fixture(scope="module")
def api(desk: StandIn) -> WebClient:
    return client_of(desk)


def named(rows: Sequence[tuple[str, Any, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("broken", "words"), [(b, w) for _, b, w in rows], ids=[n for n, _, _ in rows])


def told(answer: Any) -> list[str]:
    messages: list[str] = answer["response_metadata"]["messages"]
    return [message.removeprefix("[ERROR] ") for message in messages]


@named(IN_MESSAGES)
def test_an_invalid_message_is_refused(api: WebClient, broken: list[Json], words: str) -> None:
    answer = refusal(api.chat_postMessage, channel="C0DESK", text="x", blocks=broken)
    assert answer["error"] == "invalid_blocks"
    assert words in told(answer)
    assert words in answer["errors"]


@named(IN_FIELDS)
def test_an_invalid_field_is_refused(api: WebClient, desk: StandIn, broken: Json, words: str) -> None:
    answer = refusal(api.views_open, trigger_id=trigger(desk.workspace), view=modal(field(broken)))
    assert answer["error"] == "invalid_arguments"
    assert words in told(answer)


@named(IN_MODALS)
def test_an_invalid_modal_is_refused(api: WebClient, desk: StandIn, broken: Json, words: str) -> None:
    answer = refusal(api.views_open, trigger_id=trigger(desk.workspace), view=broken)
    assert answer["error"] == "invalid_arguments"
    assert words in told(answer)


@named(IN_HOMES)
def test_an_invalid_home_is_refused(api: WebClient, broken: Json, words: str) -> None:
    answer = refusal(api.views_publish, user_id="U0CHEN", view=broken)
    assert words in told(answer)


@pytest.mark.parametrize("block", ACCEPTED, ids=range(len(ACCEPTED)))
def test_a_valid_block_is_accepted(api: WebClient, block: Json) -> None:
    answer = api.chat_postMessage(channel="C0DESK", text="x", blocks=[block])
    assert answer["message"]["blocks"][0]["block_id"]


def test_blocks_that_are_too_long_together_are_refused(api: WebClient) -> None:
    answer = refusal(api.chat_postMessage, channel="C0DESK", text="x", blocks=[section("x" * 2700)] * 5)
    assert answer["error"] == "msg_blocks_too_long"


@pytest.mark.parametrize("blocks", ["no json", '{"type": "section"}', '["section"]'])
def test_blocks_that_are_no_list_of_objects_are_refused(api: WebClient, blocks: str) -> None:
    answer = refusal(api.chat_postMessage, channel="C0DESK", text="x", blocks=blocks)
    assert answer["error"] == "invalid_blocks_format"


def test_a_view_that_is_too_large_is_refused(api: WebClient, desk: StandIn) -> None:
    view = modal(*(section("汉" * 2900) for _ in range(30)))
    assert refusal(api.views_open, trigger_id=trigger(desk.workspace), view=view)["error"] == "view_too_large"
