"""Turns an outbox row into a Slack call: the message in the reader's language and its destination. Posts nothing."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.casework.company_settings import Office
from bot.casework.reading.read_models import CaseCard, HistoryLine, history_line, load_card, reminder_card
from bot.casework.records.export_orders import Order, check
from bot.casework.statistics import monthly_report
from bot.casework.steps import load
from bot.casework.steps.notify import View
from bot.documents.context import Stationery, Workshop
from bot.documents.file import File
from bot.documents.produce import produce
from bot.i18n.translator import Translator, translator
from bot.slack.views.case.card import card as draw_card
from bot.slack.views.case.discussion import discussion
from bot.slack.views.case.reminder import help_wanted, reminder
from bot.slack.views.case.task import settled, task
from bot.slack.views.case.thread import customer_message, notice, story
from bot.slack.views.desk.export import made, not_made
from bot.slack.views.desk.statistics_report import statistics_report
from bot.slack.views.message import Message
from bot.slack.views.operators.dead_letter import dead_letter, undelivered
from bot.workflow import export_refusals
from bot.workflow.deadlines import still_due
from bot.workflow.decide import available
from bot.workflow.refusal import Refused
from bot.workflow.steps import ALWAYS_AT_HAND
from storage import cases, outbox, people
from storage.tables import Outgoing, Posted, Reminder, ReportCopy
from storage.vocabulary import Step


@dataclass(frozen=True, slots=True)
class Sending:
    """One call to Slack. With `ts` it edits that message; with `thread_ts` it goes into that thread.

    `channel` None means the direct messages with `person`. `remember`: store where the message is posted, for later
    edits. With `files` they are shared, and only the text of the message accompanies them.
    """

    message: Message
    channel: str | None
    person: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    remember: bool = False
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """The company's settings for messages and documents, and the translator for its channels."""

    office: Office
    t: Translator
    stationery: Stationery

    def translator_of(self, session: Session, person_id: str) -> Translator:
        """Return a person's translator: in the company's language and zone until Slack has reported their own."""
        person = people.find(session, person_id)
        locale, zone = (person.locale, person.zone) if person else (None, None)
        return translator(locale, zone, self.t.locale, self.t.zone.key)


@dataclass(frozen=True, slots=True)
class Drawing:
    """An outbox row to render, with everything that the rendering functions read. `now` is aware UTC."""

    session: Session
    row: Outgoing
    desk: Desk
    now: datetime

    @property
    def arguments(self) -> dict[str, Any]:
        """The row's arguments, decoded."""
        arguments: dict[str, Any] = json.loads(self.row.arguments)
        return arguments

    @property
    def case_id(self) -> int:
        """The id of the row's case. The row must have one."""
        assert self.row.case_id is not None
        return self.row.case_id

    @property
    def card(self) -> CaseCard:
        """The case in its present state."""
        return load_card(self.session, self.case_id, self.now)

    @property
    def line(self) -> HistoryLine:
        """The history entry that the row reports."""
        return history_line(cases.entry(self.session, self.case_id, self.arguments["seq"]))

    @property
    def target(self) -> Translator:
        """The translator of the person who is the row's target."""
        return self.desk.translator_of(self.session, self.row.target)

    def steps(self, person: str) -> tuple[Step, ...]:
        """Return the steps that the case's state asks for and that the person may take now."""
        row = cases.get(self.session, self.case_id)
        situation = load.situation(self.session, row, person, self.desk.office, self.now)
        return tuple(step for step in available(situation) if step not in ALWAYS_AT_HAND)

    def posted(self) -> tuple[Posted, Translator]:
        """Return the posted message that the row edits, and its reader's translator."""
        message = self.session.get_one(Posted, self.arguments["posted"])
        return message, self.desk.translator_of(self.session, message.person_id or "")


def draw(session: Session, row: Outgoing, desk: Desk, now: datetime) -> Sending | None:
    """Return the Slack call for a row; None if its message is no longer needed. `now` is aware UTC."""
    return _DRAWERS[row.view](Drawing(session, row, desk, now))


def _card(d: Drawing) -> Sending:
    standing = outbox.posted(d.session, d.case_id, View.CARD)
    message = draw_card(d.card, d.desk.t)
    ts = standing.ts if standing else None
    return Sending(message, d.row.target, ts=ts, remember=standing is None)


def _thread(d: Drawing) -> str | None:
    """The thread of the case's card. The card is earlier in the same lane, so it is posted before."""
    standing = outbox.posted(d.session, d.case_id, View.CARD)
    return standing.ts if standing else None


def _story(d: Drawing) -> Sending:
    return Sending(story(d.card, d.line, d.desk.t), d.row.target, thread_ts=_thread(d))


def _discussion(d: Drawing) -> Sending:
    """The call for a discussion starts a thread of its own; the outcome is posted in that thread."""
    message, opens = discussion(d.card, d.line, d.desk.t), d.line.step is Step.CALL_DISCUSSION
    standing = None if opens else outbox.posted(d.session, d.case_id, View.DISCUSSION)
    return Sending(message, d.row.target, thread_ts=standing.ts if standing else None, remember=opens)


def _customer(d: Drawing) -> Sending:
    origin = cases.get(d.session, d.case_id)
    return Sending(customer_message(d.card, d.line, d.desk.t), d.row.target, thread_ts=origin.origin_ts)


