"""The message to the service-desk channel after the database was restored from a backup."""

from datetime import datetime

from bot.i18n.translator import Translator
from bot.slack.views.escape import lines, moment
from bot.slack.views.message import Message, message, section


def restored(written: datetime | None, last_case: int, first_case: int, t: Translator) -> Message:
    """Build the message: what is back, what old buttons answer, and what people should check.

    `written` is the moment (aware UTC) of the last step that is there, None if it is not known; `last_case` is the
    last case that is there, 0 if there is none.
    """
    said = t("The database was restored from a backup.")
    until = t("Everything up to %(at)s is there.", at=moment(written, t)) if written else ""
    last = t("The last case in it is %(number)s.", number=f"F-{last_case}") if last_case else ""
    lost = t("What was done later is not in it, although Slack still shows it.")
    buttons = t(
        "Buttons and forms from before do nothing now and say so. `/fault F-12`, `/fault queue` and Home have new ones."
    )
    check = t(
        "Please check what you did shortly before the restore: report problems again that are missing, and repeat"
        " steps, signatures and acknowledgements that are not in the case. New cases begin at %(number)s, so that no"
        " number means two cases.",
        number=f"F-{first_case}",
    )
    facts = lines(t.sentences(until, last), lost)
    return message(said, section(f"♻️ *{said}*"), section(facts), section(buttons), section(check))
