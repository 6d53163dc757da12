"""The statistics report as a Word file in the style of the other documents, with its charts as pictures.

The same report gives the same bytes: all times come from the report, and the parts of the file have a fixed order.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from bot.casework.statistics.report_snapshot import Grouping
from bot.documents.charts.charts import charts
from bot.documents.deterministic_zip import normalized
from bot.documents.file import File
from bot.documents.measure_words import NOTHING, value
from bot.documents.report.statistics_report import (
    KIND,
    TITLE,
    ReportContents,
    Table,
    about,
    counts,
    grouped,
    labelled,
    lists,
    name_of,
)
from bot.documents.report.statistics_report import numerator as numerator_of
from bot.documents.tables.workbook import Cell, safe_text
from bot.documents.word.styles import FONT_TABLE, LABEL_FILL, SETTINGS, STYLES
from bot.documents.word.wordprocessingml import (
    NAMESPACES,
    Grid,
    package,
    page_field,
    paragraph,
    relationship,
    row,
    run,
    tab,
    with_next,
)

if TYPE_CHECKING:
    from docx.document import Document

#: The text width of A4 with margins of 2 cm, and the margin, in twips; the width of pictures, in centimeters.
_WIDTH, _MARGIN, _PICTURE = 9638, 1134, 13
_LABEL, _HALF = 1700, 4819
_ABOUT = Grid(_LABEL, _HALF, _HALF + _LABEL, _WIDTH)
_MEASURES = Grid(650, 4438, 6038, 7638, 8938, _WIDTH)
_COUNTS = Grid(5138, 6638, 8138, _WIDTH)
_LISTS = Grid(750, 3038, 4738, 6138, 7438, 8538, _WIDTH)
_NUMBER = (
    '<w:style w:type="paragraph" w:styleId="Number"><w:name w:val="Number"/><w:basedOn w:val="Value"/>'
    '<w:pPr><w:jc w:val="right"/></w:pPr></w:style></w:styles>'
)


@dataclass(frozen=True, slots=True)
class _Written:
    """The text of a cell with its style and fill color."""

    words: str
    style: str = "Value"
    fill: str | None = None


def report_word(printed: ReportContents) -> bytes:
    """Return the Word file of a report."""
    import docx

    document = docx.Document(BytesIO(_paper(printed)))
    for piece in _body(printed):
        if isinstance(piece, File):
            _picture(document, piece)
        else:
            _append(document, piece)
    _describe(document, printed)
    made = BytesIO()
    document.save(made)
    return normalized(made.getvalue())


def _paper(printed: ReportContents) -> bytes:
    """Return an empty document with header, footer and styles."""
    return package(
        {
            "document": f"<w:document {NAMESPACES}><w:body>{_section()}</w:body></w:document>",
            "header1": f"<w:hdr {NAMESPACES}>{_header(printed)}</w:hdr>",
            "footer1": f"<w:ftr {NAMESPACES}>{_footer(printed)}</w:ftr>",
            "styles": STYLES.replace("</w:styles>", _NUMBER),
            "settings": SETTINGS,
            "fontTable": FONT_TABLE,
        }
    )


def _section() -> str:
    references = "".join(
        f'<w:{kind}Reference w:type="default" r:id="{relationship(f"{kind}1")}"/>' for kind in ("header", "footer")
    )
    size = '<w:pgSz w:w="11906" w:h="16838"/>'
    margins = f'<w:pgMar w:top="1418" w:right="{_MARGIN}" w:bottom="1134" w:left="{_MARGIN}"'
    return f'<w:sectPr>{references}{size}{margins} w:header="680" w:footer="567" w:gutter="0"/></w:sectPr>'


def _header(printed: ReportContents) -> str:
    t = printed.t
    kind = f"{printed.number.partition(KIND)[0]}{KIND}  {t(TITLE)}"
    right = f"{printed.number}  {t('Version')} {printed.version}"
    notice = paragraph(_run(printed.notice), style="Reserved") if printed.notice else ""
    return notice + paragraph(_run(kind), tab(), _run(right), style="Header")


def _footer(printed: ReportContents) -> str:
    pages = page_field("PAGE") + run(" / ") + page_field("NUMPAGES")
    return paragraph(_run(f"SHA-256 {printed.card.content_hash}"), tab(), pages, style="Footer")


def _run(words: str) -> str:
    return run(_typed(words))


def _typed(words: str) -> str:
    """Return text escaped for XML."""
    return escape(safe_text(words), quote=False)


# ---- The body ------------------------------------------------------------------------------------------------


def _body(printed: ReportContents) -> Iterator[str | File]:
    """Yield pieces of WordprocessingML, and pictures, from the top down."""
    card, t = printed.card, printed.t
    yield paragraph(_run(printed.title), style="Title")
    if printed.notice:
        yield paragraph(_run(printed.notice), style="Notice")
    yield _about(printed)
    yield _heading(t("Analysis and advice"))
    yield from _lines(card.issue.comment if card.issue else NOTHING)
    yield _heading(t("Measures"))
    yield _measures(printed)
    yield _heading(t("Charts"))
    yield from charts(card.snapshot.measures, card.snapshot.query, t, card.snapshot.made_at)
    for by in Grouping:
        table = counts(printed, by)
        yield _heading(table.title)
        yield _table(_COUNTS, table.heads, ((_first(line[0]), *map(_number, line[1:])) for line in table.rows))
    for table in lists(printed):
        yield _heading(labelled(table.title, len(table.rows), t))
        yield from _listed(table, printed)
    yield from _signed(printed)


def _heading(words: str) -> str:
    return paragraph(_run(words), style="Heading1")


def _lines(text: str) -> Iterator[str]:
    yield from (paragraph(_run(line), style="Value") for line in str(text).splitlines() or [NOTHING])


def _about(printed: ReportContents) -> str:
    """Return the table of labelled facts, two per row."""
    written = [_Written(words, style, fill) for pair in about(printed) for words, style, fill in _pair(*pair)]
    return _ABOUT.table(_row(_ABOUT, written[start : start + 4]) for start in range(0, len(written), 4))


def _pair(label: str, said: str) -> tuple[tuple[str, str, str | None], ...]:
    return (label, "Label", LABEL_FILL), (said, "Value", None)


def _measures(printed: ReportContents) -> str:
    """Return the table of all figures under their groups, with numerator, denominator and n."""
    t = printed.t
    rows = [_head(_MEASURES, ("", t("Measure"), t("Value"), t("Numerator"), t("Denominator"), "n"))]
    for title, found in grouped(printed.card.snapshot.measures, t):
        columns = len(_MEASURES.widths)
        rows.append(with_next(row([_MEASURES.cell(_typed(title), 0, columns, style="Label", fill=LABEL_FILL)])))
        for one in found:
            below = NOTHING if one.denominator is None else f"{one.denominator:,}"
            numbers = (value(one, t), numerator_of(one, t), below, f"{one.n:,}")
            code = one.code if one.code.startswith("M") else ""
            named = (_Written(code, "Small"), _Written(name_of(one, t)))
            rows.append(_row(_MEASURES, (*named, *(_Written(number, "Number") for number in numbers))))
    return _MEASURES.table(rows)


def _listed(table: Table, printed: ReportContents) -> Iterator[str]:
    if not table.rows:
        yield from _lines(printed.t("none"))
        return
    yield _table(_LISTS, table.heads, ([_small(cell, printed) for cell in line] for line in table.rows))


def _small(cell: Cell, printed: ReportContents) -> _Written:
    if isinstance(cell, datetime):
        return _Written(cell.astimezone(printed.t.zone).strftime("%Y-%m-%d %H:%M"), "Small")
    return _Written(NOTHING if cell is None else str(cell), "Small")


def _signed(printed: ReportContents) -> Iterator[str]:
    """Yield the signature of an issued version: who issued it, when, and the hashes."""
    t, card = printed.t, printed.card
    if card.issue is None:
        return
    yield _heading(t("Signatures"))
    who, at = card.issue.name, card.issue.at
    yield from _lines(t("Version %(version)s was issued by %(who)s, %(at)s.", version=card.version, who=who, at=at))
    hashes = ((t("Content hash (SHA-256)"), card.content_hash), (t("Signature (SHA-256)"), card.issue.signature))
    yield from (paragraph(_run(labelled(label, sign, t)), style="Hash") for label, sign in hashes)


# ---- Cells and pictures --------------------------------------------------------------------------------------


def _first(cell: Cell) -> _Written:
    return _Written(str(cell))


def _number(cell: Cell) -> _Written:
    return _Written(f"{cell:,}", "Number")


def _table(grid: Grid, heads: Sequence[str], rows: Iterable[Sequence[_Written]]) -> str:
    drawn = [_head(grid, heads), *(_row(grid, line) for line in rows)]
    return grid.table([*drawn[:-2], with_next(drawn[-2]), drawn[-1]])  # keeps the last row off a page of its own


def _head(grid: Grid, heads: Sequence[str]) -> str:
    return with_next(_row(grid, [_Written(head, "Label", LABEL_FILL) for head in heads], head=True))


def _row(grid: Grid, cells: Sequence[_Written], *, head: bool = False) -> str:
    drawn = (
        grid.cell(_typed(one.words), place, place + 1, style=one.style, fill=one.fill)
        for place, one in enumerate(cells)
    )
    return row(drawn, head=head)


def _append(document: "Document", piece: str) -> None:
    """Append a piece of WordprocessingML before the section properties, which must be the last element."""
    from docx.oxml import parse_xml

    section = document.element.body[-1]
    for element in list(parse_xml(f"<w:body {NAMESPACES}>{piece}</w:body>")):
        section.addprevious(element)


def _picture(document: "Document", chart: File) -> None:
    """Append a chart, with its title as alternative text."""
    from docx.shared import Cm

    shape = document.add_picture(BytesIO(chart.content), width=Cm(_PICTURE))
    shape._inline.docPr.set("descr", chart.title)  # python-docx has no public API for it


def _describe(document: "Document", printed: ReportContents) -> None:
    """Set the file's properties, such as title and author. The times are those of the report."""
    facts, card = document.core_properties, printed.card
    facts.title = f"{printed.number} {printed.title}"
    facts.author = facts.last_modified_by = (card.issue.name if card.issue else "")[:255]
    facts.created = card.snapshot.made_at.replace(tzinfo=None)
    facts.modified = (card.issue.at if card.issue else card.snapshot.made_at).replace(tzinfo=None)
    facts.revision = max(card.version, 1)
    facts.language = printed.t.locale
