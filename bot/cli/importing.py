"""`faultdesk import`: import customers, products and historic faults from CSV or Excel files.

A file is imported as a whole or not at all.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.common import configured, current, one_line_errors
from bot.settings.declaration import WrongSettings
from storage.vocabulary import Role

if TYPE_CHECKING:
    from bot.casework.company_settings import CompanySettings
    from bot.casework.imports.import_table import BadCell, ImportCount
    from bot.i18n.translator import Translator

app = typer.Typer(
    help="Import customers, products and historic faults from CSV or Excel, a whole file or nothing of it.\n\n"
    "The first row holds the headings: the column codes, or the labels of the forms in English or Chinese."
    " Existing values are not changed, so a file can be imported again. Nobody is notified or reminded.",
    no_args_is_help=True,
)
#: The most wrong cells that are printed.
_MAX_BAD_LINES = 100
File = Annotated[Path, typer.Argument(help="A .csv or .xlsx file", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and count every row, but write nothing")]
Sheet = Annotated[str | None, typer.Option(help="Sheet of an Excel file; the first one by default", show_default=False)]
By = Annotated[
    str | None,
    typer.Option(help="Slack user id (U…) of the importer; the first of FAULT_ADMINS by default", show_default=False),
]


@app.command()
def customers(file: File, dry_run: DryRun = False, sheet: Sheet = None) -> None:
    """Import customers by name.

    Columns: customer (required).
    """
    _import_file("customers", file, sheet, dry_run)


@app.command()
def products(file: File, dry_run: DryRun = False, sheet: Sheet = None) -> None:
    """Import products with their versions and modules; a row names at most one version and one module.

    Columns: product (required), version, module, default_days (working days of the default deadline).
    """
    _import_file("products", file, sheet, dry_run)


@app.command()
def faults(file: File, dry_run: DryRun = False, sheet: Sheet = None, by: By = None) -> None:
    """Import historic faults as closed cases; each is identified by its old number (reference).

    Required columns: reference, product, version, summary, channel, reported_at, severity, closed_at.

    Others: customer, contact, contact_way, module, description, found_at, symptom_kind, severity_reason, cause_class,
    direct_cause, measure, deadline_at, first_deadline_at, moved_count, deadline_basis, deadline_contact,
    deadline_agreed_at, deadline_evidence, reply, resolved_at, fixed_version, reopen_count.

    Times: 2026-03-01 14:30, 2026-03-01, or Excel dates. They are in FAULT_TIMEZONE unless they name a time zone.
    Choices: codes or words (very_severe, Very severe, 非常严重).
    """
    _import_file("faults", file, sheet, dry_run, by)


def _import_file(kind: str, file: Path, sheet: str | None, dry_run: bool, by: str | None = None) -> None:
    from bot.casework.company_source import CompanySource
    from bot.casework.imports.import_table import ImportContext, ImportCount, ImportKind, WrongTable, import_table
    from bot.documents.tables.read_tables import read_table
    from bot.i18n.translator import translator
    from bot.runtime import process

    settings = configured()
    url, clock = settings.database_url.get_secret_value(), process.clock(settings)
    with one_line_errors(), _reporting_file_errors(file), current(url) as database:
        source = CompanySource()
        with database.read() as session:
            company = source.of(session)
        person = _person(company, by) if kind == ImportKind.FAULTS else ""
        t, tally = translator(company.locale, company.zone.key), ImportCount()
        table = read_table(file, sheet)
        database.take_ownership()  # on SQLite the import would block a running bot for longer than people wait
        try:
            # one transaction, which a dry run rolls back
            with suppress(_DryRunRollback), database.write() as session:
                own = (session, source.of(session), person, clock.now(), t, tally)
                import_table(ImportKind(kind), table, ImportContext(*own))
                if dry_run:
                    raise _DryRunRollback
        except WrongTable as wrong:
            _print_bad_cells(file, wrong.bad, t)
            raise typer.Exit(2) from None
    _print_counts(file, tally, dry_run, t)


class _DryRunRollback(Exception):
    """Raised at the end of a dry run to roll the transaction back."""


def _person(company: "CompanySettings", by: str | None) -> str:
    from bot.casework.company_settings import is_group

    person = by or next((one for one in company.members[Role.ADMIN] if not is_group(one)), "")
    if not person:
        raise WrongSettings(("--by: say who brings them in, for example --by U0123456789, or set FAULT_ADMINS",))
    if not re.fullmatch(r"[UW][A-Z0-9]{2,}", person):
        raise WrongSettings((f"--by: {person} is no Slack user id; for example --by U0123456789",))
    return person


@contextmanager
def _reporting_file_errors(file: Path) -> Iterator[None]:
    """Report an unreadable file or a database in use in one line, as `WrongSettings`."""
    from bot.documents.tables.read_tables import Unreadable
    from storage.unavailable import InUse

    try:
        yield
    except (Unreadable, OSError) as wrong:
        raise WrongSettings((f"{file}: {getattr(wrong, 'strerror', None) or wrong}",)) from None
    except InUse as used:
        raise WrongSettings((f"DATABASE_URL: {used}: the bot is running; stop it while you import",)) from None


def _print_bad_cells(file: Path, bad: "Sequence[BadCell]", t: "Translator") -> None:
    """Print one line for each of the first wrong cells, and a last line that nothing was written."""
    for one in bad[:_MAX_BAD_LINES]:
        typer.echo(_one_line(_bad_line(one, t)), err=True)
    if len(bad) > _MAX_BAD_LINES:
        typer.echo(t("and %(count)s more", count=f"{len(bad) - _MAX_BAD_LINES:,}"), err=True)
    wrong, lines = f"{len(bad):,}", f"{len({one.line for one in bad}):,}"
    said = t("nothing was brought in · wrong: %(wrong)s · lines: %(lines)s", wrong=wrong, lines=lines)
    typer.echo(f"✗ {file}: {said}", err=True)


def _bad_line(bad: "BadCell", t: "Translator") -> str:
    if bad.column is None:
        return t("line %(line)s: %(why)s", line=bad.line, why=bad.why)
    return t("line %(line)s: %(column)s: %(why)s", line=bad.line, column=bad.column, why=bad.why)


def _one_line(text: str) -> str:
    """Return typed text on one line of at most 300 characters, without characters that could control a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:300]


def _print_counts(file: Path, tally: "ImportCount", dry_run: bool, t: "Translator") -> None:
    """Print how many entries of each kind were added and how many already existed."""
    counts = [
        _counted(kind, f"{tally.added[kind]:,}", f"{tally.there[kind]:,}", t)
        for kind in dict.fromkeys((*tally.added, *tally.there))
    ]
    typer.echo(f"✓ {file}: {'; '.join(counts) or t('no rows')}")
    if dry_run:
        typer.echo(t("A dry run: nothing was written."))


def _counted(kind: str, added: str, there: str, t: "Translator") -> str:
    counts = {
        "customer": t("customers: %(added)s added, %(there)s already there", added=added, there=there),
        "product": t("products: %(added)s added, %(there)s already there", added=added, there=there),
        "version": t("versions: %(added)s added, %(there)s already there", added=added, there=there),
        "module": t("modules: %(added)s added, %(there)s already there", added=added, there=there),
        "fault": t("faults: %(added)s added, %(there)s already there", added=added, there=there),
    }
    return counts[kind]
