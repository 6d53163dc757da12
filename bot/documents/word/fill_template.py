"""Makes the Word file of a document by filling its content into a template.

The same content gives the same bytes: all times come from the document, and the parts of the file have a fixed order.
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

from bot.documents.case.document import DocumentContents, FilledPart, FilledRound
from bot.documents.case.outlines import OUTLINES, Chapter
from bot.documents.deterministic_zip import normalized
from bot.documents.word.pictures import add_pictures
from bot.documents.xml_text import allowed_in_xml
from storage.file_contents import FileContents
from storage.vocabulary import Paper

#: The folder of the built-in templates.
BUNDLED = Path(__file__).parents[1] / "templates"
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
#: The underscore in `{_{` and the like. docxtpl turns these into braces after filling in, altering typed text.
_BRACES = re.compile(r"(?<=[{}%])_(?=[{}%])")
#: The number of prepared template parts that are cached; each built-in template has three.
_MAX_CACHED = 64


def file_of(paper: Paper, folder: Path | None = None) -> Path:
    """Return the path of a document's template: the company's own in `folder`, or else the built-in one."""
    own = folder / f"{paper.value}.docx" if folder else None
    return own if own and own.exists() else BUNDLED / f"{paper.value}.docx"


class Fillable(DocxTemplate):  # type: ignore[misc] # docxtpl has no types
    """A docxtpl template whose parts are prepared for Jinja only once, because that is slow."""

    @staticmethod
    @lru_cache(maxsize=_MAX_CACHED)
    def patch_xml(src_xml: str) -> str:
        """Return a part of the file as a Jinja template. The result is cached."""
        return str(DocxTemplate.patch_xml(None, src_xml))


class _Environment(SandboxedEnvironment):
    """A Jinja sandbox in which templates can access only their fields, and typed text is escaped."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, finalize=as_xml)
        del self.filters["safe"]
        self._compiled = lru_cache(maxsize=_MAX_CACHED)(super().from_string)

    def from_string(self, source: Any, *_globals: Any) -> Template:
        """Return a compiled template. The result is cached, because compiling takes longer than filling in."""
        return self._compiled(source)


@cache
def environment() -> SandboxedEnvironment:
    """Return the Jinja environment that all templates share."""
    return _Environment()


def as_xml(value: object) -> Markup:
    """Escape a value for the template's XML. Line breaks are kept; characters that XML does not allow are removed."""
    return Markup(_BRACES.sub("&#95;", escape(held(value))))  # noqa: S704 - it is escaped here


def held(value: object) -> str:
    """Return the value as text without characters that XML does not allow, with every line end as a newline."""
    return allowed_in_xml(_LINE_ENDS.sub("\n", str(value)))


def word(sheet: DocumentContents, folder: Path | None = None, contents: FileContents | None = None) -> bytes:
    """Return the Word file of a document's content, made from the company's template in `folder` if there is one.

    Its pictures are read from `contents`; without these it has none.
    """
    template = Fillable(BytesIO(file_of(sheet.paper, folder).read_bytes()))
    template.render(context(sheet), environment())
    if contents is not None:
        add_pictures(template.docx, sheet.words["pictures"], sheet.pictures, contents)
    _describe(template.docx, sheet)
    made = BytesIO()
    template.docx.save(made)
    return normalized(made.getvalue())


def context(sheet: DocumentContents) -> dict[str, Any]:
    """Return the variables of a template, as `bot.documents.word.template_check` lists them."""
    chapters = {
        chapter.code: [_round(one, chapter) for one in sheet.chapters[chapter.code]]
        if chapter.item
        else _single_part(sheet.chapters[chapter.code], chapter.code)
        for chapter in OUTLINES[sheet.paper].chapters
    }
    return {
        "document": sheet,
        "words": SimpleNamespace(**sheet.words),
        **chapters,
        "signatures": sheet.signatures,
        "history": sheet.history,
    }


def _single_part(rounds: tuple[FilledRound, ...], code: str) -> SimpleNamespace | None:
    return _part(rounds[0].parts[code]) if rounds else None


def _round(one: FilledRound, chapter: Chapter) -> SimpleNamespace:
    parts = {part.code: _part(one.parts[part.code]) if part.code in one.parts else None for part in chapter.parts}
    return SimpleNamespace(heading=one.heading, **parts)


def _part(part: FilledPart) -> SimpleNamespace:
    labels = SimpleNamespace(**{entry.code: entry.label for entry in part.entries})
    return SimpleNamespace(heading=part.heading, label=labels, **{entry.code: entry.value for entry in part.entries})


def _describe(document: Document, sheet: DocumentContents) -> None:
    """Set the file's properties, such as title and author. The times are those of the document."""
    about = document.core_properties
    about.title = f"{sheet.number} {sheet.title}"
    about.subject = sheet.case
    about.author = about.last_modified_by = held(sheet.author)[:255]
    about.created = sheet.created.replace(tzinfo=None)
    about.modified = sheet.modified.replace(tzinfo=None)
    about.revision = sheet.version
    about.language = "zh-CN" if sheet.language == "both" else sheet.language
