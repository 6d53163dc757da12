"""A discussion among people called to help with an analysis: its opening and its outcome."""

from bot.casework.cards import CaseCard, HistoryLine
from bot.i18n import Translator
from bot.slack.views import outline
from bot.slack.views.buttons import open_case
from bot.slack.views.message import Message, actions, context, header, message, section
from bot.slack.views.rich import quoted, rich
from bot.slack.views.story import happened
from bot.slack.views.text import dotted, mentions, moment
from storage.vocabulary import Step

#: The most people called by name in one message.
_MOST_CALLED = 50


def discussion(card: CaseCard, line: HistoryLine, t: Translator) -> Message:
    """Opens a discussion (`call_discussion`) or tells its outcome (`close_discussion`)."""
    closes = line.step is Step.CLOSE_DISCUSSION
    said = str(line.data.get("outcome" if closes else "question", ""))
    invitees = line.data.get("invitees", ())
    return message(
        outline.heads_up(card, happened(line, t)),
        header(outline.title(card)),
        section(happened(line, t)),
        rich(quoted(said)),
        section(f"*{t('Invited')}* {mentions(invitees, _MOST_CALLED)}") if invitees else None,
        None if closes else section(t("Please discuss here. The outcome is recorded with the case.")),
        context(dotted(outline.product(card), moment(line.at, t))),
        *actions([open_case(card, t)]),
    )
