"""Renders reminders, and what else asks somebody to look after a case that waits."""

import json
from typing import Any

from bot.casework.reading.cases import shown_in
from bot.casework.reading.read_models import CaseCard, reminder_card
from bot.casework.steps.waits import addressees_of
from bot.i18n.translator import Translator
from bot.slack.delivery.render_job import NotReadable, RenderJob
from bot.slack.delivery.slack_call import SlackCall
from bot.slack.views.case import reminder as views
from bot.slack.views.case import vacant as vacancy
from bot.slack.views.case.task import withdrawn
from bot.slack.views.message import Message
from bot.workflow.deadlines import reminder_visibility, still_due
from bot.workflow.decide import available
from bot.workflow.reading_levels import Level, Visibility
from bot.workflow.refusal import Refused
from bot.workflow.situation import Situation
from bot.workflow.waiting import is_vacant
from storage import outbox
from storage.tables import Reminder


def vacant(job: RenderJob) -> SlackCall | None:
    """The news that nobody may take a case further; None once somebody may, or for somebody who may not see it."""
    if not is_vacant(addressees_of(job.session, [job.case_id]).get(job.case_id, ())):
        return None
    try:
        shown = shown_in(job.snapshot, job.case_id, job.row.target)
    except Refused:
        return None
    return SlackCall(vacancy.vacant(shown, job.target), None, job.row.target)


def reminder(job: RenderJob) -> SlackCall | None:
    """A reminder; None if what it asks for was done before it was sent.

    An administrator, who reads no content, is reminded that nobody may take the case further.
    """
    row = job.session.get_one(Reminder, job.arguments["reminder"])
    situation = job.situation(job.row.target)
    if not still_due(row.rule, situation.case, situation.policy) and not outbox.is_uncertain(job.row):
        return None
    if situation.level is Level.ADMIN:
        return vacant(job)
    message = reminder_message(
        job, job.card_in(situation, reminder_visibility(row.rule)), job.arguments, situation, job.target
    )
    return SlackCall(message, None, job.row.target, remember=True)


def reminder_edit(job: RenderJob) -> SlackCall:
    """The present form of a reminder; its reader may have lost the right to read the case."""
    posted, t = job.posted()
    said, situation = json.loads(posted.arguments), job.situation(posted.person_id or "")
    row = job.session.get_one(Reminder, said["reminder"])
    try:
        card = job.card_in(situation, reminder_visibility(row.rule))
    except NotReadable:
        return SlackCall(withdrawn(t), posted.channel, ts=posted.ts)
    message = reminder_message(job, card, said, situation, t)
    return SlackCall(message, posted.channel, ts=posted.ts)


def reminder_message(
    job: RenderJob, card: CaseCard, said: dict[str, Any], situation: Situation, t: Translator
) -> Message:
    """Build a reminder with the buttons of the steps that its reader may take now. `card` is as they read it."""
    row = job.session.get_one(Reminder, said["reminder"])
    return views.reminder(card, reminder_card(row, said), t, steps=available(situation), now=job.now)


def help_wanted(job: RenderJob) -> SlackCall:
    """The news that somebody who was reminded needs help; for an administrator without the content of the case."""
    situation = job.situation(job.row.target)
    if situation.level is Level.ADMIN:
        return SlackCall(views.help_without_manager(situation.case.number, job.target), None, job.row.target)
    card = job.card_in(situation, Visibility.INTERNAL)
    return SlackCall(views.help_wanted(card, job.arguments["asker"], job.target), None, job.row.target)
