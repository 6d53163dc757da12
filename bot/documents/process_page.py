"""Generates `docs/process.md` from the tables of steps and fields: `faultdesk process-page`.

This module contains no rule of the process. It evaluates the conditions of the forms, and reads the refusals of a rule
from the rule's source, so that the page agrees with the code.
"""

import ast
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from textwrap import dedent
from typing import Any

from bot.documents.case.conditions import FormSpace
from bot.i18n.translator import Translator, translator
from bot.workflow.field import Field, FieldKind
from bot.workflow.fields import FORMS
from bot.workflow.people import ROLES_OF_PLACE
from bot.workflow.reading_levels import Visibility
from bot.workflow.reasons import every_refusal
from bot.workflow.refusal import Refusal
from bot.workflow.situation import Audience, Position, Row, Who
from bot.workflow.steps import ALWAYS_OFFERED, TABLE, WAITS_FOR, rows_of
from storage.vocabulary import OPEN_STATES, Place, Role, State, Step

_HEAD = """\
# The process · 系统维护流程

Generated from the tables in `bot/workflow` by `faultdesk process-page`; a test compares the page with the tables.
Do not edit this page: change the tables. The Chinese word follows the English one, and codes are in `this font`.

A case (问题单) is in exactly one state. For every step the server checks the state of the case and the person who takes
the step. A step is refused for the reasons under *Refused*, and

- in a state that is not among those it starts from: *{not_now}*
- to a person who is not among those who may take it: *{not_yours}*
- if the case has changed its state since the button was shown: *{moved_on}*
- if a required field is empty, or an answer is too long or unreadable: the form says so at the field.

Every step updates the card in the service-desk channel, and every step but the report adds a line to its thread. The
people for whom the new state waits get a direct message with buttons. *Notifies* names who else is notified.
Answers marked *internal* are read by the center and by those assigned to the case; reporter and customer read the
others. Answers *for the center* are not read by those who are assigned only."""

#: What the page says of answers that reporter and customer do not read.
_READ_BY = {Visibility.INTERNAL: "; internal", Visibility.OTHER_CUSTOMERS: "; for the center"}
_ALWAYS = "any open state"
#: Audiences that are not a role, place or position, in English and Chinese.
_AUDIENCES: dict[Audience, tuple[str, str]] = {
    Audience.ANALYSTS: ("Testers and technicians of the case", "本单测试员和技术员"),
    Audience.DRAFTER: ("The drafter of the sheet", "任务单起草人"),
    Audience.CUSTOMER: ("The thread of the customer, if the case was reported there", "客户所在的消息串（如有）"),
    Audience.INVITEES: ("The invited people", "被召集的人员"),
    Audience.DEVELOPMENT: ("The development owner", "开发负责人"),
    Audience.EVERYONE: ("Everybody with a place on the case, and the reporter", "本单所有相关人员和提出人"),
    Audience.BOTH_REPORTERS: (
        "Reporters and customers of both cases, each under their own number only",
        "两张问题单的提出人和客户，各自仅见本单编号",
    ),
    Audience.WAITING: (
        "Those for whom the case waited; of a case in triage those who were asked by a message",
        "原等待其处理的人员；待判定时仅限已收到消息的人员",
    ),
    Audience.SIGNER: ("Whoever signed the task sheet, if one is in force", "任务单的签发人（如已签发且有效）"),
    Audience.OLD_AND_NEW: ("The former and the new holder of the place", "原负责人和新负责人"),
}
_AUDIENCE_IS: dict[Audience, Who] = {
    Audience.REPORTER: Position.REPORTER,
    Audience.SERVICE_MANAGER: Position.CARETAKER,
    Audience.TECHNICIANS: Place.TECHNICIANS,
    Audience.TESTERS: Place.TESTERS,
    Audience.CENTER_MANAGER: Role.CENTER_MANAGER,
    Audience.MODIFIER: Place.MODIFIER,
    Audience.OWNER: Place.OWNER,
}
_KINDS: dict[FieldKind, str] = {
    FieldKind.LINE: "one line, up to {longest} characters",
    FieldKind.TEXT: "text, up to {longest} characters",
    FieldKind.CHOICE: "one of: {options}",
    FieldKind.PERSON: "a person",
    FieldKind.PEOPLE: "persons",
    FieldKind.MOMENT: "date and time{past}",
    FieldKind.HOURS: "hours, such as 1.5",
    FieldKind.LOOKUP: "{register}, suggested while typing",
    FieldKind.FILES: "files",
    FieldKind.TEST_CASES: "lines of title, expected, actual, and pass or fail, separated by bars",
}


