"""Reminders (process.md §3.6 to §3.8): the reason, the time left, and the buttons to act."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from slack_sdk.models.blocks import ButtonElement

from bot.casework.reading.read_models import CaseCard, ReminderCard
from bot.casework.steps.acknowledge import CallForHelp
from bot.documents.measure_words import duration
from bot.i18n.translator import Translator, _
from bot.slack.views.case import lines
from bot.slack.views.case.buttons import ACKNOWLEDGE, NEED_HELP, USUAL, button, open_case, seen, step_button
from bot.slack.views.case.card import status_lines
from bot.slack.views.escape import mention, moment
from bot.slack.views.message import Message, actions, context, header, message, section
from bot.workflow.deadlines import DEADLINE_RULES
from storage.vocabulary import Role, Rule, Step

#: The reason for a reminder. %(share)s is a percentage.
WHY: dict[Rule, str] = {
    Rule.DEADLINE_SHARE: _("%(share)s%% of the time to the deadline has passed."),
    Rule.OVERDUE: _("The deadline has passed and the fault is not resolved."),
    Rule.UNACKNOWLEDGED: _("Nobody has acknowledged the reminder of this very severe fault."),
    Rule.NEGOTIATING: _("The deadline is still being negotiated; the analysis report waits for it."),
    Rule.URGENT: _("This report was marked as urgent, and nobody has triaged it yet."),
    Rule.TARGET: _("This case has waited longer than it should."),
    Rule.UNTRIAGED: _("This case is still waiting for triage."),
    Rule.UNSIGNED: _("This task sheet is still waiting for a signature."),
    Rule.UNANSWERED: _("The customer has not answered yet."),
    Rule.HOLD_ENDED: _("The hold has ended. Please resume the case; if it must wait longer, put it on hold again."),
}
_ESCALATED = _("Escalated: this report was marked as urgent, and nobody has triaged it yet.")
#: The steps whose buttons a reminder has, besides the one that the state waits for.
ASKS_FOR: dict[Rule, tuple[Step, ...]] = {
    **dict.fromkeys(DEADLINE_RULES, (Step.CHANGE_DEADLINE,)),
    **dict.fromkeys((Rule.URGENT, Rule.UNTRIAGED, Rule.TARGET), (Step.TAKE,)),
    Rule.UNANSWERED: (Step.TAKE, Step.CLOSE_UNANSWERED),
    Rule.HOLD_ENDED: (Step.RESUME,),
}
_REACHED = _("The deadline has been reached and the fault is not resolved.")


def reminder(
    card: CaseCard,
    reminder: ReminderCard,
    t: Translator,
    *,
    steps: Collection[Step],
    now: datetime | None = None,
) -> Message:
    """Build a reminder for one reader, who may take `steps` now.

    The time left is counted from `now` (aware UTC), or from when the reminder was due. An acknowledged reminder says
    who acknowledged it and when, in place of the button.
    """
    reason = why(reminder, t)
    return message(
        lines.heads_up(card, reason),
        header(lines.title(card)),
        section(f"⏰ *{reason}*"),
        section(status_lines(card, t, _left(card, now or reminder.due_at, t))),
        context(*_late(reminder, t), *_acknowledged(reminder, t)),
        *actions(list(_buttons(card, reminder, t, steps))),
    )


def why(reminder: ReminderCard, t: Translator) -> str:
    """Return the reason for a reminder in one sentence."""
    if reminder.escalated:
        return t(_ESCALATED)
    if reminder.rule is not Rule.DEADLINE_SHARE:
        return t(WHY[reminder.rule])
    reached = reminder.share is None or reminder.share >= 100
    return t(_REACHED) if reached else t(WHY[Rule.DEADLINE_SHARE], share=reminder.share)


def _left(card: CaseCard, now: datetime, t: Translator) -> str:
    """The time to the deadline, or since it. Empty without a deadline, once the case is resolved, and while a hold
    stops the clock of a deadline that would have passed.
    """
    if card.deadline_at is None or card.resolved_at is not None:
        return ""
    left = card.deadline_at - now
    if left <= timedelta() and not card.overdue:
        return ""
    span = duration(abs(left).total_seconds(), t)
    return t("%(time)s left", time=span) if left > timedelta() else t("overdue by %(time)s", time=span)


def _late(reminder: ReminderCard, t: Translator) -> Iterator[str]:
    if reminder.waited:
        since, hours = reminder.waited
        told = {"since": moment(since, t), "hours": f"{hours:.4g}"}
        yield t("Waiting since %(since)s; due after %(hours)s working hours.", **told)
    if reminder.late:
        yield t("Late: this was due %(due)s.", due=moment(reminder.due_at, t))
    if reminder.stands_for > 1:
        told = {
            "number": str(reminder.stands_for),
            "first": moment(reminder.first_due_at, t),
            "last": moment(reminder.due_at, t),
        }
        yield t("It stands for %(number)s reminders that were due from %(first)s to %(last)s.", **told)


def _acknowledged(reminder: ReminderCard, t: Translator) -> Iterator[str]:
    if reminder.acknowledged_by and reminder.acknowledged_at:
        who, at = mention(reminder.acknowledged_by), moment(reminder.acknowledged_at, t)
        yield "✓ " + t("Acknowledged by %(who)s, %(at)s", who=who, at=at)


def _buttons(card: CaseCard, reminder: ReminderCard, t: Translator, steps: Collection[Step]) -> Iterator[ButtonElement]:
    value = seen(card, reminder=reminder.id)
    if reminder.rule in DEADLINE_RULES:
        if reminder.acknowledged_by is None:
            yield button(ACKNOWLEDGE, t("Acknowledge"), value, "primary")
        yield button(NEED_HELP, t("I need help"), value)
    for step in asked_for(card, reminder.rule):
        if step in steps:
            yield step_button(step, card, t, reminder=reminder.id)
    yield open_case(card, t, reminder=reminder.id)


def asked_for(card: CaseCard, rule: Rule) -> tuple[Step, ...]:
    """Return the steps whose buttons a reminder has for those who may take them.

    Signing has none, because a sheet is read in the case before it is signed.
    """
    usual = USUAL.get(card.state)
    discussed = usual is Step.PUBLISH_ANALYSIS and card.in_discussion
    step = Step.CLOSE_DISCUSSION if discussed else usual
    first = (step,) if step and step is not Step.SIGN_SHEET else ()
    return (*first, *ASKS_FOR.get(rule, ()))


def help_wanted(card: CaseCard, person: str, t: Translator) -> Message:
    """Build the message that tells a center manager that `person`, who was reminded, needs help."""
    asked = t("%(who)s needs help with %(number)s.", who=mention(person), number=card.number)
    return message(
        lines.heads_up(card, asked),
        header(lines.title(card)),
        section("🖐 " + asked),
        section(status_lines(card, t)),
        context(t("Write to them, reassign the case, or change the deadline.")),
        *actions([open_case(card, t)]),
    )


def help_without_manager(number: str, t: Translator) -> Message:
    """Build the message that tells an admin, who reads no content, that a call for help reaches no center manager."""
    said = t("Somebody needs help with %(number)s, but there is no center manager.", number=number)
    return message(said, section("🖐 " + said), section(t("Please give somebody this role.")))


def help_asked_of(call: CallForHelp, t: Translator) -> Message:
    """Build the answer to a person who asked for help, for the first time with this reminder or again."""
    match call.told:
        case Role.CENTER_MANAGER:
            told = t("The center manager has been told that you need help.")
        case Role.ADMIN:
            told = t("There is no center manager. The administrators were asked to give somebody this role.")
        case _:
            told = t("There is neither a center manager nor an administrator, so nobody could be told.")
    said = t.sentences("" if call.is_new else t("You have asked for help already."), told)
    return message(said, section("🆘 " + said))
