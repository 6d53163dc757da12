"""Checks that a company's template names every required field and no unknown one.

Templates are parsed, not filled in, so that fields under a condition are checked as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TypeAlias, Union
from zipfile import BadZipFile

from docx.opc.exceptions import PackageNotFoundError
from jinja2 import TemplateError, nodes

from bot.documents.case.answers import TestCaseResult
from bot.documents.case.document import WORDS
from bot.documents.case.history import Change, Signature
from bot.documents.case.outlines import OUTLINES, Outline, Part
from bot.documents.word.fill_template import Fillable, environment, file_of
from bot.workflow.field import FieldKind
from storage.vocabulary import Paper


class WrongTemplate(Exception):
    """Templates cannot be used; each argument names a file and says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Text:
    """A field that holds text. With `must`, every template has to name it."""

    must: bool = False


@dataclass(frozen=True, slots=True)
class Each:
    """A list that a template can loop over; `one` are the fields of an item."""

    one: "Fields"


Fields: TypeAlias = Mapping[str, Union[Text, Each, "Fields"]]
Known: TypeAlias = Text | Each | Fields

_MAY, _MUST = Text(), Text(must=True)
#: A variable of the template itself: one that it sets, or the loop variable `loop`.
_OWN = Text()


def fields_of(paper: Paper) -> Fields:
    """Return the fields that the template of a document can name."""
    outline = OUTLINES[paper]
    chapters: dict[str, Known] = {}
    for chapter in outline.chapters:
        parts = {part.code: _part(part) for part in chapter.parts}
        chapters[chapter.code] = Each({"heading": _MAY, **parts}) if chapter.item else parts[chapter.code]
    return {
        "document": _document(outline),
        "words": dict.fromkeys(WORDS, _MAY),
        **chapters,
        "signatures": Each(_row(Signature, may=("act",))),
        "history": Each(_row(Change, may=("status", "hash"))),
    }


def _document(outline: Outline) -> Fields:
    must = {"number", "case", "version", "status", *(["notice"] if outline.internal else [])}
    names = ("form", "number", "case", "title", "version", "status", "notice", "author", "date", "hash")
    return {**{name: Text(name in must) for name in names}, "inside": _MAY}


def _part(part: Part) -> Fields:
    asked = {field.code: field.kind for _step, field in part.fields()}
    tried = Each(_row(TestCaseResult, may=("number",)))
    values = {code: tried if kind is FieldKind.TEST_CASES else _MUST for code, kind in asked.items()}
    facts = dict.fromkeys(part.facts, _MUST)
    return {"heading": _MAY, "label": dict.fromkeys((*asked, *facts), _MAY), **values, **facts}


def _row(row: type, may: tuple[str, ...]) -> Fields:
    names: Mapping[str, object] = row.__dataclass_fields__  # type: ignore[attr-defined] # it is a dataclass
    return {name: Text(name not in may) for name in names}


def check(folder: Path) -> None:
    """Check every template in a company's folder. Raises `WrongTemplate` with a line for each wrong one.

    A document without a template in the folder uses the built-in one. A Word file with any other name is an error.
    """
    if not folder.is_dir():
        raise WrongTemplate(f"{folder}: is no folder")
    known = {f"{paper.value}.docx": paper for paper in OUTLINES}
    found = sorted(path for path in folder.glob("*.docx") if not path.name.startswith("~$"))  # Word's lock files
    if not found:
        raise WrongTemplate(f"{folder}: has no template; {', '.join(known)} can be replaced")
    wrong = [line for path in found for line in _wrong_with(path, known)]
    if wrong:
        raise WrongTemplate(*wrong)


def _wrong_with(path: Path, known: Mapping[str, Paper]) -> Iterator[str]:
    if path.name not in known:
        yield f"{path.name}: is the template of no document; {', '.join(known)} can be replaced"
        return
    try:
        check_template(path, known[path.name])
    except WrongTemplate as wrong:
        yield str(wrong)


def check_template(path: Path, paper: Paper) -> None:
    """Check the template of one document. Raises `WrongTemplate` if it is wrong."""
    fields = fields_of(paper)
    named: set[str] = set()
    try:
        for part in _parts(path):
            _TemplateReader(named).read(environment().parse(part), fields)
    except TemplateError as error:
        raise WrongTemplate(f"{path.name}: {error.message}") from None
    except _Unknown as unknown:
        raise WrongTemplate(f"{path.name}: unknown {unknown}") from None
    for field in _required_fields(fields):
        if field not in named:
            raise WrongTemplate(f"{path.name}: missing field {field}")


