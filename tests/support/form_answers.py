"""Random answers to a form, derived from the table of fields."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bot.workflow.field import Field, FieldKind, Form
from tests.support.workflow_cases import NOW, ROLES

TEXTS = (
    "Rating process exits with ORA-01438",
    "批价进程异常退出\n重启后仍然出现",
    "贺卡徽标模糊 😀👩‍💻",
    "العربية ثم English",
    "=1+1 <!channel> %(state)s {0}",
)
_CASES = ("login | token | token | pass\n登录｜令牌｜令牌｜通过", "login | token | 500 | fail")


Likely = Mapping[str, Sequence[Any]]


def answers(
    form: Form, facts: Mapping[str, Any], chance: Random, now: datetime = NOW, likely: Likely | None = None
) -> dict[str, Any]:
    """Raw answers to every field that the form shows, as Slack would send them. Optional fields are answered half the
    time.

    `likely` lists the values to choose from for some fields, by code.
    """
    raw: dict[str, Any] = {}
    for field in form:
        known = {**facts, **raw}
        if field.shown(known) and (field.required(known) or chance.random() < 0.5):
            values = (likely or {}).get(field.code)
            raw[field.code] = chance.choice(values) if values else _value(field, known, chance, now)
    return raw


def _value(field: Field, known: Mapping[str, Any], chance: Random, now: datetime) -> Any:
    match field.kind:
        case FieldKind.CHOICE:
            return chance.choice(field.options_for(known) or ("nothing",))
        case FieldKind.PERSON:
            return chance.choice(sorted(ROLES))
        case FieldKind.PEOPLE:
            return chance.sample(sorted(ROLES), chance.randint(1, 2))
        case FieldKind.MOMENT:
            return _moment(field, chance, now)
        case FieldKind.HOURS:
            return chance.choice(("0.5", "1", "12.25"))
        case FieldKind.FILES:
            return [{"id": "F0AAA", "name": "日志.txt"}]
        case FieldKind.TEST_CASES:
            return chance.choice(_CASES)
        case FieldKind.LOOKUP:
            return chance.choice(("Rating 批价", "V3.2", "F-3"))
    return chance.choice(TEXTS)


def _moment(field: Field, chance: Random, now: datetime) -> int:
    """A random moment near `now` in Unix seconds, in the past or in the future where the field asks for it."""
    hours = -chance.randint(0, 40) if field.past else chance.randint(1 if field.future else -60, 300)
    return int((now + timedelta(hours=hours)).timestamp())
