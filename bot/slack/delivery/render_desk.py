"""Renders the messages that concern no case: checkpoints, keys, restores, vacant roles, leavers, answers to people."""

from datetime import UTC, datetime

from bot.casework import leavers
from bot.casework.reading import cases
from bot.casework.records.checkpoints import line_of as checkpoint_line
from bot.slack.delivery.render_job import RenderJob
from bot.slack.delivery.slack_call import SlackCall
from bot.slack.views.desk.leavers import left as left_message
from bot.slack.views.desk.leavers import reassigned as reassigned_message
from bot.slack.views.desk.lists import vacant_cases as vacant_cases_message
from bot.slack.views.desk.vacant_role import vacant_role
from bot.slack.views.message import Message
from bot.slack.views.operators import checkpoint as operators
from bot.slack.views.operators.events_lost import events_lost as events_lost_message
from bot.slack.views.operators.no_desk import no_desk as no_desk_message
from bot.slack.views.operators.restored import restored as restored_message
from storage import checkpoints
from storage.tables import Epoch
from storage.vocabulary import Role


def checkpoint(job: RenderJob) -> SlackCall | None:
    """The line of a checkpoint; None if it is gone, which verification reports."""
    found = checkpoints.find(job.session, job.arguments["checkpoint"])
    if found is None:
        return None
    return SlackCall(operators.checkpoint(str(checkpoint_line(job.session, found)), job.target), None, job.row.target)


def key_lost(job: RenderJob) -> SlackCall:
    """That a new key signs, because the one before was lost."""
    said = job.arguments
    return SlackCall(operators.key_lost(said["key"], said["lost"], job.target), None, job.row.target)


def restored(job: RenderJob) -> SlackCall:
    """What the service-desk channel is told once after a restore."""
    begun, written = job.session.get_one(Epoch, job.arguments["epoch"]), job.arguments["written"]
    at = datetime.fromisoformat(written) if written else None
    return SlackCall(restored_message(at, begun.last_case, begun.first_case, job.t), job.row.target)


def conversation(job: RenderJob) -> SlackCall:
    """An answer to what a person wrote, as it was made for that person (`bot.casework.conversation`)."""
    said = job.arguments
    message, person, thread = Message(said["text"], said["blocks"]), said["person"], said["thread_ts"]
    if job.row.target == person:
        return SlackCall(message, None, person, thread_ts=thread)
    return SlackCall(message, job.row.target, thread_ts=thread, only_for=person)


def events_lost(job: RenderJob) -> SlackCall:
    """That Slack dropped events of a minute."""
    minute = datetime.fromtimestamp(job.arguments["minute"], UTC)
    return SlackCall(events_lost_message(minute, job.target), None, job.row.target)


def role_vacant(job: RenderJob) -> SlackCall:
    """That nobody holds a role of the process."""
    return SlackCall(vacant_role(Role(job.arguments["role"]), job.target), None, job.row.target)


def no_desk(job: RenderJob) -> SlackCall | None:
    """That there is no service-desk channel; None if there is one by now."""
    return None if job.company.has_desk_channel else SlackCall(no_desk_message(job.target), None, job.row.target)


def vacant_cases(job: RenderJob) -> SlackCall | None:
    """The cases that nobody may take further; None if somebody may again."""
    found = cases.vacant_cases(job.session, job.row.target, job.company, job.now)
    return SlackCall(vacant_cases_message(found, job.target), None, job.row.target) if found.lines else None


def left(job: RenderJob) -> SlackCall | None:
    """The places of somebody who left; None if they are given to others already, or the person is back."""
    found = leavers.leaver(job.session, job.arguments["person"], job.row.target, job.company, job.now)
    return SlackCall(left_message(found, job.target), None, job.row.target) if found.cases else None


def reassigned(job: RenderJob) -> SlackCall:
    """What came of *Reassign all*."""
    return SlackCall(reassigned_message(job.arguments, job.target), None, job.row.target)
