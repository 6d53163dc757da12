"""Turns an outbox row into a Slack call: the message in the reader's language and its destination. Posts nothing."""

import json
from collections.abc import Callable, Collection

from bot.casework import signing
from bot.casework.reading.cases import CaseForPerson
from bot.casework.reading.read_models import HistoryLine
from bot.casework.reading.redaction import readable_card, readable_line
from bot.casework.reading.snapshot import Snapshot
from bot.casework.records.export_orders import ExportOrder, check_order, goes_to_thread
from bot.casework.statistics import monthly_report
from bot.casework.steps.customer_words import PERSONAL_VIEWS
from bot.casework.steps.notify import MessageKind
from bot.documents.context import DocumentContext
from bot.documents.produce import produce
from bot.slack.delivery import render_card, render_desk
from bot.slack.delivery.customer_route import CustomerRoute
from bot.slack.delivery.render_card import card_thread, in_thread
from bot.slack.delivery.render_files import sent_file_call, sent_file_lost_call, thread_files_call
from bot.slack.delivery.render_job import NotReadable, NotYet, RenderContext, RenderJob
from bot.slack.delivery.render_reminder import help_wanted, reminder, reminder_edit, reminder_message, vacant
from bot.slack.delivery.slack_call import SlackCall
from bot.slack.views.case import reminder as views
from bot.slack.views.case.merging import duplicate_comment, follower_message
from bot.slack.views.case.not_reached import not_reached
from bot.slack.views.case.rerouted import rerouted
from bot.slack.views.case.task import settled, task, withdrawn
from bot.slack.views.case.thread import customer_message, notice, story
from bot.slack.views.case.vacant import vacant as vacant_message
from bot.slack.views.desk.export import made, not_made
from bot.slack.views.desk.statistics_report import statistics_report
from bot.slack.views.operators.dead_letter import dead_letter, undelivered
from bot.workflow import export_refusals
from bot.workflow.reading_levels import Level
from bot.workflow.refusal import Refused
from storage import lanes, outbox
from storage.tables import Outgoing, ReportCopy
from storage.vocabulary import OutboxState, Step


def render(snapshot: Snapshot, row: Outgoing, context: RenderContext) -> SlackCall | None:
    """Return the Slack call for a row; None if its message is no longer needed.

    Raises `NotReadable` if the person whom the message is for may not read its case, and `NotYet`.
    """
    return _RENDERERS[row.view](RenderJob(snapshot, row, context))


def _story(job: RenderJob) -> SlackCall:
    """The thread line of a step, and of those whose lines waited behind it."""
    return in_thread(job, story(job.case.title, [job.line, *job.more_lines], job.context.t))


def _customer(job: RenderJob) -> SlackCall | None:
    """The words for the customer; None if they go to the reporter, who got them as a notice of the step already.

    Raises `NotYet` while that notice is under way.
    """
    case, card = job.case.row, job.card
    level = Level.CUSTOMER
    card, line = readable_card(card, level), readable_line(job.line, card, level)
    if job.arguments["route"] == CustomerRoute.THREAD:
        return SlackCall(customer_message(card, line, job.context.t), job.row.target, thread_ts=case.origin_ts)
    if job.arguments.get("reporter_noticed") and _got_notice(job, case.reporter_id):
        return None
    t = job.translator_of(case.reporter_id)
    return SlackCall(customer_message(card, line, t), None, case.reporter_id)


def _got_notice(job: RenderJob, person: str) -> bool:
    """Return whether a person got the notice of the step that the row reports. Raises `NotYet`."""
    sent = lanes.messages(job.session, job.case_id, person, PERSONAL_VIEWS)
    notice = next((one for one in sent if json.loads(one.arguments).get("seq") == job.arguments["seq"]), None)
    if notice is not None and notice.state in outbox.PENDING:
        raise NotYet
    return notice is None or notice.state is OutboxState.SENT  # sent ones are deleted after some time


def _rerouted(job: RenderJob) -> SlackCall:
    return in_thread(job, rerouted(job.card, job.arguments["route"], job.context.t))


