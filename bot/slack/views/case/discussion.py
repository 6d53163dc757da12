"""The messages that open and close a discussion of an analysis (process.md activity 6)."""

from bot.casework.reading.read_models import CaseCard, HistoryLine
from bot.i18n.translator import Translator
from bot.slack.views.case import lines
from bot.slack.views.case.buttons import open_case
from bot.slack.views.case.thread import step_sentence
from bot.slack.views.escape import dotted, mentions, moment
from bot.slack.views.message import Message, actions, context, header, message, section
from bot.slack.views.rich_text import quoted, rich
from storage.vocabulary import Step

#: The most people mentioned in one message.
_MAX_INVITEES_SHOWN = 50


def discussion(card: CaseCard, line: HistoryLine, t: Translator) -> Message:
    """Build the message that opens a discussion (`call_discussion`) or reports its outcome (`close_discussion`).

    `line` is the history entry of that step.
    """
    closes = line.step is Step.CLOSE_DISCUSSION
    said = str(line.data.get("outcome" if closes else "question", ""))
    invitees = line.data.get("invitees", ())
    return message(
        lines.heads_up(card, step_sentence(line, t)),
        header(lines.title(card)),
        section(step_sentence(line, t)),
        rich(quoted(said)),
        section(f"*{t('Invited')}* {mentions(invitees, _MAX_INVITEES_SHOWN)}") if invitees else None,
        None if closes else section(t("Please discuss here. The outcome is recorded with the case.")),
        context(dotted(lines.product(card), moment(line.at, t))),
        *actions([open_case(card, t)]),
    )
