"""`faultdesk backup`, `restore` and `verify`: back up the database, restore it, and prove that it was not altered."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.checkpoints import parse_against, tell_comparisons
from bot.cli.common import configured, current, one_line_errors
from bot.settings.settings import Settings, WrongSettings
from storage.unavailable import InUse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlmodel import Session

    from bot.casework.records.findings import Finding
    from bot.casework.records.verify import Verification
    from bot.seal_key import SealKey
    from storage.database import Database
    from storage.tables import Epoch

File = Annotated[Path, typer.Argument(show_default=False)]


def backup(file: File) -> None:
    """Write the whole database to a new FILE. The bot may keep running."""
    from storage import backup as store

    with one_line_errors(file, "not written"):
        copy = store.backup(_url(), file)
    typer.echo(f"✓ {file}: {_count(copy.cases, 'case')}, {_count(file.stat().st_size, 'byte')}")


def restore(
    file: Annotated[Path | None, typer.Argument(help="The backup", show_default=False)] = None,
    done: Annotated[
        bool, typer.Option("--done", help="Tell that the database was restored in another way, without a FILE")
    ] = False,
) -> None:
    """Restore the backup FILE into an empty database, bring it to the current schema, and verify it.

    Buttons that Slack still shows from before the restore no longer do anything, and new cases get numbers that were
    not used.
    """
    if (file is None) is not done:
        raise WrongSettings(("FILE: name the backup, or --done after a restore by other means, not both",))
    if file is None:
        _note_other_restore(configured())
    else:
        _restore(configured(), file)


def _restore(settings: Settings, file: Path) -> None:
    from storage import backup as store
    from storage import migrations

    begun: list[Epoch] = []

    def prepare(database: "Database") -> None:
        migrations.upgrade(database.engine)
        begun.append(_begun_epoch(settings, database))

    with one_line_errors(file, "not restored"):
        copy = store.restore(settings.database_url.get_secret_value(), file, prepare)
    typer.echo(f"✓ {_count(copy.cases, 'case')} restored from {file}")
    if not copy.is_checked:
        typer.echo(f"{file} has no checksum; whether a byte of it was damaged is not known", err=True)
    was = "" if copy.revision == migrations.head() else f" It was an older one ({copy.revision})."
    typer.echo(f"The schema is current.{was}")
    _tell_epoch(settings, begun[0])
    _verify(settings, None)


def _note_other_restore(settings: Settings) -> None:
    """Begin a new epoch in a database that was restored by other means."""
    with one_line_errors(), current(settings.database_url.get_secret_value()) as database:
        try:
            database.take_ownership()
        except InUse as used:
            raise WrongSettings((f"DATABASE_URL: {used} is in use by another process; stop the bot first",)) from None
        begun = _begun_epoch(settings, database)
    typer.echo("✓ the restore is in the history of the desk")
    _tell_epoch(settings, begun)


def _begun_epoch(settings: Settings, database: "Database") -> "Epoch":
    from bot.casework.restores import begin_epoch
    from bot.runtime import company

    with database.write() as session:
        return begin_epoch(session, settings.channel, company.clock(settings).now())


def _tell_epoch(settings: Settings, begun: "Epoch") -> None:
    """Print what a restore changes for people."""
    told = "The service-desk channel is told" if settings.channel else "FAULT_CHANNEL is not set, so nobody is told"
    last = f"; the last one is F-{begun.last_case}" if begun.last_case else ""
    typer.echo(f"Buttons from before are refused. New cases begin at F-{begun.first_case}{last}. {told}.")


def verify(
    subject: Annotated[
        str | None, typer.Argument(help="Only this case (F-12), or an evidence pack (PACK.zip)", show_default=False)
    ] = None,
    seal: Annotated[
        str | None, typer.Argument(help="The seal that was shown when the pack was made", show_default=False)
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(help="A checkpoint that was kept elsewhere: its line, or a file", show_default=False),
    ] = None,
) -> None:
    """Prove that histories, records and signatures are as they were written.

    Exits with 1 if anything was altered.
    """
    from bot.casework.steps.load import number

    if subject and subject.lower().endswith(".zip"):
        _verify_pack(Path(subject), seal or "")
        return
    case_id = number(subject) if subject else None
    if subject and case_id is None:
        raise WrongSettings((f"CASE: {subject} is no case; for example F-12, or a pack: pack.zip",))
    if seal or (subject and against):
        raise WrongSettings(("SEAL is for a pack, and --against for the whole database",))
    _verify(configured(), case_id, against)


def _verify_pack(pack: Path, seal: str) -> None:
    from bot.documents.pack.unpacked import check_pack

    with one_line_errors(pack, "not verified"):
        checked = check_pack(pack, seal)
    for line in checked.lines:
        typer.echo(line)
    if not checked.as_written:
        raise typer.Exit(1)


def _url() -> str:
    return configured().database_url.get_secret_value()


# Verifying


def _verify(settings: Settings, only: int | None, against: str | None = None) -> None:
    """Check all cases, or case `only`, against one snapshot of the database, and print the findings."""
    from bot.casework.records.verify import verify_each
    from bot.casework.records.verify_checkpoints import read_proofs
    from bot.runtime.seal_key import find_key
    from storage import stored_cases

    tally, kept = VerifyCount(), parse_against(against) if against else []
    url = settings.database_url.get_secret_value()
    with one_line_errors(), current(url) as database, database.read() as session:
        proofs = read_proofs(session, only)
        for case_id, verified in verify_each(session, stored_cases.numbers(session, only), proofs):
            tally.tell(case_id, verified)
        if only is None:
            tally.tell_facts(session)
            tally.tell_waits(session, settings)
            tally.tell_reports(session)
            tally.tell_desk(session, find_key(settings).key)
        proven = tell_comparisons(session, kept, all_well=tally.all_well)
    if only is not None and not tally.cases:
        raise WrongSettings((f"CASE: there is no F-{only}",))
    typer.echo(tally.summary(proven=proven))
    if not (tally.all_well and proven):
        raise typer.Exit(1)


@dataclass
class VerifyCount:
    """Counts of what was checked and what was wrong."""

    cases: int = 0
    entries: int = 0
    records: int = 0
    reports: int = 0
    adopted: int = 0
    wrong: int = 0
    wrong_reports: int = 0
    checkpoints: int = 0
    wrong_desk: int = 0

    def tell(self, case_id: int, verified: "Verification | None") -> None:
        """Count a case, and print each of its findings. `verified` None means that the case cannot be read."""
        from bot.casework.records.findings import UNDELIVERED

        lines = list(_lines(verified))
        self.cases += 1
        self.wrong += bool(lines)
        if verified:
            self.entries += verified.entries
            self.records += verified.papers
            self.adopted += verified.replayed_from not in (None, 1)
        number = str(case_id) if str(case_id).isdigit() else "?"  # a damaged number may be anything
        for line in lines:
            typer.echo(f"✗ F-{number}: {line}")
        if verified and verified.undelivered:
            typer.echo(f"✉ F-{number}: {UNDELIVERED % {'entry': verified.undelivered}}")

    def tell_facts(self, session: "Session") -> None:
        """Print the cases of stored statistics that belong to no settled case."""
        from bot.casework.records.verify import verify_facts

        for number, finding in verify_facts(session):
            self.wrong += 1
            for line in _sentences([finding]):
                typer.echo(f"✗ {number}: {line}")

    def tell_waits(self, session: "Session", settings: Settings) -> None:
        """Print the open cases that wait for others than they must."""
        from bot.casework.records.verify_waits import verify_waits
        from bot.runtime import company

        now = company.clock(settings).now()
        for number, finding in verify_waits(session, company.company_settings(settings), now):
            self.wrong += 1
            for line in _sentences([finding]):
                typer.echo(f"✗ {number}: {line}")

    def tell_reports(self, session: "Session") -> None:
        """Verify and count the statistics reports (T08), and print their findings."""
        from bot.casework.records.verify import verify_reports

        for _name, findings in verify_reports(session):
            self.reports += 1
            self.wrong_reports += bool(findings)
            for line in _sentences(findings):
                typer.echo(f"✗ {line}")

    def tell_desk(self, session: "Session", here: "SealKey | None") -> None:
        """Verify what belongs to no case, and print its findings and the key in use, also if another one is `here`.

        Somebody with the database can put a key of their own in its place, or make everything unsigned.
        """
        from bot.casework.records.verify_checkpoints import verify_desk

        verified = verify_desk(session)
        self.checkpoints, self.wrong_desk = verified.checkpoints, len(verified.findings)
        for line in _sentences(verified.findings):
            typer.echo(f"✗ {line}")
        signed = f"Signed by key {verified.key}" if verified.key else "Unsigned: the desk has used no key"
        other = f"; the key here is {here.fingerprint}" if here and here.fingerprint != verified.key else ""
        typer.echo(f"{signed}{other}")

    def summary(self, *, proven: bool) -> str:
        """Return the result of the whole verification in one line. `proven`: whether all kept checkpoints hold."""
        counted = [(self.cases, "case"), (self.entries, "entry"), (self.records, "record"), (self.reports, "report")]
        counted.append((self.checkpoints, "checkpoint"))
        rare = ("report", "checkpoint")
        counts = ", ".join(_count(number, what) for number, what in counted if number or what not in rare)
        if not self.all_well:
            wrong = [(self.wrong, "case"), (self.wrong_reports, "report"), (self.wrong_desk, "proof")]
            return f"✗ {counts}: {', '.join(_count(*one) for one in wrong if one[0])} not as written{self._since()}"
        if not proven:
            return f"✗ {counts}: consistent in themselves, but a kept checkpoint does not hold{self._since()}"
        return f"✓ {counts}: nothing was tampered with{self._since()}"

    def _since(self) -> str:
        """Return how many cases were compared with their history only from the upgrade on."""
        return f"; {_count(self.adopted, 'case')} replayed from the entry “adopted” on" if self.adopted else ""

    @property
    def all_well(self) -> bool:
        """Whether nothing has a finding."""
        return not (self.wrong or self.wrong_reports or self.wrong_desk)


def _lines(verified: "Verification | None") -> Iterator[str]:
    """Yield the findings of a case as sentences."""
    if verified is None:
        yield "The case was removed or made unreadable."
        return
    yield from _sentences(verified.findings)


def _sentences(findings: "Iterable[Finding]") -> Iterator[str]:
    """Yield the findings in English, in the same words as in Slack."""
    from bot.i18n.translator import translator

    t = translator("en", None)
    for finding in findings:
        sentence, subject = finding.words
        yield t(sentence, subject=subject)


def _count(number: int, what: str) -> str:
    """Return a number with its noun: `1 case`, `12 cases`, `148 entries`."""
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number:,} {what if number == 1 else many}"
