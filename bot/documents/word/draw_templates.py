"""Generates the built-in Word templates from the structure of the documents: `faultdesk templates [folder]`.

A company can start its own templates from these. It may change everything in Word except the fields in braces.
"""

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from bot.documents.case.outlines import OUTLINES, Chapter, Outline, Part
from bot.documents.word.fill_template import BUNDLED
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
    tag,
    tag_row,
    with_next,
)
from bot.workflow.field import Field, FieldKind
from storage.vocabulary import Paper

#: The text width of A4 with margins of 2 cm, and the margin, in twips.
WIDTH, MARGIN = 9638, 1134
_LABEL, _HALF = 1640, 4819
_GRID = Grid(_LABEL, _HALF, _HALF + _LABEL, WIDTH)
_CASES = {"number": 500, "title": 3200, "expected": 5700, "actual": 8338, "result": WIDTH}
_SIGNATURES = {"act": 1400, "name": 3200, "role": 4800, "at": 6550, "hash": WIDTH}
_HISTORY = {"version": 800, "letter": 1500, "at": 3250, "name": 5000, "status": 6200, "what": WIDTH}
#: The heading words of columns whose heading is not named after the field.
_HEADS = {"at": "date"}
_STYLES = {"hash": "Hash", "at": "Small", "what": "Small", "letter": "Letter"}
#: Fields whose answers need the full width, by kind and by code.
_LONG = (FieldKind.TEXT, FieldKind.FILES)
_LONG_CODES = ("summary",)


def template(paper: Paper) -> bytes:
    """Return the template of a document as a Word file."""
    outline = OUTLINES[paper]
    return package(
        {
            "document": f"<w:document {NAMESPACES}><w:body>{''.join(_body(outline))}</w:body></w:document>",
            "header1": f"<w:hdr {NAMESPACES}>{_header(outline)}</w:hdr>",
            "footer1": f"<w:ftr {NAMESPACES}>{_footer()}</w:ftr>",
            "styles": STYLES,
            "settings": SETTINGS,
            "fontTable": FONT_TABLE,
        }
    )


def _header(outline: Outline) -> str:
    notice = paragraph(run("{{ document.notice }}"), style="Reserved") if outline.internal else ""
    right = run("{{ document.number }}  {{ words.version }} {{ document.version }}")
    return notice + paragraph(run("{{ document.form }}  {{ document.title }}"), tab(), right, style="Header")


def _footer() -> str:
    pages = page_field("PAGE") + run(" / ") + page_field("NUMPAGES")
    return paragraph(run("SHA-256 {{ document.hash }}"), tab(), pages, style="Footer")


def _body(outline: Outline) -> Iterator[str]:
    yield paragraph(run("{{ document.title }}"), style="Title")
    if outline.internal:
        yield paragraph(run("{{ document.notice }}"), style="Notice")
    yield _about()
    for chapter in outline.chapters:
        yield from _rounds(chapter) if chapter.item else _single_part(chapter)
    yield paragraph(run("{{ words.signatures }}"), style="Heading1")
    yield _listing("signatures", "signature", _SIGNATURES)
    yield paragraph(run("{{ words.history }}"), style="Heading1")
    yield _listing("history", "change", _HISTORY)
    yield paragraph(run("{{ words.legend }}"), style="Legend")
    yield _section()


def _section() -> str:
    references = "".join(
        f'<w:{kind}Reference w:type="default" r:id="{relationship(f"{kind}1")}"/>' for kind in ("header", "footer")
    )
    size = '<w:pgSz w:w="11906" w:h="16838"/>'
    margins = f'<w:pgMar w:top="1418" w:right="{MARGIN}" w:bottom="1134" w:left="{MARGIN}"'
    return f'<w:sectPr>{references}{size}{margins} w:header="680" w:footer="567" w:gutter="0"/></w:sectPr>'


def _about() -> str:
    """Return the table with number, version and the like, two per row."""
    pairs = (("number", "case"), ("version", "status"), ("author", "date"))
    labelled = [[(f"words.{code}", f"document.{code}") for code in pair] for pair in pairs]
    return _GRID.table(row(_pair(pair)) for pair in labelled)


def _pair(named: list[tuple[str, str]]) -> Iterator[str]:
    """Yield the cells of one or two labelled answers in a row."""
    for place, (label, value) in enumerate(named):
        start = place * _HALF
        end = WIDTH if place or len(named) == 1 else _HALF
        yield _GRID.between(f"{{{{ {label} }}}}", start, start + _LABEL, style="Label", fill=LABEL_FILL)
        yield _GRID.between(f"{{{{ {value} }}}}", start + _LABEL, end, style="Value")


def _single_part(chapter: Chapter) -> Iterator[str]:
    yield from _shown(chapter.parts[0], chapter.code, "Heading1")


