"""One step on one case: load, decide, write. It neither commits nor uses the network."""

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.casework import signing
from bot.casework.company_settings import CompanySettings
from bot.casework.steps import files, load, names, plan_reminders, waits
from bot.casework.steps.entries import DEPUTY, EntryWriter, projection_of, roles_at
from bot.casework.steps.followers import notify_followers
from bot.casework.steps.notify import StepTaken, notify
from bot.casework.steps.press import check_press
from bot.casework.steps.submission import is_first
from bot.workflow import refusals as no
from bot.workflow.context import Round
from bot.workflow.decide import Decision, decide
from bot.workflow.fields import everybody_named
from bot.workflow.lateness import in_force
from bot.workflow.membership import Membership
from bot.workflow.records import plain
from bot.workflow.refusal import Problem, Refused
from bot.workflow.situation import LinkedStep, NewPaper, Outcome, Situation
from bot.workflow.steps import rows_of
from storage import audit, cases, deadlines, documents, turns
from storage.involved import Involved, involved
from storage.replay import difference, judged
from storage.tables import Case, Document
from storage.vocabulary import END_STATES, SHEETS, Role, SignedKind, State, Step


@dataclass(frozen=True, slots=True)
class Request:
    """A step that a person requests. `seen_version` is the case version that the pressed button carries.

    `seen_entries` is the length of the history when the form was opened; None stands for the present one.
    `delivery` identifies the Slack request; `raw` are the answers as the person gave them.
    """

    step: Step
    case_id: int
    person: str
    raw: Mapping[str, Any]
    delivery: str
    seen_version: int | None = None
    seen_entries: int | None = None


def perform(session: Session, request: Request, company: CompanySettings, now: datetime) -> None:
    """Perform one step. A request that already took effect changes nothing. Raises `Refused`.

    The step is dated `now` (aware UTC), or the time of the previous step if that is later.
    """
    if not is_first(session, request.delivery, request.raw, now, step=request.step, case_id=request.case_id):
        return
    turns.caused_by(session, request.person)
    row = _locked(session, request)
    if row is None:
        raise Refused(Problem(no.NoSuchCase(f"F-{request.case_id}")))
    now = audit.moment(session, request.case_id, now)
    found = names.as_registered(session, request.step, request.raw, row.product_id)
    situation = load.situation(
        session,
        row,
        request.person,
        company,
        now,
        step=request.step,
        raw=found.answers,
        seen_entries=request.seen_entries,
    )
    check_press(session, row, situation, request.step, request.seen_version)
    decision = decide(request.step, situation, found.answers)
    owners = _names_kept(session, row, situation, decision, found, company)
    _write(session, row, situation, decision, company, owners)
    for linked in decision.outcome.linked:
        _write_linked(session, row, situation, linked, company)


def _names_kept(
    session: Session,
    row: Case,
    situation: Situation,
    decision: Decision,
    found: names.Registered,
    company: CompanySettings,
) -> names.Owners | None:
    """Add the new names of the answers to the registers; return the customer and the product if the form names them."""
    step, outsider = decision.row.step, situation.person.membership is Membership.OUTSIDER
    if not names.names_owners(step):
        names.keep(session, row.product_id, step, decision.answers, found.parts, company, outsider=outsider)
        return None
    answers = _answers_in_force(situation, decision)
    found = names.as_registered(session, step, answers)
    owners = names.owners(session, found, answers, company, outsider=outsider)
    names.keep(session, owners.product.id or 0, step, answers, found.parts, company, outsider=outsider)
    return owners


def _answers_in_force(situation: Situation, decision: Decision) -> dict[str, Any]:
    """Return the answers of a correction, in which whatever it leaves as it is says what the report says now."""
    changed = decision.outcome.recorded or {}
    kept = {code: value for code, value in situation.reported.items() if code not in changed and value is not None}
    return {**decision.answers, **kept}


#: The steps that concern more than one case.
_LINKING = (Step.MERGE_DUPLICATE, Step.UNDO_MERGE, Step.WITHDRAW)


def _locked(session: Session, request: Request) -> Case | None:
    """Lock and return the case, and lock the cases that the step also concerns; None if the case does not exist.

    All are locked together, in the order of their numbers, so that two merges never wait for each other. A case that
    was merged meanwhile is locked at the next attempt.
    """
    if request.step not in _LINKING:
        return cases.hold(session, request.case_id)
    while True:
        others = _linked_ids(session, request)
        with session.begin_nested() as attempt:
            row = cases.hold(session, request.case_id, *others)
            if _linked_ids(session, request) <= others:
                return row
            attempt.rollback()  # releases the locks
        session.expire_all()


def _linked_ids(session: Session, request: Request) -> frozenset[int]:
    """Return the other cases that the step changes: its master, or the duplicates of a case to be withdrawn."""
    match request.step:
        case Step.MERGE_DUPLICATE:
            master = load.named_master(request.raw)
        case Step.UNDO_MERGE:
            master = cases.master_id(session, request.case_id)
        case _:
            return cases.duplicate_ids(session, request.case_id)
    return frozenset({master} if master else ())


def _write_linked(session: Session, row: Case, taken: Situation, linked: LinkedStep, company: CompanySettings) -> None:
    """Write a step that the step on `row` takes on another case, which is locked."""
    other = cases.get(session, linked.case.id)
    before = replace(
        taken,
        case=linked.case,
        now=audit.moment(session, linked.case.id, taken.now),
        answers=linked.answers,
        master=load.case_context(session, row, company),
    )
    decision = Decision(rows_of(linked.step)[0], linked.answers, linked.outcome)
    _write(session, other, before, decision, company)


