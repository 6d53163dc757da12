"""The full record of a case, in a modal without inputs."""

import json
from collections.abc import Iterator, Sequence

from bot.casework.reading.file_cards import REPORT_SEQ, FileCard
from bot.casework.reading.read_models import CaseCard, HistoryLine
from bot.i18n.translator import Translator
from bot.slack.views.case import lines
from bot.slack.views.case.card import status_lines
from bot.slack.views.case.files import file_blocks
from bot.slack.views.case.step_context import paper_blocks
from bot.slack.views.case.thread import step_blocks
from bot.slack.views.escape import Block
from bot.slack.views.message import divider, grid, header, plain, section
from bot.slack.views.rich_text import Entry, answers, entry, quoted, rich
from bot.workflow.field import MAX_TEXT_LENGTH
from bot.workflow.fields import FORMS
from storage.vocabulary import Paper, Step

#: Limits below Slack's own for a view: 100 blocks and 250 kB. A title has at most 24 characters.
_BLOCKS, _BYTES, _TITLE = 99, 230_000, 24


def reading(card: CaseCard, comments: Sequence[HistoryLine], t: Translator, files: Sequence[FileCard] = ()) -> Block:
    """Build the modal with the whole case, the newest version of each of its records, and its comments.

    `card`, `comments` and `files` are those that the reader may read. A case that exceeds Slack's limits is cut, and
    the modal says so.
    """
    whole = [block for block in _blocks(card, comments, files, t) if block]
    kept = list(_within(whole))
    cut = [section(f"*{t('This case is too long to be shown here in full.')}*")] if len(kept) < len(whole) else []
    return {
        "type": "modal",
        "callback_id": "reading",
        "title": plain(card.number, _TITLE).to_dict(),
        "close": plain(t("Close"), _TITLE).to_dict(),
        "blocks": [*kept, *cut],
    }


def _within(blocks: list[Block]) -> Iterator[Block]:
    spent = 0
    for block in blocks[:_BLOCKS]:
        spent += len(json.dumps(block, ensure_ascii=False).encode())
        if spent > _BYTES:
            return
        yield block


def _blocks(
    card: CaseCard, comments: Sequence[HistoryLine], files: Sequence[FileCard], t: Translator
) -> Iterator[Block | None]:
    yield header(lines.title(card))
    yield section(status_lines(card, t))
    yield grid(lines.origin(card, t, personal=True))
    yield grid(lines.people(card, t))
    yield rich(quoted(card.description))
    yield answers(_reported(card, t))
    yield from file_blocks(card, _of(files, REPORT_SEQ), t)
    for paper in card.papers:
        if paper.paper is not Paper.CASE:
            yield divider()
            yield from paper_blocks(paper, t, MAX_TEXT_LENGTH)
    for comment in comments:
        yield divider()
        yield from step_blocks(comment, t, MAX_TEXT_LENGTH)
        yield from file_blocks(card, _of(files, comment.seq), t)


def _of(files: Sequence[FileCard], seq: int) -> tuple[FileCard, ...]:
    return tuple(file for file in files if file.seq == seq)


def _reported(card: CaseCard, t: Translator) -> Iterator[Entry]:
    """Yield the answers of the report that the grid does not show."""
    told = {
        "source": card.source,
        "channel": card.channel,
        "found_at": card.found_at,
    }
    for field in FORMS[Step.REPORT]:
        if told.get(field.code):
            yield entry(Step.REPORT, field, told[field.code], t, MAX_TEXT_LENGTH)
