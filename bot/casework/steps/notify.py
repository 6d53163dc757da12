"""Queues the messages of a step in its transaction. The delivery loop sends them after the commit."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.workflow.context import CaseContext, Center
from bot.workflow.deadlines import is_untaken
from bot.workflow.decide import Decision
from bot.workflow.people import people_notified, persons
from bot.workflow.situation import Audience, Situation
from bot.workflow.waiting import ON_VACANCY, Addressee, is_vacant, people_of
from storage import acknowledgements, cases, desk_channel, documents, outbox, posted_messages
from storage.tables import Case, Posted
from storage.vocabulary import (
    CENTER_ROLES,
    END_STATES,
    HANDING_OVER,
    OPEN_STATES,
    Place,
    Role,
    Severity,
    State,
    Step,
    Urgency,
)


class MessageKind:
    """The kinds of messages. `bot.slack.delivery` renders and sends them."""

    CARD = "card"
    CARD_MOVED = "card_moved"
    CARD_LEFT = "card_left"
    STORY = "story"
    NOTICE = "notice"
    TASK = "task"
    SETTLE = "settle"
    DISCUSSION = "discussion"
    CUSTOMER = "customer"
    FOLLOWER = "follower"
    DUPLICATE_COMMENT = "duplicate_comment"
    REROUTED = "rerouted"
    REMINDER = "reminder"
    REMINDER_EDIT = "reminder_edit"
    HELP_WANTED = "help_wanted"
    UNDELIVERED = "undelivered"
    NOT_REACHED = "not_reached"
    VACANT = "vacant"
    VACANT_CASES = "vacant_cases"
    ROLE_VACANT = "role_vacant"
    NO_DESK = "no_desk"
    LEFT = "left"
    REASSIGNED = "reassigned"
    DEAD_LETTER = "dead_letter"
    FILE = "file"
    FILE_LOST = "file_lost"
    #: Not a message: a file that a step brought, to be fetched from Slack.
    FETCH_FILE = "fetch_file"
    #: The files of a step, for the thread of the card.
    THREAD_FILES = "thread_files"
    #: A file that somebody asked for, and that it could not be sent.
    SENT_FILE = "sent_file"
    SENT_FILE_LOST = "sent_file_lost"
    REPORT = "report"
    REPORT_EDIT = "report_edit"
    CHECKPOINT = "checkpoint"
    KEY_LOST = "key_lost"
    RESTORED = "restored"
    CONVERSATION = "conversation"
    EVENTS_LOST = "events_lost"


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step that was written: the case before and after, whom it waits for now and before, the number of its entry."""

    before: Situation
    after: CaseContext
    decision: Decision
    seq: int
    row: Case
    waits_for: tuple[Addressee, ...]
    waited_for: tuple[Addressee, ...]


def notify_reported(
    session: Session,
    case: CaseContext,
    waits_for: Iterable[Addressee],
    center: Center,
    company: CompanySettings,
    now: datetime,
) -> None:
    """Queue the case's card for the service-desk channel and a notice with the number for the reporter.

    A report that was marked as urgent is a task of the service managers at once, else of all who may triage (§3.8).
    """
    rows = [
        fresh_card(case.id, company, now, is_first=True),
        _receipt(case, center, now),
        *vacancy(case, waits_for, center, now),
    ]
    for person in sorted(_hear_at_once(case, center) - {case.reporter}):
        rows.append(outbox.message(MessageKind.TASK, person, now, case_id=case.id, arguments={"seq": 1}, urgent=True))
    _put(session, case, rows)


def _put(session: Session, case: CaseContext, rows: Iterable[outbox.Row]) -> None:
    """Queue messages of a case. Those of a very severe fault, or of a report that says so, are sent first."""
    reported_urgent = case.state is State.TRIAGE and case.suspected_urgency is Urgency.HIGH
    is_first = case.severity is Severity.VERY_SEVERE or reported_urgent
    outbox.put_all(session, [{**row, "urgent": True} for row in rows] if is_first else list(rows))


def _receipt(case: CaseContext, center: Center, now: datetime) -> outbox.Row:
    """Return the notice to the reporter. For whoever may triage it is a task, whose button is removed afterwards."""
    may_triage = any(case.reporter in center.holders.get(role, ()) for role in CENTER_ROLES)
    kind = MessageKind.TASK if may_triage else MessageKind.NOTICE
    return outbox.message(kind, case.reporter, now, case_id=case.id, arguments={"seq": 1, "receipt": True})


