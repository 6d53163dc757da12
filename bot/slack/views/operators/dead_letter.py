"""Dead letters: what an admin is told, and the message in the desk's thread that replaces a direct message."""

from bot.casework.reading.read_models import CaseCard
from bot.i18n.translator import Translator
from bot.slack.views.case.buttons import open_case
from bot.slack.views.commands import named
from bot.slack.views.escape import NOTHING, addressee, dotted, is_channel, typed
from bot.slack.views.message import Message, actions, context, message, section
from bot.slack.views.operators.message_words import kind_of
from bot.slack.views.refusal_words import meaning, remedy


def dead_letter(number: str, view: str, target: str, error: str, t: Translator) -> Message:
    """Build the notice to an admin: which message could not be delivered, to whom and why (process.md §6 R8)."""
    said = t("A message could not be delivered: %(what)s.", what=typed(kind_of(view, t)))
    to = dotted(t("To: %(target)s", target=addressee(target)), t("Case: %(number)s", number=typed(number) or NOTHING))
    code = t("Slack's error code: %(error)s", error=typed(error, 200))
    more = t(
        "You will not be told again today about this cause. All undelivered messages: %(command)s",
        command=named(t, "admin outbox"),
    )
    return message(
        said,
        section(f"⚠️ {said}\n{to}"),
        section(t.sentences(meaning(error, t), remedy(error, t))),
        context(dotted(code, more)),
    )


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