def _parts(path: Path) -> Iterator[str]:
    """Yield all texts that are filled in: body, headers, footers, footnotes and the file's properties."""
    try:
        template = Fillable(BytesIO(path.read_bytes()))
        template.init_docx()
    except (OSError, BadZipFile, KeyError, ValueError, PackageNotFoundError):
        raise WrongTemplate(f"{path.name}: is no Word file (.docx)") from None
    yield template.patch_xml(template.get_xml())
    for kind in (template.HEADER_URI, template.FOOTER_URI):
        for _key, part in template.get_headers_footers(kind):
            yield template.patch_xml(template.get_part_xml(part))
    for part in template.docx.part.package.iter_parts():
        if part.partname.endswith("/footnotes.xml"):
            yield template.patch_xml(part.blob.decode())
    about = template.docx.core_properties
    yield from (about.author, about.comments, about.identifier, about.language, about.subject, about.title)


def _required_fields(fields: Fields, path: str = "") -> Iterator[str]:
    for name, known in fields.items():
        if isinstance(known, Text):
            yield from (path + name,) if known.must else ()
        else:
            yield from _required_fields(known.one if isinstance(known, Each) else known, f"{path}{name}.")


class _Unknown(Exception):
    """A template names an unknown field or filter; the text says which."""


Scope: TypeAlias = Mapping[str, tuple[Known, str]]


class _TemplateReader:
    """Walks through a parsed template and records the name of each text field in `named`."""

    def __init__(self, named: set[str]) -> None:
        self._named = named
        self._words = {*environment().filters, *environment().tests}

    def read(self, tree: nodes.Template, fields: Fields) -> None:
        """Walk through the whole template. Raises `_Unknown` for an unknown field or filter."""
        self._visit(tree, {name: (known, name) for name, known in fields.items()})

    def _visit(self, node: nodes.Node, scope: Scope) -> None:
        match node:
            case nodes.For():
                self._loop(node, scope)
            case nodes.Output():
                for child in node.nodes:
                    self._shown(child, scope)
            case nodes.Name() | nodes.Getattr() | nodes.Getitem():
                self._resolve(node, scope)
            case nodes.Assign(target=nodes.Name()):
                self._visit(node.node, scope)
            case nodes.Filter() | nodes.Test() if node.name not in self._words:
                raise _Unknown(f"filter {node.name}")
            case _:
                self._visit_all(node.iter_child_nodes(), scope)

    def _visit_all(self, found: Iterable[nodes.Node], scope: Scope) -> None:
        """Visit nodes in order. A variable set by a node is known to the nodes after it."""
        inner = dict(scope)
        for node in found:
            self._visit(node, inner)
            if isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name):
                inner[node.target.name] = (_OWN, node.target.name)

    def _shown(self, node: nodes.Expr, scope: Scope) -> None:
        """Visit an expression that is printed; a field printed as it is must hold text."""
        if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
            known, path = self._resolve(node, scope)
            if not isinstance(known, Text):
                raise _Unknown(f"field {path}")
        else:
            self._visit(node, scope)

    def _loop(self, node: nodes.For, scope: Scope) -> None:
        known, path = self._resolve(node.iter, scope)
        if not isinstance(known, Each) or not isinstance(node.target, nodes.Name):
            raise _Unknown(f"field {path}")
        inner = {**scope, node.target.name: (known.one, path), "loop": (_OWN, "loop")}
        self._visit_all((*([node.test] if node.test else []), *node.body, *node.else_), inner)

    def _resolve(self, node: nodes.Node, scope: Scope) -> tuple[Known, str]:
        """Return the meaning of a dotted name, and its full name."""
        match node:
            case nodes.Name(ctx="load"):
                if node.name not in scope:
                    raise _Unknown(f"field {node.name}")
                found = scope[node.name]
            case nodes.Getattr():
                found = self._within(node.node, node.attr, scope)
            case nodes.Getitem(arg=nodes.Const(value=str(name))):
                found = self._within(node.node, name, scope)
            case nodes.Getitem():
                found = self._resolve(node.node, scope)
            case _:
                self._visit(node, scope)
                return _OWN, ""
        if isinstance(found[0], Text):
            self._named.add(found[1])
        return found

    def _within(self, node: nodes.Node, name: str, scope: Scope) -> tuple[Known, str]:
        known, path = self._resolve(node, scope)
        if known is _OWN:
            return _OWN, path
        if isinstance(known, Text | Each) or name not in known:
            raise _Unknown(f"field {path}.{name}")
        return known[name], f"{path}.{name}"


def bundled() -> Iterator[tuple[Path, Paper]]:
    """Yield the path of each built-in template with its document."""
    yield from ((file_of(paper), paper) for paper in OUTLINES)
