"""Brings cases to the state that a test needs by calling `casework` directly.

All rules apply and the database is real; only Slack is left out.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from bot.casework.company_settings import CompanySettings
from bot.casework.reading.read_models import CaseCard, load_card
from bot.casework.steps import remind
from bot.casework.steps.perform import Request, perform
from bot.casework.steps.report import Report, report
from bot.workflow.refusal import Refused
from storage import people
from storage.database import Database
from storage.people import Grant, Profile
from storage.vocabulary import Role, State, Step
from tests.support.answers import ADMIN, CHEN, EVERYBODY, HE, HUANG, LIN, VIEWER, WU, ZHAO, ZHOU

GRANTS = (
    Grant(HUANG, Role.CENTER_MANAGER),
    Grant(CHEN, Role.SERVICE_MANAGER),
    Grant(ZHOU, Role.SERVICE_MANAGER),
    Grant(WU, Role.TECHNICIAN),
    Grant(LIN, Role.TESTER),
    Grant(HE, Role.TESTER),
    Grant(ADMIN, Role.ADMIN),
    Grant(VIEWER, Role.VIEWER),
)
#: The states of a fault in order, with the step that leaves each of them and who takes it.
FAULT_PATH: tuple[tuple[State, Step, str], ...] = (
    (State.TRIAGE, Step.TRIAGE, LIN),
    (State.SHEET_DRAFTING, Step.DRAFT_SHEET, CHEN),
    (State.SHEET_SIGNING, Step.SIGN_SHEET, HUANG),
    (State.ANALYSIS, Step.PUBLISH_ANALYSIS, WU),
    (State.DECISION, Step.DECIDE_MODIFICATION, WU),
    (State.MODIFICATION, Step.SUBMIT_MODIFICATION, ZHAO),
    (State.TESTING, Step.PASS_TEST, HE),
    (State.MANUAL_UPDATE, Step.UPDATE_MANUAL, LIN),
    (State.RELEASE, Step.RECORD_RELEASE, WU),
    (State.REPLYING, Step.REPLY_CUSTOMER, CHEN),
    (State.FIX_CONFIRMING, Step.CONFIRM_FIX, CHEN),
)


@dataclass
class CaseBuilder:
    """Takes steps on one database. `clock` returns the present moment; `deadline` is that of published faults."""

    database: Database
    company: CompanySettings
    clock: Callable[[], datetime]
    deadline: timedelta = timedelta(hours=10)

    def seed(self) -> None:
        """Write the demo team and its roles, for databases where no bot has written them."""
        with self.database.write() as session:
            people.replace_grants(session, "settings", GRANTS)
            everybody = (Profile(person, "", None, None, active=True) for person in EVERYBODY)
            people.keep(session, everybody, self.clock())

    def report(self, person: str = CHEN, **changed: Any) -> int:
        """Report a case and return its id."""
        origin = changed.pop("origin", None)
        raw = {**self.raw_report(), **changed}
        with self.database.write() as session:
            case = report(session, Report(person, raw, self._delivery(), origin), self.company, self.clock())
        assert case is not None
        return case

    def reports(self, count: int) -> list[int]:
        """Report several cases and return their ids."""
        with self.at_once():
            return [self.report() for _ in range(count)]

    def raw_report(self) -> dict[str, Any]:
        """The answers of a report as a form sends them."""
        return {**_REPORT, "found_at": int(self.clock().timestamp()) - 600}

    def take(self, step: Step, by: str, case: int, /, **raw: Any) -> None:
        """Take one step. Raises `Refused`."""
        request = Request(step, case, by, raw, self._delivery())
        with self.database.write() as session:
            perform(session, request, self.company, self.clock())

    def refused(self, step: Step, by: str, case: int, /, **raw: Any) -> list[str]:
        """Take a step that must be refused, and return the names of the refusals."""
        try:
            self.take(step, by, case, **raw)
        except Refused as refused:
            return [type(problem.refusal).__name__ for problem in refused.problems]
        raise AssertionError(f"{by} could {step}")

    def usual(self, step: Step, case: int, /, **changed: Any) -> None:
        """Take a step of the fault path, by the person who usually takes it."""
        person = next(person for _state, usual, person in FAULT_PATH if usual is step)
        self.take(step, person, case, **{**self.answers(step), **changed})

    def fault(self, until: State = State.DECISION, **published: Any) -> int:
        """Report a fault and bring it to this state. It is very severe unless `published` says otherwise."""
        with self.at_once():
            case = self.report()
            self.onward(case, until, **published)
        return case

    def onward(self, case: int, until: State, **published: Any) -> None:
        """Bring an existing case to a later state of the path."""
        with self.at_once():
            for state, step, _person in FAULT_PATH:
                reached = self.card(case).state
                if reached is until:
                    return
                if reached is state:
                    self.usual(step, case, **(published if step is Step.PUBLISH_ANALYSIS else {}))
        assert self.card(case).state is until, self.card(case).state

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Wake the threads that send messages after all steps of the block, not after each.

        Of several edits of one message only the last is sent.
        """
        listeners, self.database._listeners = self.database._listeners, []
        try:
            yield
        finally:
            self.database._listeners = listeners
            self.database._notify()

    def answers(self, step: Step) -> dict[str, Any]:
        """The usual answers of a step at the present moment."""
        now = int(self.clock().timestamp())
        deadline = now + int(self.deadline.total_seconds())
        moments = {
            Step.PUBLISH_ANALYSIS: {"deadline_at": deadline, "deadline_agreed_at": now - 60},
            Step.RECORD_RELEASE: {"released_at": now - 60},
        }
        return {**_ANSWERS.get(step, {}), **moments.get(step, {})}

    def card(self, case: int) -> CaseCard:
        with self.database.read() as session:
            return load_card(session, case, self.company.policy, self.clock())

    def sweep(self, late_after: float = 60.0) -> int:
        """Run one sweep of the reminders and return how many were sent."""
        with self.database.write() as session:
            return remind.sweep(session, self.company, self.clock(), late_after).sent

    def _delivery(self) -> str:
        """A delivery id that no request has used before, in any `CaseBuilder`."""
        return f"test:{uuid4()}"


