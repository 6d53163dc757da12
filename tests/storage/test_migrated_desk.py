"""A database of each earlier revision, with data, is brought to the current one and keeps its data."""

import pytest
from alembic import command
from sqlalchemy import text

from storage import migrations
from storage.database import Database
from storage.vocabulary import State
from tests.support.case_builder import CaseBuilder
from tests.support.case_fixtures import builder, clock
from tests.support.manual_clock import ManualClock
from tests.support.sealed_desk import checkpoint, findings_of_case, findings_of_desk, with_key

__all__ = ["builder", "clock"]
#: The revisions before the history of the desk.
EARLIER = ("0001", "0002", "0003", "0004", "0005", "0006")


def downgrade(database: Database, revision: str) -> None:
    config = migrations._config()
    with database.engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


@pytest.mark.parametrize("revision", EARLIER)
def test_a_database_of_an_earlier_revision_is_migrated_and_verifies(
    builder: CaseBuilder, clock: ManualClock, revision: str
) -> None:
    cases = [builder.fault(state) for state in (State.TRIAGE, State.ANALYSIS, State.CLOSED)]
    downgrade(builder.database, revision)
    assert migrations.current(builder.database.engine) == revision
    migrations.upgrade(builder.database.engine)
    assert migrations.current(builder.database.engine) == migrations.head()
    assert migrations.differences(builder.database.engine) == []
    clock.move(hours=1)
    sealed = with_key(builder)
    cases.append(sealed.fault(State.ANALYSIS))
    written = checkpoint(sealed)
    assert written is not None
    assert written.number == 1
    assert [findings_of_case(builder, case) for case in cases] == [[]] * len(cases)
    assert findings_of_desk(builder) == []
    with builder.database.read() as session:
        assert session.connection().scalar(text("SELECT count(*) FROM checkpoint_subjects")) == len(cases) + 1
