"""How many statements a request executes until it is answered, so that they do not grow unseen.

Each of them costs its share of the time that a person waits.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from bot.sandbox import Person
from storage.database import Database
from storage.vocabulary import Kind, State, Step
from tests.support.answers import CHEN, HUANG, KINDS, LIN, SIGNING, WU, Answers
from tests.support.team import Team

pytestmark = pytest.mark.database("sqlite")

#: The statements of each submission on SQLite, from its arrival to its answer, with those that begin a transaction.
STATEMENTS = {Step.REPORT: 26, Step.COMMENT: 22, Step.TRIAGE: 28, Step.SIGN_SHEET: 36}
#: Who takes the other steps on a case in which state, and the answers.
TAKEN: dict[Step, tuple[str, State, Answers]] = {
    Step.COMMENT: (WU, State.TRIAGE, {"text": "It happened again"}),
    Step.TRIAGE: (LIN, State.TRIAGE, KINDS[Kind.FAULT]),
    Step.SIGN_SHEET: (HUANG, State.SHEET_SIGNING, SIGNING[Kind.FAULT]),
}
#: The names of the threads that answer requests begin with it.
_ANSWERING = "waitress"
#: What a connection is told anew when it last served somebody who waits for another time; it reads no data.
_OF_A_CONNECTION = "PRAGMA busy_timeout"


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Note what requests execute meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if threading.current_thread().name.startswith(_ANSWERING) and not statement.startswith(_OF_A_CONNECTION):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def filled(team: Team, step: Step) -> Person:
    """A person with the filled form of this step, while no message is left to deliver."""
    if step is Step.REPORT:
        person = team.person(CHEN)
        person.command("/fault")
        person.opened(step)
        team.fill_report(CHEN)
    else:
        user, state, answers = TAKEN[step]
        number = team.case(state)
        team.settle()
        person = team.open(user, step, number)
        person.fill(**answers)
    team.settle()
    return person


def test_each_submission_executes_its_number_of_statements(team: Team) -> None:
    found = {}
    for step in STATEMENTS:
        person = filled(team, step)
        with statements(team.database) as seen:
            assert person.submit().closed
        found[step] = seen
    assert {step: len(seen) for step, seen in found.items()} == STATEMENTS, found
