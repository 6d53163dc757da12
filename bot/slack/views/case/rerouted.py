"""Tells the service manager, in the case's thread, that the words for the customer did not go to their thread."""

from bot.casework.reading.read_models import CaseCard
from bot.i18n.translator import Translator, _
from bot.slack.views.case import lines
from bot.slack.views.escape import dotted, mention, mentions
from bot.slack.views.message import Message, message, section
from storage.vocabulary import Place

#: Why, by the code of `bot.slack.delivery.customer_route`.
REASONS = {
    "shared_channel": _("That channel is shared with another company."),
    "not_a_member": _("The reporter is not a member of that channel."),
    "unknown_channel": _("Slack does not show us that channel."),
}


def rerouted(card: CaseCard, reason: str, t: Translator) -> Message:
    """Build the line in the case's thread. `reason` is a key of `REASONS`."""
    said = t(
        "The message for the customer went to %(reporter)s directly, not to the thread of the reported message.",
        reporter=mention(card.reporter),
    )
    managers = card.places.get(Place.SERVICE_MANAGER, ())
    text = dotted(mentions(managers) if managers else "", t.sentences(said, t(REASONS[reason])))
    return message(lines.heads_up(card, said), section("↪️ " + text))
