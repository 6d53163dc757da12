"""The small grammar in which the tables of Block Kit are written: a rule looks at one value."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.shared_state import Json

Surface = Literal["message", "modal", "home"]


@dataclass
class Findings:
    """What is wrong so far, and what must be unique in the whole payload."""

    surface: Surface
    problems: list[str] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    focused: int = 0

    def add(self, problem: str, pointer: str) -> None:
        """Write down a problem and where it is."""
        self.problems.append(f"{problem} [json-pointer:{pointer}]")


Rule = Callable[[Any, str, Findings], None]
Check = Callable[[Json, str, Findings], None]


def string(longest: int | None = None, shortest: int = 0, pattern: str | None = None) -> Rule:
    """A string of so many characters, `shortest` to `longest`, that matches the pattern as a whole."""
    compiled = re.compile(pattern) if pattern else None

    def rule(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, str):
            findings.add("must provide a string", pointer)
        elif longest is not None and len(value) > longest:
            findings.add(f"must be less than {longest + 1} characters", pointer)
        elif len(value) < shortest:
            findings.add(f"must be more than {shortest - 1} characters", pointer)
        elif compiled and not compiled.fullmatch(value):
            findings.add("must match the required format", pointer)

    return rule


def integer(least: int | None = None, most: int | None = None) -> Rule:
    """A whole number within these bounds."""

    def rule(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            findings.add("must provide an integer", pointer)
        elif least is not None and value < least:
            findings.add(f"must be greater than or equal to {least}", pointer)
        elif most is not None and value > most:
            findings.add(f"must be less than or equal to {most}", pointer)

    return rule


def boolean(value: Any, pointer: str, findings: Findings) -> None:
    """True or false."""
    if not isinstance(value, bool):
        findings.add("must provide a boolean", pointer)


def anything(value: Any, pointer: str, findings: Findings) -> None:
    """Whatever it is."""


def one_of(*allowed: Any) -> Rule:
    """One of these values."""

    def rule(value: Any, pointer: str, findings: Findings) -> None:
        if value not in allowed:
            findings.add("must be a valid enum value", pointer)

    return rule


def list_of(item: Rule, most: int | None = None, least: int = 0) -> Rule:
    """A list of so many items, each of which follows the rule."""

    def rule(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, list):
            findings.add("must provide an array", pointer)
            return
        if most is not None and len(value) > most:
            findings.add(f"no more than {most} items allowed", pointer)
        if len(value) < least:
            findings.add(f"no fewer than {least} items allowed", pointer)
        for position, entry in enumerate(value):
            item(entry, f"{pointer}/{position}", findings)

    return rule


def record(required: Mapping[str, Rule], optional: Mapping[str, Rule], *checks: Check, more: bool = False) -> Rule:
    """An object with these keys; `type` is looked at elsewhere.

    Args:
        checks: look at the object as a whole.
        more: whether other keys are tolerated.
    """
    known = {**required, **optional}

    def rule(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, dict):
            findings.add("must provide an object", pointer)
            return
        for name in required:
            if value.get(name) is None:
                findings.add(f"missing required field: {name}", pointer)
        for name, entry in value.items():
            if name in known and entry is not None:
                known[name](entry, f"{pointer}/{name}", findings)
            elif name not in known and name != "type" and not more:
                findings.add(f"invalid additional property: {name}", pointer)
        for check in checks:
            check(value, pointer, findings)

    return rule


def by_type(rules: Callable[[Findings], Mapping[str, Rule]]) -> Rule:
    """An object whose `type` chooses the rule; `rules` says which types may stand here."""

    def rule(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, dict):
            findings.add("must provide an object", pointer)
        elif value.get("type") is None:
            findings.add("missing required field: type", pointer)
        elif not isinstance(value["type"], str) or value["type"] not in rules(findings):
            findings.add(f"unsupported type: {value['type']}", f"{pointer}/type")
        else:
            rules(findings)[value["type"]](value, pointer, findings)

    return rule


def exactly_one(*names: str) -> Check:
    """Exactly one of these keys is given."""

    def check(value: Json, pointer: str, findings: Findings) -> None:
        given = [name for name in names if value.get(name) is not None]
        if not given:
            findings.add(f"missing required field: {names[0]}", pointer)
        elif len(given) > 1:
            findings.add(f"must provide only one of {', '.join(names)}", pointer)

    return check


def unique(values: Iterable[tuple[str, str]], what: str, findings: Findings, seen: set[str]) -> None:
    """Write down every value that was there before; `values` are pairs of value and pointer."""
    for value, pointer in values:
        if value in seen:
            findings.add(f'`{what}` "{value}" already exists', pointer)
        seen.add(value)
