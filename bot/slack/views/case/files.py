"""Files that steps brought: a line for each, and the messages with which their copies are sent."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from slack_sdk.models.blocks import SectionBlock

from bot.casework.reading.file_cards import FileCard
from bot.casework.reading.read_models import CaseCard, HistoryLine
from bot.i18n.translator import Translator
from bot.slack.views.case import lines
from bot.slack.views.case.buttons import SEND_FILE, button, seen
from bot.slack.views.escape import Block, dotted, escape, typed
from bot.slack.views.escape import lines as joined
from bot.slack.views.message import Message, message, mrkdwn, section

_UNITS = ("B", "kB", "MB")


def file_blocks(card: CaseCard, files: Sequence[FileCard], t: Translator) -> Iterator[Block]:
    """Yield a line for each file, with the button that sends the reader a copy where there is one."""
    for file in files:
        line = file_line(file, t)
        if file.sha256 is None:
            yield section(line)
        else:
            carried = seen(card, seq=file.seq) | {"file": file.file_id}
            pressed = button(SEND_FILE, t("Send me the file"), carried)
            yield SectionBlock(text=mrkdwn(line), accessory=pressed).to_dict()


def file_line(file: FileCard, t: Translator) -> str:
    """Return name and size of a file in mrkdwn, or why there is no copy, with the link to the file in Slack."""
    name = "📎 " + typed(file.name)
    if file.sha256 is not None:
        return dotted(name, size(file.size or 0))
    if file.reason is None:
        return dotted(name, escape(t("being fetched from Slack")))
    return dotted(name, escape(t("no copy: %(reason)s", reason=file.reason)), _link(file, t))


def _link(file: FileCard, t: Translator) -> str:
    """Return a link to the file in Slack, where it may still be."""
    safe = file.link.startswith("https://") and not set(file.link) & set("<>|")
    return f"<{file.link}|{escape(t('open in Slack'))}>" if safe else ""


def size(number: int) -> str:
    """Return a number of bytes for people: `812 B`, `48 kB`, `3.2 MB`."""
    amount, unit = float(number), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}" if unit and amount < 10 else f"{amount:.0f} {_UNITS[unit]}"


def thread_files(card: CaseCard, line: HistoryLine, files: Sequence[FileCard], t: Translator) -> Message:
    """Build the message that accompanies the files of a step in the thread of the card.

    It names those without a copy. Its text, which is all that accompanies an upload, has no links, because it is cut.
    """
    said = t("Files of %(number)s from %(who)s", number=card.number, who=lines.doer(line, t))
    missing = [file for file in files if file.sha256 is None]
    brief = (file_line(replace(file, link=""), t) for file in missing)
    return message(joined(said, *brief), section(joined(said, *(file_line(file, t) for file in missing))))


def sent_file_lost(card: CaseCard, file: FileCard, t: Translator) -> Message:
    """Build the news that a copy that somebody asked for could not be sent."""
    said = t("%(file)s of %(number)s could not be sent.", file=file.name, number=card.number)
    return message(typed(said, 300))


def sent_file(card: CaseCard, file: FileCard, t: Translator) -> Message:
    """Build the text that accompanies a copy that somebody asked for."""
    said = t("%(file)s from %(number)s", file=file.name, number=card.number)
    return message(typed(said, 200))
