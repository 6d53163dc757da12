"""The elements of WordprocessingML from which templates and reports are built. Lengths are in twips (1/1440 inch)."""

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
    """Return a run of text, which must be valid XML content. Template fields in braces are not escaped."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def tab() -> str:
    """Return a tab to the next tab stop."""
    return "<w:r><w:tab/></w:r>"


def page_field(name: str) -> str:
    """Return a field that Word computes: PAGE or NUMPAGES."""
    return f'<w:fldSimple w:instr=" {name} ">{run("1")}</w:fldSimple>'


def paragraph(*content: str, style: str = "Normal") -> str:
    """Return a paragraph; `content` are runs."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{"".join(content)}</w:p>'


def tag(statement: str) -> str:
    """Return a template statement between paragraphs. Its own paragraph is removed when the template is filled in."""
    return paragraph(run(f"{{%p {statement} %}}"))


def cell(content: str, *, style: str, width: int, span: int = 1, fill: str | None = None) -> str:
    """Return a table cell with one paragraph of template text."""
    merged = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    properties = f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{merged}{shade}</w:tcPr>'
    return f"<w:tc>{properties}{paragraph(run(content), style=style)}</w:tc>"


def row(cells: Iterable[str], *, head: bool = False) -> str:
    """Return a table row, which is not split between pages. A `head` row is repeated on every page."""
    repeated = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def with_next(row: str) -> str:
    """Return the row, kept on the same page as the next row."""
    return row.replace("</w:pPr>", "<w:keepNext/></w:pPr>")


def tag_row(statement: str, grid: "Grid") -> str:
    """Return a template statement between table rows. Its own row is removed when the template is filled in."""
    return row([grid.cell(f"{{%tr {statement} %}}", 0, len(grid.widths), style="Value")])


class Grid:
    """The columns of a table, given by their right edges. A cell can span several columns."""

    def __init__(self, *edges: int) -> None:
        self.edges = (0, *sorted(edges))
        self.widths = [end - start for start, end in pairwise(self.edges)]

    def cell(self, content: str, first: int, last: int, *, style: str, fill: str | None = None) -> str:
        """Return a cell over the columns from `first` up to, but not including, `last`."""
        width = self.edges[last] - self.edges[first]
        return cell(content, style=style, width=width, span=last - first, fill=fill)

    def between(self, content: str, start: int, end: int, *, style: str, fill: str | None = None) -> str:
        """Return a cell from the edge at `start` to the edge at `end`."""
        return self.cell(content, self.edges.index(start), self.edges.index(end), style=style, fill=fill)

    def table(self, rows: Iterable[str]) -> str:
        """Return a table with these columns."""
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
    """Return a Word file of these parts, given as XML by their names in `word/` without ending.

    The same parts give the same bytes.
    """
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
    """Return the relationship id of a part of the document."""
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
