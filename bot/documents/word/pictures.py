"""Pictures of a case at the end of a document, each with its name, no larger than the text is wide."""

from collections.abc import Sequence
from io import BytesIO

import structlog
from docx.document import Document
from docx.shared import Cm, Emu

from bot.casework.reading.file_cards import FileCard
from bot.documents.xml_text import allowed_in_xml
from storage.file_contents import FileContents

log = structlog.get_logger(__name__)
#: The largest picture on a page.
_WIDTH, _HEIGHT = Cm(16), Cm(20)
#: How many pictures a document shows at most, and how many bytes each may have.
MAX_PICTURES, MAX_BYTES = 20, 10 * 2**20


def add_pictures(document: Document, heading: str, files: Sequence[FileCard], contents: FileContents) -> None:
    """Append the pictures below a heading. One that cannot be read is named without being shown."""
    if not files:
        return
    document.add_paragraph().add_run(heading).bold = True
    for place, file in enumerate(files):
        document.add_paragraph(allowed_in_xml(file.name))
        if place < MAX_PICTURES and (file.size or 0) <= MAX_BYTES:
            _add(document, file, contents)


def _add(document: Document, file: FileCard, contents: FileContents) -> None:
    try:
        with contents.open(file.sha256 or "") as opened:
            content = BytesIO(opened.read())
    except OSError:
        return
    run = document.add_paragraph().add_run()
    try:
        shape = run.add_picture(content)
        scale = min(1.0, _WIDTH / shape.width, _HEIGHT / shape.height)
    except Exception as error:  # noqa: BLE001 - python-docx has no common class for what it cannot read
        log.info("picture.not_shown", case=file.case_id, error=type(error).__name__)
        run.clear()  # type: ignore[no-untyped-call]  # python-docx has no types here
        return
    shape.width, shape.height = Emu(shape.width * scale), Emu(shape.height * scale)
    shape._inline.docPr.set("descr", allowed_in_xml(file.name))  # python-docx has no public API for it
