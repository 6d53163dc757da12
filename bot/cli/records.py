"""`faultdesk backup`, `restore` and `verify`: back up the database, restore it, and prove that it was not altered."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.checkpoints import parse_against, tell_comparisons
from bot.cli.common import configured, current, one_line_errors
from bot.cli.verify_count import VerifyCount, counted
from bot.settings.declaration import WrongSettings
from bot.settings.settings import Settings
from storage.unavailable import InUse

if TYPE_CHECKING:
    from storage.database import Database
    from storage.tables import Epoch

File = Annotated[Path, typer.Argument(show_default=False)]


def backup(file: File) -> None:
    """Write the whole database to a new FILE. The bot may keep running."""
    from storage import backup as store

    settings = configured()
    with one_line_errors(file, "not written"):
        copy = store.backup(_url_of(settings), file)
    typer.echo(f"✓ {file}: {counted(copy.cases, 'case')}, {counted(file.stat().st_size, 'byte')}")
    _back_up_files(settings, file)


def _back_up_files(settings: Settings, file: Path) -> None:
    """Write the files of cases to a ZIP beside the backup, where they are kept in a folder."""
    from bot.runtime import process
    from storage.backup import opened
    from storage.file_contents import FolderContents
    from storage.files_backup import backup_files, beside

    with one_line_errors(beside(file), "not written"), opened(_url_of(settings)) as database:
        contents = process.file_contents(settings, database)
        if not isinstance(contents, FolderContents):
            return
        with database.read() as session:
            written, missing = backup_files(session, contents, beside(file))
    if written or missing:
        lacking = f", {missing} missing" if missing else ""
        typer.echo(f"✓ {beside(file)}: {counted(written, 'file')}{lacking}")


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
    from bot.casework.company_source import CompanySource
    from bot.runtime import process, waits
    from storage import backup as store
    from storage import migrations

    begun: list[Epoch] = []

    def prepare(database: "Database") -> None:
        migrations.upgrade(database.engine)
        waits.renew(database, CompanySource(), process.clock(settings))
        begun.append(_begun_epoch(settings, database))

    with one_line_errors(file, "not restored"):
        copy = store.restore(settings.database_url.get_secret_value(), file, prepare)
    typer.echo(f"✓ {counted(copy.cases, 'case')} restored from {file}")
    if not copy.is_checked:
        typer.echo(f"{file} has no checksum; whether a byte of it was damaged is not known", err=True)
    was = "" if copy.revision == migrations.head() else f" It was an older one ({copy.revision})."
    typer.echo(f"The schema is current.{was}")
    _tell_epoch(begun[0])
    _restore_files(settings, file)
    _verify(settings, None)


def _restore_files(settings: Settings, file: Path) -> None:
    """Restore the files of cases from the ZIP beside the backup, if there is one."""
    from bot.runtime import process
    from storage.files_backup import beside, restore_files

    if not beside(file).exists():
        return
    with one_line_errors(beside(file), "not restored"), current(_url_of(settings)) as database:
        restored = restore_files(process.file_contents(settings, database), beside(file))
    typer.echo(f"✓ {counted(restored, 'file')} restored from {beside(file)}")


def _note_other_restore(settings: Settings) -> None:
    """Begin a new epoch in a database that was restored by other means."""
    with one_line_errors(), current(settings.database_url.get_secret_value()) as database:
        try:
            database.take_ownership()
        except InUse as used:
            raise WrongSettings((f"DATABASE_URL: {used} is in use by another process; stop the bot first",)) from None
        begun = _begun_epoch(settings, database)
    typer.echo("✓ the restore is in the history of the desk")
    _tell_epoch(begun)


def _begun_epoch(settings: Settings, database: "Database") -> "Epoch":
    """Begin a new epoch, of which the service-desk channel is told as soon as the settings name one."""
    from bot.casework.company_source import CompanySource
    from bot.casework.restores import begin_epoch
    from bot.runtime import process

    with database.write() as session:
        return begin_epoch(session, CompanySource().of(session).desk_channel, process.clock(settings).now())


def _tell_epoch(begun: "Epoch") -> None:
    """Print what a restore changes for people."""
    last = f"; the last one is F-{begun.last_case}" if begun.last_case else ""
    new = f"New cases begin at F-{begun.first_case}{last}."
    typer.echo(f"Buttons from before are refused. {new} The service-desk channel is told.")


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


def _url_of(settings: Settings) -> str:
    return settings.database_url.get_secret_value()


# Verifying


def _verify(settings: Settings, only: int | None, against: str | None = None) -> None:
    """Check all cases, or case `only`, against one snapshot of the database, and print the findings."""
    from bot.casework.records.verify import verify_each
    from bot.casework.records.verify_checkpoints import read_proofs
    from bot.runtime import process
    from bot.runtime.seal_key import find_key
    from storage import stored_cases

    tally, kept = VerifyCount(), parse_against(against) if against else []
    url = settings.database_url.get_secret_value()
    with one_line_errors(), current(url) as database, database.read() as session:
        proofs = read_proofs(session, only)
        for case_id, verified in verify_each(session, stored_cases.numbers(session, only), proofs):
            tally.tell(case_id, verified)
        tally.tell_files(session, process.file_contents(settings, database), only)
        if only is None:
            tally.tell_facts(session)
            tally.tell_waits(session, process.clock(settings).now())
            tally.tell_reports(session)
            tally.tell_desk(session, find_key(settings).key)
        proven = tell_comparisons(session, kept, all_well=tally.all_well)
    if only is not None and not tally.cases:
        raise WrongSettings((f"CASE: there is no F-{only}",))
    typer.echo(tally.summary(proven=proven))
    if not (tally.all_well and proven):
        raise typer.Exit(1)
