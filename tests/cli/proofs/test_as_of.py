"""Exports: who took what, and the same bytes again with `--as-of`."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlmodel import select, update

from bot.casework.records.checkpoints import line_of
from bot.casework.statistics import monthly_report
from bot.casework.statistics.measures import StatisticsQuery
from bot.casework.statistics.periods import between
from bot.casework.statistics.report_snapshot import snapshot
from bot.casework.steps.acknowledge import acknowledge
from bot.casework.steps.prune import prune
from bot.seal_key import SealKey
from storage import audit, desk_history, migrations, people
from storage import checkpoints as stored
from storage.people import Profile
from storage.tables import Outgoing, Reminder
from storage.vocabulary import DeskEvent, OutboxState, ReminderState, State, Step
from tests.support.answers import EVERYBODY
from tests.support.case_builder import CaseBuilder
from tests.support.commands import Done
from tests.support.manual_clock import ManualClock
from tests.support.old_databases import restored
from tests.support.sealed_desk import checkpoint, seal_of, with_key
from tests.support.team import CHEN, HE, HUANG, LIN, WU

pytestmark = [pytest.mark.usefixtures("bare_logging"), pytest.mark.database("sqlite")]
Faultdesk = Callable[..., Done]


def taken(builder: CaseBuilder) -> list[tuple[str, dict[str, object]]]:
    with builder.database.read() as session:
        found = desk_history.entries(session, [DeskEvent.EXPORTED])
        return [(one.person_id, json.loads(one.data)) for one in found]


def test_an_export_is_an_entry_and_a_pack_a_checkpoint_too(builder: CaseBuilder, faultdesk: Faultdesk) -> None:
    builder.fault(State.CLOSED)
    assert faultdesk("export", "F-1", "T02", "--to", "out").returncode == 0
    sheet = {"what": "paper", "form": "docx", "language": "en", "case_id": 1, "paper": "T02"}
    assert taken(builder) == [("", sheet)]
    done = faultdesk("export", "pack", "F-1", "--to", "out")
    assert taken(builder)[1][1]["what"] == "pack"
    with builder.database.read() as session:
        last = stored.last(session)
        assert last is not None
        assert done.stdout.splitlines()[-1] == str(line_of(session, last))


# ---- The same bytes again ------------------------------------------------------------------------------------------

#: What is exported, as the words of the command.
WORDS = ("table csv", "report 2026-11", "pack F-1", "pack 2026-11")


def sealed(builder: CaseBuilder, faultdesk: Faultdesk) -> CaseBuilder:
    """The desk with a key, which knows the names of its people."""
    assert faultdesk("setup-key").returncode == 0
    call_all(builder, "Name of")
    return with_key(builder, SealKey.read(Path("faultdesk.key")))


def call_all(builder: CaseBuilder, name: str) -> None:
    with builder.database.write() as session:
        said = (Profile(person, f"{name} {person}", None, None, True) for person in EVERYBODY)
        people.keep(session, said, builder.clock())


def before(desk: CaseBuilder, clock: ManualClock) -> None:
    """Let much happen: a fault that was reminded of, a question, a duplicate, a returned sheet, a draft."""
    desk.fault(State.MODIFICATION)
    clock.move(hours=6)
    desk.sweep()
    desk.report(summary="How do I print? 如何打印？")
    desk.take(Step.TRIAGE, LIN, 2, is_requirement="no", is_fault="no")
    desk.fault(State.SHEET_SIGNING)
    desk.report(summary="The same again 又是同样的问题")
    desk.take(Step.MERGE_DUPLICATE, CHEN, 4, master="1", reason="The same cause")
    desk.fault(State.CLOSED)
    asked = StatisticsQuery(between(date(2026, 11, 1), date(2026, 11, 30), desk.company.zone))
    with desk.database.write() as session:
        drawn = snapshot(session, asked, desk.company, clock.now())
        assert monthly_report.draft(session, drawn, desk.company, clock.now())
    checkpoint(desk)
    clock.move(minutes=1)


def later(desk: CaseBuilder, clock: ManualClock) -> None:
    """Let everything of before change, and more come."""
    call_all(desk, "Later name of")
    clock.move(hours=7)
    desk.sweep()
    with desk.database.write() as session:
        sent = select(Reminder).where(Reminder.case_id == 1, Reminder.state == ReminderState.SENT)
        row = session.exec(sent).first()
        assert row is not None
        acknowledge(session, row.id or 0, WU, desk.company, clock.now())
    desk.take(Step.REASSIGN, HUANG, 1, place="testers", person=HE)
    moved = int(clock.now().timestamp()) + 90_000
    agreed = {"deadline_contact": "Gao Feng 高峰", "deadline_agreed_at": moved - 90_060, "deadline_evidence": "Mail"}
    desk.take(Step.CHANGE_DEADLINE, CHEN, 1, deadline_at=moved, reason="Agreed", **agreed)
    desk.take(Step.COMMENT, LIN, 1, text="One more file")
    desk.take(Step.UNDO_MERGE, HUANG, 4, reason="Another cause")
    desk.take(Step.ANSWER, CHEN, 2, answer="Press P", category="usage", effort_hours="1")
    desk.take(Step.RETURN_SHEET, HUANG, 3, reason="Which one?")
    desk.usual(Step.DRAFT_SHEET, 3)
    desk.onward(3, State.MODIFICATION)
    desk.onward(1, State.CLOSED)
    desk.take(Step.REOPEN, CHEN, 5, reason="Again")
    desk.fault(State.ANALYSIS)
    with desk.database.write() as session:
        monthly_report.issue(session, 1, "All is well", CHEN, "issue", desk.company, clock.now())
        drawn = monthly_report.figures_again(session, 1, CHEN, desk.company, clock.now())
        monthly_report.redraw(session, 1, drawn, CHEN, "redraw", desk.company, clock.now())
    checkpoint(desk)
    clock.move(days=20)


def exported(faultdesk: Faultdesk, words: str, *options: str) -> tuple[str, dict[str, bytes]]:
    """Export something into an empty folder. Return the moment that was printed, and the files."""
    with TemporaryDirectory() as folder:
        done = faultdesk("export", *words.split(), "--to", folder, *options)
        assert (done.returncode, done.stderr) == (0, ""), words
        (moment,) = (line for line in done.stdout.splitlines() if line.startswith("As of "))
        return moment.removeprefix("As of "), {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_what_is_exported_as_of_a_moment_is_what_was_exported_then(
    builder: CaseBuilder, faultdesk: Faultdesk, clock: ManualClock
) -> None:
    desk = sealed(builder, faultdesk)
    before(desk, clock)
    then = {words: exported(faultdesk, words) for words in WORDS}
    later(desk, clock)
    for words, (moment, files) in then.items():
        assert exported(faultdesk, words, "--as-of", moment) == (moment, files), words
    assert exported(faultdesk, "table csv")[1] != then["table csv"][1]
    assert taken(builder)[-2][1]["as_of"] == then[WORDS[-1]][0]


def test_what_was_pruned_since_is_exported_as_it_was(
    builder: CaseBuilder, faultdesk: Faultdesk, clock: ManualClock
) -> None:
    desk = sealed(builder, faultdesk)
    before(desk, clock)
    desk.onward(1, State.CLOSED)
    clock.move(minutes=1)
    then = {words: exported(faultdesk, words) for words in ("report 2026-11", "pack 2026-11")}
    clock.move(minutes=1)
    desk.report()
    clock.move(days=31)
    with desk.database.write() as session:
        session.exec(update(Outgoing).values(state=OutboxState.SENT))
        assert prune(session, clock.now() - timedelta(days=30), clock.now()) == 3
    for words, (moment, files) in then.items():
        assert exported(faultdesk, words, "--as-of", moment) == (moment, files), words
    assert faultdesk("verify").returncode == 0


def test_after_a_rotation_the_seal_is_the_same_and_the_new_key_signs(
    builder: CaseBuilder, faultdesk: Faultdesk, clock: ManualClock
) -> None:
    desk = sealed(builder, faultdesk)
    desk.fault(State.ANALYSIS)
    first = faultdesk("export", "pack", "F-1", "--to", "one")
    moment = first.stdout.splitlines()[1].removeprefix("As of ")
    clock.move(hours=1)
    assert faultdesk("setup-key", "--rotate").returncode == 0
    again = faultdesk("export", "pack", "F-1", "--to", "two", "--as-of", moment)
    assert seal_of(again) == seal_of(first)
    checked = faultdesk("verify", next(Path("two").iterdir()), seal_of(first))
    assert checked.returncode == 0
    assert f"Signed by key {SealKey.read(Path('faultdesk.key')).fingerprint}" in checked.stdout


def test_a_case_that_was_reported_later_is_not_there_yet(
    builder: CaseBuilder, faultdesk: Faultdesk, clock: ManualClock
) -> None:
    builder.report()
    moment = clock.now().isoformat()
    clock.move(hours=1)
    builder.report()
    done = faultdesk("export", "pack", "F-2", "--to", "out", "--as-of", moment)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "There is no case F-2, or it is not yours to read.\n")


def test_what_was_before_the_upgrade_is_refused_with_the_earliest_moment(
    faultdesk: Faultdesk, clock: ManualClock, tmp_path: Path
) -> None:
    database = restored(f"sqlite:///{tmp_path / 'old.db'}", "0006", tmp_path)
    migrations.upgrade(database.engine)
    with database.read() as session:
        *_old, before, upgrade = audit.entries(session, 1)
    database.close()
    clock.set(upgrade.at)
    done = faultdesk("export", "F-1", "--as-of", before.at.isoformat(), DATABASE_URL="sqlite:///old.db")
    sentence = f"changes of F-1 are recorded only from {upgrade.at.isoformat()} on, the earliest moment possible"
    assert done == (2, "", f"--as-of: {sentence}\n")


@pytest.mark.parametrize("moment", ["yesterday", "2099-01-01"])
def test_a_moment_that_is_none_or_has_not_come_is_refused(
    builder: CaseBuilder, faultdesk: Faultdesk, moment: str
) -> None:
    builder.report()
    done = faultdesk("export", "table", "--to", "out", "--as-of", moment)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert taken(builder) == []
