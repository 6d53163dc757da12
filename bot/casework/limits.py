"""Limits how much one person may request in an hour, so that nobody keeps the desk from the others.

A limit is judged in the transaction of the request, which counts what is stored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings, Limits
from bot.workflow import limit_refusals as no
from bot.workflow.context import PersonContext
from bot.workflow.membership import Membership
from bot.workflow.refusal import Problem, Refusal, Refused
from storage import requests

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limited:
    """A kind of request: its limit, when the nth newest one of a person was made, and the refusal of more."""

    name: str
    most: Callable[[Limits], int | None]
    newest: Callable[[Session, str, datetime, datetime, int], datetime | None]
    refusal: Callable[[int, datetime], Refusal]


REPORTS = Limited("report", lambda limits: limits.reports, requests.report, no.TooManyReports)
EXPORTS = Limited("export", lambda limits: limits.exports, requests.export, no.TooManyExports)
HELP = Limited("help", lambda limits: limits.help, requests.call_for_help, no.TooManyCallsForHelp)


def check(session: Session, kind: Limited, person: PersonContext, company: CompanySettings, now: datetime) -> None:
    """Raise `Refused` if the person made as many such requests in the last hour as they may. `now` is aware UTC."""
    most = kind.most(company.limits)
    if most is None:
        return
    if person.membership is Membership.OUTSIDER:
        most = max(1, most * company.limits.outsider_share // 100)
    requests.hold(session, kind.name, person.id)
    earlier = kind.newest(session, person.id, now - HOUR, now, most)
    if earlier is not None:
        raise Refused(Problem(kind.refusal(most, earlier + HOUR)))
