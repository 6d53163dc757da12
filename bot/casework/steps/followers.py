"""Queues what the reporter and the customer of a duplicate hear of its master, and the reverse (process.md rule 2.3).

A follower hears the master's state under the number of their own case. These messages carry nothing else of the master
but the words that were written for this reader, so that neither side learns who the other is.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import load
from bot.casework.steps.notify import MessageKind, StepTaken, fresh_card
from bot.workflow.context import PersonContext
from bot.workflow.decide import permission
from bot.workflow.people import persons
from bot.workflow.situation import Position, Row, Situation
from storage import cases, outbox
from storage.tables import Case
from storage.vocabulary import OPEN_STATES, Role, State, Step


class MergeNews(StrEnum):
    """What a message to a follower, or to the reporter of a master, says."""

    #: The case was merged into another one.
    MERGED = "merged"
    #: The merge of the case was undone.
    SEPARATED = "separated"
    #: Another case was merged into this one.
    JOINED = "joined"
    #: A case is no longer merged into this one.
    PARTED = "parted"
    #: The state of the master changed.
    STATE = "state"


#: The answers that the master's customer reads, and that its followers read if they belong to the same customer.
_WORDS = {Step.ANSWER: "answer", Step.REPLY_CUSTOMER: "reply"}


def notify_followers(session: Session, taken: StepTaken, company: CompanySettings) -> None:
    """Queue the messages of a step on a master or a duplicate to the people of the other case."""
    case, before = taken.after, taken.before.case
    match taken.decision.row.step:
        case Step.MERGE_DUPLICATE:
            rows = _of_merge(session, taken, MergeNews.MERGED, MergeNews.JOINED)
        case Step.UNDO_MERGE:
            rows = _of_merge(session, taken, MergeNews.SEPARATED, MergeNews.PARTED)
        case Step.COMMENT if case.state is State.DUPLICATE:
            rows = _comment(session, taken, company)
        case step if step is not Step.WITHDRAW and case.has_duplicates and case.state is not before.state:
            rows = _of_state(session, taken, company)
        case _:
            return
    outbox.put_all(session, list(rows))


def _of_merge(session: Session, taken: StepTaken, own: MergeNews, masters: MergeNews) -> Iterator[outbox.Row]:
    """Yield the messages to both reporters and both customers. A master that has ended is not news any more."""
    yield from _told(taken, taken.row, {"news": own})
    master = taken.before.master
    if master is not None and master.state in OPEN_STATES:
        yield from _told(taken, cases.get(session, master.id), {"news": masters})


def _of_state(session: Session, taken: StepTaken, company: CompanySettings) -> Iterator[outbox.Row]:
    """Yield the master's new state: to the followers with the words written for each, and for the duplicates' cards."""
    code = _WORDS.get(taken.decision.row.step)
    for duplicate in cases.duplicates(session, taken.after.id):
        read = "reply_followers" if code and load.is_foreign(duplicate, taken.row) else code
        words = taken.decision.answers.get(read) if read else None
        yield fresh_card(load.id_of(duplicate), company, taken.before.now)
        yield from _told(taken, duplicate, {"news": MergeNews.STATE, "state": taken.after.state, "words": words})


def _told(taken: StepTaken, row: Case, arguments: dict[str, Any]) -> Iterator[outbox.Row]:
    """Yield a message about a case to its reporter and, if it came from a thread, to that thread."""
    now: datetime = taken.before.now
    if row.reporter_id != taken.before.person.id:
        yield outbox.message(MessageKind.FOLLOWER, row.reporter_id, now, case_id=row.id, arguments=arguments)
    if row.origin_channel:
        yield outbox.message(MessageKind.FOLLOWER, row.origin_channel, now, case_id=row.id, arguments=arguments)


def _comment(session: Session, taken: StepTaken, company: CompanySettings) -> Iterator[outbox.Row]:
    """Yield a comment on a duplicate to the thread of its master's card and to the master's service manager.

    What a follower writes also reaches the center managers, unless a service manager who reads it may undo the merge.
    """
    case, now = taken.after, taken.before.now
    master = cases.get(session, taken.row.master_id or 0)
    arguments = {"duplicate": case.id, "seq": taken.seq}
    yield outbox.message(
        MessageKind.DUPLICATE_COMMENT, company.desk_channel, now, case_id=master.id, arguments=arguments
    )
    center = taken.before.center
    readers = persons((Position.CARETAKER,), load.case_context(session, master, company), center)
    follows = taken.before.person.id == case.reporter
    if follows and not any(_may_undo(taken, center.people().get(reader)) for reader in readers):
        readers |= center.holders.get(Role.CENTER_MANAGER, frozenset())
    for person in sorted(readers - {taken.before.person.id}):
        yield outbox.message(MessageKind.DUPLICATE_COMMENT, person, now, case_id=case.id, arguments=arguments)


def _may_undo(taken: StepTaken, person: PersonContext | None) -> bool:
    """Return whether a person may undo the merge of the duplicate."""
    before = taken.before
    if person is None:
        return False
    situation = Situation(taken.after, person, before.now, before.policy, before.center)
    return isinstance(permission(Step.UNDO_MERGE, situation), Row)
