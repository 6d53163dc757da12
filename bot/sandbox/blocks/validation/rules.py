"""The parts of which the rule tables of Block Kit are made. A rule checks one value and records its problems."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.shared_state import Json

Surface = Literal["message", "modal", "home"]


@dataclass
class Findings:
    """The problems found so far, and what must be unique in the whole payload."""

    surface: Surface
    problems: list[str] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    focused: int = 0

    def add(self, problem: str, pointer: str) -> None:
        """Record a problem and its JSON pointer."""
        self.problems.append(f"{problem} [json-pointer:{pointer}]")


Rule = Callable[[Any, str, Findings], None]
Check = Callable[[Json, str, Findings], None]


def string(longest: int | None = None, shortest: int = 0, pattern: str | None = None) -> Rule:
    """Return the rule for a string of `shortest` to `longest` characters that matches the whole `pattern`."""
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
    """Return the rule for an integer from `least` to `most`."""

    def rule(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            findings.add("must provide an integer", pointer)
        elif least is not None and value < least:
            findings.add(f"must be greater than or equal to {least}", pointer)
        elif most is not None and value > most:
            findings.add(f"must be less than or equal to {most}", pointer)

    return rule


def boolean(value: Any, pointer: str, findings: Findings) -> None:
    """Check that the value is a boolean."""
    if not isinstance(value, bool):
        findings.add("must provide a boolean", pointer)


def anything(value: Any, pointer: str, findings: Findings) -> None:
    """Accept any value."""


def one_of(*allowed: Any) -> Rule:
    """Return the rule for a value that is one of `allowed`."""

    def rule(value: Any, pointer: str, findings: Findings) -> None:
        if value not in allowed:
            findings.add("must be a valid enum value", pointer)

    return rule


def list_of(item: Rule, most: int | None = None, least: int = 0) -> Rule:
    """Return the rule for a list of `least` to `most` items, each of which follows the rule `item`."""

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
    """Return the rule for an object with these keys. `type` is checked elsewhere.

    Args:
        checks: further checks of the whole object.
        more: whether other keys are accepted.
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
    """Return the rule for an object whose `type` selects the rule; `rules` returns the types that are allowed."""

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
    """Return the check that exactly one of these keys is given."""

    def check(value: Json, pointer: str, findings: Findings) -> None:
        given = [name for name in names if value.get(name) is not None]
        if not given:
            findings.add(f"missing required field: {names[0]}", pointer)
        elif len(given) > 1:
            findings.add(f"must provide only one of {', '.join(names)}", pointer)

    return check


def unique(values: Iterable[tuple[str, str]], what: str, findings: Findings, seen: set[str]) -> None:
    """Record every value that is already in `seen`, and add the others; `values` are pairs of value and pointer."""
    for value, pointer in values:
        if value in seen:
            findings.add(f'`{what}` "{value}" already exists', pointer)
        seen.add(value)
