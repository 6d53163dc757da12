"""Commands that messages name are understood as they are named."""

import pytest

from bot.i18n.translator import Translator
from bot.slack.command_words import DOCTOR_WORDS, OUTBOX_WORDS, Verb, parse_command, parse_filters
from bot.slack.listeners.command import state_names
from bot.slack.views.commands import NAMED, named
from tests.support.sample_cases import CHINESE, ENGLISH


@pytest.mark.parametrize("t", [ENGLISH, CHINESE], ids=["en", "zh-CN"])
@pytest.mark.parametrize("words", NAMED)
def test_a_named_command_means_the_same_in_both_languages(words: str, t: Translator) -> None:
    english, read = parse_command(words), parse_command(t(words))
    assert (read.verb, read.case_id) == (english.verb, english.case_id)
    assert read.verb is not Verb.UNKNOWN
    match read.verb:
        case Verb.LIST | Verb.MINE:
            states = parse_filters(read.rest, state_names())
            assert states is not None
            assert states == parse_filters(english.rest, state_names())
        case Verb.ADMIN:
            both = {read.rest, english.rest} - {""}
            assert both <= OUTBOX_WORDS or both <= DOCTOR_WORDS


def test_commands_are_named_in_the_language_of_their_reader() -> None:
    assert named(ENGLISH, "list", "list testing") == "`/fault list` · `/fault list testing`"
    assert named(CHINESE, "list", "list testing") == "`/fault 列表` · `/fault 列表 测试中`"