def _rounds(chapter: Chapter) -> Iterator[str]:
    yield tag(f"for {chapter.item} in {chapter.code}")
    yield paragraph(run(f"{{{{ {chapter.item}.heading }}}}"), style="Heading1")
    alone = len(chapter.parts) == 1
    for part in chapter.parts:
        yield from _shown(part, f"{chapter.item}.{part.code}", None if alone else "Heading2")
    yield tag("endfor")


def _shown(part: Part, name: str, style: str | None) -> Iterator[str]:
    """Yield a part, shown only if it is filled. With a `style`, it has a heading."""
    yield tag(f"if {name}")
    if style:
        yield paragraph(run(f"{{{{ {name}.heading }}}}"), style=style)
    asked = groupby((field for _step, field in part.fields()), lambda field: field.kind is FieldKind.TEST_CASES)
    groups = [(are_tried, list(fields)) for are_tried, fields in asked] or [(False, [])]
    if groups[-1][0]:
        groups.append((False, []))  # a table after the test cases, for who and when
    for place, (are_tried, fields) in enumerate(groups, start=1):
        facts = part.facts if place == len(groups) else ()
        if are_tried:
            yield from _test_case_table(fields, name)
        else:
            yield _labelled(fields, facts, name, part.inside)
    yield tag("endif")


def _labelled(fields: list[Field], facts: tuple[str, ...], name: str, inside: tuple[str, ...]) -> str:
    """Return a table of labels and answers. The last row is kept on a page with the row before it."""
    *rows, last = _rows(fields, facts, name, inside)
    return _GRID.table([*rows[:-1], *map(with_next, rows[-1:]), last])


def _rows(fields: list[Field], facts: tuple[str, ...], name: str, inside: tuple[str, ...]) -> Iterator[str]:
    """Yield the rows: short answers two per row, long ones on their own rows, short ones of `inside` last."""
    waiting: list[str] = []
    internal: list[str] = []
    for field in fields:
        if not _is_long(field):
            (internal if field.code in inside else waiting).append(field.code)
            continue
        yield from _short(waiting, name)
        waiting = []
        alone = row(_pair([(f"{name}.label.{field.code}", f"{name}.{field.code}")]))
        yield from _only_inside([alone]) if field.code in inside else [alone]
    short = _short([*waiting, *facts[:-2]], name)
    yield from map(with_next, short) if internal else short
    yield from _internal(internal, name)
    yield from _short([*facts[-2:]], name)  # who and when, in one row


def _is_long(field: Field) -> bool:
    return field.kind in _LONG or field.code in _LONG_CODES


def _short(codes: list[str], name: str) -> Iterator[str]:
    for first in range(0, len(codes), 2):
        yield row(_pair([(f"{name}.label.{code}", f"{name}.{code}") for code in codes[first : first + 2]]))


def _internal(codes: list[str], name: str) -> Iterator[str]:
    """Yield rows with the answers that are shown only to readers inside the center."""
    if codes:
        yield from _only_inside(map(with_next, _short(codes, name)))


def _only_inside(rows: Iterable[str]) -> Iterator[str]:
    yield tag_row("if document.inside", _GRID)
    yield from rows
    yield tag_row("endif", _GRID)


def _test_case_table(fields: list[Field], name: str) -> Iterator[str]:
    """Yield the table of test cases, one per row. A separate table lets Word repeat its heading on every page."""
    for field in fields:
        yield paragraph(run(f"{{{{ {name}.label.{field.code} }}}}"), style="Caption")
        yield _listing(f"{name}.{field.code}", "tried", _CASES, {"number": "#"})
        yield paragraph(style="Gap")


def _listing(name: str, item: str, ends: dict[str, int], heads: dict[str, str] | None = None) -> str:
    """Return a table with a row for each item. `ends` gives the right edge of each column in twips.

    `heads` replaces the headings of columns that are not named after their field.
    """
    grid = Grid(*ends.values())
    return grid.table(
        [
            with_next(_columns(grid, ends, {code: _word(code) for code in ends} | (heads or {}), head=True)),
            tag_row(f"for {item} in {name}", grid),
            _columns(grid, ends, {code: f"{{{{ {item}.{code} }}}}" for code in ends}),
            tag_row("endfor", grid),
        ]
    )


def _word(code: str) -> str:
    return f"{{{{ words.{_HEADS.get(code, code)} }}}}"


def _columns(grid: Grid, ends: dict[str, int], said: dict[str, str], *, head: bool = False) -> str:
    """Return a row with the column headings, or with the fields of one item."""
    start, cells = 0, []
    for code, end in ends.items():
        style = "Label" if head else _STYLES.get(code, "Value")
        cells.append(grid.between(said[code], start, end, style=style, fill=LABEL_FILL if head else None))
        start = end
    return row(cells, head=head)


def draw(folder: Path) -> None:
    """Write every template into `folder`, which is created if missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for paper in OUTLINES:
        (folder / f"{paper.value}.docx").write_bytes(template(paper))


def main() -> None:
    """Write every template into the folder named on the command line, by default the one of the built-in templates."""
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else BUNDLED)
