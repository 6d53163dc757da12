"""Limits per person and hour: what counts, who may do how much, and when it is possible again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.casework.company_settings import Limits
from bot.casework.records import export_orders
from bot.casework.records.export_orders import ExportKind, ExportOrder
from bot.casework.steps.acknowledge import need_help
from bot.casework.steps.notify import MessageKind
from bot.workflow.limit_refusals import TooManyCallsForHelp, TooManyExports, TooManyReports
from bot.workflow.refusal import Refusal, Refused
from storage import own_workspace, people
from storage.people import Grant, Profile
from storage.tables import Outgoing, Reminder
from storage.vocabulary import Role, State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import ADMIN, CHEN, HUANG, LIN, WU, ZHOU

GUEST = "U0GUEST"


@pytest.fixture
def limited(builder: CaseBuilder) -> CaseBuilder:
    """A desk where each person may do three of everything in an hour, and outsiders one."""
    builder.company = replace(builder.company, limits=Limits(3, 3, 3, outsider_share=40))
    return builder


@contextmanager
def refusing(refusal: Refusal) -> Iterator[None]:
    with pytest.raises(Refused) as refused:
        yield
    assert [one.refusal for one in refused.value.problems] == [refusal]


def after_an_hour(since: datetime) -> datetime:
    return since + timedelta(hours=1)


def test_reports_of_a_person_are_limited_until_the_first_is_an_hour_old(
    limited: CaseBuilder, clock: ManualClock
) -> None:
    began = clock.now()
    for _ in range(3):
        limited.report(LIN)
        clock.move(minutes=1)
    for minutes in (0, 56):
        clock.move(minutes=minutes)
        with refusing(TooManyReports(3, after_an_hour(began))):
            limited.report(LIN)
    limited.report(ZHOU)
    clock.move(minutes=1)
    limited.report(LIN)
    with refusing(TooManyReports(3, after_an_hour(began + timedelta(minutes=1)))):
        limited.report(LIN)


def test_an_outsider_has_a_share_of_the_limit(limited: CaseBuilder, clock: ManualClock) -> None:
    with limited.database.write() as session:
        own_workspace.keep(session, "T0OURS", None, None, clock.now())
        people.keep(session, [Profile(GUEST, "", None, None, True, "T0OURS", None, True)], clock.now())
    limited.report(GUEST)
    with refusing(TooManyReports(1, after_an_hour(clock.now()))):
        limited.report(GUEST)


def test_reports_that_a_clock_dated_into_the_future_limit_nobody(limited: CaseBuilder, clock: ManualClock) -> None:
    clock.move(days=1)
    for _ in range(3):
        limited.report(LIN)
    clock.move(days=-1)
    limited.report(LIN)


def ordered(builder: CaseBuilder, person: str, delivery: str) -> None:
    order = ExportOrder(what=ExportKind.TABLE, asker=person, form="csv", language="en")
    with builder.database.write() as session:
        export_orders.place_order(session, order, delivery, builder.company, builder.clock())


def test_exports_of_a_person_are_limited_and_a_repeated_request_counts_once(
    limited: CaseBuilder, clock: ManualClock
) -> None:
    began = clock.now()
    for delivery in ("one", "two", "two", "three"):
        ordered(limited, CHEN, delivery)
    with refusing(TooManyExports(3, after_an_hour(began))):
        ordered(limited, CHEN, "four")
    ordered(limited, CHEN, "three")
    ordered(limited, LIN, "five")
    clock.move(hours=1)
    ordered(limited, CHEN, "four")


def help_wanted(builder: CaseBuilder) -> list[tuple[int, str]]:
    """The reminder and the asker of each message about somebody who needs help."""
    with builder.database.read() as session:
        rows = session.exec(select(Outgoing.arguments).where(Outgoing.view == MessageKind.HELP_WANTED)).all()
        return [(json.loads(row)["reminder"], json.loads(row)["asker"]) for row in rows]


def call(builder: CaseBuilder, reminder: int, person: str, delivery: str) -> bool:
    with builder.database.write() as session:
        return need_help(session, reminder, person, delivery, builder.company, builder.clock()).is_new


def test_a_second_call_for_help_with_a_reminder_has_no_effect(limited: CaseBuilder, clock: ManualClock) -> None:
    limited.fault()
    assert call(limited, 1, WU, "one")
    assert call(limited, 1, WU, "one"), "the same request was sent again"
    clock.move(days=2)
    assert not call(limited, 1, WU, "two")
    assert call(limited, 1, LIN, "three")
    assert help_wanted(limited) == [(1, WU), (1, LIN)]


def test_a_call_that_nobody_could_hear_is_told_to_whoever_can_hear_it_later(
    limited: CaseBuilder, clock: ManualClock
) -> None:
    """Nobody, then an administrator, and at last a center manager: each is told once."""
    limited.fault()
    clock.move(hours=1)
    told = []
    for delivery, others in enumerate(([], [Grant(ADMIN, Role.ADMIN)], [Grant(HUANG, Role.CENTER_MANAGER)])):
        with limited.database.write() as session:
            people.replace_grants(session, "settings", [Grant(WU, Role.TECHNICIAN), *others])
        told.append([call(limited, 1, WU, f"{delivery}"), call(limited, 1, WU, f"{delivery} again")])
    assert told == [[True, False], [True, False], [True, False]]
    assert help_wanted(limited) == [(1, WU), (1, WU)]


def test_calls_for_help_of_a_person_are_limited(limited: CaseBuilder, clock: ManualClock) -> None:
    limited.fault()
    limited.fault()
    with limited.database.read() as session:
        found = session.exec(select(Reminder.id)).all()
    for reminder in found[:3]:
        call(limited, reminder or 0, WU, f"{reminder}")
    with refusing(TooManyCallsForHelp(3, after_an_hour(clock.now()))):
        call(limited, found[3] or 0, WU, "more")


def caused(builder: CaseBuilder, **of: Any) -> set[str]:
    with builder.database.read() as session:
        return set(session.exec(select(Outgoing.caused_by).filter_by(**of)).all())


def test_a_message_is_caused_by_whoever_took_the_step(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.fault()
    builder.take(Step.COMMENT, HUANG, case, text="Seen")
    assert caused(builder, view="story") == {CHEN, HUANG, LIN, WU}
    clock.move(hours=6)
    assert builder.sweep()
    assert caused(builder, view="reminder") == {""}


def test_messages_of_a_very_severe_case_and_of_an_urgent_report_are_urgent(builder: CaseBuilder) -> None:
    builder.report()
    builder.report(suspected_urgency="high")
    case = builder.fault(State.DECISION)
    builder.take(Step.COMMENT, HUANG, case, text="Seen")
    with builder.database.read() as session:
        rows = session.exec(
            select(Outgoing.case_id, Outgoing.urgent).where(Outgoing.target == builder.company.desk_channel)
        )
        urgent = {number for number, is_urgent in rows if is_urgent}
    assert urgent == {2, 3}
