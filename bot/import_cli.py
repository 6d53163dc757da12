"""`faultdesk import`: customers, products and historic faults from CSV or Excel; all of a file, or nothing."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import logs
from bot.settings import Settings, WrongSettings, load

if TYPE_CHECKING:
    from bot.casework.importing import Bad, Table, Tally, What

#: How many wrong cells are told one by one.
TOLD = 100
app = typer.Typer(
    help="Bring in customers, products and historic faults from CSV or Excel: all of a file, or nothing of it.\n\n"
    "The first row has the headings: the codes below, or the words of the forms in English or Chinese. What is there"
    " already stays as it is, so a file can be brought in again. Nobody is told or reminded of anything.",
    no_args_is_help=True,
)
File = Annotated[Path, typer.Argument(help="A .csv or .xlsx file", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Judge every row and count, but write nothing")]
Sheet = Annotated[str | None, typer.Option(help="The sheet of an Excel file; else the first one", show_default=False)]
By = Annotated[
    str | None,
    typer.Option(help="In whose name, a Slack user id (U…); else the first of FAULT_ADMINS", show_default=False),
]


@app.command()
def customers(file: File, dry_run: DryRun = False, sheet: Sheet = None) -> None:
    """Customers by name.

    Columns: customer (required).
    """
    _bring_in("customers", file, sheet, dry_run)


@app.command()
def products(file: File, dry_run: DryRun = False, sheet: Sheet = None) -> None:
    """Products with their versions and modules, one of each a row.

    Columns: product (required), version, module, default_days (the deadline of faults without a promise).
    """
    _bring_in("products", file, sheet, dry_run)


@app.command()
def faults(file: File, dry_run: DryRun = False, sheet: Sheet = None, by: By = None) -> None:
    """Faults that are over, as closed cases, each known by its old number (reference).

    Required columns: reference, product, version, summary, channel, reported_at, severity, closed_at.

    Others: customer, contact, contact_way, module, description, found_at, symptom_kind, severity_reason, cause_class,
    direct_cause, measure, deadline_at, first_deadline_at, moved_count, deadline_basis, deadline_contact,
    deadline_agreed_at, deadline_evidence, reply, resolved_at, fixed_version, reopen_count.

    Moments: 2026-03-01 14:30, 2026-03-01, or Excel's own dates, in FAULT_TIMEZONE unless they name a zone. Choices:
    codes or words (very_severe, Very severe, 非常严重).
    """
    _bring_in("faults", file, sheet, dry_run, by)


def _bring_in(kind: str, file: Path, sheet: str | None, dry_run: bool, by: str | None = None) -> None:
    from bot.casework.importing import Refused, What
    from bot.documents.sheets_in import read_table

    settings = load(needs_slack=False)
    logs.configure(settings.log_format, settings.secrets)
    person = _person(settings, by) if kind == What.FAULTS else ""
    with _told(file):
        table = read_table(file, sheet)
        try:
            tally = _written(settings, What(kind), table, person, dry_run)
        except Refused as refused:
            _tell_bad(file, refused.bad)
            raise typer.Exit(2) from None
    _tell(file, tally, dry_run)


def _written(settings: Settings, what: "What", table: "Table", by: str, dry_run: bool) -> "Tally":
    """Everything is written in one transaction, which a dry run takes back."""
    from bot.casework.importing import Import, Tally, bring_in
    from bot.casework.office import Office
    from bot.clock import Clock
    from bot.records_cli import current

    office = Office(settings.channel, zone=settings.time_zone, new_names=settings.new_names)
    with current(settings.database_url.get_secret_value()) as database:
        database.occupy()  # on SQLite a running bot would wait for us longer than people wait for it
        tally = Tally()
        with suppress(_TakenBack), database.write(quietly=True) as session:
            bring_in(what, table, Import(session, office, by, Clock().now(), tally))
            if dry_run:
                raise _TakenBack
    return tally


class _TakenBack(Exception):
    """The end of a dry run."""


def _person(settings: Settings, by: str | None) -> str:
    person = by or next((one for one in settings.admins if not one.startswith("S")), "")
    if not person:
        raise WrongSettings(("--by: say who brings them in, for example --by U0123456789, or set FAULT_ADMINS",))
    if not re.fullmatch(r"[UW][A-Z0-9]{2,}", person):
        raise WrongSettings((f"--by: {person} is no Slack user id; for example --by U0123456789",))
    return person


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Say in one line why not: exit code 2 when something else must be asked for, 1 when it failed."""
    from sqlalchemy.exc import DBAPIError

    from bot.documents.sheets_in import Unreadable
    from storage.backup import WrongDatabase
    from storage.unavailable import InUse, Unavailable

    try:
        yield
    except (Unreadable, OSError) as wrong:
        raise WrongSettings((f"{file}: {getattr(wrong, 'strerror', None) or wrong}",)) from None
    except WrongDatabase as wrong:
        raise WrongSettings((f"DATABASE_URL: {logs.mask(str(wrong))}",)) from None
    except InUse as used:
        raise WrongSettings((f"DATABASE_URL: {used}: the bot is running; stop it while you import",)) from None
    except ModuleNotFoundError as missing:
        raise WrongSettings(
            (f"Excel files need one more package ({missing.name}): pip install 'faultdesk[records]'",)
        ) from None
    except (Unavailable, DBAPIError) as error:
        reason = getattr(error, "orig", None) or error  # a database error's text alone would quote the statement
        typer.echo(logs.mask(f"DATABASE_URL: {str(reason).strip().partition(chr(10))[0]}"), err=True)
        raise typer.Exit(1) from None


def _tell_bad(file: Path, bad: "Sequence[Bad]") -> None:
    """Every wrong cell on a line of its own, the first hundred, and that nothing was written."""
    for one in bad[:TOLD]:
        column = f"{_one_line(one.column)}: " if one.column else ""
        typer.echo(f"line {one.line}: {column}{_one_line(one.why)}", err=True)
    if len(bad) > TOLD:
        typer.echo(f"… and {len(bad) - TOLD:,} more", err=True)
    lines = len({one.line for one in bad})
    typer.echo(f"✗ {file}: nothing was brought in; {len(bad):,} wrong in {_count(lines, 'line')}", err=True)


def _one_line(text: str) -> str:
    """What somebody typed, without signs that could steer a terminal, and not too long."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:200]


def _tell(file: Path, tally: "Tally", dry_run: bool) -> None:
    kinds = dict.fromkeys((*tally.added, *tally.there))
    counts = [f"{_count(tally.added[kind], kind)} added, {tally.there[kind]:,} already there" for kind in kinds]
    typer.echo(f"✓ {file}: {'; '.join(counts) or 'no rows'}")
    if dry_run:
        typer.echo("A dry run: nothing was written.")


def _count(number: int, what: str) -> str:
    """1 line, 12 lines."""
    return f"{number:,} {what if number == 1 else what + 's'}"
