"""The inputs of forms: one kind of element for each kind of field (slack-platform.md §2.2), prefilled."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
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
from bot.workflow.field import MAX_PEOPLE, MAX_TEXT_LENGTH, Field, FieldKind, Form
from storage.vocabulary import Step, YesNo

Known = Mapping[str, Any]
_OPTION_TEXT, _OPTION_VALUE, _HINT, _FILES = 75, 150, 2000, 10
#: Prefix of an option's value: the name is new.
NEW = "new:"
#: Unix seconds that Slack's picker accepts: ten digits.
_MOMENTS = range(1_000_000_000, 10_000_000_000)


def input_block(step: Step, field: Field, form: Form, known: Known, t: Translator) -> Block | None:
    """Build the input block of a field; its `block_id` is the field's code. None for a choice without options."""
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


def typed(field: Field) -> Field:
    """Return the field with a text input in the place of a search for registered names."""
    return replace(field, kind=FieldKind.LINE) if field.kind is FieldKind.LOOKUP else field


def _must_be_filled(field: Field, form: Form, known: Known) -> bool:
    """Whether Slack itself demands an answer.

    It does if the field is required whatever is entered in the fields that do not redraw the form. Fields marked
    `explained` are left to a rule, whose message is better than Slack's.
    """
    if field.explained:
        return False
    asked = (one for one in form if not one.steers and one.code != field.code and one.shown(known))
    others = {one.code: known.get(one.code) or "filled" for one in asked}
    return field.required(known) and field.required({**known, **others})


def option(value: str, label: str) -> Option:
    """Build an option; value and label are cut to Slack's limits."""
    return Option(value=value[:_OPTION_VALUE], text=plain(label, _OPTION_TEXT))


def name_option(name: str) -> Option:
    """Build the option of a registered name.

    A name that itself begins with `NEW` gets the prefix too, so that `name_of` returns it unchanged.
    """
    return option(NEW + name if name.startswith(NEW) else name, name)


def name_of(value: str) -> str:
    """Return the name in the value of a lookup's option."""
    return value.removeprefix(NEW)


def _text(field: Field, known: Known, _t: Translator) -> InputInteractiveElement:
    many = field.kind is not FieldKind.LINE
    longest = min(field.longest, MAX_TEXT_LENGTH)
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
    """Return an id that changes with the options, so that Slack does not keep a choice no longer offered."""
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
    initial = people[:MAX_PEOPLE] or None
    return UserMultiSelectElement(action_id=field.code, initial_users=initial, max_selected_items=MAX_PEOPLE)


def _moment(field: Field, known: Known, _t: Translator) -> InputInteractiveElement:
    return DateTimePickerElement(action_id=field.code, initial_date_time=_seconds(known.get(field.code)))


def _seconds(value: Any) -> int | None:
    """Return Unix seconds from an aware datetime, ISO text or seconds. None if Slack's picker rejects them."""
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