def _write(
    session: Session,
    row: Case,
    before: Situation,
    decision: Decision,
    company: CompanySettings,
    owners: names.Owners | None = None,
) -> None:
    """Write state, records, history, reminders and messages, all in the transaction that the caller commits.

    `owners` are the customer and the product that the step gives the case; None if it names none.
    """
    assert row.id is not None
    outcome, now, earlier = decision.outcome, before.now, projection_of(row, before.case)
    _change(row, outcome, decision.row.step, now, owners.columns if owners else {})
    for place, people in outcome.places.items():
        cases.change_place(session, row.id, place, before.case.at(place), people)
    named = everybody_named(decision.row.step, decision.answers).union(*outcome.places.values())
    cases.assign(session, row.id, named - before.case.assigned)
    writer = EntryWriter(session, row.id, before.person.id, named, roles_at(before.person))
    written = _write_papers(session, row, outcome, before, writer, company)
    if owners:
        after = load.case_context(session, row, company)
    else:
        after = load.seen_after(session, row, before.case, _people_after(session, before, outcome, named))
    changes = difference(earlier, projection_of(row, after))
    if in_force(after) != in_force(before.case):
        changes = {**changes, **judged(deadlines.record(session, row, *in_force(after), now))}
    answers = writer.hidden(plain(decision.answers if outcome.recorded is None else outcome.recorded))
    new = writer.entry(decision.row.step, before.case.state, answers, written, changes)
    seq = audit.append(session, row, new, now)
    files.fetch_later(session, row.id, seq, decision.row.step, decision.answers, now)
    plan_reminders.replan(session, before.case, after, row, before.policy, now)
    waits_for = waits.refresh(session, row, after, before.center, company, now)
    taken = StepTaken(before, after, decision, seq, row, waits_for.now, waits_for.before)
    notify(session, taken, company)
    notify_followers(session, taken, company)


def _people_after(session: Session, before: Situation, outcome: Outcome, named: Set[str]) -> Involved:
    """Return the people of the case after the step.

    They are read again if they hold other places, wrote a record, or follow or are followed otherwise than before.
    """
    case = before.case
    if outcome.places or outcome.papers or before.master is not None:
        return involved(session, [case.id])[case.id]
    return Involved(case.places, case.followers, case.assigned | named, case.sheet_drafters, case.gone)


def _change(row: Case, outcome: Outcome, step: Step, now: datetime, owners: Mapping[str, Any]) -> None:
    """Change the columns of the case. A new state increments its version."""
    changes = {**outcome.changes, **owners}
    match changes.pop("round", None):
        case Round(build, modifier, passed):
            row.build, row.build_modifier, row.build_passed = build, modifier, passed
    old, new = row.deadline_at, changes.get("deadline_at")
    if old is not None and new not in (None, old) and step is not Step.RESUME:
        row.moved_count += 1
    for name, value in changes.items():
        setattr(row, name, value)
    if outcome.to is not None and outcome.to is not row.state:
        row.state, row.entered_at, row.version = outcome.to, now, row.version + 1
    if row.state in END_STATES - {State.DUPLICATE}:  # undoing a merge restores the hold
        row.on_hold, row.hold_since, row.hold_until = False, None, None


def _write_papers(
    session: Session, row: Case, outcome: Outcome, by: Situation, writer: EntryWriter, company: CompanySettings
) -> list[dict[str, Any]]:
    """Mark, sign and add records. Return what the history binds of each."""
    assert row.id is not None
    touched = _marked(writer, outcome)
    if outcome.signs:
        touched += [_signed(session, writer, by, company)]
    bound = [documents.bound(document) for document in touched]
    for new in outcome.papers:
        content = {**_carried(writer, new), **_case_content(session, row), **new.content}
        bound.append(writer.bound(writer.add(new.paper, content, new.status, by.now)))
    return bound


def _carried(writer: EntryWriter, new: NewPaper) -> dict[str, Any]:
    """Return the content of the previous version, for a record that continues it."""
    before = writer.newest(new.paper) if new.carries_on else None
    return json.loads(before.content) if before else {}


def _marked(writer: EntryWriter, outcome: Outcome) -> list[Document]:
    marked = []
    for mark in outcome.marks:
        for paper in mark.papers:
            document = writer.newest(paper)
            if document is not None:
                document.status = mark.status
                marked.append(document)
    return marked


def _signed(session: Session, writer: EntryWriter, by: Situation, company: CompanySettings) -> Document:
    """Sign the newest sheet with person, time and role, bound to the hash of its content, and with the desk's key."""
    sheets = map(writer.newest, SHEETS)
    sheet = max((one for one in sheets if one is not None), key=lambda one: one.id or 0)
    deputy = Role.CENTER_MANAGER not in by.person.roles
    role = f"{Role.CENTER_MANAGER}{DEPUTY}" if deputy else Role.CENTER_MANAGER.value
    signature = documents.sign(sheet, by.person.id, role, by.now)
    signing.sign(session, SignedKind.RECORD, signature, company, by.now)
    return sheet


def _case_content(session: Session, row: Case) -> dict[str, Any]:
    """Return the fields of the case that every record repeats."""
    called = cases.names(session, row)
    return {
        "case": f"F-{row.id}",
        "customer": called.customer,
        "product": called.product,
        "version_reported": row.product_version,
        "summary": row.summary,
        "description": row.description,
    }
