"""The message to admins that Slack dropped events."""

from datetime import datetime

from bot.i18n.translator import Translator
from bot.slack.views.escape import escape
from bot.slack.views.message import Message, context, message, section


def events_lost(minute: datetime, t: Translator) -> Message:
    """Build the message about the minute that begins at `minute` (aware)."""
    said = escape(t("Slack dropped events in the minute from %(at)s, because there were too many.", at=minute))
    what = t(
        "Messages to the bot and changes of people, groups and channels were lost. Commands, buttons and forms were not"
        " affected. People and groups are read again every hour; anybody who got no answer should write again."
    )
    return message(said, section(f"⚠️ *{said}*"), context(escape(what)))