def _hear_at_once(case: CaseContext, center: Center) -> frozenset[str]:
    if case.suspected_urgency is not Urgency.HIGH:
        return frozenset()
    managers = center.holders.get(Role.SERVICE_MANAGER)
    return managers or persons(sorted(CENTER_ROLES), case, center)


def refresh_card(session: Session, case_id: int, company: CompanySettings, now: datetime) -> None:
    """Queue an update of the case's card to the case's present state."""
    outbox.put_all(session, [fresh_card(case_id, company, now)])


def fresh_card(case_id: int, company: CompanySettings, now: datetime, *, is_first: bool = False) -> outbox.Row:
    """Return the outbox row that updates the card, or posts it after the report if it `is_first`.

    The card is rendered when it is sent, from the case as it is then. One waiting update therefore serves any number of
    changes.
    """
    desk, arguments = company.desk_channel, {"first": True} if is_first else {}
    topic = f"card:{case_id}"
    return outbox.message(MessageKind.CARD, desk, now, case_id=case_id, topic=topic, arguments=arguments)


def moved_card(case_id: int, desk: str, now: datetime) -> outbox.Row:
    """Return the outbox row that posts the case's card in `desk`, the channel to which the service desk has moved.

    It waits for nothing, because the messages of the case wait for it.
    """
    return outbox.message(MessageKind.CARD_MOVED, desk, now, case_id=case_id, aside=True)


def notify(session: Session, taken: StepTaken, company: CompanySettings) -> None:
    """Queue the messages of a step: card, thread line, tasks for those who must act, notices for those who are told."""
    _put(session, taken.after, _messages(session, taken, company))


def _messages(session: Session, taken: StepTaken, company: CompanySettings) -> Iterator[outbox.Row]:
    case, now, desk, entry = taken.after, taken.before.now, company.desk_channel, {"seq": taken.seq}
    yield fresh_card(case.id, company, now)
    if taken.before.case.state in END_STATES and case.state in OPEN_STATES:
        yield from _follow_desk(session, case.id, company, now)
    yield outbox.message(MessageKind.STORY, desk, now, case_id=case.id, arguments=entry, deferred=True)
    if taken.decision.row.step in (Step.CALL_DISCUSSION, Step.CLOSE_DISCUSSION):
        yield outbox.message(MessageKind.DISCUSSION, desk, now, case_id=case.id, arguments=entry)
    tasked: frozenset[str] = frozenset()
    if taken.before.case.state is not case.state or taken.decision.row.step in HANDING_OVER:
        for settled in posted_messages.unsettled(session, case.id, MessageKind.TASK):
            yield _settled(settled, taken.seq, now)
        tasked = must_act(taken)
        yield from vacancy(case, taken.waits_for, taken.before.center, now)
    for person in sorted(tasked):
        yield outbox.message(MessageKind.TASK, person, now, case_id=case.id, arguments=entry)
    noticed = _told(session, taken) - tasked - {taken.before.person.id}
    for person in sorted(noticed):
        yield outbox.message(MessageKind.NOTICE, person, now, case_id=case.id, arguments=entry)
    if Audience.CUSTOMER in _audiences(taken) and taken.row.origin_channel:
        arguments = {**entry, "reporter_noticed": case.reporter in noticed}
        yield outbox.message(MessageKind.CUSTOMER, taken.row.origin_channel, now, case_id=case.id, arguments=arguments)


def _follow_desk(session: Session, case_id: int, company: CompanySettings, now: datetime) -> Iterator[outbox.Row]:
    """Yield the card of a case that was closed while the desk moved."""
    card = posted_messages.newest(session, case_id, MessageKind.CARD)
    if card is not None and desk_channel.is_elsewhere(session, card, company.desk_channel):
        yield moved_card(case_id, company.desk_channel, now)


def vacancy(case: CaseContext, waits_for: Iterable[Addressee], center: Center, now: datetime) -> Iterator[outbox.Row]:
    """Yield the messages about a case that nobody may take further, to whoever can change that (rule 2.7)."""
    if is_vacant(waits_for):
        for person in sorted(people_of(waits_for, center)):
            yield outbox.message(MessageKind.VACANT, person, now, case_id=case.id)


