"""Makes the files of an order: the only entry point to the makers of documents.

The makers are imported when the first file is made, because importing them at the start would take half a second.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, cast

from bot.casework.records.export_orders import Order, What
from bot.casework.statistics.measures import statistics
from bot.documents.case.outlines import OUTLINES
from bot.documents.context import Workshop
from bot.documents.file import File, safe_name
from bot.workflow import export_refusals
from bot.workflow.refusal import Problem, Refused
from storage import documents
from storage.vocabulary import Paper

_LIBRARIES = frozenset({"docx", "docxtpl", "jinja2", "lxml", "matplotlib", "numpy", "openpyxl", "xlsxwriter"})
#: The most cases and the most documents of cases in a pack that is sent through Slack. A document takes 20 ms, so such
#: a pack is made well within a sender's lease (`storage.outbox.LEASE`). `faultdesk export` has no such limit.
MOST_IN_SLACK, MOST_DOCUMENTS_IN_SLACK = 200, 1200


def produce(order: Order, shop: Workshop) -> tuple[File, ...]:
    """Make the files of an order. Raises `Refused` with the reason if they cannot be made."""
    with installed():
        return _MAKERS[order.what](order, shop)


@contextmanager
def installed() -> Iterator[None]:
    """Raise `Refused` if the block needs a library of the extra `records` that is not installed."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in _LIBRARIES:
            raise Refused(Problem(export_refusals.RecordsNotInstalled())) from None
        raise


def _paper(order: Order, shop: Workshop) -> tuple[File, ...]:
    from bot.documents.case_files import case_of, paper_file
    from bot.documents.wording import Language, Wording

    assert order.case_id is not None
    assert order.paper is not None
    form = cast(Literal["docx", "pdf"], order.form)
    wording = Wording(cast(Language, order.language), shop.zone)
    case = case_of(shop.session, order.case_id)
    return (paper_file(case, order.paper, form, wording, shop.stationery, inside=shop.inside),)


def _table(order: Order, shop: Workshop) -> tuple[File, ...]:
    from bot.documents.tables.record_table import record_table

    t, number = shop.speaking(order.language), f"{shop.stationery.prefix}-{Paper.FAULT_RECORD.value}"
    wanted = order.wanted(shop.session, shop.office.zone)
    form = cast(Literal["xlsx", "csv"], order.form)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        record_table(shop.session, wanted, t, shop.now, form, path, number)
        content = path.read_bytes()
    name = safe_name(" ".join((number, *order.about, t.locale)), form)
    return (File(name, " ".join((number, t.word(Paper.FAULT_RECORD), *order.about)), content),)


def _charts(order: Order, shop: Workshop) -> tuple[File, ...]:
    from bot.documents.charts.charts import charts

    asked = order.asked(shop.office.zone)
    assert asked is not None
    found = statistics(shop.session, asked, shop.office, shop.now)
    drawn = charts(found, asked, shop.speaking(order.language), shop.now)
    if not drawn:
        raise Refused(Problem(export_refusals.NothingToDraw()))
    return drawn


def _report(order: Order, shop: Workshop) -> tuple[File, ...]:
    from bot.documents.report.files import report_files

    asked = order.asked(shop.office.zone)
    assert asked is not None
    form = cast(Literal["docx", "xlsx", "pdf"], order.form)
    return report_files(asked, form, shop, shop.speaking(order.language), order.version)


def _pack(order: Order, shop: Workshop) -> tuple[File, ...]:
    from bot.documents.pack.pack import case_ids

    numbers = case_ids(order, shop)
    if len(numbers) > MOST_IN_SLACK:
        raise Refused(Problem(export_refusals.TooManyForSlack(len(numbers), MOST_IN_SLACK)))
    written = documents.count(shop.session, numbers, OUTLINES)
    if written > MOST_DOCUMENTS_IN_SLACK:
        raise Refused(Problem(export_refusals.TooManyDocumentsForSlack(written, MOST_DOCUMENTS_IN_SLACK)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / pack_name(order)
        title = pack_at(path, order, shop, numbers)
        return (File(path.name, title, path.read_bytes()),)


def pack_at(path: Path, order: Order, shop: Workshop, numbers: Sequence[int]) -> str:
    """Write an evidence pack of these cases to `path`. Return its title with the counts and the seal."""
    from bot.documents.pack.pack import pack

    made, t = pack(order, shop, numbers, path), shop.speaking(order.language)
    return t(
        "Evidence pack %(about)s · cases: %(cases)s · files: %(documents)s · gaps: %(gaps)s · seal: %(seal)s",
        about=" ".join(order.about),
        cases=made.cases,
        documents=made.documents,
        gaps=made.gaps,
        seal=made.seal,
    )


def pack_name(order: Order) -> str:
    """Return the file name of an evidence pack."""
    return safe_name(" ".join(("evidence-pack", *order.about, order.language)), "zip")


_MAKERS: dict[What, Callable[[Order, Workshop], tuple[File, ...]]] = {
    What.PAPER: _paper,
    What.TABLE: _table,
    What.CHARTS: _charts,
    What.REPORT: _report,
    What.PACK: _pack,
}
