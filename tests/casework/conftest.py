"""Cases on a database of the test's own, at a time that the test sets."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from bot.casework.steps import load
from bot.workflow.context import CaseContext
from storage.database import Database
from storage.involved import Involved, involved
from storage.tables import Case
from tests.support.case_fixtures import builder, clock

__all__ = ["builder", "clock"]


@pytest.fixture(autouse=True)
def people_after_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare the people whom each step leaves on its case with those that are stored."""
    seen_after = load.seen_after

    def compared(session: Session, row: Case, before: CaseContext, who: Involved) -> CaseContext:
        assert who == involved(session, [before.id])[before.id]
        return seen_after(session, row, before, who)

    monkeypatch.setattr(load, "seen_after", compared)


@pytest.fixture
def statements() -> Iterator[Callable[[Database], list[str]]]:
    """Returns the list of statements that a database executes from then on."""
    listening = []

    def start(database: Database) -> list[str]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            seen.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        listening.append((database.engine, note))
        return seen

    yield start
    for engine, note in listening:
        event.remove(engine, "before_cursor_execute", note)
