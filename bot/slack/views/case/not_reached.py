"""Tells the writer of words for the customer that they could not be delivered (customers.md §6)."""

from bot.casework.reading.read_models import CaseCard, HistoryLine
from bot.i18n.translator import Translator
from bot.slack.views.case import lines
from bot.slack.views.case.buttons import open_case
from bot.slack.views.case.thread import FOR_CUSTOMER
from bot.slack.views.escape import addressee, tame
from bot.slack.views.message import Message, actions, context, message, section
from bot.slack.views.refusal_words import meaning, writers_remedy
from bot.slack.views.rich_text import quoted, rich


def not_reached(card: CaseCard, line: HistoryLine, target: str, error: str, t: Translator) -> Message:
    """Build the direct message: where the words were to go, why they did not, what to do, and the words themselves.

    `target` is the channel, or the person where the words were to go directly.
    """
    said = t("Your message to the customer was not delivered: %(target)s.", target=addressee(target))
    words = tame(str(line.data.get(FOR_CUSTOMER[line.step][1] or "", ""))) if line.step in FOR_CUSTOMER else ""
    silent = t("Until it arrives, the case does not count as unanswered by the customer.")
    return message(
        lines.heads_up(card, said),
        section(f"⚠️ {lines.subject(card)}\n{t.sentences(said, meaning(error, t))}"),
        rich(quoted(words)) if words else None,
        section(writers_remedy(error, t)),
        context(silent),
        *actions([open_case(card, t)]),
    )
