"""Draws docs/pictures/T0*.png anew: the first page of every document of the acceptance scenarios (process.md §7).

`python -m tests.support.document_pictures`; needs LibreOffice and pdftoppm.
"""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image

from bot.casework.company_settings import CompanySettings
from bot.casework.records.export_orders import ExportKind, ExportOrder
from bot.documents.context import DocumentContext, DocumentSettings
from bot.documents.produce import produce
from bot.i18n.translator import LOCALES, translator
from storage import migrations
from storage.database import Database
from storage.vocabulary import Paper
from tests.support.acceptance_scenarios import MORNING
from tests.support.case_builder import CaseBuilder
from tests.support.case_documents import CaseDocuments, dissatisfied, general, requirement, very_severe
from tests.support.manual_clock import ManualClock
from tests.support.team import DESK

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
#: For each document, the scenario that fills in most of its fields.
SHOWN: dict[Paper, Callable[[CaseDocuments], int]] = {
    Paper.SERVICE_REPORT: dissatisfied,
    Paper.FAULT_SHEET: very_severe,
    Paper.REQUIREMENT_SHEET: requirement,
    Paper.ANALYSIS_REPORT: very_severe,
    Paper.TEST_RECORD: very_severe,
    Paper.MANUAL_PART: general,
}


def documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Each document as a PDF with the name of its picture: in English, in Chinese, and one in both languages."""
    clock = ManualClock()
    database = Database(f"sqlite:///{folder / 'desk.db'}")
    migrations.upgrade(database.engine)
    builder = CaseBuilder(database, CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai")), clock.now)
    builder.seed()
    files = CaseDocuments(builder, clock)
    cases = {scenario: scenario(files) for scenario in dict.fromkeys(SHOWN.values())}
    clock.set(MORNING)
    for locale in LOCALES:
        for paper, scenario in SHOWN.items():
            yield f"{paper.value}-{locale}", _made(builder, _paper(paper, cases[scenario], locale))
        yield f"T08-{locale}", _made(builder, _report(locale))
    yield "T02-both", _made(builder, _paper(Paper.FAULT_SHEET, cases[very_severe], "both"))
    database.close()


def _paper(paper: Paper, case: int, language: str) -> ExportOrder:
    return ExportOrder(what=ExportKind.PAPER, asker="", form="pdf", language=language, case_id=case, paper=paper)


def _report(language: str) -> ExportOrder:
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    return ExportOrder(what=ExportKind.REPORT, asker="", form="pdf", language=language, first=first, last=last)


def _made(builder: CaseBuilder, order: ExportOrder) -> bytes:
    with builder.database.read() as session:
        t = translator("en", "Asia/Shanghai")
        (file,) = produce(order, DocumentContext(session, builder.company, DocumentSettings(), t, builder.clock()))
    return file.content


def main() -> None:
    """Draw the pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in documents(Path(folder)):
            page = Path(folder) / "page.pdf"
            page.write_bytes(content)
            options = ["-png", "-r", "80", "-f", "1", "-l", "1", "-singlefile"]
            subprocess.run(["pdftoppm", *options, page, PICTURES / name], check=True)
            picture = PICTURES / f"{name}.png"
            Image.open(picture).quantize(32).save(picture, optimize=True)


if __name__ == "__main__":
    main()
