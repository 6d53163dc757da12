"""Reporting a problem: the step that creates a case (process.md step `report`)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.casework import limits
from bot.casework.company_settings import CompanySettings
from bot.casework.steps import files, load, names, plan_reminders, submission, waits
from bot.casework.steps.accounts import accounts
from bot.casework.steps.entries import EntryWriter, projection_of, roles_at
from bot.casework.steps.notify import notify_reported
from bot.workflow.answers import check_answers
from bot.workflow.context import PersonContext
from bot.workflow.fields import FORMS
from bot.workflow.membership import Membership
from bot.workflow.membership_refusals import AccountRefused
from bot.workflow.records import plain
from bot.workflow.refusal import Problem, Refused
from storage import audit, cases, deliveries, turns
from storage.involved import Involved
from storage.registers import ProductFacts
from storage.replay import difference
from storage.tables import Case
from storage.vocabulary import Paper, PaperStatus, Place, Role, State, Step


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it was submitted. `origin` is the Slack message that it was created from: (channel, ts)."""

    person: str
    raw: Mapping[str, Any]
    delivery: str
    origin: tuple[str, str] | None = None


def report(session: Session, request: Report, company: CompanySettings, now: datetime) -> int | None:
    """Create the case and return its id; None if this request already took effect. Raises `Refused`.

    A service manager who reports a case is its service manager.

    An outsider types names, so those that are not registered are new and to be confirmed, also where the company
    requires names from the list. `now` is aware UTC.
    """
    if not submission.is_first(session, request.delivery, request.raw, now, step=Step.REPORT):
        return None
    cases.keep_people(session)
    center = load.center(session, company, now)
    reporter = load.person_in(center, accounts(session, [request.person], company, now)[request.person])
    if reporter.membership is Membership.REFUSED:
        raise Refused(Problem(AccountRefused()))
    limits.check(session, limits.REPORTS, reporter, company, now)
    turns.caused_by(session, request.person)
    outsider = reporter.membership is Membership.OUTSIDER
    judged = check_answers(FORMS[Step.REPORT], request.raw, {}, now)
    if judged.problems:
        raise Refused(*judged.problems)
    registered = names.as_registered(session, Step.REPORT, judged.answers)
    answers = registered.answers
    owners = names.owners(session, registered, answers, company, outsider=outsider)
    row = _new_case(request, answers, owners, now)
    session.add(row)
    session.flush()
    assert row.id is not None
    deliveries.made(session, request.delivery, row.id)
    involved = _involved(reporter)
    for place, people in involved.places.items():
        cases.change_place(session, row.id, place, frozenset(), people)
    cases.assign(session, row.id, involved.assigned)
    names.keep(session, row.product_id, Step.REPORT, answers, registered.parts, company, outsider=outsider)
    writer = EntryWriter(session, row.id, request.person, roles=roles_at(reporter), is_new=True)
    content = writer.hidden(plain(answers))
    paper = writer.add(Paper.CASE, content, PaperStatus.RECORDED, now)
    seen = load.seen(session, row, ProductFacts(owners.product.name, owners.product.default_days), involved, company)
    changes = difference({}, projection_of(row, seen))
    new = writer.entry(Step.REPORT, None, content, [writer.bound(paper)], changes)
    seq = audit.append(session, row, new, now)
    files.fetch_later(session, row.id, seq, Step.REPORT, answers, now)
    due = plan_reminders.plan_waiting(session, seen, company.policy, now)
    plan_reminders.plan_urgent(session, seen, company.policy, now)
    waits_for = waits.begin(session, row, seen, center, due, company, now)
    notify_reported(session, seen, waits_for, center, company, now)
    return row.id


def _involved(reporter: PersonContext) -> Involved:
    """Return who is involved in the case that this person has just reported."""
    if Role.SERVICE_MANAGER not in reporter.roles | reporter.acting or reporter.membership is Membership.OUTSIDER:
        return Involved({})
    managers = frozenset({reporter.id})
    return Involved({Place.SERVICE_MANAGER: managers}, assigned=managers)


def _new_case(request: Report, answers: Mapping[str, Any], owners: names.Owners, now: datetime) -> Case:
    channel, ts = request.origin or (None, None)
    return Case(
        state=State.TRIAGE,
        entered_at=now,
        source=answers["source"],
        reporter_id=request.person,
        reported_at=now,
        **owners.columns,
        contact=answers["contact"],
        contact_way=answers["contact_way"],
        product_version=answers["version"],
        summary=answers["summary"],
        description=answers["description"],
        found_at=answers["found_at"],
        channel=answers["channel"],
        suspected_urgency=answers.get("suspected_urgency"),
        attachments=json.dumps(answers.get("attachments", ())),
        origin_channel=channel,
        origin_ts=ts,
    )