class ProcessPage:
    """The page in English, with the Chinese word after each English one."""

    def __init__(self, en: Translator, zh: Translator) -> None:
        self._en, self._zh = en, zh

    def text(self) -> str:
        """Return the whole page as Markdown."""
        parts = (self._head(), *self._diagram(), *self._states(), "## Steps · 步骤", *self._steps())
        return "\n\n".join(parts) + "\n"

    def _head(self) -> str:
        known = {one.__name__: self._sentence(one, {}) for one in every_refusal()}
        return _HEAD.format(not_now=known["NotNow"], not_yours=known["NotYours"], moved_on=known["MovedOnBy"])

    def _bilingual(self, word: StrEnum) -> str:
        return " ".join(dict.fromkeys((self._en.word(word), self._zh.word(word))))

    def _all(self, words: Iterable[StrEnum]) -> str:
        return ", ".join(map(self._bilingual, words))

    # The diagram

    def _diagram(self) -> Iterator[str]:
        yield "## Diagram · 流程图"
        always = self._all(step for step in Step if step in ALWAYS_OFFERED)
        undone = self._bilingual(Step.UNDO_MERGE)
        yield (
            f"Not drawn: steps that are possible in many states ({always}), {undone}, and steps that do not change the"
            " state."
        )
        edges = list(self._edges())
        drawn = {end for edge in edges for end in edge.split(" : ")[0].split()}
        names = [f'    state "{self._bilingual(state)}" as {state}' for state in State if state in drawn]
        lines = ["stateDiagram-v2", *names, *edges]
        yield "```mermaid\n" + "\n".join(lines) + "\n```"

    def _edges(self) -> Iterator[str]:
        labels: dict[tuple[str, str], list[str]] = {}
        for row in TABLE:
            if row.step in ALWAYS_OFFERED | {Step.UNDO_MERGE}:
                continue
            for source in [one.value for one in State if one in row.sources] or ["[*]"]:
                for to in row.to:
                    labels.setdefault((source, to), []).append(self._bilingual(row.step))
        yield from (f"    {source} --> {to} : {' / '.join(steps)}" for (source, to), steps in labels.items())

    # The states

    def _states(self) -> Iterator[str]:
        yield "## States · 状态"
        lines = ["| State | 状态 | Code | Waits for | Next states |", "|---|---|---|---|---|"]
        yield "\n".join([*lines, *(self._state(state) for state in State)])
        roles = (f"{self._bilingual(place)}: {self._all(held_by)}" for place, held_by in ROLES_OF_PLACE.items())
        yield f"While nobody active holds a place, the case waits for everybody of its roles. {'; '.join(roles)}."
        leave, stay = (self._listed(Step, self._always_offered(moves)) for moves in (True, False))
        yield f"Possible in every open state: {leave}. Possible in many states, which they do not change: {stay}."

    def _always_offered(self, moves: bool) -> set[Step]:
        """Return the steps that are possible in many states: those that can leave the state, or those that cannot."""
        return {step for step in ALWAYS_OFFERED if any(row.to for row in rows_of(step)) is moves}

    def _state(self, state: State) -> str:
        waits = self._all(WAITS_FOR.get(state, ())) or "nobody: an end state"
        out = [row for row in TABLE if state in row.sources and row.to and row.step not in ALWAYS_OFFERED]
        ways = "; ".join(f"{self._en.word(row.step)} → {self._targets(row)}" for row in out)
        return f"| {self._en.word(state)} | {self._zh.word(state)} | `{state}` | {waits} | {ways or '–'} |"

    def _targets(self, row: Row) -> str:
        if row.step is Step.UNDO_MERGE:
            return "the state before the merge"
        return " or ".join(self._en.word(to) for to in row.to)

    # The steps

    def _steps(self) -> Iterator[str]:
        for step in Step:
            yield f"### {self._en.word(step)} · {self._zh.word(step)}"
            rows = rows_of(step)
            facts = [fact for row in rows for fact in self._moves(row)]
            yield "\n".join([f"- **Code** `{step}`", *facts, *self._shared_facts(rows)])
            yield self._asks(step)

    def _moves(self, row: Row) -> Iterator[str]:
        sources = _ALWAYS if row.sources == OPEN_STATES else self._listed(State, row.sources)
        if row.sources == frozenset(State):
            sources = "any state, ended or not"
        to = self._targets(row) or "the same state"
        yield f"- **From → to** {sources or 'a new case'} → {to}"
        yield f"- **Who may** {self._all(row.who) or 'anybody in the workspace'}"

    def _listed(self, words: type[StrEnum], chosen: Iterable[StrEnum]) -> str:
        return ", ".join(self._en.word(one) for one in words if one in set(chosen))

    def _shared_facts(self, rows: tuple[Row, ...]) -> Iterator[str]:
        """Yield the facts that all table rows of a step share: refusals, records and audiences."""
        rules = dict.fromkeys(rule for row in rows for rule in (*row.guards, *row.checks))
        refusals = self._refusals(rules)
        yield "- **Refused**" + ("" if refusals else " only for the reasons above")
        yield from (f"  - {sentence}{_in_parentheses(whys)}" for sentence, whys in refusals.items())
        papers = dict.fromkeys(self._bilingual(paper) for row in rows for paper in row.papers)
        yield f"- **Records** {', '.join(papers) or 'none beside the history'}"
        yield f"- **Notifies** {self._notifies(rows)}"

    def _refusals(self, rules: Iterable[Callable[..., Any]]) -> dict[str, list[str]]:
        """Return the refusals of the rules in both languages, each with the docstrings of its rules.

        The docstring of a rule with several refusals is given only at the first one.
        """
        found: dict[str, list[str]] = {}
        for rule in rules:
            gaps = inspect.getclosurevars(rule).nonlocals
            why = " ".join((rule.__doc__ or "").split()).rstrip(".")
            for refusal in refusals_of(rule):
                said = f"*{self._sentence(refusal, gaps)}* {self._sentence(refusal, gaps, self._zh)}"
                found.setdefault(said, []).append(why)
                why = ""
        return found

    def _sentence(self, refusal: type[Refusal], gaps: Mapping[str, Any], t: Translator | None = None) -> str:
        """Return a refusal's sentence. A placeholder that the rule's closure does not fill shows its name."""
        t = t or self._en
        names = refusal.__dataclass_fields__
        return t(refusal.sentence(), **{name: gaps.get(name, f"‹{name}›") for name in names})

    def _notifies(self, rows: tuple[Row, ...]) -> str:
        always = dict.fromkeys(audience for row in rows for audience in row.notifies)
        sometimes = [one for row in rows for one in _audiences_in(row.effect) if one not in always]
        said = [self._audience(one) for one in always]
        said += [f"{self._audience(one)} (depending on the case)" for one in dict.fromkeys(sometimes)]
        return "; ".join(said) or "nobody else"

    def _audience(self, audience: Audience) -> str:
        if audience in _AUDIENCE_IS:
            return self._bilingual(_AUDIENCE_IS[audience])
        return " ".join(_AUDIENCES[audience])

    # The form of a step

    def _asks(self, step: Step) -> str:
        if not FORMS[step]:
            return "No form: the button takes the step at once."
        space = FormSpace(step, self._en)
        lines = ["| Field | 字段 | Code | Kind | Shown | Required |", "|---|---|---|---|---|---|"]
        return "\n".join([*lines, *(self._field(step, space, field) for field in FORMS[step])])

    def _field(self, step: Step, space: FormSpace, field: Field) -> str:
        names = f"{self._en.field(step, field.code)} | {self._zh.field(step, field.code)} | `{field.code}`"
        asked, required = space.asked_when(field), space.required_when(field)
        return f"| {names} | {self._kind(space, field)} | {_condition(asked)} | {_condition(required)} |"

    def _kind(self, space: FormSpace, field: Field) -> str:
        options = (self._option(space, field, option) for option in field.options or ())
        said = _KINDS[field.kind].format(
            longest=f"{field.longest:,}",
            options=", ".join(option for option in options if option),
            past=", in the past" if field.past else "",
            register=f"a {field.register}" if field.register else "",
        )
        return f"{said}{_READ_BY.get(field.visibility, '')}"

    def _option(self, space: FormSpace, field: Field, option: StrEnum) -> str | None:
        offered = space.offered_when(field, option)
        if offered is None:
            return None
        word = f"{self._bilingual(option)} `{option.value}`"
        return f"{word} ({offered})" if offered else word


def refusals_of(rule: Callable[..., Any]) -> tuple[type[Refusal], ...]:
    """Return the refusals that a rule can return, found by their names in its source."""
    known = {refusal.__name__: refusal for refusal in every_refusal()}
    named = (node.attr for node in _nodes(rule) if isinstance(node, ast.Attribute))
    return tuple(dict.fromkeys(known[name] for name in named if name in known))


def _audiences_in(effect: Callable[..., Any]) -> tuple[Audience, ...]:
    """Return the audiences that an effect notifies, found by their names in its source."""
    named = (
        node.attr
        for node in _nodes(effect)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Audience"
    )
    return tuple(Audience[name] for name in named)


def _nodes(function: Callable[..., Any]) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(dedent(inspect.getsource(function))))


def _in_parentheses(whys: Iterable[str]) -> str:
    said = "; ".join(why for why in whys if why)
    return f" ({said})" if said else ""


def _condition(said: str) -> str:
    return {"": "always", "yes": "yes", "no": "no"}.get(said) or f"if {said}"


def process_page() -> str:
    """Return the content of `docs/process.md`."""
    return ProcessPage(translator("en", "UTC"), translator("zh-CN", "UTC")).text()


if __name__ == "__main__":
    sys.stdout.write(process_page())
