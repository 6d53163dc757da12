"""How many statements a step executes until Slack has everything, so that they do not grow unseen.

Those of the request cost their share of the time that a person waits, those after it make others wait.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from sqlalchemy import event

from bot.sandbox import Person
from storage.database import Database
from storage.vocabulary import Step
from tests.support.answers import CHEN, MEASURED
from tests.support.team import Team

pytestmark = pytest.mark.database("sqlite")


class Count(NamedTuple):
    """Statements on SQLite, with those that begin a transaction, by the threads that execute them."""

    #: From the arrival of the submission to its answer.
    request: int
    #: Rounds of the delivery loop that claim messages. Others find none: a sender was faster, or a pause was over.
    claims: int
    senders: int
    #: The personal card that is redrawn after the answer.
    personal_card: int


#: The statements of each submission.
STATEMENTS = {
    Step.REPORT: Count(25, 5, 22, 0),
    Step.COMMENT: Count(19, 11, 21, 11),
    Step.TRIAGE: Count(25, 11, 32, 11),
    Step.SIGN_SHEET: Count(34, 11, 44, 11),
}
#: How the names of the threads begin that answer requests, claim, send, and redraw.
_THREADS = ("waitress", "delivery", "deliver_", "respond")
#: What a connection is told anew when it last served somebody who waits for another time; it reads no data.
_OF_A_CONNECTION = "PRAGMA busy_timeout"


@dataclass
class Executed:
    """What the threads executed."""

    by_thread: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def note(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(_OF_A_CONNECTION):
            self.by_thread[threading.current_thread().name].append(statement)

    def of(self, thread: str) -> list[str]:
        return [one for name, seen in self.by_thread.items() if name.startswith(thread) for one in seen]

    def count(self) -> Count:
        request, rounds, sent, redrawn = map(self.of, _THREADS)
        return Count(len(request), len(claiming(rounds)), len(sent), len(redrawn))


def claiming(rounds: list[str]) -> list[str]:
    """The statements of those transactions that claim something."""
    transactions: list[list[str]] = []
    for statement in rounds:
        if statement.startswith("BEGIN"):
            transactions.append([])
        transactions[-1].append(statement)
    claims = [one for one in transactions if any(statement.startswith("UPDATE outbox") for statement in one)]
    return [statement for one in claims for statement in one]


@contextmanager
def statements(database: Database) -> Iterator[Executed]:
    """Note what is executed meanwhile."""
    seen = Executed()
    event.listen(database.engine, "before_cursor_execute", seen.note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", seen.note)


def filled(team: Team, step: Step) -> Person:
    """A person with the filled form of this step, while no message is left to deliver."""
    if step is Step.REPORT:
        team.report(CHEN)  # so that their direct messages have a channel
        person = team.person(CHEN)
        person.command("/fault")
        person.opened(step)
        team.fill_report(CHEN)
    else:
        user, state, answers = MEASURED[step]
        number = team.case(state)
        team.settle()
        person = team.open(user, step, number)
        person.fill(**answers)
    team.settle()
    return person


def redrawn(team: Team) -> int:
    """How many personal cards were redrawn."""
    return len(team.workspace.log.calls("response_url"))


def test_each_submission_executes_its_number_of_statements(team: Team) -> None:
    found = {}
    for step, expected in STATEMENTS.items():
        person, before = filled(team, step), redrawn(team)
        with statements(team.database) as seen:
            assert person.submit().closed
            team.settle()
            team.workspace.wait_until(lambda: redrawn(team) == before + bool(expected.personal_card))  # noqa: B023
        found[step] = seen
    assert {step: seen.count() for step, seen in found.items()} == STATEMENTS, found
