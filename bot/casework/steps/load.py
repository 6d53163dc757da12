"""Loads database rows as the frozen objects that rules see."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import customer_words
from bot.casework.steps.accounts import accounts
from bot.casework.steps.reported import corrected_since, reported
from bot.workflow import refusals as no
from bot.workflow.context import CaseContext, Center, PersonContext, Round
from bot.workflow.deadlines import WAITING_RULES
from bot.workflow.fields import everybody_named
from bot.workflow.membership import Account, membership_of
from bot.workflow.refusal import Problem, Refused
from bot.workflow.situation import Situation
from storage import cases, people, registers, reminders
from storage.involved import Involved, involved
from storage.registers import ProductFacts
from storage.tables import Case
from storage.vocabulary import Rule, Step


def person_context(session: Session, person_id: str, company: CompanySettings, now: datetime) -> PersonContext:
    """Return a person with the roles held today, and how they belong to us."""
    (person,) = person_contexts(session, [person_id], company, now)
    return person


def person_contexts(
    session: Session, persons: Collection[str], company: CompanySettings, now: datetime
) -> list[PersonContext]:
    """Return these people with the roles held today, and how each belongs to us, in the same order."""
    held, known = people.roles_of(session, persons, company.today(now)), accounts(session, persons, company, now)
    return [PersonContext(one, *held.get(one, people.Held()), membership_of(known[one])) for one in persons]


def center(session: Session, company: CompanySettings, now: datetime) -> Center:
    """Return who holds each role today."""
    return Center(*people.holders(session, company.today(now)))


def person_in(center: Center, account: Account) -> PersonContext:
    """Return the same as `person_context`, from a center and an account that are loaded already."""
    held = center.people().get(account.id, PersonContext(account.id))
    return replace(held, membership=membership_of(account))


_SHARED = (
    *("version", "state", "source", "reported_at", "kind", "severity", "deadline_at", "first_deadline_at"),
    *(
        "deadline_basis",
        "deadline_since",
        "deadline_when_resolved",
        "resolved_at",
        "closed_at",
        "sheet_drafter",
        "on_hold",
        "hold_since",
        "in_discussion",
    ),
    *("negotiating", "report_published", "answer_round", "test_round", "reopen_count", "earlier_state"),
    *("moved_count", "fixed_version", "module", "suspected_urgency", "undelivered"),
)


def case_context(session: Session, row: Case, company: CompanySettings) -> CaseContext:
    """Return a case as the rules see it in this transaction."""
    (context,) = case_contexts(session, [row], company)
    return context


def case_contexts(session: Session, rows: Sequence[Case], company: CompanySettings) -> list[CaseContext]:
    """Return these cases as the rules see them, in the same order."""
    found = involved(session, map(id_of, rows))
    products = registers.facts_of(session, (row.product_id for row in rows))
    return [seen(session, row, products[row.product_id], found[id_of(row)], company) for row in rows]


def id_of(row: Case) -> int:
    """Return the id of a stored case."""
    assert row.id is not None
    return row.id


def seen(session: Session, row: Case, product: ProductFacts, who: Involved, company: CompanySettings) -> CaseContext:
    """Return a case as the rules see it, whose product and people are known already."""
    return CaseContext(
        **_changing(session, row, who),
        id=id_of(row),
        reporter=row.reporter_id,
        product=product.name,
        has_customer=row.customer_id is not None,
        default_days=product.default_days or company.default_days,
    )


def seen_after(session: Session, row: Case, before: CaseContext, who: Involved) -> CaseContext:
    """Return a case that this transaction saw `before` as a step leaves it that changes neither product nor customer.

    `who` are the people whom the step leaves.
    """
    return replace(before, **_changing(session, row, who))


def _changing(session: Session, row: Case, who: Involved) -> dict[str, Any]:
    """Return what steps change of a case."""
    return {name: getattr(row, name) for name in _SHARED} | {
        "places": who.places,
        "sheet_drafters": who.drafters,
        "round": Round(row.build, row.build_modifier, row.build_passed),
        "unanswered_reminders": _unanswered(session, row),
        "waiting_since": _waiting_since(row),
        "words_under_way": _waits_for_customer(row) and customer_words.are_under_way(session, row),
        "has_duplicates": bool(who.followers),
        "foreign_followers": bool(who.followers) and _has_foreign_followers(session, row),
        "followers": who.followers,
        "assigned": who.assigned,
        "gone": who.gone,
    }


def _has_foreign_followers(session: Session, master: Case) -> bool:
    return any(is_foreign(duplicate, master) for duplicate in cases.duplicates(session, id_of(master)))


def is_foreign(duplicate: Case, master: Case) -> bool:
    """Return whether a duplicate belongs to another customer than its master, or to none (process.md rule 2.3)."""
    return duplicate.customer_id is None or duplicate.customer_id != master.customer_id


def _unanswered(session: Session, row: Case) -> int:
    if not _waits_for_customer(row):
        return 0
    return reminders.sent_since(session, id_of(row), Rule.UNANSWERED, _waiting_since(row))


def _waits_for_customer(row: Case) -> bool:
    return WAITING_RULES.get(row.state) is Rule.UNANSWERED


def _waiting_since(row: Case) -> datetime:
    """Return since when the case waits in its state: for the customer, not before our words reached them."""
    return max(row.entered_at, row.reached_at or row.entered_at)


def found_situation(
    session: Session, case_id: int, person_id: str, company: CompanySettings, now: datetime
) -> tuple[Case, Situation]:
    """Return a case with everything that the rules may consider when this person acts on it. Raises `Refused`."""
    row = cases.find(session, case_id)
    if row is None:
        raise Refused(Problem(no.NoSuchCase(f"F-{case_id}")))
    return row, situation(session, row, person_id, company, now)


def situation(
    session: Session,
    row: Case,
    person_id: str,
    company: CompanySettings,
    now: datetime,
    *,
    step: Step | None = None,
    raw: Mapping[str, Any] | None = None,
    seen_entries: int | None = None,
) -> Situation:
    """Return everything that the rules may consider when this person acts on this case.

    `raw` are the unclean answers; the rules need the case and the persons that they name. `seen_entries` is the length
    of the history when the form was opened; None stands for the present one.
    """
    merged = cases.duplicates(session, id_of(row)) if step is Step.WITHDRAW else []
    named = everybody_named(step, raw or {}) if step else frozenset()
    held, known = center(session, company, now), accounts(session, {person_id, *named}, company, now)
    report = _report(session, row, seen_entries) if step is Step.CORRECT else {}
    return Situation(
        case_context(session, row, company),
        person_in(held, known[person_id]),
        now,
        company.policy,
        held,
        master=_master(session, row, step, raw or {}, company),
        duplicates=tuple(case_contexts(session, merged, company)) if merged else (),
        chosen={one: known[one] for one in named},
        **report,
    )


def _report(session: Session, row: Case, seen_entries: int | None) -> dict[str, Any]:
    """Return what a correction is compared with."""
    since = row.audit_count if seen_entries is None else seen_entries
    return {"reported": reported(session, row), "outdated": corrected_since(session, row, since)}


def _master(
    session: Session, row: Case, step: Step | None, raw: Mapping[str, Any], company: CompanySettings
) -> CaseContext | None:
    """Return the case that this one is about to be merged into or separated from."""
    match step:
        case Step.MERGE_DUPLICATE:
            case_id = named_master(raw)
        case Step.UNDO_MERGE:
            case_id = row.master_id
        case _:
            return None
    master = cases.find(session, case_id) if case_id else None
    return case_context(session, master, company) if master else None


def named_master(raw: Mapping[str, Any]) -> int | None:
    """Return the id of the case that the unclean answers to `merge_duplicate` name; None if they name none."""
    return number(str(raw.get("master") or ""))


#: A number with any dash, after `#` or the word for a case, and before the punctuation that ends a sentence.
_NUMBER = re.compile(
    r"(?:(?:问题单|case)\s*)?#?\s*(?:F[-\s\u2010-\u2015\u2212]*)?([0-9]{1,9})[\s.,;:!?。、]*", re.IGNORECASE
)


def number(text: str) -> int | None:
    """Return the id of a case written as people type it: `F-12`, `f12`, `12`, `#F–12`, `问题单 F-12。`; else None."""
    written = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return int(written[1]) if written else None
