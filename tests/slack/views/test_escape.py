"""Escaping: typed text is shown as text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.blocks.mrkdwn import Reader, pings_in
from bot.sandbox.blocks.plain_text import read_blocks
from bot.slack.views.escape import NOTHING, clip, escape, mention, mentions, moment, one_line, shorten, tame, typed
from bot.slack.views.message import context, grid, message, section
from bot.slack.views.rich_text import date, line, rich, text
from bot.slack.views.styled_text import as_plain, is_marked, unmarked
from tests.support.sample_cases import CHINESE, CROWD, ENGLISH, HOSTILE

READER = Reader(name_of=str)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_typed_text_is_one_harmless_line(text: str) -> None:
    shown = typed(text)
    assert "\n" not in shown
    assert "<" not in shown
    assert is_marked(shown) or not set("`") & set(shown)
    assert pings_in(shown, parsed=False) == set()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("billing_suite_v2", "billing_suite_v2"),
        ("3*4*5", "3*4*5"),
        ("10:30 #12", "10:30 #12"),
        ("a > b & c", "a &gt; b &amp; c"),
        ("anna@example.com", "anna@example.com"),
        ("mail me@here #all", "mail me@here #all"),
        ("", NOTHING),
        ("\u202e", NOTHING),
    ],
)
def test_typed_text_keeps_harmless_characters(written: str, shown: str) -> None:
    assert typed(written) == shown


@pytest.mark.parametrize(
    "text", ["*State* Closed", "_a_ ~b~", "> quoted", "`x`", ":red_circle:", "10:30:45", "snake_", "a* b", "hi @here"]
)
def test_text_that_would_be_styled_is_marked_and_not_altered(text: str) -> None:
    assert is_marked(typed(text))
    assert unmarked(typed(text)) == escape(text)
    assert as_plain(typed(text)) == text


@given(st.text(max_size=80))
def test_no_character_of_what_people_copy_is_altered(text: str) -> None:
    shown = f"*F-1* · {typed(text, 200)} · <@U0CHEN>"
    for block in (section(shown), context(shown), grid([("Contact", shown)])):
        assert block is not None
        assert (one_line(text) or NOTHING) in read_blocks([block], READER)


def test_only_our_own_marks_style_rich_text() -> None:
    [line] = section(f"*F-1* · {typed('*State* `x`')} · _New_ <@U0CHEN> `/fault a_b`")["elements"]
    assert line["elements"] == [
        {"type": "text", "text": "F-1", "style": {"bold": True}},
        {"type": "text", "text": " · "},
        {"type": "text", "text": "*State* `x`"},
        {"type": "text", "text": " · "},
        {"type": "text", "text": "New", "style": {"italic": True}},
        {"type": "text", "text": " "},
        {"type": "user", "user_id": "U0CHEN"},
        {"type": "text", "text": " "},
        {"type": "text", "text": "/fault a_b", "style": {"code": True}},
    ]


def test_a_moment_beside_typed_markup_stays_a_date() -> None:
    at = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    assert section(f"{typed('*x*')} {moment(at, ENGLISH)}") == rich(
        line(text("*x*"), text(" "), date(at, ENGLISH)),
    )


def test_a_notification_holds_what_was_typed_without_marks() -> None:
    assert message(typed("*x* anna@example.com")).text == "*x* anna@example.com"


@given(st.text(max_size=60), st.integers(1, 40))
def test_shortened_text_is_never_longer(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or short.endswith("…")


def test_shortening_never_splits_a_character() -> None:
    assert shorten("ab👩‍💻cd", 5) == "ab…"
    assert shorten("abe\u0301 fg", 4) == "ab…"
    assert shorten("ab👍🏽cd", 4) == "ab…"


@given(st.lists(st.sampled_from(("<@U0CHEN>", "&amp;", "word ", "批", "<!date^1^{date}|x>"))), st.integers(2, 60))
def test_clipped_mrkdwn_keeps_tokens_whole(pieces: list[str], limit: int) -> None:
    clipped = clip("".join(pieces), limit)
    assert len(clipped) <= limit
    assert clipped.count("<") == clipped.count(">")
    assert clipped.replace("&amp;", "").count("&") == 0


def test_only_slack_ids_are_mentioned() -> None:
    assert mention("U0CHEN") == "<@U0CHEN>"
    assert mention("W012") == "<@W012>"
    for forged in ("U0<!channel>", "u0chen", "U0 CHEN", "C0DESK", "", "U0CHEN|x"):
        assert pings_in(mention(forged), parsed=True) == set()


def test_of_many_people_some_are_mentioned_and_the_rest_is_counted() -> None:
    assert mentions(CROWD).endswith(" +42")
    assert mentions(()) == NOTHING


def test_moments_carry_a_fallback_in_the_readers_language() -> None:
    at = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    assert moment(at, CHINESE) == ("<!date^1795327200^{date_short_pretty} {time}|2026年11月22日 14:00（UTC+8）>")
    assert moment(at, ENGLISH).endswith("|22 Nov 2026, 06:00 (UTC)>")


def test_escaping_is_that_of_slack() -> None:
    assert escape("<a & b>") == "&lt;a &amp; b&gt;"


def test_all_line_ends_become_newlines() -> None:
    assert tame("a\r\nb\rc\u2028d") == "a\nb\nc\nd"
