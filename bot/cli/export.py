"""`faultdesk export`: write documents, tables, charts and evidence packs to disk.

The command takes the same words as `/fault export` in Slack.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bot.cli.common import configured, current, one_line_errors
from bot.settings.declaration import WrongSettings
from bot.settings.settings import Settings
from storage.private_files import atomic_file

if TYPE_CHECKING:
    from bot.casework.company_source import CompanySource
    from bot.casework.records.export_orders import ExportOrder
    from bot.casework.records.export_words import ExportRequest
    from bot.casework.statistics.query import UnclearQuery
    from bot.documents.context import DocumentContext
    from bot.workflow.refusal import Refusal
    from storage.as_of import NotRecorded
    from storage.database import Database

HELP = """Write documents, tables, charts, reports and evidence packs to files.

The words may stand in any order, in English or Chinese:

F-12                   every document of a case

F-12 T02 pdf both      one document in a file format and a language (en, zh-CN, or both side by side)

table 2026-10 csv      the product fault record table (T05) of a period, a customer, a product, or everything

charts last month      the statistics as PNG pictures

report last month      the maintenance statistics report (T08)

pack F-12              the evidence pack of a case

pack 2026-10           the evidence pack of a period

Each export is written to the history of the desk. The same words with --as-of and the moment that the first one printed
make the same bytes again, whatever has changed since.
"""

Words = Annotated[list[str], typer.Argument(show_default=False, help="What to export")]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", help="The moment that the files bear, such as 2026-11-30T09:00; now by default", show_default=False
    ),
]
Folder = Annotated[Path, typer.Option("--to", help="Folder to write to; it is created if missing", file_okay=False)]


def export(words: Words, to: Folder = Path(), as_of: AsOf = None) -> None:
    """Parse the words, make the files and write them; report an error in one line. The help text replaces this."""
    from bot.casework.company_source import CompanySource
    from bot.casework.records.export_words import parse
    from bot.runtime import process
    from bot.runtime.seal_key import find_key
    from bot.workflow.refusal import Refused

    settings, request = configured(), parse(" ".join(words))
    clock, source = process.clock(settings), CompanySource(find_key(settings).key)
    asked = _parsed(as_of) if as_of else None
    with one_line_errors(to, "not written"), current(settings.database_url.get_secret_value()) as store:
        earlier = _moment(asked, _zone(store, source), clock.now()) if asked else None
        to.mkdir(parents=True, exist_ok=True)
        try:
            with _naming_damage(store, request.case_id):
                with _read(store, source, settings, request, earlier or clock.now()) as context:
                    orders = list(_orders(request, context))
                now = clock.now()
                _note_taken(orders, store, source, now, earlier)
                with _read(store, source, settings, request, earlier or now) as context:
                    paths = [path for order in orders for path in _written(order, context, to)]
        except Refused as refused:
            raise WrongSettings((_sentence(refused.problems[0].refusal),)) from None
        if not paths:
            raise WrongSettings((f"WORDS: F-{request.case_id} has no document",))
        typer.echo(f"As of {(earlier or now).isoformat()}")
        _tell_checkpoint(orders, store)


export.__doc__ = HELP


@contextmanager
def _naming_damage(store: "Database", only: int | None) -> Iterator[None]:
    """Say in one line which cases are damaged if what was asked for cannot be read; any other error is raised."""
    from bot.casework.records.verify import UNREADABLE, verify_each
    from bot.casework.records.verify_checkpoints import read_proofs
    from storage import stored_cases

    try:
        yield
    except UNREADABLE:
        with store.read() as session:
            verified = verify_each(session, stored_cases.numbers(session, only), read_proofs(session, only))
            damaged = [f"F-{number}" for number, found in verified if found is None or found.findings]
        if not damaged:
            raise
        named = ", ".join(damaged[:5]) + (" …" if len(damaged) > 5 else "")
        typer.echo(f"DATABASE_URL: {named} cannot be read as written; see: faultdesk verify", err=True)
        raise typer.Exit(1) from None


@contextmanager
def _read(
    store: "Database", source: "CompanySource", settings: Settings, request: "ExportRequest", moment: datetime
) -> Iterator["DocumentContext"]:
    """Open what documents are made from, as it was at the moment, the company's settings included.

    Raises `WrongSettings` if that was not recorded.
    """
    from bot.casework import signing
    from bot.documents.context import DocumentContext, DocumentSettings
    from bot.i18n.translator import translator
    from bot.runtime import process
    from storage.as_of import NotRecorded, session_at
    from storage.settings import version

    templates, contents = process.templates(settings), process.file_contents(settings, store)
    try:
        with store.read() as session:
            present = source.of(session)
            signer = signing.key_in_use(session, present)  # the key of then may have been replaced
            with session_at(session, moment) as then:
                company = source.of(then) if version(then) else present  # those before the first are unknown
                language = request.language if request.language in ("en", "zh-CN") else company.locale
                t, own = translator(language, company.zone.key), DocumentSettings(company.document_prefix, templates)
                yield DocumentContext(then, company, own, t, moment, signer=signer, contents=contents)
    except NotRecorded as lacking:
        raise WrongSettings((_not_recorded(lacking),)) from None


def _not_recorded(lacking: "NotRecorded") -> str:
    named = ", ".join(f"F-{case}" for case in lacking.cases[:5]) + (" …" if len(lacking.cases) > 5 else "")
    if lacking.since is None:
        return f"--as-of: the history of {named} was changed and cannot tell what was then; see: faultdesk verify"
    since = lacking.since.isoformat()
    return f"--as-of: changes of {named} are recorded only from {since} on, the earliest moment possible"


def _zone(store: "Database", source: "CompanySource") -> ZoneInfo:
    with store.read() as session:
        return source.of(session).zone


def _parsed(text: str) -> datetime:
    """Return the moment of `--as-of` as it was written. Raises `WrongSettings`."""
    from bot.workflow.answers import AFTER_LAST_MOMENT, FIRST_MOMENT

    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise WrongSettings((f"--as-of: {text} is no moment; for example --as-of 2026-11-30T09:00",)) from None
    if said.year not in range(FIRST_MOMENT.year, AFTER_LAST_MOMENT.year):
        years = f"{FIRST_MOMENT.year} to {AFTER_LAST_MOMENT.year - 1}"
        raise WrongSettings((f"--as-of: {text} lies outside the years {years}",))
    return said


def _moment(said: datetime, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the moment of `--as-of` in UTC. Without a zone it is in the company's. Raises `WrongSettings`."""
    moment = (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)
    if moment > now:
        raise WrongSettings((f"--as-of: {said.isoformat()} has not come yet",))
    return moment


