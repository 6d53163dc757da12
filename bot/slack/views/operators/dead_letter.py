"""Dead letters: what an admin is told, and the message in the desk's thread that replaces a direct message."""

from bot.casework.reading.read_models import CaseCard
from bot.i18n.translator import Translator
from bot.slack.views.case.buttons import open_case
from bot.slack.views.escape import addressee, is_channel, typed
from bot.slack.views.message import Message, actions, context, message, section


def dead_letter(number: str, view: str, target: str, error: str, t: Translator) -> Message:
    """Build the notice to an admin: which message could not be delivered, to whom and why (process.md §6 R8)."""
    said = t("Slack refused a message for good: %(error)s.", error=typed(error, 200))
    what = t("Message: %(view)s · case: %(number)s", view=typed(view), number=typed(number))
    to = addressee(target)
    more = t("More of this cause are not told again today: %(command)s", command="`/fault admin outbox`")
    return message(said, section("⚠️ " + said), context(what, t("To: %(target)s", target=to)), context(more))


def undelivered(card: CaseCard, target: str, original: Message, t: Translator) -> Message:
    """Build the message in the desk's thread that asks somebody to pass on what could not be delivered.

    `target` is the person whom a direct message was for, or the channel of a message to the customer. The buttons of
    the original are left out, because a channel offers no steps; one button opens the case.
    """
    if is_channel(target):
        said = t("Messages cannot be posted in %(channel)s. Please pass this on:", channel=addressee(target))
    else:
        said = t("%(person)s cannot be reached by direct message. Please pass this on:", person=addressee(target))
    blocks = [block for block in original.blocks if block["type"] != "actions"]
    return message(said, section("📨 " + said), *blocks[:40], *actions([open_case(card, t)]))
