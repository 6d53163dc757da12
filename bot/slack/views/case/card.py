"""The card of a case: the shared one in the service-desk channel, and the personal one."""

from collections.abc import Iterator, Sequence

from bot.casework.reading.cases import CaseForPerson, CaseStatus
from bot.casework.reading.read_models import CaseCard
from bot.i18n.translator import Translator
from bot.slack.views.case import lines as case_lines
from bot.slack.views.case.buttons import EXPORT, button, open_case, read_all, seen, step_button, steps_rows
from bot.slack.views.escape import Block, dotted, escape, lines
from bot.slack.views.message import Message, actions, context, fitting, grid, header, message, section
from bot.slack.views.rich_text import quoted, rich
from storage.vocabulary import Paper, Step

#: Characters shown of the description, tried in this order until the message fits.
DESCRIPTION_LENGTHS = (600, 300, 150, 60)


def card(card: CaseCard, t: Translator, steps: Sequence[Step] = (), *, personal: bool = False) -> Message:
    """Build the card of a case.

    The shared card (`personal` False) has buttons for `steps`, which somebody may take now, and to open the case. The
    personal card has buttons for `steps`, which its reader may take now, to export documents and, if the card shortens
    anything, to read it all.
    """
    return fitting(lambda limit: _card(card, t, steps, personal, limit), DESCRIPTION_LENGTHS)


def personal_card(shown: CaseForPerson | CaseStatus, t: Translator) -> Message:
    """Build the card of a case for one person; an administrator's has number, state and what is missing alone."""
    if isinstance(shown, CaseStatus):
        return _status(shown, t)
    return card(shown.card, t, shown.steps, personal=True)


def _status(shown: CaseStatus, t: Translator) -> Message:
    state = f"*{t('State')}* {escape(t.word(shown.state))}"
    vacant = t("Nobody can act on this case now. A center manager must assign somebody.")
    if shown.missing:
        vacant = t("It is waiting for: %(roles)s. Nobody has this role.", roles=shown.missing)
    said = f"{shown.number} · {escape(t.word(shown.state))}"
    return message(
        said,
        header(shown.number),
        section(state),
        section(f"⚠ {escape(vacant)}") if shown.is_vacant else None,
        context(t("Administrators see the number, the state and the missing roles of a case, but not its content.")),
    )


def _card(card: CaseCard, t: Translator, steps: Sequence[Step], personal: bool, limit: int) -> Message:
    return message(
        case_lines.heads_up(card, escape(t.word(card.state))),
        header(case_lines.title(card)),
        section(status_lines(card, t)),
        grid(case_lines.origin(card, t, personal=personal)),
        context(case_lines.unconfirmed(card, t)),
        rich(quoted(card.description, limit)),
        grid(case_lines.people(card, t)),
        context(dotted(_last(card, t), *_files(card, t))),
        *(_personal_rows(card, t, steps, limit) if personal else _shared_row(card, t, steps)),
    )


def status_lines(card: CaseCard, t: Translator, left: str = "") -> str:
    """Return state, marks, deadline, resolution and whom the case waits for, one a line (mrkdwn).

    `left` is the time to the deadline, in the reader's words.
    """
    deadline = dotted(case_lines.deadline(card, t), left)
    shown = (
        case_lines.state(card, t),
        case_lines.marks(card, t),
        deadline,
        case_lines.resolved(card, t),
        case_lines.waits(card, t),
    )
    return lines(*shown)


def _last(card: CaseCard, t: Translator) -> str:
    return t("Last step: %(step)s", step=case_lines.last(card.last, t)) if card.last else ""


def _files(card: CaseCard, t: Translator) -> Iterator[str]:
    if card.attachments:
        yield "📎 " + t("files: %(count)s", count=len(card.attachments))


def _shared_row(card: CaseCard, t: Translator, steps: Sequence[Step]) -> Iterator[Block]:
    return actions([*(step_button(step, card, t) for step in steps), open_case(card, t)])


def _personal_rows(card: CaseCard, t: Translator, steps: Sequence[Step], limit: int) -> Iterator[Block]:
    beside = [read_all(card, t)] if has_more(card, limit) else []
    return steps_rows(card, steps, t, *beside, button(EXPORT, t("Export"), seen(card)))


def has_more(card: CaseCard, limit: int) -> bool:
    """Whether the case has more text than a card that shows `limit` characters of the description."""
    papers = any(paper.paper is not Paper.CASE for paper in card.papers)
    return papers or bool(card.attachments) or len(card.description) > limit
