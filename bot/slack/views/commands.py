"""Commands that messages name, in the words of their reader's language."""

from bot.i18n.translator import Translator, _
from bot.slack.views.escape import dotted, escape

#: The words after `/fault` of every command that a message names, as both languages type them.
NAMED = (
    *(_("admin"), _("admin outbox"), _("admin doctor"), _("queue"), _("show"), _("show F-12"), _("verify")),
    *(_("verify F-12"), _("take"), _("take F-12")),
    *(_("list"), _("list all"), _("list testing"), _("mine"), _("mine all"), _("mine testing")),
)
#: Where to find the other commands, for readers of both languages.
HELP = "`/fault help` · `/fault 帮助`"


def named(t: Translator, *commands: str) -> str:
    """Return these commands of `NAMED` as the reader types them, in mrkdwn."""
    return dotted(*(f"`/fault {escape(t(words))}`" for words in commands))
