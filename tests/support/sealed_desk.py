"""A desk with a key outside its database, and its checkpoints."""

from dataclasses import replace

from bot.casework.records import checkpoints
from bot.casework.records.findings import Finding
from bot.casework.records.verify import verify, verify_reports
from bot.casework.records.verify_checkpoints import verify_desk
from bot.seal_key import SealKey
from storage.tables import Checkpoint
from tests.support.case_builder import CaseBuilder
from tests.support.commands import Done

KEY = SealKey.parse("ed25519:" + "A" * 43 + "=")
OTHER_KEY = SealKey.parse("ed25519:" + "B" * 43 + "=")


def with_key(builder: CaseBuilder, key: SealKey | None = KEY) -> CaseBuilder:
    """The same desk, as a process with this key works on it."""
    return replace(builder, company=replace(builder.company, seal_key=key))


def checkpoint(builder: CaseBuilder) -> Checkpoint | None:
    """Write a checkpoint as the job does."""
    with builder.database.read() as session:
        drafted = checkpoints.draft(session)
    with builder.database.write() as session:
        return checkpoints.write(session, drafted, builder.company, builder.clock())


def line(builder: CaseBuilder) -> str:
    """The line of a new checkpoint."""
    written = checkpoint(builder)
    assert written is not None
    with builder.database.read() as session:
        return str(checkpoints.line_of(session, written))


def seal_of(done: Done) -> str:
    """The seal of the pack that `faultdesk export` has made."""
    return done.stdout.splitlines()[0].rpartition("seal: ")[2]


def findings_of_case(builder: CaseBuilder, case: int) -> list[Finding]:
    with builder.database.read() as session:
        return list(verify(session, case).findings)


def findings_of_desk(builder: CaseBuilder) -> list[Finding]:
    with builder.database.read() as session:
        return list(verify_desk(session).findings)


def findings_of_reports(builder: CaseBuilder) -> list[Finding]:
    with builder.database.read() as session:
        return [finding for _name, findings in verify_reports(session) for finding in findings]
