"""Measures a checkpoint of many changed cases, and the verification of all of them, on SQLite and on PostgreSQL.

python -m tests.bench.proofs [cases]    10,000 by default
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from sqlmodel import Session, SQLModel, col, select

from bot.casework import signing
from bot.casework.records import checkpoints
from bot.casework.records.verify import verify_each
from bot.casework.records.verify_checkpoints import read_proofs, verify_desk
from bot.seal_key import SealKey
from storage import audit, documents, migrations
from storage.database import Database
from storage.tables import AuditEntry, Case, CaseAssigned, CasePlace, DeadlineChange, Document, Personal
from storage.vocabulary import SignedKind, State
from tests.bench.each_database import on_each
from tests.bench.statistics import COMPANY, NOW
from tests.support.case_builder import CaseBuilder

CASES, BATCH = 10_000, 500
KEY = SealKey.make()
#: What else of a case verification replays from its history.
BESIDE = (CasePlace, CaseAssigned, Personal, DeadlineChange)


@dataclass
class Stopwatch:
    """The elapsed and the processor seconds of the last measured block. On a busy machine only the latter count."""

    seconds: float = 0.0
    processor: float = 0.0

    @contextmanager
    def measure(self) -> Iterator[None]:
        """Measure a block."""
        started, worked = time.perf_counter(), time.process_time()
        yield
        self.seconds, self.processor = time.perf_counter() - started, time.process_time() - worked


def measure(cases: int = CASES) -> None:
    """Print how long a checkpoint of this number of changed cases and their verification take."""
    on_each("proofs", "checkpoints", partial(_measure, cases=cases))


def _measure(url: str, called: str, cases: int) -> None:
    database = Database(url)
    migrations.upgrade(database.engine)
    _fill(database, cases)
    company, reading, writing, unchanged, verifying = (replace(COMPANY, seal_key=KEY), *(Stopwatch() for _ in range(4)))
    with reading.measure(), database.read() as session:
        drafted = checkpoints.draft(session)
    with writing.measure(), database.write() as session:
        assert checkpoints.write(session, drafted, company, NOW)
    with unchanged.measure(), database.read() as session:
        assert checkpoints.draft(session).subjects == ()
    with verifying.measure(), database.read() as session:
        assert _findings(session) == 0
    database.close()
    print(
        f"checkpoint of {len(drafted.subjects):,} changed subjects on {called}: list {reading.seconds:.2f} s, beside "
        f"the steps; written in {writing.seconds:.2f} s; the list without a change {unchanged.seconds:.2f} s"
    )
    each = 1000 * verifying.processor / cases
    print(
        f"verify of {cases:,} cases on {called}: {verifying.seconds:.1f} s; "
        f"processor time {verifying.processor:.1f} s, {each:.2f} ms each"
    )


def _findings(session: Session) -> int:
    """Verify every case and what belongs to none, as `faultdesk verify` does; return the number of findings."""
    proofs, found = read_proofs(session), len(verify_desk(session).findings)
    numbers = session.exec(select(Case.id).order_by(col(Case.id))).all()
    for _number, verified in verify_each(session, [number or 0 for number in numbers], proofs):
        assert verified is not None
        found += len(verified.findings)
    return found


def _fill(database: Database, cases: int) -> None:
    """Write one case with a signed sheet through `casework`, and copies of it whose hashes and signatures are right."""
    builder = CaseBuilder(database, replace(COMPANY, seal_key=KEY), lambda: NOW)
    builder.seed()
    model = builder.fault(State.ANALYSIS)
    with database.read() as session:
        case = session.get_one(Case, model)
        history, records = audit.entries(session, model), documents.all_of(session, model)
        beside = [row for table in BESIDE for row in session.exec(select(table).where(table.case_id == model))]
        session.expunge_all()
    for first in range(model + 1, cases + 1, BATCH):
        with database.write() as session:
            for number in range(first, min(first + BATCH, cases + 1)):
                _copy(session, number, case, history, records, beside)


def _copy(
    session: Session,
    number: int,
    case: Case,
    history: list[AuditEntry],
    records: list[Document],
    beside: list[SQLModel],
) -> None:
    """Write a copy of a case with its own number."""
    copied = [Document(**{**one.model_dump(exclude={"id"}), "case_id": number}) for one in records]
    chain = [AuditEntry(**{**one.model_dump(exclude={"id"}), "case_id": number}) for one in history]
    for record in copied:
        if record.signature and record.signer_id and record.signed_at:
            before, role = record.signature, record.signer_role or ""
            record.signature = documents.signature_of(record, record.signer_id, role, record.signed_at)
            signing.add(session, SignedKind.RECORD, record.signature, KEY)
            for entry in chain:
                entry.data = entry.data.replace(before, record.signature)
    previous = ""
    for entry in chain:
        entry.previous_hash = previous
        previous = entry.hash = audit.hash_of_entry(entry)
    session.add(Case(**{**case.model_dump(), "id": number, "audit_head": chain[-1].hash}))
    session.flush()
    session.add_all([*copied, *chain, *(type(one)(**{**one.model_dump(), "case_id": number}) for one in beside)])


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else CASES)
