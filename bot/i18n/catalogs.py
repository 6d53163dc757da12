"""Finds the sentences in the code and checks that both catalogs have them: `faultdesk catalogs check|update`."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from bot.i18n.translator import BOT, LOCALES, Key, catalog_path, optional_codes, read_catalog, word_codes
from bot.workflow.reasons import every_refusal


@dataclass(frozen=True, slots=True)
class UsedMessage:
    """One `t(...)` or `_(...)` in the code. `given` are its parameters; None where they cannot be seen.

    `sentence` is None for an f-string, which cannot be translated.
    """

    where: str
    sentence: str | None
    given: frozenset[str] | None


def used_messages(root: Path = BOT) -> Iterator[UsedMessage]:
    """Yield every `t(...)` and `_(...)` below `root`, including nested ones, which Babel's extractor misses."""
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in ("t", "_"):
                yield from _used_messages(node, f"{path.relative_to(root.parent)}:{node.lineno}")


def _name(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")


def _used_messages(call: ast.Call, where: str) -> Iterator[UsedMessage]:
    names = frozenset(keyword.arg for keyword in call.keywords if keyword.arg)
    whole = _name(call.func) == "t" and len(names) == len(call.keywords)
    choice = call.args[0]
    for one in (choice.body, choice.orelse) if isinstance(choice, ast.IfExp) else (choice,):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield UsedMessage(where, one.value, names if whole else None)
        elif isinstance(one, ast.JoinedStr):
            yield UsedMessage(where, None, None)


def sentences() -> tuple[str, ...]:
    """Return every sentence in the code, refusals included, in order."""
    spoken = {one.sentence for one in used_messages() if one.sentence is not None}
    return tuple(sorted(spoken | {refusal.sentence() for refusal in every_refusal()}))


def placeholders_of(text: str) -> frozenset[str]:
    """Return the names of the %(name)s placeholders of a sentence."""
    return frozenset(re.findall(r"(?<!%)(?:%%)*%\((\w+)\)s", text))


_HEADER = """\
msgid ""
msgstr ""
"Language: {}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def needed(locale: str) -> tuple[Key, ...]:
    """Return what a catalog must contain. English sentences are their own translation."""
    own = () if locale == "en" else tuple((None, sentence) for sentence in sentences())
    return (*own, *word_codes())


def render(locale: str, catalogs: dict[str, Catalog]) -> bytes:
    """Return a catalog file with its translations, sorted and without dates, line numbers or tool names."""
    held = {(one.context, str(one.id)) for catalog in catalogs.values() for one in catalog if one.id and one.string}
    keys = {*needed(locale), *(held & set(optional_codes()))}
    made = Catalog(locale=locale.replace("-", "_"))
    for context, msgid in sorted(keys, key=lambda key: (key[0] or "", key[1])):
        old = catalogs[locale].get(msgid, context)
        made.add(msgid, old.string if old else "", context=context)
    out = BytesIO()
    write_po(out, made, width=0, omit_header=True)
    return _HEADER.format(locale.replace("-", "_")).encode() + out.getvalue().rstrip() + b"\n"


def problems() -> Iterator[str]:
    """Yield everything that keeps the catalogs from being complete, one line each."""
    catalogs = {locale: read_catalog(locale) for locale in LOCALES}
    for one in used_messages():
        if one.sentence is None:
            yield f"{one.where}: an f-string cannot be translated; use %(name)s"
        elif one.given is not None and one.given != placeholders_of(one.sentence):
            yield f"{one.where}: the gaps of {one.sentence!r} and the parameters given differ"
    for locale, catalog in catalogs.items():
        yield from (f"{locale}: {problem}" for problem in _incomplete(locale, catalog))
        if not catalog_path(locale).exists() or catalog_path(locale).read_bytes() != render(locale, catalogs):
            yield f"{locale}: not as `faultdesk catalogs update` writes it"


def _incomplete(locale: str, catalog: Catalog) -> Iterator[str]:
    needs = set(needed(locale))
    others = {(one.context, str(one.id)) for other in LOCALES for one in read_catalog(other) if one.context}
    for context, msgid in sorted(needs | (others & set(optional_codes())), key=str):
        entry = catalog.get(msgid, context)
        if wrong := _wrong(entry, msgid):
            yield f"{wrong} {context or 'sentence'} {msgid!r}"
    known = needs | set(optional_codes())
    for one in catalog:
        if one.id and (one.context, one.id) not in known:
            yield f"obsolete: {one.context or 'sentence'} {one.id!r}"


def _wrong(entry: Message | None, msgid: str) -> str | None:
    if entry is None or not entry.string:
        return "no translation of"
    if entry.fuzzy:
        return "fuzzy translation of"
    return None if placeholders_of(str(entry.string)) == placeholders_of(msgid) else "other gaps in the translation of"


def update() -> None:
    """Rewrite both catalogs from what the code needs, keeping every translation that is still needed."""
    catalogs = {locale: read_catalog(locale) for locale in LOCALES}
    for locale in LOCALES:
        path = catalog_path(locale)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(render(locale, catalogs))


def main(arguments: Iterable[str]) -> int:
    """Run `check` or `update`. Return the exit code: 1 if the catalogs are incomplete, 2 for unknown arguments."""
    match list(arguments):
        case ["update"]:
            update()
            return 0
        case ["check"]:
            found = list(problems())
            print("\n".join(found) or "Both catalogs are complete.")
            return 1 if found else 0
    print("usage: faultdesk catalogs check|update", file=sys.stderr)
    return 2
