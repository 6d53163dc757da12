"""Rich text blocks: they show typed text and answers as they are, because Slack interprets no markup in them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from bot.i18n.translator import Translator
from bot.slack.views.escape import NOTHING, Block, is_person, one_line, shorten, tame
from bot.workflow.field import Field, FieldKind
from bot.workflow.fields import before
from storage.vocabulary import Step

#: The most persons or files shown of one answer.
MAX_ITEMS_SHOWN = 10
_LONG = (FieldKind.TEXT, FieldKind.TEST_CASES)


@dataclass(frozen=True, slots=True)
class Entry:
    """One labelled answer. A `long` one is shown as a quotation on lines of its own."""

    label: str
    parts: list[Block]
    long: bool


def text(content: str, *, bold: bool = False) -> Block:
    """Build a text element, which is shown as it is."""
    return {"type": "text", "text": content or NOTHING, **({"style": {"bold": True}} if bold else {})}


def person(user_id: str) -> Block:
    """Build a user element; what is no user id becomes text."""
    return {"type": "user", "user_id": user_id} if is_person(user_id) else text(one_line(user_id))


def date(at: datetime, t: Translator) -> Block:
    """Build a date element of an aware moment. Slack shows it in the time zone of the reader's device."""
    stamp = {"timestamp": int(at.timestamp()), "format": "{date_short_pretty} {time}"}
    return {"type": "date", **stamp, "fallback": t.moment(at)}


def rich(*elements: Block) -> Block:
    """Build a rich text block."""
    return {"type": "rich_text", "elements": list(elements)}


def line(*parts: Block) -> Block:
    """Build a paragraph of rich text."""
    return {"type": "rich_text_section", "elements": list(parts)}


def quoted(content: str, limit: int = 3000) -> Block:
    """Build a quotation of typed text, shortened to `limit` characters."""
    return _quote([text(shorten(tame(content), limit))])


def _quote(parts: Sequence[Block]) -> Block:
    return {"type": "rich_text_quote", "elements": list(parts)}


def answers(entries: Iterable[Entry]) -> Block | None:
    """Build a block of labelled answers. None if there are none.

    A short answer follows its label on the line; a long one is quoted below its label.
    """
    elements: list[Block] = []
    for long, run in groupby(entries, key=lambda entry: entry.long):
        alike = tuple(run)
        elements += _long(alike) if long else [line(*_short(alike))]
    return rich(*elements) if elements else None


def _short(entries: Iterable[Entry]) -> Iterator[Block]:
    for number, entry in enumerate(entries):
        yield text(f"\n{entry.label}" if number else entry.label, bold=True)
        yield text("  ")
        yield from entry.parts


def _long(entries: Iterable[Entry]) -> Iterator[Block]:
    for entry in entries:
        yield line(text(entry.label, bold=True))
        yield _quote(entry.parts)


def entry(step: Step, field: Field, value: Any, t: Translator, limit: int) -> Entry:
    """Build the entry of one answer. `value` is plain JSON data (see `records.plain`).

    Long text is shortened to `limit` characters.
    """
    return Entry(t.field(step, field.code), parts(field, value, t, limit), field.kind in _LONG)


def entries(step: Step, form: Iterable[Field], data: Mapping[str, Any], t: Translator, limit: int) -> Iterator[Entry]:
    """Yield the entries of the answers that are not empty, in the form's order, each after what it replaced.

    An answer that was emptied is a dash.
    """
    for field in form:
        label, was, told = t.field(step, field.code), data.get(before(field.code)), data.get(field.code)
        if not _is_empty(was):
            yield Entry(t("%(field)s, before", field=label), parts(field, was, t, limit), field.kind in _LONG)
        if not _is_empty(told):
            yield Entry(label, parts(field, told, t, limit), field.kind in _LONG)
        elif not _is_empty(was):
            yield Entry(label, [text(NOTHING)], field.kind in _LONG)


def _is_empty(value: Any) -> bool:
    return value in (None, "", [], ())


def parts(field: Field, value: Any, t: Translator, limit: int = 3000) -> list[Block]:
    """Build the elements of an answer: codes become words, user ids users, and moments dates.

    Text is shortened to `limit` characters.
    """
    match field.kind:
        case FieldKind.CHOICE:
            return [text(_choice(field, value, t))]
        case FieldKind.PERSON:
            return [person(str(value))]
        case FieldKind.PEOPLE:
            return _listed([person(str(one)) for one in value])
        case FieldKind.MOMENT:
            return [date(_moment(value), t)]
        case FieldKind.HOURS:
            return [text(f"{float(value):g}")]
        case FieldKind.FILES:
            return _listed([text(shorten(one_line(file.get("name") or file["id"]), 80)) for file in value])
        case FieldKind.TEST_CASES:
            return [text(shorten("\n".join(_test_case(case, t) for case in value), limit))]
        case FieldKind.TEXT:
            return [text(shorten(tame(value), limit))]
    return [text(shorten(one_line(str(value)), limit))]


def _choice(field: Field, value: Any, t: Translator) -> str:
    known = field.options is not None and value in set(field.options)
    return t.word(field.options(value)) if known and field.options is not None else one_line(str(value))


def _moment(value: Any) -> datetime:
    """Return an aware datetime from ISO text, Unix seconds or a datetime."""
    if isinstance(value, datetime):
        return value
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) else datetime.fromisoformat(str(value))


def _listed(parts: Sequence[Block]) -> list[Block]:
    """Separate the items by commas; the number of items left out comes last."""
    shown = [part for item in parts[:MAX_ITEMS_SHOWN] for part in (text(", "), item)][1:]
    left = len(parts) - MAX_ITEMS_SHOWN
    return [*shown, text(f" +{left}")] if left > 0 else shown


def _test_case(case: Mapping[str, Any], t: Translator) -> str:
    """Return a test case on one line."""
    told = (one_line(str(case[part])) for part in ("title", "expected", "actual"))
    result = f"✓ {t('passed')}" if case["passed"] else f"✗ {t('failed')}"
    return " | ".join((*told, result))
