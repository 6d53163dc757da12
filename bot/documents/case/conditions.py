"""Describes in words when a form asks, requires or offers something.

The conditions of the form are evaluated for every combination of the facts and answers that they look at. The
combinations that hold are then described by as few facts and answers as suffice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import combinations
from typing import Any, TypeAlias

from bot.i18n.translator import Translator
from bot.workflow.conditions import Answers, Fact
from bot.workflow.field import Field, FieldKind, Form
from bot.workflow.fields import FORMS
from storage.vocabulary import SEVERITY_ORDER, Kind, Place, Severity, Source, Step, YesNo

#: One combination: a value for each fact and answer that the form's conditions look at. None means not answered.
Combination: TypeAlias = dict[str, Any]
FILLED = "filled"
#: A name other than the one that is filled in.
_ANOTHER = "another"

_VALUES: dict[Fact, tuple[Any, ...]] = {
    **dict.fromkeys(Fact, tuple(YesNo)),
    Fact.KIND: tuple(Kind),
    Fact.MODULE_OF: (None, "", _ANOTHER, FILLED),
    Fact.SOURCE: tuple(Source),
    Fact.SEVERITY: tuple(Severity),
    Fact.PLACES: tuple((place,) for place in Place),
    Fact.SHARED_PLACES: ((), tuple(Place)),
    Fact.KEEPS_DEADLINE: tuple(SEVERITY_ORDER[:number] for number in range(len(SEVERITY_ORDER) + 1)),
}
#: The facts in words; %s stands for the value.
_FACT_WORDS: dict[Fact, str] = {
    Fact.KIND: "the case is a %s",
    Fact.SOURCE: "the problem was found by: %s",
    Fact.SEVERITY: "the severity so far is %s",
}
_MODULE_WORDS: dict[str | None, str] = {
    None: "the case has no row in the product fault record table",
    "": "the fault has no module",
    _ANOTHER: "the fault gets another product",
    FILLED: "the fault keeps its product",
}
_YES_NO_WORDS: dict[Fact, tuple[str, str]] = {
    Fact.HAS_CUSTOMER: ("a customer is affected", "no customer is affected"),
    Fact.HAS_DEFAULT: ("a default deadline is set", "no default deadline is set"),
    Fact.FOREIGN_FOLLOWERS: (
        "a case of another customer, or of none, was merged into this one",
        "all cases merged into this one are of its customer",
    ),
    Fact.AS_CUSTOMER: ("the inside reporter answers as the customer", "somebody records it for the customer"),
    Fact.AS_REPORTER: ("the reporter asks for it", "somebody else than the reporter asks for it"),
    Fact.ALONE: ("the drafter is the center's only person", "the center has more than one person"),
}


class FormSpace:
    """All combinations of facts and answers on which the conditions of one form depend."""

    def __init__(self, step: Step, t: Translator) -> None:
        self._step, self._t, self._form = step, t, FORMS[step]
        self._names_read: set[str] = set()
        before = None
        while before != self._names_read:  # a new combination may make a condition look at a further answer
            before = set(self._names_read)
            self.combinations = list(_combinations(self._form, sorted(before), self._recording))

    def asked_when(self, field: Field) -> str:
        """Return in words when the form asks the field; empty if always."""
        return self._when(field.shown, self.combinations, without=field.code)

    def required_when(self, field: Field) -> str:
        """Return in words when an asked field is required; `yes` if always, `no` if never."""
        asked = [one for one in self.combinations if field.shown(one)]
        answered = {field.required(one) for one in asked}
        if len(answered) == 1:
            return "yes" if answered.pop() else "no"
        return self._when(field.required, asked)

    def offered_when(self, field: Field, option: StrEnum) -> str | None:
        """Return in words when an asked choice offers an option; empty if always, None if never."""
        asked = [one for one in self.combinations if field.shown(one)]
        if not any(option.value in field.options_for(one) for one in asked):
            return None
        return self._when(lambda one: option.value in field.options_for(one), asked, without=field.code)

    def _recording(self, known: Answers) -> Answers:
        return _RecordingAnswers(known, self._names_read)

    def _when(self, holds: Callable[[Answers], bool], among: Sequence[Combination], without: str = "") -> str:
        names = [name for name in (among[0] if among else ()) if name != without]
        for size in range(len(names) + 1):
            for chosen in combinations(names, size):
                true = {_part(one, chosen) for one in among if holds(one)}
                if true.isdisjoint(_part(one, chosen) for one in among if not holds(one)):
                    return self._description(chosen, true)
        raise AssertionError(f"{self._step}: a condition looks at something unknown")

    def _description(self, names: tuple[str, ...], true: set[tuple[Any, ...]]) -> str:
        """Describe the combinations of values that hold. Values with the same remaining combinations are joined."""
        if not names:
            return ""
        values = list(dict.fromkeys(one[names[0]] for one in self.combinations))
        by_rest: dict[frozenset[tuple[Any, ...]], list[Any]] = {}
        for value in values:
            rest = frozenset(part[1:] for part in true if part[0] == value)
            if rest:
                by_rest.setdefault(rest, []).append(value)
        if list(by_rest.values()) == [values]:  # whatever its value
            return self._description(names[1:], set(next(iter(by_rest))))
        said = []
        for rest, same in by_rest.items():
            behind = self._description(names[1:], set(rest))
            said.append(self._in_words(names[0], same) + (f" and {behind}" if behind else ""))
        return "; or ".join(said)

    def _in_words(self, name: str, values: list[Any]) -> str:
        if name in _YES_NO_WORDS:
            return _YES_NO_WORDS[Fact(name)][values[0] == YesNo.NO]
        if name == Fact.PLACES:
            return "the case has one"
        if name == Fact.SHARED_PLACES:
            return "several hold the place" if values[0] else "nobody or one person holds the place"
        if name == Fact.KEEPS_DEADLINE:
            return " or ".join(map(self._kept, values))
        if name == Fact.MODULE_OF:
            return " or ".join(_MODULE_WORDS[value] for value in values)
        words = " or ".join(f"*{self._word(name, value)}*" for value in values)
        if name in _FACT_WORDS:
            return _FACT_WORDS[Fact(name)] % words
        return f"“{self._t.field(self._step, name)}” is {words}"

    def _kept(self, severities: Sequence[Severity]) -> str:
        words = " or ".join(f"*{self._t.word(one)}*" for one in severities)
        return f"the deadline in force stays with {words}" if severities else "no deadline is in force"

    def _word(self, name: str, value: Any) -> str:
        if value in (None, FILLED):
            return "left empty" if value is None else "filled in"
        options = _VALUES[Fact(name)] if name in set(Fact) else _field(self._form, name).options
        return self._t.word(next(one for one in options or () if one == value))


class _RecordingAnswers(Mapping[str, Any]):
    """Answers that record the names that a condition looks up."""

    def __init__(self, known: Answers, names_read: set[str]) -> None:
        self._known, self._names_read = known, names_read

    def __getitem__(self, name: str) -> Any:
        self._names_read.add(str(name))
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def _combinations(form: Form, names: list[str], recording: Callable[[Answers], Answers]) -> Iterator[Combination]:
    facts = [fact for fact in Fact if fact in names]
    start: list[Combination] = [{}]
    for fact in facts:
        start = [{**one, fact.value: value} for one in start for value in _VALUES[fact]]
    for combination in start:
        yield from _answered(form, names, combination, recording)


def _answered(
    form: Form, names: list[str], known: Combination, recording: Callable[[Answers], Answers]
) -> Iterator[Combination]:
    """Yield the combination extended by every possible answer to the remaining fields, in the form's order."""
    if not form:
        yield known
        return
    field, rest = form[0], form[1:]
    looking = recording(known)
    values = _values(field, looking) if field.shown(looking) else (None,)
    for value in values if field.code in names else (None,):
        more = {field.code: value} if field.code in names else {}
        yield from _answered(rest, names, {**known, **more}, recording)


def _values(field: Field, known: Answers) -> tuple[Any, ...]:
    required = field.required(known)
    filled = field.options_for(known) if field.kind is FieldKind.CHOICE else (FILLED,)
    return filled if required and filled else (None, *filled)


def _field(form: Form, code: str) -> Field:
    return next(field for field in form if field.code == code)


def _part(combination: Combination, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(combination[name] for name in names)
