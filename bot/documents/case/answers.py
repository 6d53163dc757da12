"""The answers to forms, and the facts that the history adds, as text for documents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from bot.casework.reading.full_record import FullRecord, TakenStep
from bot.documents.wording import Wording
from bot.i18n.translator import _
from bot.workflow.field import Field, FieldKind
from storage.vocabulary import Paper, Step

#: Shown where nothing was answered.
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class TestCaseResult:
    """One test case of a test record, numbered from 1."""

    number: int
    title: str
    expected: str
    actual: str
    result: str


#: Text of one or more lines, as typed, or a list of test cases.
Answer: TypeAlias = str | tuple[TestCaseResult, ...]


def answer(field: Field, value: Any, act: TakenStep | None, t: Wording) -> Answer:
    """Return an answer of an act as text. `value` is plain JSON data (see `bot.workflow.records.plain`).

    Codes become words, user ids become names, and moments are shown in the document's zone.
    """
    if field.kind is FieldKind.TEST_CASES:
        return tuple(_test_case(number, case, t) for number, case in enumerate(value or (), start=1))
    if act is None or value in (None, "", []):
        return NOTHING
    match field.kind:
        case FieldKind.CHOICE:
            return _choice(field, str(value), t)
        case FieldKind.PERSON:
            return act.called(str(value))
        case FieldKind.PEOPLE:
            return t.listed(act.called(str(one)) for one in value)
        case FieldKind.MOMENT:
            return t.moment(datetime.fromisoformat(str(value)))
        case FieldKind.HOURS:
            return f"{float(value):g}"
        case FieldKind.FILES:
            return "\n".join(file.get("name") or file["id"] for file in value)
    return str(value)


def _choice(field: Field, value: str, t: Wording) -> str:
    known = field.options is not None and value in set(field.options)
    return t.word(field.options(value)) if known and field.options is not None else value


def _test_case(number: int, case: Mapping[str, Any], t: Wording) -> TestCaseResult:
    return TestCaseResult(number, case["title"], case["expected"], case["actual"], _passed(case["passed"], t))


def _passed(passed: bool, t: Wording) -> str:
    return t("Passed") if passed else t("Failed")


Fact: TypeAlias = Callable[[TakenStep, FullRecord, Wording], str]


def _person(act: TakenStep, _full_record: FullRecord, _t: Wording) -> str:
    return act.called(act.line.person)


def _moment(act: TakenStep, _full_record: FullRecord, t: Wording) -> str:
    return t.moment(act.line.at)


#: Facts about one act by code: the label, and the function that finds the fact in the history.
_OF_ACT: dict[str, tuple[str, Fact]] = {
    "reported_by": (_("Reported by"), lambda _act, full_record, _t: full_record.reporter),
    "reported_at": (_("Reported at"), lambda _act, full_record, t: t.moment(full_record.card.reported_at)),
    "by": (_("Recorded by"), _person),
    "at": (_("Recorded at"), _moment),
    "act": (_("Act"), lambda act, _full_record, t: t.word(act.line.step)),
    "outcome": (_("Outcome"), lambda act, _full_record, t: t.word(act.line.to_state)),
    "round": (_("Round"), lambda act, _full_record, _t: str(act.content(Paper.TEST_RECORD)["round"])),
    "conclusion": (_("Conclusion"), lambda act, _full_record, t: _passed(act.line.step is Step.PASS_TEST, t)),
}
#: Facts about all acts together, in the same form.
_OF_ALL: dict[str, tuple[str, Callable[[tuple[TakenStep, ...]], str]]] = {
    "return_count": (_("Times returned"), lambda acts: _times(acts, Step.RETURN_SHEET)),
    "reopen_count": (_("Times reopened"), lambda acts: _times(acts, Step.REJECT_FIX, Step.REOPEN)),
}


def _times(acts: tuple[TakenStep, ...], *steps: Step) -> str:
    return str(sum(act.line.step in steps for act in acts))


def fact_label(code: str, t: Wording) -> str:
    """Return the label of a fact."""
    return t((_OF_ACT.get(code) or _OF_ALL[code])[0])


def fact(code: str, act: TakenStep | None, full_record: FullRecord, acts: tuple[TakenStep, ...], t: Wording) -> str:
    """Return the fact with this code, about `act` or about all `acts`; a dash if it needs an act and there is none."""
    if code in _OF_ALL:
        return _OF_ALL[code][1](acts)
    return _OF_ACT[code][1](act, full_record, t) if act else NOTHING
