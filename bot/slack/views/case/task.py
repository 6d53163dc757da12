"""The task message to a person who must act, and its settled form after somebody has acted."""

from collections.abc import Iterator, Sequence

from bot.casework.reading.read_models import CaseCard, HistoryLine
from bot.i18n.translator import Translator, _
from bot.slack.views.case import lines as case_lines
from bot.slack.views.case.buttons import USUAL, open_case, read_all, steps_rows
from bot.slack.views.case.card import has_more
from bot.slack.views.case.step_context import evidence, reason
from bot.slack.views.case.thread import step_blocks, step_sentence
from bot.slack.views.escape import Block, dotted, lines
from bot.slack.views.message import Message, actions, context, fitting, header, message, section
from bot.slack.views.rich_text import quoted, rich
from storage.vocabulary import State, Step

#: What each state asks the person to do for whom it waits.
ASKED: dict[State, str] = {
    State.TRIAGE: _("Please judge this problem: is it a customized requirement, and if not, is it a fault?"),
    State.ANSWERING: _("Please answer the question."),
    State.ANSWER_CONFIRMING: _("Please record whether the customer is satisfied with the answer."),
    State.SHEET_DRAFTING: _("Please draft the task sheet."),
    State.SHEET_SIGNING: _("Please sign this task sheet, or return it with a reason."),
    State.ANALYSIS: _("Please analyze the cause and publish the analysis report with the severity."),
    State.DECISION: _("Please decide whether the software must be modified."),
    State.HANDLING: _("Please handle this fault without a software modification and record the result."),
    State.MODIFICATION: _("Please modify the software and submit the build for testing."),
    State.TESTING: _("Please test this build."),
    State.MANUAL_UPDATE: _("Please update the user manual, or record that no change is needed."),
    State.RELEASE: _("Please release the tested build and record it."),
    State.REPLYING: _("Please reply to the customer."),
    State.FIX_CONFIRMING: _("Please ask the customer whether the problem is solved, and record the answer."),
}
_NOTHING_ASKED = _("There is nothing left to do here.")
#: Characters shown of the description. It is short, because the records to judge follow it.
_DESCRIPTION = 300


def task(card: CaseCard, t: Translator, steps: Sequence[Step], line: HistoryLine | None = None) -> Message:
    """Build a task: what the reader is asked to do, what they need to see for it, and the buttons of `steps`.

    `line` is the step that caused the task; None means the last step of the case.
    """
    return fitting(lambda limit: _task(card, t, steps, line or card.last, limit))


def _task(card: CaseCard, t: Translator, steps: Sequence[Step], line: HistoryLine | None, limit: int) -> Message:
    asked = t(ASKED.get(card.state, _NOTHING_ASKED))
    beside = [open_case(card, t), *([read_all(card, t)] if has_more(card, min(limit, _DESCRIPTION)) else [])]
    return message(
        case_lines.heads_up(card, asked),
        header(case_lines.title(card)),
        section(f"*{asked}*"),
        *brief(card, t, limit),
        reason(card, line, t, limit) if line else None,
        *(evidence(card, USUAL[card.state], t, limit) if card.state in USUAL else ()),
        *steps_rows(card, steps, t, *beside),
    )


def brief(card: CaseCard, t: Translator, limit: int) -> Iterator[Block | None]:
    """Yield the case in a few lines. The description is cut to `limit` and at most 300 characters."""
    facts = lines(case_lines.urgency(card, t), case_lines.marks(card, t), case_lines.deadline(card, t))
    yield section(facts) if facts else None
    customer = (value for _label, value in case_lines.origin(card, t, personal=True))
    yield context(dotted(*list(customer)[:3]))
    yield rich(quoted(card.description, min(limit, _DESCRIPTION)))


def settled(card: CaseCard, line: HistoryLine, t: Translator) -> Message:
    """Build the form of a task after somebody acted: what they did, and no step buttons."""
    text = case_lines.heads_up(card, step_sentence(line, t))
    tail = tuple(actions([open_case(card, t)]))
    return fitting(lambda limit: message(text, header(case_lines.title(card)), *step_blocks(line, t, limit), *tail))


def withdrawn(t: Translator) -> Message:
    """Build what replaces a task or a reminder whose reader may no longer read the case: nothing of the case."""
    said = t(_NOTHING_ASKED)
    return message(said, section(said))
