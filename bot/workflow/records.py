"""Converts answers to the plain JSON data that records store."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.workflow.fields import FORMS
from bot.workflow.situation import NewPaper, Situation
from storage.vocabulary import Paper

#: The codes of answers that only the history has.
_NOT_FILED = frozenset(field.code for form in FORMS.values() for field in form if not field.filed)


def plain(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers as JSON data, without empty ones: moments as ISO text in UTC, tuples as lists."""
    return {name: _plain(value) for name, value in answers.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def record(paper: Paper, s: Situation, **more: Any) -> tuple[NewPaper, ...]:
    """Return the step's answers, together with `more`, as the next version of a record."""
    filed = {code: value for code, value in s.answers.items() if code not in _NOT_FILED}
    return (NewPaper(paper, plain({**filed, **more})),)
