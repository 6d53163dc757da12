"""The few pieces of WordprocessingML that our templates are drawn with. Lengths are in twips, 1/1440 inch."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from itertools import pairwise
from zipfile import ZipFile

from bot.documents.deterministic_zip import entry

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def run(text: str) -> str:
    """Text of a paragraph; braces for the template stand in it as they are."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def tab() -> str:
    """To the next tab stop."""
    return "<w:r><w:tab/></w:r>"


def page_field(name: str) -> str:
    """A number that Word finds out itself: PAGE, NUMPAGES."""
    return f'<w:fldSimple w:instr=" {name} ">{run("1")}</w:fldSimple>'


def paragraph(*content: str, style: str = "Normal") -> str:
    """One paragraph; `content` are runs."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{"".join(content)}</w:p>'


def tag(statement: str) -> str:
    """A statement of the template between paragraphs; no trace of it is left."""
    return paragraph(run(f"{{%p {statement} %}}"))


def cell(content: str, *, style: str, width: int, span: int = 1, fill: str | None = None) -> str:
    """A cell of a table with one line of template text."""
    merged = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    properties = f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{merged}{shade}</w:tcPr>'
    return f"<w:tc>{properties}{paragraph(run(content), style=style)}</w:tc>"


def row(cells: Iterable[str], *, head: bool = False) -> str:
    """A row, which stays on one page if it fits on one; `head`, the first of a table, is repeated on every page."""
    repeated = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def with_next(row: str) -> str:
    """The same row, on one page with the row after it."""
    return row.replace("</w:pPr>", "<w:keepNext/></w:pPr>")


def tag_row(statement: str, grid: "Grid") -> str:
    """A statement of the template between rows; no trace of it is left."""
    return row([grid.cell(f"{{%tr {statement} %}}", 0, len(grid.widths), style="Value")])


class Grid:
    """The columns of a table, by where they end; cells reach from one edge to another."""

    def __init__(self, *edges: int) -> None:
        self.edges = (0, *sorted(edges))
        self.widths = [end - start for start, end in pairwise(self.edges)]

    def cell(self, content: str, first: int, last: int, *, style: str, fill: str | None = None) -> str:
        """A cell over the columns from `first` up to before `last`."""
        width = self.edges[last] - self.edges[first]
        return cell(content, style=style, width=width, span=last - first, fill=fill)

    def between(self, content: str, start: int, end: int, *, style: str, fill: str | None = None) -> str:
        """A cell from the edge at `start` to the one at `end`."""
        return self.cell(content, self.edges.index(start), self.edges.index(end), style=style, fill=fill)

    def table(self, rows: Iterable[str]) -> str:
        """A table of these columns."""
        columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in self.widths)
        properties = (
            '<w:tblPr><w:tblStyle w:val="Grid"/>'
            f'<w:tblW w:w="{self.edges[-1]}" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr>'
        )
        return f"<w:tbl>{properties}<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


# The file

_TYPES: Mapping[str, str] = {
    "word/document.xml": f"{_CONTENT}.document.main+xml",
    "word/styles.xml": f"{_CONTENT}.styles+xml",
    "word/settings.xml": f"{_CONTENT}.settings+xml",
    "word/fontTable.xml": f"{_CONTENT}.fontTable+xml",
    "word/header1.xml": f"{_CONTENT}.header+xml",
    "word/footer1.xml": f"{_CONTENT}.footer+xml",
    "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
}
_OF_DOCUMENT = {"styles": "styles", "settings": "settings", "fontTable": "fontTable", "header1": "header"}
_OF_DOCUMENT["footer1"] = "footer"


def package(parts: Mapping[str, str]) -> bytes:
    """A Word file of these parts (name in `word/` without ending, XML), always the same bytes."""
    files = {f"word/{name}.xml": _HEAD + xml for name, xml in parts.items()}
    files["docProps/core.xml"] = f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"/>'
    files["[Content_Types].xml"] = _content_types()
    files["_rels/.rels"] = _relationships(
        {
            f"{_OFFICE}/officeDocument": "word/document.xml",
            f"{_PACKAGE}/relationships/metadata/core-properties": "docProps/core.xml",
        }
    )
    files["word/_rels/document.xml.rels"] = _relationships(
        {f"{_OFFICE}/{kind}": f"{name}.xml" for name, kind in _OF_DOCUMENT.items()}
    )
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name in sorted(files):
            archive.writestr(entry(name), files[name])
    return made.getvalue()


def relationship(name: str) -> str:
    """The id by which the document names one of its parts."""
    return f"rId{list(_OF_DOCUMENT).index(name) + 1}"


def _relationships(targets: Mapping[str, str]) -> str:
    found = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items(), start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{found}</Relationships>'


def _content_types() -> str:
    types = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in _TYPES.items())
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    return f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{defaults}{types}</Types>'