def _notice(d: Drawing) -> Sending:
    return Sending(notice(d.card, d.line, d.target, d.row.target), None, d.row.target)


def _task(d: Drawing) -> Sending | None:
    """A task for a person; None if they no longer have to act."""
    later = cases.handed_over_after(d.session, d.case_id, d.arguments["seq"])
    if later is not None:
        return _late_task(d, history_line(later))
    steps = d.steps(d.row.target)
    if not steps:
        return None
    return Sending(task(d.card, d.target, steps, d.line), None, d.row.target, remember=True)


def _late_task(d: Drawing, later: HistoryLine) -> Sending | None:
    """A task of a case that has moved on: None, unless an earlier attempt may have posted it.

    Then the sender finds the posted task, which is settled afterwards, or posts this settled one.
    """
    if not outbox.is_uncertain(d.row):
        return None
    return Sending(settled(d.card, later, d.target), None, d.row.target, remember=True)


def _settle(d: Drawing) -> Sending:
    message, t = d.posted()
    return Sending(settled(d.card, d.line, t), message.channel, ts=message.ts)


def _reminder(d: Drawing) -> Sending | None:
    """A reminder; None if what it asks for was done before it was sent."""
    row = d.session.get_one(Reminder, d.arguments["reminder"])
    case = load.case_seen(d.session, cases.get(d.session, d.case_id), d.desk.office)
    if not still_due(row.rule, case) and not outbox.is_uncertain(d.row):
        return None
    message = _reminder_message(d, d.arguments, d.row.target, d.target)
    return Sending(message, None, d.row.target, remember=True)


def _reminder_edit(d: Drawing) -> Sending:
    posted, t = d.posted()
    message = _reminder_message(d, json.loads(posted.arguments), posted.person_id or "", t)
    return Sending(message, posted.channel, ts=posted.ts)


def _reminder_message(d: Drawing, said: dict[str, Any], person: str, t: Translator) -> Message:
    row = d.session.get_one(Reminder, said["reminder"])
    case_row = cases.get(d.session, d.case_id)
    situation = load.situation(d.session, case_row, person, d.desk.office, d.now)
    return reminder(d.card, reminder_card(row, said), t, steps=available(situation), now=d.now)


def _help_wanted(d: Drawing) -> Sending:
    return Sending(help_wanted(d.card, d.arguments["asker"], d.target), None, d.row.target)


def _dead_letter(d: Drawing) -> Sending:
    said = d.arguments
    message = dead_letter(said["number"], said["view"], said["target"], said["error"], d.target)
    return Sending(message, None, d.row.target)


def _undelivered(d: Drawing) -> Sending:
    """The content of an undeliverable message, in the channel's language, for the case's thread."""
    said, t = d.arguments, d.desk.t
    if said["view"] == View.REMINDER:
        original = _reminder_message(d, said, said["person"], t)
    elif said["view"] == View.HELP_WANTED:
        original = help_wanted(d.card, said["asker"], t)
    else:
        original = notice(d.card, d.line, t)
    return Sending(undelivered(d.card, said["person"], original, t), d.row.target, thread_ts=_thread(d))


def _file(d: Drawing) -> Sending:
    """Make the ordered document and share it. If it cannot be made, tell its asker why."""
    order = Order.model_validate(d.arguments["order"])
    t = d.desk.translator_of(d.session, order.asker)
    try:
        inside = check(d.session, order, d.desk.office, d.now)  # rights may have changed since the order
        files = produce(order, Workshop(d.session, d.desk.office, d.desk.stationery, t, d.now, inside))
    except Refused as refused:
        return Sending(not_made(order, refused.problems[0].refusal, t), None, order.asker)
    thread = None if d.row.target == order.asker else _thread(d)
    if thread is None:
        return Sending(made(order, files, t), None, order.asker, files=files)
    return Sending(made(order, files, d.desk.t, order.asker), d.row.target, thread_ts=thread, files=files)


def _report(d: Drawing) -> Sending:
    """The newest version of the report in its present state."""
    card = monthly_report.newest_card(d.session, d.arguments["report"])
    return Sending(statistics_report(card, d.target), None, d.row.target, remember=True)


def _report_edit(d: Drawing) -> Sending:
    copy = d.session.get_one(ReportCopy, d.arguments["copy"])
    card = monthly_report.newest_card(d.session, copy.report_id)
    message = statistics_report(card, d.desk.translator_of(d.session, copy.person_id))
    return Sending(message, copy.channel, ts=copy.ts)


def _file_lost(d: Drawing) -> Sending:
    order = Order.model_validate(d.arguments["order"])
    return Sending(not_made(order, export_refusals.MakingFailed(), d.target), None, d.row.target)


_DRAWERS: dict[str, Callable[[Drawing], Sending | None]] = {
    View.CARD: _card,
    View.STORY: _story,
    View.NOTICE: _notice,
    View.TASK: _task,
    View.SETTLE: _settle,
    View.DISCUSSION: _discussion,
    View.CUSTOMER: _customer,
    View.REMINDER: _reminder,
    View.REMINDER_EDIT: _reminder_edit,
    View.HELP_WANTED: _help_wanted,
    View.UNDELIVERED: _undelivered,
    View.DEAD_LETTER: _dead_letter,
    View.FILE: _file,
    View.FILE_LOST: _file_lost,
    View.REPORT: _report,
    View.REPORT_EDIT: _report_edit,
}
