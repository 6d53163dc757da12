"""The message to admins that there is no service-desk channel."""

from bot.i18n.translator import Translator
from bot.slack.views.message import Message, message, section


def no_desk(t: Translator) -> Message:
    """Build the message, which comes every day until a channel is set."""
    said = t("There is no service-desk channel: reports are taken, but their cards wait.")
    what = t("Whoever operates the bot sets `FAULT_CHANNEL`; somebody invites the bot to the channel.")
    return message(said, section(f"⚠️ *{said}*"), section(what))
