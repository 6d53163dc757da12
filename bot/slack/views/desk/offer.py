"""The offer to report what a person wrote to the bot, because an event opens no form by itself."""

from bot.i18n.translator import Translator
from bot.slack.views.case.buttons import button
from bot.slack.views.commands import HELP
from bot.slack.views.escape import shorten, tame, typed
from bot.slack.views.message import Message, actions, compact, context, message, section

REPORT_WORDS = "report_words"
#: The most characters of what the button carries. Slack takes 2000 (slack-platform.md §2.2); the epoch needs a few.
_MAX_CARRIED = 1800
_QUOTED = 60


def offer(words: str, nearest: str, t: Translator, origin: tuple[str, str] | None = None) -> Message:
    """Build the offer to report these words, as their author typed them.

    `nearest` is a hint at commands that may have been meant, in mrkdwn. `origin` is the channel and the thread that
    the case then comes from.
    """
    said = t("Do you want to report this as a problem? “%(words)s”", words=typed(words, _QUOTED))
    if not words:
        said = t("Do you want to report a problem?")
    return message(
        said,
        section(said),
        *actions([button(REPORT_WORDS, t("Report a problem"), _carried(words, origin), "primary")]),
        context(nearest, t("All commands: %(command)s", command=HELP)),
    )


def with_offer(answer: Message, words: str, t: Translator, origin: tuple[str, str] | None = None) -> Message:
    """Return an answer to a command that was not understood, followed by the offer to report its words."""
    return Message(answer.text, [*answer.blocks, *offer(words, "", t, origin).blocks])


def _carried(words: str, origin: tuple[str, str] | None) -> dict[str, object]:
    """Return what the button carries: as many of the words as fit, and whether some are missing."""
    kept = tame(words)
    more: dict[str, object] = {"origin": list(origin)} if origin else {}
    while len(compact({"words": kept, "cut": True, **more})) > _MAX_CARRIED:
        kept = shorten(kept, len(kept) * 9 // 10)
    return {"words": kept, **({"cut": True} if kept != tame(words) else {}), **more}
