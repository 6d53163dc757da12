"""A document as a Word file: a sheet filled into its template.

The same sheet gives the same bytes: no clock is looked at, and the parts of the file stand in a fixed order.
"""

import re
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from docx.document import Document
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from bot.documents.case.document import FilledPart, FilledRound, Sheet
from bot.documents.case.outlines import OUTLINES, Chapter
from bot.documents.deterministic_zip import settled
from bot.documents.xml_text import holdable
from storage.vocabulary import Paper

#: The templates that come along.
BUNDLED = Path(__file__).parents[1] / "templates"
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
#: docxtpl reads these as braces once more after it has filled them in; typed ones must stay.
_BRACES = re.compile(r"(?<=[{}%])_(?=[{}%])")
#: The most parts of templates that are kept ready; ours have three each.
_KEPT = 64


def file_of(paper: Paper, folder: Path | None = None) -> Path:
    """The template of a document: the company's own if its folder has one, else the one that comes along."""
    own = folder / f"{paper.value}.docx" if folder else None
    return own if own and own.exists() else BUNDLED / f"{paper.value}.docx"


class Fillable(DocxTemplate):  # type: ignore[misc] # docxtpl has no types
    """A template of docxtpl's that is made ready for Jinja once, however often it is filled in."""

    @staticmethod
    @lru_cache(maxsize=_KEPT)
    def patch_xml(src_xml: str) -> str:
        """A part of the file as a template: the same for the same part."""
        return str(DocxTemplate.patch_xml(None, src_xml))


class _Environment(SandboxedEnvironment):
    """Where templates are filled in: they reach nothing but their fields, and what was typed stays text."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, finalize=as_xml)
        del self.filters["safe"]
        self._compiled = lru_cache(maxsize=_KEPT)(super().from_string)

    def from_string(self, source: Any, *_globals: Any) -> Template:
        """A template from its text, compiled once: that takes longer than to fill it in."""
        return self._compiled(source)


@cache
def environment() -> SandboxedEnvironment:
    """The one place where templates are filled in."""
    return _Environment()


def as_xml(value: object) -> Markup:
    """A text in the template's XML: its lines stay lines, what XML cannot hold is left out, all else stays as typed."""
    return Markup(_BRACES.sub("&#95;", escape(held(value))))  # noqa: S704 - escaped just here


def held(value: object) -> str:
    """A text without what XML cannot hold; every line end is a newline."""
    return holdable(_LINE_ENDS.sub("\n", str(value)))


def word(sheet: Sheet, folder: Path | None = None) -> bytes:
    """The Word file of a sheet, from the company's template in `folder` where there is one."""
    template = Fillable(BytesIO(file_of(sheet.paper, folder).read_bytes()))
    template.render(context(sheet), environment())
    _describe(template.docx, sheet)
    made = BytesIO()
    template.docx.save(made)
    return settled(made.getvalue())


def context(sheet: Sheet) -> dict[str, Any]:
    """What a template can name, as `bot.documents.word.template_check` lists it."""
    chapters = {
        chapter.code: [_round(one, chapter) for one in sheet.chapters[chapter.code]]
        if chapter.item
        else _only(sheet.chapters[chapter.code], chapter.code)
        for chapter in OUTLINES[sheet.paper].chapters
    }
    return {
        "document": sheet,
        "words": SimpleNamespace(**sheet.words),
        **chapters,
        "signatures": sheet.signatures,
        "history": sheet.history,
    }


def _only(rounds: tuple[FilledRound, ...], code: str) -> SimpleNamespace | None:
    return _part(rounds[0].parts[code]) if rounds else None


def _round(one: FilledRound, chapter: Chapter) -> SimpleNamespace:
    parts = {part.code: _part(one.parts[part.code]) if part.code in one.parts else None for part in chapter.parts}
    return SimpleNamespace(heading=one.heading, **parts)


def _part(part: FilledPart) -> SimpleNamespace:
    labels = SimpleNamespace(**{entry.code: entry.label for entry in part.entries})
    return SimpleNamespace(heading=part.heading, label=labels, **{entry.code: entry.value for entry in part.entries})


def _describe(document: Document, sheet: Sheet) -> None:
    """What a file manager shows of the file; its moments are the document's own."""
    about = document.core_properties
    about.title = f"{sheet.number} {sheet.title}"
    about.subject = sheet.case
    about.author = about.last_modified_by = held(sheet.author)[:255]
    about.created = sheet.created.replace(tzinfo=None)
    about.modified = sheet.modified.replace(tzinfo=None)
    about.revision = sheet.version
    about.language = "zh-CN" if sheet.language == "both" else sheet.language
