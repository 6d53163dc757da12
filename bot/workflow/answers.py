"""Cleans the raw answers of a form, or reports the problems, each at its field."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.workflow import merging_refusals, moment_refusals
from bot.workflow import refusals as no
from bot.workflow.field import MAX_PEOPLE, Field, FieldKind, Form
from bot.workflow.refusal import Problem, Refusal
from storage.vocabulary import Basis, Severity, is_visible, is_whole, whole

#: The greatest effort that one form may record, in hours.
MAX_HOURS = 1000
#: The moments that are accepted (rule 2.5). At the ends of the calendar, a moment does not exist in every time zone.
FIRST_MOMENT, AFTER_LAST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_PASS = {"pass", "passed", "ok", "通过"}
_FAIL = {"fail", "failed", "不通过", "未通过"}
_PERSON = re.compile(r"[UW][A-Z0-9]+")


class InvalidAnswer(Exception):
    """A raw value that cannot be accepted, with the refusal that explains why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class CheckedAnswers:
    """The answers by field code (only fields that are shown and filled), and the problems found."""

    answers: dict[str, Any]
    problems: tuple[Problem, ...]


def check_answers(form: Form, raw: Mapping[str, Any], facts: Mapping[str, Any], now: datetime) -> CheckedAnswers:
    """Clean what a person filled in, and collect the problems.

    Fields are processed in the form's order, so a field that is shown because of an earlier answer sees that answer.
    `raw` maps field codes to text, option codes, user ids (or sequences of them), or Unix seconds for moments.
    `now` is aware; a field that asks for a past or a future moment is compared with it.
    """
    answers: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in form:
        known = {**facts, **answers}
        if not field.shown(known):
            continue
        try:
            value = _CLEANERS[field.kind](field, raw.get(field.code), known)
            _judge_moment(field, value, now)
        except InvalidAnswer as unclean:
            problems.append(Problem(unclean.refusal, field.code))
        else:
            if value is not None:
                answers[field.code] = value
    problems += _missing(form, answers, facts, {problem.field for problem in problems})
    return CheckedAnswers(answers, tuple(problems))


def _missing(form: Form, answers: Mapping[str, Any], facts: Mapping[str, Any], named: set[str | None]) -> list[Problem]:
    known = {**facts, **answers}
    return [
        Problem(_why_missing(field, answers), field.code)
        for field in form
        if field.code not in answers and field.code not in named and field.shown(known) and field.required(known)
    ]


def _why_missing(field: Field, answers: Mapping[str, Any]) -> Refusal:
    """Return the refusal of an empty field, in the words of its rule where a rule demands it (§2.3, §3.1-2)."""
    if field.code in ("deadline_basis", "deadline_at") and answers.get("severity") == Severity.VERY_SEVERE:
        return moment_refusals.DeadlineMissing()
    if field.code == "deadline_at" and answers.get("deadline_basis") == Basis.NEGOTIATED:
        return moment_refusals.AgreementMissing()
    return merging_refusals.FollowersUnanswered() if field.code == "reply_followers" else no.Missing()


def _judge_moment(field: Field, value: Any, now: datetime) -> None:
    if not isinstance(value, datetime):
        return
    if not FIRST_MOMENT <= value < AFTER_LAST_MOMENT:
        raise InvalidAnswer(moment_refusals.OutsideCalendar(FIRST_MOMENT.year, AFTER_LAST_MOMENT.year - 1))
    if field.past and value > now:
        raise InvalidAnswer(moment_refusals.NotYetPast())
    if field.future and value <= now:
        raise InvalidAnswer(moment_refusals.NotInFuture())


def _text(field: Field, value: Any, _known: Mapping[str, Any]) -> str | None:
    # PostgreSQL cannot store NUL in text
    text = value.replace("\x00", "").strip() if isinstance(value, str) else ""
    if not is_whole(text):
        raise InvalidAnswer(no.HalfCharacter())
    if not is_visible(text):
        return None
    if len(text) > field.longest:
        raise InvalidAnswer(no.TooLong(field.longest, len(text)))
    return text


def _one_line(field: Field, value: Any, known: Mapping[str, Any]) -> str | None:
    text = _text(field, value, known)
    return " ".join(text.split()) if text else None


def _choice(field: Field, value: Any, known: Mapping[str, Any]) -> str | None:
    if not value:
        return None
    if value not in field.options_for(known):
        raise InvalidAnswer(no.NotOffered())
    return field.options(value) if field.options is not None else str(value)


def _person(_field: Field, value: Any, _known: Mapping[str, Any]) -> str | None:
    if not value:
        return None
    if not isinstance(value, str) or not _PERSON.fullmatch(value):
        raise InvalidAnswer(no.NotOffered())
    return value


def _people(field: Field, value: Any, known: Mapping[str, Any]) -> tuple[str, ...] | None:
    names = value if isinstance(value, Iterable) and not isinstance(value, str) else ()
    people = tuple(dict.fromkeys(person for name in names if (person := _person(field, name, known))))
    if len(people) > MAX_PEOPLE:
        raise InvalidAnswer(no.TooManyPeople(MAX_PEOPLE, len(people)))
    return people or None


def _moment(_field: Field, value: Any, _known: Mapping[str, Any]) -> datetime | None:
    """Accept Unix seconds, as Slack's datetimepicker sends them, or an aware datetime."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise InvalidAnswer(moment_refusals.NotAMoment()) from None


def _hours(_field: Field, value: Any, _known: Mapping[str, Any]) -> float | None:
    if value is None or value == "":
        return None
    try:
        hours = float(value)
    except (TypeError, ValueError):
        raise InvalidAnswer(no.NotANumber()) from None
    if not 0 < hours <= MAX_HOURS:
        raise InvalidAnswer(no.NotANumber())
    return hours


def _files(_field: Field, value: Any, _known: Mapping[str, Any]) -> tuple[dict[str, str], ...] | None:
    files = value if isinstance(value, (list, tuple)) else ()
    return tuple(map(_file, files)) or None


def _file(file: Mapping[str, Any]) -> dict[str, str]:
    link = {"link": whole(str(file["link"]))} if file.get("link") else {}
    return {"id": whole(str(file["id"])), "name": whole(str(file.get("name", ""))), **link}


def _test_cases(field: Field, value: Any, known: Mapping[str, Any]) -> tuple[dict[str, Any], ...] | None:
    text = _text(field, value, known)
    lines = [line for line in (text or "").splitlines() if line.strip()]
    return tuple(_test_case(number, line) for number, line in enumerate(lines, start=1)) or None


def _test_case(number: int, line: str) -> dict[str, Any]:
    parts = [part.strip() for part in re.split(r"[|｜]", line)]
    if len(parts) != 4 or not all(parts) or parts[3].lower() not in _PASS | _FAIL:
        raise InvalidAnswer(no.BadTestCase(number))
    title, expected, actual, result = parts
    return {"title": title, "expected": expected, "actual": actual, "passed": result.lower() in _PASS}


_CLEANERS: dict[FieldKind, Callable[[Field, Any, Mapping[str, Any]], Any]] = {
    FieldKind.LINE: _one_line,
    FieldKind.TEXT: _text,
    FieldKind.CHOICE: _choice,
    FieldKind.PERSON: _person,
    FieldKind.PEOPLE: _people,
    FieldKind.MOMENT: _moment,
    FieldKind.HOURS: _hours,
    FieldKind.LOOKUP: _one_line,
    FieldKind.FILES: _files,
    FieldKind.TEST_CASES: _test_cases,
}
