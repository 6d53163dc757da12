"""What happened, told: in the card's thread, to those who are told, and to the customer."""

from collections.abc import Iterator

from bot.casework.reading.read_models import CaseCard, HistoryLine
from bot.i18n.translator import Translator, _
from bot.slack.views.case import lines
from bot.slack.views.case.buttons import open_case
from bot.slack.views.case.step_context import evidence
from bot.slack.views.escape import Block, dotted, escape, mention, moment, tame, typed
from bot.slack.views.message import Message, actions, context, fitting, message, section
from bot.slack.views.rich_text import answers, entries, quoted, rich
from bot.workflow.fields import FORMS
from storage.vocabulary import Step

#: Each step in the past tense. %(who)s is the person's name.
DONE: dict[Step, str] = {
    Step.REPORT: _("%(who)s reported the problem."),
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
    Step.COMMENT: _("%(who)s commented."),
}
#: How much of each long answer a notice shows, tried in this order; the case has the rest.
NOTICE = (150, 80, 40)
#: A report kept as a draft while its deadline is negotiated is not published.
_NEGOTIATING = _("%(who)s wrote the analysis report; it is published once the deadline is agreed.")


def happened(line: HistoryLine, t: Translator) -> str:
    """Who did what, in one sentence of mrkdwn."""
    draft = line.step is Step.PUBLISH_ANALYSIS and line.from_state is line.to_state
    return t(_NEGOTIATING if draft else DONE[line.step], who=mention(line.person))


def story(card: CaseCard, line: HistoryLine, t: Translator) -> Message:
    """One step as an entry of the card's thread: who did what, with which answers."""
    text = lines.heads_up(card, happened(line, t))
    return fitting(lambda limit: message(text, *told(line, t, limit)))


def notice(card: CaseCard, line: HistoryLine, t: Translator, reader: str | None = None) -> Message:
    """The same for somebody who is told, with the case's number and summary in front.

    The development owner whom a signature names gets the sheet as well: from here on it is theirs.
    """
    if line.step is Step.REPORT:
        return _receipt(card, t)
    text = lines.heads_up(card, happened(line, t))
    front, tail = section(lines.subject(card)), tuple(actions([open_case(card, t)]))
    is_owner = reader is not None and line.data.get("dev_owner") == reader

    def drawn(limit: int) -> Message:
        sheet = evidence(card, line.step, t, limit) if is_owner else ()
        return message(text, front, *told(line, t, limit), *sheet, *tail)

    return fitting(drawn, NOTICE)


def _receipt(card: CaseCard, t: Translator) -> Message:
    """To the reporter, who knows what was typed: its number, and what comes next."""
    said = t("Received as %(number)s. You will hear from us here.", number=card.number)
    front = (section(lines.subject(card)), section(said))
    return message(lines.heads_up(card, said), *front, *actions([open_case(card, t)]))


def told(line: HistoryLine, t: Translator, limit: int) -> Iterator[Block | None]:
    """The sentence, the answers, and from where to where the case went."""
    yield section(happened(line, t))
    yield answers(entries(line.step, FORMS[line.step], line.data, t, limit))
    yield context(dotted(_way(line, t), moment(line.at, t)))


def _way(line: HistoryLine, t: Translator) -> str:
    """The states between which the case moved; the one state if it stayed."""
    to = escape(t.word(line.to_state))
    if line.from_state is None or line.from_state is line.to_state:
        return to
    return f"{escape(t.word(line.from_state))} → *{to}*"


#: What the customer reads of a step: our sentence, and the answer (by field code) that was written for them.
FOR_CUSTOMER: dict[Step, tuple[str, str | None]] = {
    Step.REPORT: (_("We have received your problem. Its number is %(number)s."), None),
    Step.ANSWER: (_("Our answer to %(number)s:"), "answer"),
    Step.REPLY_CUSTOMER: (_("Our reply to %(number)s:"), "reply"),
    Step.CONFIRM_FIX: (_("%(number)s is closed. Thank you for confirming."), None),
    Step.REJECT_FIX: (_("We are looking into %(number)s again."), None),
    Step.REOPEN: (_("We are looking into %(number)s again."), None),
    Step.CLOSE_UNANSWERED: (_("%(number)s is closed, as we did not hear from you."), None),
}
#: For every other step: nothing of what happens inside.
_NEWS = _("There is progress on %(number)s.")
_QUESTIONS = {
    Step.ANSWER: _("Are you satisfied with the answer?"),
    Step.REPLY_CUSTOMER: _("Is your problem solved?"),
}


def customer_message(card: CaseCard, line: HistoryLine, t: Translator) -> Message:
    """A step as the customer reads it in their own thread: never analysis content or internal states."""
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
