"""What stands in the place of a card after the service desk has moved to another channel."""

from bot.casework.reading.read_models import CaseCard
from bot.i18n.translator import Translator
from bot.slack.views.case import lines
from bot.slack.views.case.buttons import open_case
from bot.slack.views.escape import addressee
from bot.slack.views.message import Message, actions, header, message, section


def card_left(card: CaseCard, channel: str, link: str, t: Translator) -> Message:
    """Build the message: where the case goes on, with a link to its card there if Slack gave one.

    Its button opens the case as before. `link` is a permalink of Slack, or empty.
    """
    said = t("The service desk has moved. This case goes on in %(channel)s.", channel=addressee(channel))
    linked = f"<{link}|{t('Go to the card')}>" if link else ""
    return message(
        lines.heads_up(card, said),
        header(lines.title(card)),
        section(f"➡️ {said} {linked}".rstrip()),
        *actions([open_case(card, t)]),
    )
