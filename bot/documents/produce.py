"""Makes the files of an order: the only entry point to the makers of documents.

The makers are imported when the first file is made, because importing them at the start would take half a second.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, cast

from bot.casework.records.export_orders import ExportKind, ExportOrder
from bot.casework.statistics.measures import statistics
from bot.documents.case.outlines import OUTLINES
from bot.documents.context import DocumentContext
from bot.documents.file import File, safe_name
from bot.workflow import export_refusals
from bot.workflow.refusal import Problem, Refused
from storage import documents
from storage.vocabulary import Paper

LIBRARIES = frozenset({"docx", "docxtpl", "jinja2", "lxml", "matplotlib", "numpy", "xlsxwriter"})
#: The most cases and the most documents of cases in a pack that is sent through Slack. A document takes 20 ms, so such
#: a pack is made well within a sender's lease (`storage.leases.LEASE`). `faultdesk export` has no such limit.
MAX_CASES_IN_SLACK, MAX_DOCUMENTS_IN_SLACK = 200, 1200


def produce(order: ExportOrder, context: DocumentContext) -> tuple[File, ...]:
    """Make the files of an order. Raises `Refused` with the reason if they cannot be made."""
    with installed():
        return _MAKERS[order.what](order, context)


@contextmanager
def installed() -> Iterator[None]:
    """Raise `Refused` if the block needs a library of the extra `records` that is not installed."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in LIBRARIES:
            raise Refused(Problem(export_refusals.RecordsNotInstalled())) from None
        raise


def _paper(order: ExportOrder, context: DocumentContext) -> tuple[File, ...]:
    from bot.documents.case_files import case_of, paper_file
    from bot.documents.wording import Language, Wording

    assert order.case_id is not None
    assert order.paper is not None
    form = cast(Literal["docx", "pdf"], order.form)
    wording = Wording(cast(Language, order.language), context.zone)
    case = case_of(context.session, order.case_id, context.company.policy)
    own, contents = context.document_settings, context.contents
    return (paper_file(case, order.paper, form, wording, own, level=context.level, contents=contents),)


def _table(order: ExportOrder, context: DocumentContext) -> tuple[File, ...]:
    from bot.documents.tables.record_table import record_table

    t, number = context.speaking(order.language), f"{context.document_settings.prefix}-{Paper.FAULT_RECORD.value}"
    wanted = order.wanted(context.session, context.company.zone)
    form = cast(Literal["xlsx", "csv"], order.form)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        record_table(context, wanted, t, form, path, number)
        content = path.read_bytes()
    name = safe_name(" ".join((number, *order.about, t.locale)), form)
    return (File(name, " ".join((number, t.word(Paper.FAULT_RECORD), *order.about)), content),)


def _charts(order: ExportOrder, context: DocumentContext) -> tuple[File, ...]:
    from bot.documents.charts.charts import charts

    asked = order.statistics_query(context.company.zone)
    assert asked is not None
    found = statistics(context.session, asked, context.company, context.now)
    drawn = charts(found, asked, context.speaking(order.language), context.now)
    if not drawn:
        raise Refused(Problem(export_refusals.NothingToDraw()))
    return drawn


def _report(order: ExportOrder, context: DocumentContext) -> tuple[File, ...]:
    from bot.documents.report.files import report_files

    asked = order.statistics_query(context.company.zone)
    assert asked is not None
    form = cast(Literal["docx", "xlsx", "pdf"], order.form)
    return report_files(asked, form, context, context.speaking(order.language), order.version)


def _pack(order: ExportOrder, context: DocumentContext) -> tuple[File, ...]:
    from bot.documents.pack.pack import case_ids

    numbers = case_ids(order, context)
    if len(numbers) > MAX_CASES_IN_SLACK:
        raise Refused(Problem(export_refusals.TooManyForSlack(len(numbers), MAX_CASES_IN_SLACK)))
    written = documents.count(context.session, numbers, OUTLINES)
    if written > MAX_DOCUMENTS_IN_SLACK:
        raise Refused(Problem(export_refusals.TooManyDocumentsForSlack(written, MAX_DOCUMENTS_IN_SLACK)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / pack_name(order)
        title = pack_at(path, order, context, numbers)
        return (File(path.name, title, path.read_bytes()),)


def pack_at(path: Path, order: ExportOrder, context: DocumentContext, numbers: Sequence[int]) -> str:
    """Write an evidence pack of these cases to `path`. Return its title with the counts and the seal."""
    from bot.documents.pack.pack import pack

    made, t = pack(order, context, numbers, path), context.speaking(order.language)
    return t(
        "Evidence pack %(about)s · cases: %(cases)s · files: %(documents)s · gaps: %(gaps)s · seal: %(seal)s",
        about=" ".join(order.about),
        cases=made.cases,
        documents=made.documents,
        gaps=made.gaps,
        seal=made.seal,
    )


def pack_name(order: ExportOrder) -> str:
    """Return the file name of an evidence pack."""
    return safe_name(" ".join(("evidence-pack", *order.about, order.language)), "zip")


_MAKERS: dict[ExportKind, Callable[[ExportOrder, DocumentContext], tuple[File, ...]]] = {
    ExportKind.PAPER: _paper,
    ExportKind.TABLE: _table,
    ExportKind.CHARTS: _charts,
    ExportKind.REPORT: _report,
    ExportKind.PACK: _pack,
}
