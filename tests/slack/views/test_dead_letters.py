"""Messages that Slack refused: what the admins are told, and what the thread of the case passes on."""

import json

import pytest

from bot.casework.dead_letters import Overview
from bot.casework.steps.notify import MessageKind
from bot.slack.failures import _TARGET_REFUSED
from bot.slack.views.message import Message
from bot.slack.views.operators.dead_letter import dead_letter, undelivered
from bot.slack.views.operators.message_words import kind_of
from bot.slack.views.operators.outbox import overview
from bot.slack.views.refusal_words import meaning
from storage.dead_letters import Cause
from tests.support.sample_cases import CHINESE, ENGLISH, NOW, a_card, as_read

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


def test_a_dead_letter_says_what_was_refused_what_that_means_and_what_to_do() -> None:
    shown = as_read(dead_letter("F-12", "customer", "C0GENERAL", "not_in_channel", ENGLISH).blocks, ENGLISH)
    assert "a message for the customer" in shown
    assert "I am not a member of that channel. Invite me there" in shown


def test_every_kind_of_message_but_the_notice_itself_has_words_for_admins() -> None:
    kinds = {value for name, value in vars(MessageKind).items() if name.isupper()}
    assert {kind for kind in kinds if kind_of(kind, ENGLISH) == kind} == {MessageKind.DEAD_LETTER}


def test_every_refusal_of_a_target_has_words_of_its_own() -> None:
    otherwise = meaning("unknown", ENGLISH)
    assert not [
        error for error in _TARGET_REFUSED - {"cannot_reply_to_message"} if meaning(error, ENGLISH) == otherwise
    ]


@pytest.mark.parametrize(("target", "named"), [("U0LIN", "<@U0LIN>"), ("C0GENERAL", "<#C0GENERAL>")])
def test_people_are_named_as_people_and_channels_as_channels(target: str, named: str) -> None:
    for message in about(target):
        assert named in json.dumps(message.blocks)


def test_what_a_channel_did_not_get_is_passed_on_without_a_word_of_direct_messages() -> None:
    assert "direct message" not in as_read(undelivered(a_card(), "C0GENERAL", WORDS, ENGLISH).blocks, ENGLISH)


def test_chinese_sentences_follow_each_other_without_a_space() -> None:
    for message in (
        dead_letter("F-12", "customer", "C0GENERAL", "not_in_channel", CHINESE),
        overview(Overview(0, 0, (Cause("not_in_channel", "C0GENERAL", 1, NOW, NOW),)), CHINESE),
    ):
        assert "我不是该频道的成员。请" in as_read(message.blocks, CHINESE)