def _note_taken(
    orders: "list[ExportOrder]", store: "Database", source: "CompanySource", now: datetime, as_of: datetime | None
) -> None:
    """Write to the history of the desk what is taken, before it is."""
    from bot.casework.records.export_orders import note_taken

    with store.write() as session:
        company = source.of(session)
        for order in orders:
            note_taken(session, order, company, now, as_of)


def _tell_checkpoint(orders: "list[ExportOrder]", store: "Database") -> None:
    """Print the newest checkpoint after a pack, to be kept with its seal."""
    from bot.casework.records.checkpoints import line_of
    from bot.casework.records.export_orders import ExportKind
    from storage import checkpoints

    with store.read() as session:
        last = checkpoints.last(session)
        if last is not None and any(order.what is ExportKind.PACK for order in orders):
            typer.echo(str(line_of(session, last)))


def _orders(request: "ExportRequest", context: "DocumentContext") -> Iterator["ExportOrder"]:
    """Yield the orders that the words stand for. A case number alone stands for every document of the case."""
    from bot.casework.records.export_orders import ExportKind, ExportOrder
    from bot.casework.records.export_words import order_of
    from bot.documents.case_files import case_of, papers_in

    if request.case_id and request.what is None and not request.rest:
        language = request.language or context.t.locale
        for paper in papers_in(case_of(context.session, request.case_id, context.company.policy)):
            form = request.form or "docx"
            order = ExportOrder(
                what=ExportKind.PAPER, asker="", form=form, language=language, case_id=request.case_id, paper=paper
            )
            yield order.makeable()
        return
    asked = order_of(context.session, request, "", context.t.locale, context.company, context.now)
    if not isinstance(asked, ExportOrder):
        said = _unclear(asked) if asked else "not understood"
        raise WrongSettings((f"WORDS: {said}; see: faultdesk export --help",))
    yield asked


def _unclear(found: "UnclearQuery") -> str:
    from bot.casework.statistics.query import UnclearReason

    why = {
        UnclearReason.UNKNOWN: "is neither a period nor a customer or product",
        UnclearReason.AMBIGUOUS: f"may mean: {', '.join(found.names)}",
        UnclearReason.TWICE: "is one too many",
        UnclearReason.FUTURE: "has not begun yet",
    }
    return f"“{found.words}” {why[found.why]}"


def _written(order: "ExportOrder", context: "DocumentContext", to: Path) -> Iterator[Path]:
    """Write the files of an order, print a line for each, and yield its path.

    A pack is written straight to its file, because it may be too large for memory.
    """
    from bot.casework.records.export_orders import ExportKind
    from bot.documents.produce import installed, pack_at, pack_name, produce

    if order.what is ExportKind.PACK:
        path = to / pack_name(order)
        with installed():
            from bot.documents.pack.pack import case_ids

            typer.echo(f"✓ {path}: {pack_at(path, order, context, case_ids(order, context))}")
        yield path
        return
    for file in produce(order, context):
        path = to / file.name
        with atomic_file(path) as made:
            made.write_bytes(file.content)
        typer.echo(f"✓ {path}: {len(file.content):,} bytes")
        yield path


def _sentence(refusal: "Refusal") -> str:
    from bot.i18n.translator import translator

    return translator("en", None).refusal(refusal)
