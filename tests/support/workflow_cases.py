"""Invented people, a center and a case for the tests of the rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.workflow.calendar import MONDAY_TO_FRIDAY, WorkingCalendar
from bot.workflow.context import CaseContext, Center, PersonContext, Policy
from bot.workflow.membership import Account
from bot.workflow.situation import Situation
from storage.vocabulary import Kind, Place, Role, Severity, Source, State

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
REPORTED = NOW - timedelta(days=2)
#: Nine to six, Monday to Friday; `NOW` is a Sunday.
OFFICE_HOURS = WorkingCalendar(hours=((timedelta(hours=9), timedelta(hours=18)),), weekdays=MONDAY_TO_FRIDAY)

HUANG_WEI, CHEN_JING, ZHOU_MIN, WU_GANG = "U0HUANG", "U0CHEN", "U0ZHOU", "U0WU"
LIN_XIAOYU, HE_QING, ZHAO_LEI, SUN_LI = "U0LIN", "U0HE", "U0ZHAO", "U0SUN"
ADMIN, VIEWER = "U0ADMIN", "U0VIEWER"

ROLES: dict[str, frozenset[Role]] = {
    HUANG_WEI: frozenset({Role.CENTER_MANAGER, Role.SERVICE_MANAGER, Role.TECHNICIAN}),
    CHEN_JING: frozenset({Role.SERVICE_MANAGER}),
    ZHOU_MIN: frozenset({Role.SERVICE_MANAGER, Role.CENTER_MANAGER}),
    WU_GANG: frozenset({Role.TECHNICIAN}),
    LIN_XIAOYU: frozenset({Role.TESTER}),
    HE_QING: frozenset({Role.TESTER, Role.TECHNICIAN}),
    ZHAO_LEI: frozenset(),
    SUN_LI: frozenset(),
    ADMIN: frozenset({Role.ADMIN}),
    VIEWER: frozenset({Role.VIEWER}),
}
#: Everybody is active and ours.
ACCOUNTS = {who: Account(who) for who in ROLES}
CENTER = Center({role: frozenset(who for who, held in ROLES.items() if role in held) for role in Role})


#: What the report of F-7 says.
REPORTED_AS = {
    "customer": "Huadong Telecom Anhui 华东电信安徽分公司",
    "contact": "Sun Li 孙丽",
    "contact_way": "138 0000 0000",
    "product": "Billing Suite",
    "version": "V3.2",
    "summary": "Rating process exits",
    "description": "The process exits at night.\n批价进程夜间退出。",
    "found_at": REPORTED,
    "module": None,
}


def a_case(state: State = State.TRIAGE, **changes: Any) -> CaseContext:
    """F-7, reported two days ago by Sun Li for a customer."""
    case = CaseContext(7, 1, state, Source.CUSTOMER, SUN_LI, REPORTED, "Billing Suite")
    return replace(case, **changes)


def a_fault(state: State, severity: Severity | None = Severity.SEVERE, **changes: Any) -> CaseContext:
    """F-7 as a published fault with all its places filled and a deadline in three days."""
    places = {
        Place.TESTERS: frozenset({LIN_XIAOYU}),
        Place.TECHNICIANS: frozenset({WU_GANG}),
        Place.MODIFIER: frozenset({ZHAO_LEI}),
        Place.OWNER: frozenset({WU_GANG}),
        Place.SERVICE_MANAGER: frozenset({CHEN_JING}),
    }
    deadline = NOW + timedelta(days=3)
    known = {"kind": Kind.FAULT, "severity": severity, "report_published": True, "places": places}
    return a_case(state, **{**known, "deadline_at": deadline, "first_deadline_at": deadline, **changes})


def person(who: str, *acting: Role) -> PersonContext:
    return PersonContext(who, ROLES[who], frozenset(acting))


def situation(who: str, case: CaseContext, **more: Any) -> Situation:
    """The situation of `who` at `case`, now, in the made-up center."""
    return Situation(
        case, person(who), **{"now": NOW, "center": CENTER, "policy": Policy(), "chosen": ACCOUNTS, **more}
    )


def master(**changes: Any) -> CaseContext:
    """F-3, a fault of the same product in analysis."""
    return a_case(**{"id": 3, "state": State.ANALYSIS, "kind": Kind.FAULT, **changes})
