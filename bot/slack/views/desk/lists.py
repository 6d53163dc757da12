"""Lists of cases, one case a line."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from slack_sdk.models.blocks import ButtonElement, SectionBlock

from bot.casework.reading.cases import Listing, ListLine
from bot.i18n.translator import Translator
from bot.slack.views.case.buttons import step_button
from bot.slack.views.case.lines import SEVERITY_SHAPES
from bot.slack.views.commands import named
from bot.slack.views.escape import Block, dotted, escape, moment, typed
from bot.slack.views.message import Message, context, fitting, header, message, mrkdwn, plain, section
from bot.slack.views.styled_text import as_plain, is_marked
from storage.vocabulary import Step

#: The most cases in one message, tried in this order until the message fits.
LIST_LENGTHS = (40, 25, 15, 8)
#: Cases in one section, so that it stays within Slack's 3,000 characters with the longest escaped summaries.
_PER_SECTION = 4


def listing(title: str, found: Listing, t: Translator, wider: str = "") -> Message:
    """Build a list of cases under a title. `wider` is the command (of `NAMED`) that lists more, for an empty list."""
    if not found.lines:
        return nothing(title, t, wider)
    return fitting(lambda count: _listing(title, found, count, t), LIST_LENGTHS)


def left_out(found: Listing, shown: int, t: Translator) -> str:
    """Say how many cases a list has besides the `shown` ones; empty if there are no more."""
    left = found.more + len(found.lines[shown:])
    if not left:
        return ""
    return t("At least %(count)s more", count=left) if found.is_least else t("%(count)s more", count=left)


def _listing(title: str, found: Listing, shown: int, t: Translator) -> Message:
    lines, left = found.lines[:shown], left_out(found, shown, t)
    rest = t("%(left)s. Add a state to narrow the list.", left=left) if left else ""
    return message(
        dotted(typed(title), *(line.number for line in lines)),
        header(title),
        *_rows(lines, t),
        context(dotted(rest, t("Open one: %(command)s", command=f"`/fault {lines[0].number}`"))),
    )


def _rows(lines: Sequence[ListLine], t: Translator) -> Iterator[Block]:
    """Yield cases as sections: each that the reader may take with the button for it, the others together."""
    for is_free, some in groupby(lines, key=lambda line: line.is_free):
        if is_free:
            yield from (with_button(one, step_button(Step.TAKE, one, t), t) for one in some)
        else:
            yield from sections([case_line(one, t) for one in some])


def with_button(one: ListLine, button: ButtonElement, t: Translator) -> Block:
    """Return a case as a section with a button beside it."""
    said = case_line(one, t)
    text = plain(as_plain(said)) if is_marked(said) else mrkdwn(said)  # rich text takes no button beside it
    return SectionBlock(text=text, accessory=button).to_dict()


def vacant_cases(found: Listing, t: Translator) -> Message:
    """Build the list of cases that nobody may take further, for whoever can appoint somebody."""
    return fitting(lambda count: _vacant_cases(found, count, t), LIST_LENGTHS)


def _vacant_cases(found: Listing, shown: int, t: Translator) -> Message:
    said = t("Nobody can act on these cases now. Please assign somebody, or give somebody the missing role.")
    lines, left = found.lines[:shown], left_out(found, shown, t)
    return message(
        said,
        header(t("Cases that nobody can act on")),
        section(f"⚠ *{said}*"),
        *sections([case_line(one, t) for one in lines]),
        context(dotted(left, t("Open one: %(command)s", command=f"`/fault {lines[0].number}`"))),
    )


def sections(lines: Sequence[str]) -> list[Block]:
    """Return lines of mrkdwn, one a case, as sections within Slack's limit."""
    starts = range(0, len(lines), _PER_SECTION)
    return [section("\n".join(lines[start : start + _PER_SECTION])) for start in starts]


def case_line(one: ListLine, t: Translator) -> str:
    """Return a case as one line of mrkdwn: number, summary, state, severity, deadline."""
    shape = f"{SEVERITY_SHAPES[one.severity]} {escape(t.word(one.severity))}" if one.severity else ""
    late = f"⏰ {t('Overdue')}" if one.overdue else ""
    due = moment(one.deadline_at, t) if one.deadline_at else ""
    return dotted(f"*{one.number}*  {typed(one.summary)}", f"_{escape(t.word(one.state))}_", shape, due, late)


def nothing(title: str, t: Translator, wider: str = "") -> Message:
    """Build the message for an empty list, with the command that lists more."""
    said = t("There are no such cases now.")
    more = context(t("More cases: %(command)s", command=named(t, wider))) if wider else None
    return message(dotted(typed(title), said), header(title), section(said), more)
