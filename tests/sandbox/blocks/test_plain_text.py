"""Plain text: what a person reads of markup, blocks and dates."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.sandbox import Workspace
from bot.sandbox.blocks.mrkdwn import Reader, shown
from bot.sandbox.blocks.plain_text import read_blocks
from tests.support.manual_clock import ManualClock
from tests.support.sample_blocks import actions, button, field, section, select

NAMES = {"U1": "@Anna", "C1": "#desk", "S1": "@testers"}
READER = Reader(lambda name: NAMES.get(name.partition("|")[0], name), ZoneInfo("Asia/Shanghai"), "zh-CN")
ENGLISH = Reader(str, UTC, "en-US", lambda: datetime(2026, 11, 22, 6, 10, tzinfo=UTC))
NOON = int(datetime(2026, 11, 22, 6, 0, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("<@U1> in <#C1|desk> for <!subteam^S1>, <!here>", "@Anna in #desk for @testers, @here"),
        ("<https://x.test|there> <https://y.test>", "there https://y.test"),
        ("*bold* _it_ ~gone~ `code` a*b*c snake_case_name", "bold it gone code a*b*c snake_case_name"),
        ("&lt;!here&gt; &amp;amp;", "<!here> &amp;"),
        ("> quoted", "quoted"),
        (f"<!date^{NOON}^{{date_num}} {{time}}|later>", "2026-11-22 14:00"),
        ("<!date^soon^{date}|later>", "later"),
    ],
)
def test_markup_is_shown_as_people_read_it(text: str, seen: str) -> None:
    assert shown(text, READER) == seen


@pytest.mark.parametrize(
    ("token", "seen"),
    [
        ("date", "November 22, 2026"),
        ("date_short", "Nov 22, 2026"),
        ("date_long", "Sunday, November 22, 2026"),
        ("time", "6:00 AM"),
        ("time_secs", "6:00:00 AM"),
        ("ago", "10 minutes ago"),
        ("nonsense", "{nonsense}"),
    ],
)
def test_dates_are_shown_in_each_format(token: str, seen: str) -> None:
    assert shown(f"<!date^{NOON}^{{{token}}}|f>", ENGLISH) == seen


def test_blocks_are_shown_line_by_line() -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "*Head*"}},
        section("*one*", accessory=button()),
        {"type": "divider"},
        field(select()),
        actions(button(text="Sign"), button("b", text="Return")),
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}]]},
        {"type": "image", "alt_text": "a chart", "image_url": "https://x.test"},
    ]
    lines = ["*Head*", "one", "[Go]", "---", "Label:", "[Sign] [Return]", "a | b", "a chart"]
    assert read_blocks(blocks, READER).split("\n") == lines


def test_names_of_the_workspace_are_looked_up(ws: Workspace) -> None:
    assert [ws.name_of(name) for name in ("U0ANNA", "C0DESK", "S0TEST", "U9")] == [
        "@Anna Berg",
        "#service-desk",
        "@testers",
        "U9",
    ]


def test_waiting_ends_with_a_timeout() -> None:
    with pytest.raises(TimeoutError):
        Workspace(clock=ManualClock().now).wait_until(lambda: False, timeout=0.01)