def _follower(job: RenderJob) -> SlackCall | None:
    """The news for a follower: in the thread that their case came from, or by direct message.

    None for the thread if not everybody in that channel may read it: the follower has the direct message.
    """
    origin, target = job.case.row, job.row.target
    if target == origin.origin_channel:
        if job.arguments["route"] != CustomerRoute.THREAD:
            return None
        card = readable_card(job.card, Level.CUSTOMER)
        message = follower_message(card, job.arguments, job.context.t, in_thread=True)
        return SlackCall(message, target, thread_ts=origin.origin_ts)
    return SlackCall(follower_message(job.card_for(target), job.arguments, job.target, in_thread=False), None, target)


def _duplicate_comment(job: RenderJob) -> SlackCall:
    """A comment on a duplicate, for one of its master's people or for the thread of the master's card."""
    said, target = job.arguments, job.row.target
    if job.case_id == said["duplicate"]:
        card, line = job.for_person(target)
        return SlackCall(duplicate_comment(card, line, job.target, job.steps(target), personal=True), None, target)
    duplicate = job.snapshot.case(said["duplicate"])
    return in_thread(job, duplicate_comment(duplicate.card, duplicate.line(said["seq"]), job.context.t))


def _notice(job: RenderJob) -> SlackCall:
    card, line = job.for_person(job.row.target)
    return SlackCall(notice(card, line, job.target, job.row.target), None, job.row.target)


def _task(job: RenderJob) -> SlackCall | None:
    """A task for a person; None if they no longer have to act."""
    later = job.case.handed_over_after(job.arguments["seq"])
    if job.arguments.get("receipt"):
        return _receipt(job, () if later else job.steps(job.row.target))
    if later is not None:
        return _late_task(job, later)
    steps = job.steps(job.row.target)
    if not steps:
        return None
    card, line = job.for_person(job.row.target)
    return SlackCall(task(card, job.target, steps, line), None, job.row.target, remember=True)


def _receipt(job: RenderJob, steps: Collection[Step]) -> SlackCall:
    """The receipt of a report for somebody who may triage it."""
    card, line = job.for_person(job.row.target)
    message = notice(card, line, job.target, job.row.target, steps)
    return SlackCall(message, None, job.row.target, remember=bool(steps))


def _late_task(job: RenderJob, later: HistoryLine) -> SlackCall | None:
    """A task of a case that has moved on: None, unless an earlier attempt may have posted it.

    Then the sender finds the posted task, which is settled afterwards, or posts this settled one.
    """
    if not outbox.is_uncertain(job.row):
        return None
    card, line = job.for_person(job.row.target, later)
    return SlackCall(settled(card, line, job.target), None, job.row.target, remember=True)


def _settle(job: RenderJob) -> SlackCall:
    """The settled form of a task; its reader may have lost the right to read the case."""
    message, t = job.posted()
    try:
        card, line = job.for_person(message.person_id or "")
    except NotReadable:
        return SlackCall(withdrawn(t), message.channel, ts=message.ts)
    return SlackCall(settled(card, line, t), message.channel, ts=message.ts)


def _dead_letter(job: RenderJob) -> SlackCall:
    said = job.arguments
    message = dead_letter(said["number"], said["view"], said["target"], said["error"], job.target)
    return SlackCall(message, None, job.row.target)


def _not_reached(job: RenderJob) -> SlackCall:
    said, (card, line) = job.arguments, job.for_person(job.row.target)
    return SlackCall(not_reached(card, line, said["target"], said["error"], job.target), None, job.row.target)


def _undelivered(job: RenderJob) -> SlackCall:
    """The content of an undeliverable message, in the channel's language, for the case's thread."""
    said, t = job.arguments, job.context.t
    if said["view"] == MessageKind.REMINDER:
        original = reminder_message(job, job.card, said, job.situation(said["person"]), t)
    elif said["view"] == MessageKind.HELP_WANTED:
        original = views.help_wanted(job.card, said["asker"], t)
    elif said["view"] == MessageKind.VACANT:
        original = vacant_message(CaseForPerson(job.card, (), {}, Level.CENTER), t)
    elif said["view"] == MessageKind.FOLLOWER:
        original = follower_message(job.card, said, t, in_thread=False)
    else:
        original = notice(job.card, job.line, t)
    return in_thread(job, undelivered(job.card, said["person"], original, t))


