"""A database of each earlier revision, with data, gets a history of the desk, checkpoints and a key."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.casework.company_settings import CompanySettings
from storage import migrations
from storage.vocabulary import State
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.old_databases import EACH_REVISION, restored
from tests.support.sealed_desk import checkpoint, findings_of_case, findings_of_desk, with_key


@pytest.mark.parametrize("revision", EACH_REVISION)
def test_a_database_of_an_earlier_revision_is_migrated_and_verifies(tmp_path: Path, revision: str) -> None:
    database = restored(f"sqlite:///{tmp_path / 'old.db'}", revision, tmp_path)
    migrations.upgrade(database.engine)
    assert migrations.is_current(database.engine)
    assert migrations.differences(database.engine) == []
    builder = CaseBuilder(database, CompanySettings("C0DESK"), ManualClock().now)
    builder.seed()
    sealed = with_key(builder)
    case = sealed.fault(State.ANALYSIS)
    written = checkpoint(sealed)
    assert written is not None
    assert written.number == 1
    assert [findings_of_case(builder, one) for one in range(1, case + 1)] == [[]] * case
    assert findings_of_desk(builder) == []
    with database.read() as session:
        assert session.connection().scalar(text("SELECT count(*) FROM checkpoint_subjects")) == case + 1
    database.close()
