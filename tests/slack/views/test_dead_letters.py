"""Messages that Slack refused: what the admins are told, and what the thread of the case passes on."""

import json

import pytest

from bot.casework.dead_letters import Overview
from bot.slack.views.message import Message
from bot.slack.views.operators.dead_letter import dead_letter, undelivered
from bot.slack.views.operators.outbox import overview
from storage.dead_letters import Cause
from tests.support.sample_cases import ENGLISH, NOW, a_card, as_read

WORDS = Message("words", [])


def about(target: str) -> tuple[Message, ...]:
    """Every message that names whom a refused message was for."""
    return (
        dead_letter("F-12", "customer", target, "is_archived", ENGLISH),
        undelivered(a_card(), target, WORDS, ENGLISH),
        overview(Overview(0, 0, (Cause("is_archived", target, 1, NOW, NOW),)), ENGLISH),
    )


def test_a_dead_letter_names_the_reader_and_the_reason() -> None:
    shown = as_read(dead_letter("F-12", "task", "U0LIN", "user_disabled", ENGLISH).blocks, ENGLISH)
    assert "@U0LIN" in shown
    assert "user_disabled" in shown


@pytest.mark.parametrize(("target", "named"), [("U0LIN", "<@U0LIN>"), ("C0GENERAL", "<#C0GENERAL>")])
def test_people_are_named_as_people_and_channels_as_channels(target: str, named: str) -> None:
    for message in about(target):
        assert named in json.dumps(message.blocks)


def test_what_a_channel_did_not_get_is_passed_on_without_a_word_of_direct_messages() -> None:
    assert "direct message" not in as_read(undelivered(a_card(), "C0GENERAL", WORDS, ENGLISH).blocks, ENGLISH)