def _file(job: RenderJob) -> SlackCall:
    """Make the ordered document and share it. If it cannot be made, tell its asker why."""
    order = ExportOrder.model_validate(job.arguments["order"])
    t = job.translator_of(order.asker)
    try:
        level = check_order(job.session, order, job.context.company, job.now)  # rights may have changed since the order
        thread = card_thread(job) if job.row.target != order.asker and goes_to_thread(order, level) else None
        own, signer = job.context.document_settings, signing.key_in_use(job.session, job.context.company)
        contents = job.context.contents
        made_by = DocumentContext(job.session, job.context.company, own, t, job.now, level, signer, contents)
        files = produce(order, made_by)
    except Refused as refused:
        return SlackCall(not_made(order, refused.problems[0].refusal, t), None, order.asker)
    if thread is None:
        return SlackCall(made(order, files, t), None, order.asker, files=files)
    channel, thread_ts = thread
    return SlackCall(made(order, files, job.context.t, order.asker), channel, thread_ts=thread_ts, files=files)


def _report(job: RenderJob) -> SlackCall | None:
    """The newest version of the report in its present state; None for somebody who no longer reads statistics."""
    if not job.reads_center(job.row.target):
        return None
    card = monthly_report.newest_card(job.session, job.arguments["report"])
    return SlackCall(statistics_report(card, job.target), None, job.row.target, remember=True)


def _report_edit(job: RenderJob) -> SlackCall:
    copy = job.session.get_one(ReportCopy, job.arguments["copy"])
    t = job.translator_of(copy.person_id)
    if not job.reads_center(copy.person_id):
        return SlackCall(withdrawn(t), copy.channel, ts=copy.ts)
    card = monthly_report.newest_card(job.session, copy.report_id)
    return SlackCall(statistics_report(card, t), copy.channel, ts=copy.ts)


def _file_lost(job: RenderJob) -> SlackCall:
    order = ExportOrder.model_validate(job.arguments["order"])
    return SlackCall(not_made(order, export_refusals.MakingFailed(), job.target), None, job.row.target)


_RENDERERS: dict[str, Callable[[RenderJob], SlackCall | None]] = {
    MessageKind.CARD: render_card.card,
    MessageKind.CARD_MOVED: render_card.moved,
    MessageKind.CARD_LEFT: render_card.left,
    MessageKind.STORY: _story,
    MessageKind.NOTICE: _notice,
    MessageKind.TASK: _task,
    MessageKind.VACANT: vacant,
    MessageKind.VACANT_CASES: render_desk.vacant_cases,
    MessageKind.ROLE_VACANT: render_desk.role_vacant,
    MessageKind.LEFT: render_desk.left,
    MessageKind.REASSIGNED: render_desk.reassigned,
    MessageKind.SETTLE: _settle,
    MessageKind.DISCUSSION: render_card.discussion,
    MessageKind.CUSTOMER: _customer,
    MessageKind.FOLLOWER: _follower,
    MessageKind.DUPLICATE_COMMENT: _duplicate_comment,
    MessageKind.REROUTED: _rerouted,
    MessageKind.REMINDER: reminder,
    MessageKind.REMINDER_EDIT: reminder_edit,
    MessageKind.HELP_WANTED: help_wanted,
    MessageKind.UNDELIVERED: _undelivered,
    MessageKind.NOT_REACHED: _not_reached,
    MessageKind.DEAD_LETTER: _dead_letter,
    MessageKind.FILE: _file,
    MessageKind.FILE_LOST: _file_lost,
    MessageKind.THREAD_FILES: lambda job: thread_files_call(job, *card_thread(job)),
    MessageKind.SENT_FILE: sent_file_call,
    MessageKind.SENT_FILE_LOST: sent_file_lost_call,
    MessageKind.REPORT: _report,
    MessageKind.REPORT_EDIT: _report_edit,
    MessageKind.CHECKPOINT: render_desk.checkpoint,
    MessageKind.KEY_LOST: render_desk.key_lost,
    MessageKind.RESTORED: render_desk.restored,
    MessageKind.CONVERSATION: render_desk.conversation,
    MessageKind.EVENTS_LOST: render_desk.events_lost,
}
