"""Messages that report a step: thread lines, notices to people, and messages to the customer."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from bot.casework.reading.read_models import CaseCard, HistoryLine, Titled
from bot.i18n.translator import Translator, _
from bot.slack.views.case import lines
from bot.slack.views.case.buttons import open_case, step_button
from bot.slack.views.case.step_context import evidence
from bot.slack.views.escape import Block, dotted, escape, moment, tame, typed
from bot.slack.views.message import Message, actions, context, fitting, message, section
from bot.slack.views.rich_text import answers, entries, quoted, rich
from bot.workflow.fields import FORMS, before
from storage.vocabulary import Step

#: Each step in the past tense. %(who)s is the person's name.
DONE: dict[Step, str] = {
    Step.REPORT: _("%(who)s reported the problem."),
    Step.TAKE: _("%(who)s took the case."),
    Step.TRIAGE: _("%(who)s triaged the case."),
    Step.ANSWER: _("%(who)s answered the question."),
    Step.RECORD_VERDICT: _("%(who)s recorded the customer's verdict."),
    Step.RECLASSIFY: _("%(who)s sent the case back to be triaged again."),
    Step.DRAFT_SHEET: _("%(who)s submitted the task sheet for signature."),
    Step.SIGN_SHEET: _("%(who)s signed the task sheet."),
    Step.RETURN_SHEET: _("%(who)s returned the task sheet."),
    Step.REJECT_SHEET: _("%(who)s rejected the task sheet: the case is not of this kind."),
    Step.CALL_DISCUSSION: _("%(who)s called a discussion. It takes place in its thread in the service desk channel."),
    Step.CLOSE_DISCUSSION: _("%(who)s closed the discussion."),
    Step.PUBLISH_ANALYSIS: _("%(who)s published the analysis report."),
    Step.CHANGE_SEVERITY: _("%(who)s changed the severity."),
    Step.CHANGE_DEADLINE: _("%(who)s changed the deadline."),
    Step.DECIDE_MODIFICATION: _("%(who)s decided how the fault is handled."),
    Step.REANALYZE: _("%(who)s asked for a new analysis."),
    Step.COMPLETE_HANDLING: _("%(who)s completed the handling."),
    Step.SUBMIT_MODIFICATION: _("%(who)s submitted the modification for testing."),
    Step.PASS_TEST: _("%(who)s passed the test."),
    Step.FAIL_TEST: _("%(who)s failed the test."),
    Step.UPDATE_MANUAL: _("%(who)s recorded the user manual: changed, or why not."),
    Step.RECORD_RELEASE: _("%(who)s recorded the release."),
    Step.REPLY_CUSTOMER: _("%(who)s replied to the customer."),
    Step.CONFIRM_FIX: _("%(who)s recorded that the problem is solved."),
    Step.REJECT_FIX: _("%(who)s recorded that the problem is not solved."),
    Step.CLOSE_UNANSWERED: _("%(who)s closed the case without an answer from the customer."),
    Step.REOPEN: _("%(who)s reopened the case."),
    Step.MERGE_DUPLICATE: _("%(who)s merged the case as a duplicate."),
    Step.UNDO_MERGE: _("%(who)s undid the merge."),
    Step.WITHDRAW: _("%(who)s withdrew the case."),
    Step.HOLD: _("%(who)s put the case on hold."),
    Step.RESUME: _("%(who)s resumed the case."),
    Step.REASSIGN: _("%(who)s reassigned the case."),
    Step.CORRECT: _("%(who)s corrected the report."),
    Step.COMMENT: _("%(who)s commented."),
}
#: Stands for what only the case itself shows.
_MASK = "•••"
#: Characters shown of each long answer in a notice, tried in this order until the message fits.
NOTICE_LENGTHS = (150, 80, 40)
#: Used for `publish_analysis` while the deadline is negotiated, because the report then stays a draft.
_NEGOTIATING = _("%(who)s wrote the analysis report; it is published once the deadline is agreed.")


def step_sentence(line: HistoryLine, t: Translator) -> str:
    """Return who did what, in one sentence of mrkdwn."""
    draft = line.step is Step.PUBLISH_ANALYSIS and line.from_state is line.to_state
    return t(_NEGOTIATING if draft else DONE[line.step], who=lines.doer(line, t))


def story(case: Titled, steps: Sequence[HistoryLine], t: Translator) -> Message:
    """Build the thread line of one or several steps: who did what, with which answers."""
    text = lines.heads_up(case, " ".join(step_sentence(line, t) for line in steps))
    shown = [_masked(line) for line in steps]
    return fitting(lambda limit: message(text, *(block for line in shown for block in step_blocks(line, t, limit))))


def _masked(line: HistoryLine) -> HistoryLine:
    """Hide how to reach the contact, which the channel does not show."""
    hidden = (code for code in ("contact_way", before("contact_way")) if code in line.data)
    return replace(line, data={**line.data, **dict.fromkeys(hidden, _MASK)})


def notice(
    card: CaseCard, line: HistoryLine, t: Translator, reader: str | None = None, steps: Collection[Step] = ()
) -> Message:
    """Build the notice of a step to a person: the case's number and summary, then the content of the thread line.

    `reader` is the person's user id, and `steps` are what they may do now. The development owner named at signing also
    gets the sheet, because the product-development process takes over.
    """
    if line.step is Step.REPORT:
        return _receipt(card, t, steps)
    text = lines.heads_up(card, step_sentence(line, t))
    front, tail = section(lines.subject(card)), tuple(actions([open_case(card, t)]))
    is_owner = reader is not None and line.data.get("dev_owner") == reader

    def drawn(limit: int) -> Message:
        sheet = evidence(card, line.step, t, limit) if is_owner else ()
        return message(text, front, *step_blocks(line, t, limit), *sheet, *tail)

    return fitting(drawn, NOTICE_LENGTHS)


def _receipt(card: CaseCard, t: Translator, steps: Collection[Step]) -> Message:
    """The notice to the reporter of a new case: its number, since they wrote the report, and how they may go on."""
    said = t("Received as %(number)s. You will hear from us here.", number=card.number)
    front = (section(lines.subject(card)), section(said))
    triage = [step_button(Step.TRIAGE, card, t)] if Step.TRIAGE in steps else []
    return message(lines.heads_up(card, said), *front, *actions([*triage, open_case(card, t)]))


def step_blocks(line: HistoryLine, t: Translator, limit: int) -> Iterator[Block | None]:
    """Yield the blocks of a step: its sentence, its answers and its change of state.

    Long answers are cut to `limit` characters.
    """
    yield section(step_sentence(line, t))
    yield answers(entries(line.step, FORMS[line.step], line.data, t, limit))
    yield context(dotted(_way(line, t), moment(line.at, t)))


def _way(line: HistoryLine, t: Translator) -> str:
    """The states before and after the step, or the one state if it did not change."""
    to = escape(t.word(line.to_state))
    if line.from_state is None or line.from_state is line.to_state:
        return to
    return f"{escape(t.word(line.from_state))} → *{to}*"


#: What the customer reads of a step: a sentence, and the code of the answer that was written for them.
FOR_CUSTOMER: dict[Step, tuple[str, str | None]] = {
    Step.REPORT: (_("We have received your problem. Its number is %(number)s."), None),
    Step.ANSWER: (_("Our answer to %(number)s:"), "answer"),
    Step.REPLY_CUSTOMER: (_("Our reply to %(number)s:"), "reply"),
    Step.CONFIRM_FIX: (_("%(number)s is closed. Thank you for confirming."), None),
    Step.REJECT_FIX: (_("We are looking into %(number)s again."), None),
    Step.REOPEN: (_("We are looking into %(number)s again."), None),
    Step.CLOSE_UNANSWERED: (_("%(number)s is closed, as we did not hear from you."), None),
}
#: The sentence for every other step; it discloses nothing internal.
_NEWS = _("There is progress on %(number)s.")
_QUESTIONS = {
    Step.ANSWER: _("Are you satisfied with the answer?"),
    Step.REPLY_CUSTOMER: _("Is your problem solved?"),
}


def customer_message(card: CaseCard, line: HistoryLine, t: Translator) -> Message:
    """Build the message of a step in the customer's own thread. It has no analysis content or internal states."""
    sentence, code = FOR_CUSTOMER.get(line.step, (_NEWS, None))
    words = tame(str(line.data.get(code, ""))) if code else ""
    asked = t(_QUESTIONS[line.step]) if line.step in _QUESTIONS else ""
    said = t(sentence, number=card.number)
    return message(
        f"{said} {typed(words, 200)}" if words else said,
        section(said),
        rich(quoted(words)) if words else None,
        section(asked) if asked else None,
    )
