"""The inputs of forms: one element for each kind of field, filled with what is already known."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import (
    DateTimePickerElement,
    ExternalDataSelectElement,
    InputBlock,
    InputInteractiveElement,
    NumberInputElement,
    Option,
    PlainTextInputElement,
    RadioButtonsElement,
    StaticSelectElement,
    UserMultiSelectElement,
    UserSelectElement,
)
from slack_sdk.models.blocks.block_elements import FileInputElement

from bot.i18n.translator import Translator
from bot.slack.views.escape import Block, is_person, one_line, tame
from bot.slack.views.message import plain
from bot.workflow.field import LONGEST, Field, FieldKind, Form
from storage.vocabulary import Step, YesNo

Known = Mapping[str, Any]
_OPTION_TEXT, _OPTION_VALUE, _HINT, _FILES = 75, 150, 2000, 10
#: What stands in a value before a name that is to be registered anew.
NEW = "new:"
#: The seconds that Slack's picker takes: ten digits.
_MOMENTS = range(1_000_000_000, 10_000_000_000)


def input_block(step: Step, field: Field, form: Form, known: Known, t: Translator) -> Block | None:
    """The block of a field, named by its code; None for a choice of which nothing is on offer."""
    element = _ELEMENTS[field.kind](field, known, t)
    if element is None:
        return None
    hint = t.hint(step, field.code)
    return InputBlock(
        block_id=field.code,
        label=plain(t.field(step, field.code), _HINT),
        element=element,
        hint=plain(hint, _HINT) if hint else None,
        optional=not _must_be_filled(field, form, known),
        dispatch_action=field.steers or None,
    ).to_dict()


def _must_be_filled(field: Field, form: Form, known: Known) -> bool:
    """True when Slack should insist: the field is required whatever the fields that steer nothing say."""
    if field.explained:
        return False
    others = {one.code: known.get(one.code) or "filled" for one in form if not one.steers and one is not field}
    return field.required(known) and field.required({**known, **others})


def option(value: str, label: str) -> Option:
    """One thing to choose; its label is shortened to what Slack shows."""
    return Option(value=value[:_OPTION_VALUE], text=plain(label, _OPTION_TEXT))


def name_option(name: str) -> Option:
    """A registered name; one that begins like a new name is marked too, so that `name_of` is the inverse."""
    return option(NEW + name if name.startswith(NEW) else name, name)


def name_of(value: str) -> str:
    """The name in the value of a lookup's option."""
    return value.removeprefix(NEW)


def _text(field: Field, known: Known, _t: Translator) -> InputInteractiveElement:
    many = field.kind is not FieldKind.LINE
    longest = min(field.longest, LONGEST)
    return PlainTextInputElement(
        action_id=field.code,
        multiline=many,
        max_length=longest,
        initial_value=_prefilled(known.get(field.code), many, longest),
    )


def _prefilled(value: Any, many: bool, longest: int) -> str | None:
    if not isinstance(value, str):
        return None
    return (tame(value) if many else one_line(value))[:longest] or None


def _choice(field: Field, known: Known, t: Translator) -> InputInteractiveElement | None:
    offered = field.options_for(known)
    if not offered:
        return None
    options = [option(code, _word(field, code, t)) for code in offered]
    chosen = next((one for one in options if one.value == known.get(field.code)), None)
    kind = RadioButtonsElement if field.options is YesNo else StaticSelectElement
    return kind(action_id=_action_id(field, offered), options=options, initial_option=chosen)


def _action_id(field: Field, offered: Sequence[str]) -> str:
    """Another id for other options, so that Slack does not keep a choice that is no longer on offer."""
    if field.offers is None:
        return field.code
    return f"{field.code}:{zlib.crc32(','.join(offered).encode()):08x}"


def _word(field: Field, code: str, t: Translator) -> str:
    return t.word(field.options(code)) if field.options is not None else code


def _person(field: Field, known: Known, _t: Translator) -> InputInteractiveElement:
    value = known.get(field.code)
    return UserSelectElement(action_id=field.code, initial_user=value if is_person(value) else None)


def _people(field: Field, known: Known, _t: Translator) -> InputInteractiveElement:
    value = known.get(field.code)
    people = [one for one in value if is_person(one)] if isinstance(value, (list, tuple, set, frozenset)) else []
    return UserMultiSelectElement(action_id=field.code, initial_users=people or None)


def _moment(field: Field, known: Known, _t: Translator) -> InputInteractiveElement:
    return DateTimePickerElement(action_id=field.code, initial_date_time=_seconds(known.get(field.code)))


def _seconds(value: Any) -> int | None:
    """Unix seconds of an aware moment, its ISO text, or themselves."""
    try:
        if isinstance(value, str) and not value.isdigit():
            value = datetime.fromisoformat(value)
        seconds = int(value.timestamp()) if isinstance(value, datetime) else int(value)
    except (TypeError, ValueError):
        return None
    return seconds if seconds in _MOMENTS else None


def _hours(field: Field, known: Known, _t: Translator) -> InputInteractiveElement:
    value = known.get(field.code)
    try:
        initial = f"{float(value):.2f}".rstrip("0").rstrip(".") if value not in (None, "") else None
    except (TypeError, ValueError):
        initial = None
    return NumberInputElement(action_id=field.code, is_decimal_allowed=True, min_value="0", initial_value=initial)


def _lookup(field: Field, known: Known, _t: Translator) -> InputInteractiveElement:
    value = known.get(field.code)
    name = one_line(value)[: field.longest] if isinstance(value, str) else ""
    chosen = name_option(name) if name else None
    return ExternalDataSelectElement(action_id=field.code, min_query_length=0, initial_option=chosen)


def _files(field: Field, _known: Known, _t: Translator) -> InputInteractiveElement:
    return FileInputElement(action_id=field.code, max_files=_FILES)


_ELEMENTS: dict[FieldKind, Callable[[Field, Known, Translator], InputInteractiveElement | None]] = {
    FieldKind.LINE: _text,
    FieldKind.TEXT: _text,
    FieldKind.CHOICE: _choice,
    FieldKind.PERSON: _person,
    FieldKind.PEOPLE: _people,
    FieldKind.MOMENT: _moment,
    FieldKind.HOURS: _hours,
    FieldKind.LOOKUP: _lookup,
    FieldKind.FILES: _files,
    FieldKind.TEST_CASES: _text,
}