SEVERE: dict[str, Any] = {"severity": "severe", "deadline_basis": "negotiated"}
GENERAL: dict[str, Any] = {"severity": "general", "deadline_basis": "none", "deadline_at": None}

_REPORT: dict[str, Any] = {
    "source": "customer",
    "customer": "Huadong Telecom Anhui 华东电信安徽分公司",
    "contact": "Sun Li 孙丽",
    "contact_way": "138 0000 0000",
    "product": "Billing Suite 计费账务系统",
    "version": "V3.2",
    "summary": "Rating process exits with ORA-01438 批价进程异常退出",
    "description": "The process exits at night. 批价进程夜间退出。",
    "channel": "phone",
}
_ANSWERS: dict[Step, dict[str, Any]] = {
    Step.TRIAGE: {"is_requirement": "no", "is_fault": "yes", "symptom_kind": "exit"},
    Step.DRAFT_SHEET: {"symptom_kind": "exit", "symptom": "It exits 异常退出", "impact": "No bills"},
    Step.SIGN_SHEET: {"testers": [LIN], "technicians": [WU]},
    Step.PUBLISH_ANALYSIS: {
        "analysts": [WU, LIN],
        "reproduced": "yes",
        "direct_cause": "Overflow",
        "root_cause": "Column too small",
        "cause_class": "code",
        "module": "Rating 批价",
        "versions": "V3.2",
        "measure": "Widen the column",
        "modification_proposed": "yes",
        "prevention": "Check sizes",
        "effort_hours": "2",
        "severity": "very_severe",
        "severity_reason": "No bills are made",
        "deadline_basis": "customer_stipulated",
        "deadline_contact": "Sun Li",
        "deadline_evidence": "Phone call",
    },
    Step.DECIDE_MODIFICATION: {"modification_needed": "yes", "modifier": ZHAO, "target_version": "V3.2.1"},
    Step.SUBMIT_MODIFICATION: {
        "change": "Widened",
        "modules": "rating.sql",
        "build": "V3.2.1-rc1",
        "self_check": "Ran",
        "effort_hours": "3",
    },
    Step.PASS_TEST: {
        "build": "V3.2.1-rc1",
        "cases": "Rate a long call | rated | rated | pass",
        "regression": "Rating",
        "environment": "Test system",
        "effort_hours": "1",
    },
    Step.UPDATE_MANUAL: {"needed": "no", "no_reason": "Nothing visible"},
    Step.RECORD_RELEASE: {
        "result": "released",
        "version": "V3.2.1",
        "where": "Production",
        "rollback_plan": "Restore",
    },
    Step.REPLY_CUSTOMER: {"reply": "It is fixed with V3.2.1"},
    Step.CONFIRM_FIX: {"evidence": "Mail", "score": "5"},
    Step.REJECT_FIX: {"reason": "Still exits", "evidence": "Mail"},
}
