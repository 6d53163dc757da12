"""The messages to admins and viewers who witness the records: the checkpoint of the night, and a lost key."""

from bot.i18n.translator import Translator
from bot.slack.views.escape import escape, typed
from bot.slack.views.message import Message, context, message, section


def checkpoint(line: str, t: Translator) -> Message:
    """Build the message with the line of a checkpoint."""
    said = f"`{escape(line)}`"
    why = t(
        "Keep this line where nobody of the operators can change it: %(command)s proves with it that every record up "
        "to it is still there, unchanged.",
        command="`faultdesk verify --against`",
    )
    return message(line, section(said), context(why))


def key_lost(fingerprint: str, previous: str, t: Translator) -> Message:
    """Build the message that the desk signs with a new key because the one before was lost."""
    said = t("The key of the desk was lost; a new one is in use.")
    keys = t("New: %(new)s · lost: %(lost)s", new=f"`{typed(fingerprint)}`", lost=f"`{typed(previous)}`")
    what = t("Whoever did not expect this asks the operators. What the lost key signed stays provable.")
    return message(said, section("🔑 " + said), section(keys), section(what))
