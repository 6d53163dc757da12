"""A report made from a message shows the text as its author typed it."""

import pytest

from bot.slack.prefill import as_typed, for_report, mentioned

NAMES = {"U0WU": "Wu Gang 吴刚"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It exits 退出", "It exits 退出"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("Hello <@U0WU>", "Hello @Wu Gang 吴刚"),
        ("Hello <@U0NEW>", "Hello @U0NEW"),
        ("Hello <@U0NEW|new.one>", "Hello @new.one"),
        ("in <#C0DESK|service-desk> and <#C0X>", "in #service-desk and #C0X"),
        ("<!here> <!channel> <!subteam^S0TESTERS|@testers>", "@here @channel @testers"),
        ("<!date^1700000000^{date}|14 Nov>", "14 Nov"),
        ("<https://example.com>", "https://example.com"),
        ("<https://example.com|https://example.com>", "https://example.com"),
        ("<https://example.com/a?b=1&amp;c=2|the log>", "the log (https://example.com/a?b=1&c=2)"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
    ],
)
def test_markup_is_shown_as_it_was_typed(text: str, shown: str) -> None:
    assert as_typed(text, NAMES) == shown


def test_mentioned_people_are_found() -> None:
    assert mentioned("<@U0WU> and <@W0X|x>, not <#C0DESK> or <!here>") == {"U0WU", "W0X"}


def test_the_summary_is_the_message_on_one_line_cut_to_140_characters() -> None:
    known = for_report("first\nsecond  line " + "x" * 200)
    assert known["summary"].startswith("first second line x")
    assert len(known["summary"]) == 140
