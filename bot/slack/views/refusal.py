"""A refusal as the ephemeral answer to a button or a command."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from slack_sdk.models.blocks import ButtonElement

from bot.i18n.translator import Translator
from bot.slack.views.case.buttons import button
from bot.slack.views.escape import is_person, mention, mentions, moment, typed
from bot.slack.views.message import Message, actions, message, section
from bot.workflow.refusal import People, Problem, Word


def refused(problem: Problem, t: Translator) -> Message:
    """Build the message of a refusal in the reader's language, with the button of its remedy. Typed text is escaped."""
    refusal = problem.refusal
    said = t(refusal.sentence(), **{name: _word(name, word, t) for name, word in refusal.words().items()})
    return message(said, section("✋ " + said), *actions(list(_remedy(problem, t))))


def _remedy(problem: Problem, t: Translator) -> Iterator[ButtonElement]:
    if problem.remedy is not None:
        step, carried = problem.remedy.step, {"case": problem.remedy.case_id, "version": problem.remedy.version}
        yield button(step.value, t.word(step), carried)


def _word(name: str, word: Word, t: Translator) -> Word:
    """Prepare a value of the sentence: persons become mentions, typed text is escaped, codes stay for `t`."""
    if isinstance(word, datetime):
        return moment(word, t)
    if isinstance(word, People):
        return mentions(word)
    if isinstance(word, StrEnum) or not isinstance(word, str):
        return word
    return mention(word) if name == "mover" and _is_id(word) else typed(word, 140)


def _is_id(word: str) -> bool:
    """Whether a word is a user id, which stands in for an unknown name. A name in capitals has no digits."""
    return is_person(word) and any(sign.isdigit() for sign in word)
