"""Reads a Word file with another library than the one that writes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import docx
from docx.document import Document
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph

#: Styles of the paragraphs between the tables of one section.
WITHIN = {"Caption", "Gap"}


@dataclass
class Read:
    """A document as its reader sees it: its headings, and the table rows below each heading."""

    document: Document
    sections: list[tuple[str, list[list[str]]]]

    @property
    def text(self) -> str:
        return "\n".join("\n".join((heading, *("\t".join(row) for row in rows))) for heading, rows in self.sections)

    def rows(self, heading: str, number: int = 0) -> list[list[str]]:
        """The rows below a heading. `number` chooses among several equal headings, from 0."""
        return [rows for found, rows in self.sections if found == heading][number]

    def answers(self, heading: str, number: int = 0) -> dict[str, str]:
        """Labels and answers below a heading."""
        found: dict[str, str] = {}
        for row in self.rows(heading, number):
            found |= dict(zip(row[::2], row[1::2], strict=False)) if len(row) in (2, 4) else {}
        return found

    def listed(self, heading: str) -> list[dict[str, str]]:
        """A table with a header row, as one dictionary for each further row."""
        head, *rows = self.rows(heading)
        return [dict(zip(head, row, strict=True)) for row in rows]

    @property
    def running(self) -> str:
        """The text of the header and footer."""
        (section,) = self.document.sections
        paragraphs = (*section.header.paragraphs, *section.footer.paragraphs)
        return "\n".join(paragraph.text for paragraph in paragraphs)


def read(content: bytes) -> Read:
    """Open a Word file from its bytes."""
    document = docx.Document(BytesIO(content))
    sections: list[tuple[str, list[list[str]]]] = [("", [])]
    for block in document.iter_inner_content():
        if isinstance(block, Paragraph) and block.style is not None and block.style.name not in WITHIN:
            sections.append((block.text, []))
        elif isinstance(block, Table):
            sections[-1][1].extend(_rows(block))
    return Read(document, sections)


def _rows(table: Table) -> Iterator[list[str]]:
    for row in table.rows:
        yield [cell.text for cell in _cells(row)]


def _cells(row: _Row) -> Iterator[docx.table._Cell]:
    """Each cell once, even if it spans several columns."""
    last = None
    for cell in row.cells:
        if last is None or cell._tc is not last:
            yield cell
        last = cell._tc