def vacancies(center: Center, now: datetime) -> Iterator[outbox.Row]:
    """Yield the list of cases that nobody may take further, for whoever can change that. One that waits is enough."""
    for person in sorted(frozenset().union(*(center.holders.get(role, frozenset()) for role in ON_VACANCY))):
        yield outbox.message(MessageKind.VACANT_CASES, person, now, topic=f"{MessageKind.VACANT_CASES}:{person}")


def _audiences(taken: StepTaken) -> tuple[Audience, ...]:
    return (*taken.decision.row.notifies, *taken.decision.outcome.notifies)


def _told(session: Session, taken: StepTaken) -> frozenset[str]:
    """Return everybody whom the table of steps tells, from the case or from the step's answers."""
    before, after, answers = taken.before, taken.after, taken.decision.answers
    people_told = set(people_notified(_audiences(taken), after, before.center))
    for audience in _audiences(taken):
        match audience:
            case Audience.DRAFTER if before.case.sheet_drafter:
                people_told.add(before.case.sheet_drafter)
            case Audience.INVITEES:
                people_told |= _invitees(session, after.id)
            case Audience.DEVELOPMENT:
                people_told.add(answers["dev_owner"])
            case Audience.WAITING:
                people_told |= _waited(session, taken)
            case Audience.SIGNER:
                people_told |= documents.signers(session, after.id)
            case Audience.OLD_AND_NEW:
                place = Place(answers["place"])
                people_told |= before.case.at(place) | after.at(place)
    return frozenset(people_told)


def _waited(session: Session, taken: StepTaken) -> frozenset[str]:
    """Return those for whom the case waited before the step.

    A case in triage waits for the whole center: of them those whom a message has asked.
    """
    case, waited = taken.before.case, people_of(taken.waited_for, taken.before.center)
    if case.state is not State.TRIAGE:
        return waited
    return waited & posted_messages.readers(session, case.id, (MessageKind.TASK, MessageKind.REMINDER))


def _invitees(session: Session, case_id: int) -> set[str]:
    """Return those called to the discussion that is open or was just closed."""
    called = cases.last_entry_of(session, case_id, Step.CALL_DISCUSSION)
    return set(json.loads(called.data)["invitees"])


def _settled(message: Posted, seq: int, now: datetime) -> outbox.Row:
    """Mark a task as settled. Return its update, which shows what was done and removes the buttons."""
    message.settled = True
    arguments = {"posted": message.id, "seq": seq}
    return outbox.message(MessageKind.SETTLE, message.channel, now, case_id=message.case_id, arguments=arguments)


def _left(card: Posted, now: datetime) -> outbox.Row:
    """Mark a card as left behind. Return its update, which links to the one in the new channel."""
    card.settled = True
    arguments = {"ts": card.ts}
    return outbox.message(MessageKind.CARD_LEFT, card.channel, now, case_id=card.case_id, arguments=arguments)


def catch_up(session: Session, case: Case, message: Posted, now: datetime) -> None:
    """Queue the updates that a message of a locked case missed while it was on its way to Slack.

    A task whose case has moved on is settled. A reminder that was acknowledged loses its button. A card that was
    posted in another channel is linked by the earlier ones.
    """
    if message.view == MessageKind.CARD:
        outbox.put_all(session, [_left(card, now) for card in desk_channel.earlier_cards(session, message)])
    elif message.view == MessageKind.TASK:
        later = cases.handed_over_after(session, case, json.loads(message.arguments)["seq"])
        if later is not None:
            outbox.put_all(session, [_settled(message, later.seq, now)])
    elif (
        message.view == MessageKind.REMINDER
        and message.about
        and acknowledgements.is_acknowledged(session, message.about)
    ):
        edit_reminder(session, message.case_id, message.id or 0, message.channel, now)


def edit_reminder(session: Session, case_id: int, copy: int, channel: str, now: datetime) -> None:
    """Queue the update of a posted copy of a reminder, which then shows who acknowledged it."""
    outbox.put(session, MessageKind.REMINDER_EDIT, channel, now, case_id=case_id, arguments={"posted": copy})


def must_act(taken: StepTaken) -> frozenset[str]:
    """Return who gets the case as a task: everybody whom it waits for after a step.

    A case in triage that nobody has taken has no tasks: the channel shows it to the whole center.
    """
    if is_untaken(taken.after) or is_vacant(taken.waits_for):
        return frozenset()
    return people_of(taken.waits_for, taken.before.center)
