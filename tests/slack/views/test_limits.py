"""Slack accepts every message and view whatever people type, and nobody is mentioned who was not named."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.i18n.translator import Translator
from bot.sandbox.blocks.mrkdwn import pings_in
from bot.sandbox.blocks.plain_text import pings
from bot.sandbox.blocks.validation.messages import blocks_too_long, check_blocks
from bot.sandbox.blocks.validation.views import check_view
from bot.slack.views.message import Message
from tests.support.property_examples import examples
from tests.support.sample_cases import CHINESE, ENGLISH, HOSTILE
from tests.support.sample_messages import NAMED, empty_views, messages, texts_of, views

PIECES = st.sampled_from((*HOSTILE.values(), "<", ">", "&", "*", "_", "`", "@here", "\n", "|", "\u202e", "批", "👩‍💻"))
TEXTS = st.lists(PIECES | st.text(max_size=40), max_size=12).map("".join).map(lambda text: text[:3000])
BOTH = pytest.mark.parametrize("t", [ENGLISH, CHINESE], ids=["en", "zh-CN"])
HOSTILE_TEXT = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)


def problems_of_message(message: Message) -> list[str]:
    """What Slack would refuse, and what breaks our own stricter limits."""
    found = check_blocks(message.blocks)
    whole = json.dumps(message.blocks, ensure_ascii=False)
    if len(whole) >= 12_000 or blocks_too_long(message.blocks):
        found.append(f"{len(whole)} characters")
    if not 0 < len(message.text) <= 300:
        found.append(f"notification of {len(message.text)} characters")
    if called := (pings(message.blocks) | pings_in(message.text, parsed=False)) - NAMED:
        found.append(f"calls {called}")
    return [*found, *_unfit(message.blocks)]


def problems_of_view(view: dict[str, Any]) -> list[str]:
    found = check_view(view, view["type"])
    if len(json.dumps(view, ensure_ascii=False).encode()) >= 250_000:
        found.append("larger than 250 kB")
    if called := pings(view["blocks"]) - NAMED:
        found.append(f"calls {called}")
    return [*found, *_unfit(view)]


def _unfit(payload: Any) -> list[str]:
    """Direction overrides, NUL and lone surrogates anywhere, and links in mrkdwn."""
    texts = "".join(texts_of(payload))
    found = [f"{sign!r} in it" for sign in ("\u202e", "\x00", "\ud800") if sign in texts]
    marked = "".join(one["text"] for one in mrkdwn_of(payload))
    return [*found, *(f"{sign!r} in it" for sign in ("<http", "<mailto", "<!sub") if sign in marked)]


def broken(text: str, t: Translator) -> dict[str, list[str]]:
    said = {name: problems_of_message(message) for name, message in messages(text, t)}
    opened = {name: problems_of_view(view) for name, view in views(text, t)}
    return {name: problems for name, problems in {**said, **opened}.items() if problems}


@pytest.mark.parametrize(
    "t", [pytest.param(ENGLISH, id="en"), pytest.param(CHINESE, id="zh-CN", marks=pytest.mark.long)]
)
@HOSTILE_TEXT
def test_slack_accepts_every_message_and_view_with_hostile_text(text: str, t: Translator) -> None:
    assert broken(text, t) == {}


@BOTH
def test_slack_accepts_every_empty_form(t: Translator) -> None:
    found = {name: problems_of_view(view) for name, view in empty_views(t)}
    assert {name: problems for name, problems in found.items() if problems} == {}


@given(TEXTS, st.sampled_from([ENGLISH, CHINESE]))
@settings(max_examples=examples(2), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_slack_accepts_any_typed_text(text: str, t: Translator) -> None:
    assert broken(text, t) == {}


def test_all_mrkdwn_is_verbatim() -> None:
    payloads = [message.blocks for _, message in messages("x", ENGLISH)]
    payloads += [view["blocks"] for _, view in views("x", ENGLISH)]
    objects = [found for blocks in payloads for found in mrkdwn_of(blocks)]
    assert objects
    assert all(found.get("verbatim") is True for found in objects)


def mrkdwn_of(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for item in value for found in mrkdwn_of(item)]
    if isinstance(value, dict):
        own = [value] if value.get("type") == "mrkdwn" else []
        return own + [found for item in value.values() for found in mrkdwn_of(item)]
    return []


@BOTH
def test_typed_markup_cannot_forge_the_state(t: Translator) -> None:
    """The state is shown once in bold, whatever the summary says."""
    for name, message in messages(HOSTILE["markup_line"], t):
        if "card," in name:
            written = [found["text"] for found in mrkdwn_of(message.blocks)]
            assert sum(text.count(f"*{t('State')}*") for text in written) == 1, name
