"""The help message, and the answer to a command that was not understood."""

from collections.abc import Iterable, Sequence

from bot.i18n.translator import Translator, _
from bot.slack.views.commands import HELP, named
from bot.slack.views.escape import dotted, escape, typed
from bot.slack.views.message import Message, context, header, message, section
from storage.vocabulary import Role

#: Each command in English and in Chinese, with what it does.
COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("/fault new", "/fault 新建", _("Report a problem.")),
    ("/fault F-12", "/fault 查看 F-12", _("Show a case with the buttons of all that you may do now.")),
    ("/fault list", "/fault 列表", _("List open cases; add all, ended or a state, e.g. `/fault list testing`.")),
    ("/fault mine", "/fault 我的", _("Cases you reported or are assigned to.")),
    ("/fault queue", "/fault 待办", _("Cases waiting for you.")),
    ("/fault take F-12", "/fault 接手 F-12", _("Take a case that nobody has taken yet.")),
    ("/fault stats last month", "/fault 统计 上月", _("Figures for a period, overall or for one customer or product.")),
    ("/fault export F-12", "/fault 导出 F-12", _("Documents of a case, tables, charts and evidence to download.")),
    (
        "/fault verify F-12",
        "/fault 核验 F-12",
        _("Prove that nobody tampered with a case's history and papers."),
    ),
    ("/fault admin outbox", "/fault 管理 发件箱", _("For administrators: messages that Slack refused.")),
    ("/fault admin doctor", "/fault 管理 诊断", _("For administrators: what is missing, and what to do.")),
    ("/fault help", "/fault 帮助", _("Show this help.")),
)
#: The commands that outsiders may use (process.md §6 R10), as they are written in `COMMANDS`.
FOR_OUTSIDERS = frozenset({"/fault new", "/fault F-12", "/fault mine", "/fault verify F-12", "/fault help"})


def help_message(t: Translator, roles: Iterable[Role], *, outsider: bool = False) -> Message:
    """Build the help: all commands that the reader may use, and the roles that they hold."""
    held = tuple(role for role in Role if role in set(roles))
    roles_line = (
        t("Your roles: %(roles)s", roles=held)
        if held
        else t("You have no role; you can report problems and follow them.")
    )
    title = t("What Faultdesk can do")
    commands = "\n".join(
        f"`{english}` · `{chinese}`\n{t(what)}"
        for english, chinese, what in COMMANDS
        if not outsider or english in FOR_OUTSIDERS
    )
    return message(title, header(title), section(commands), context(escape(roles_line)))


def not_understood(word: str, nearest: Sequence[str], t: Translator) -> Message:
    """Build the answer to an unknown command: what was typed, similar commands, and how to get help."""
    said = t("“%(word)s” is not a command.", word=typed(word))
    return _unclear(said, did_you_mean(nearest, t), t)


def did_you_mean(nearest: Sequence[str], t: Translator) -> str:
    """Return the hint at similar commands; nothing if there are none."""
    words = dotted(*(f"`/fault {typed(one)}`" for one in nearest[:5]))
    return t("Did you mean: %(words)s", words=words) if nearest else ""


def case_missing(command: str, words: str, t: Translator) -> Message:
    """Build the answer to a command that needs a case: `words`, which stand in the place of its number, or nothing."""
    said = (
        t("“%(word)s” is not the number of a case.", word=typed(words))
        if words
        else t("%(command)s needs the number of a case.", command=named(t, command))
    )
    return _unclear(said, _such_as(t, f"{command} F-12"), t)


def states_unknown(command: str, words: str, t: Translator) -> Message:
    """Build the answer to a list whose `words` name no states."""
    said = t("“%(word)s” is not a state of cases.", word=typed(words))
    return _unclear(said, _such_as(t, command, f"{command} all", f"{command} testing"), t)


def words_unknown(command: str, words: str, known: Sequence[str], t: Translator) -> Message:
    """Build the answer to a command with `words` after it that it does not know, or without those it needs.

    `command` and `known` are among `NAMED`.
    """
    said = (
        t("%(command)s does not know “%(word)s”.", command=named(t, command), word=typed(words))
        if words
        else t("%(command)s needs a word after it.", command=named(t, command))
    )
    return _unclear(said, _such_as(t, *known), t)


def _unclear(said: str, hint: str, t: Translator) -> Message:
    all_commands = t("All commands: %(command)s", command=HELP)
    return message(said, section(said), section(hint) if hint else None, context(all_commands))


def _such_as(t: Translator, *commands: str) -> str:
    return t("For example: %(examples)s", examples=named(t, *commands))
