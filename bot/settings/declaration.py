"""How a setting is declared, and what is said about a wrong one.

A setting has the name of its environment variable (or line of `.env`), a default as an operator would write it, and an
example that is shown when its value is wrong. Spans of time are given in the unit that the name ends in and passed on
as `timedelta`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from bot.logs import mask


class WrongSettings(Exception):
    """The settings are wrong, so the bot cannot start. Each of `lines` names a setting, the error and an example."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def setting(name: str, default: str | None, example: str = "") -> Any:
    """Declare a setting with its default as an operator would write it. Typed like `Field`."""
    return Field(default, alias=name, examples=[example or default])


def names(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the names of the settings that a model declares, in order."""
    return tuple(field.alias for field in model.model_fields.values() if field.alias)


def example(model: type[BaseModel], name: str) -> str:
    """Return the example of a setting."""
    field = next(field for field in model.model_fields.values() if field.alias == name)
    return str((field.examples or [""])[0])


def without_blanks(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the texts that say anything, without the blanks around them. Whatever is no text stays as it is."""
    stripped = {name: value.strip() if isinstance(value, str) else value for name, value in given.items()}
    return {name: value for name, value in stripped.items() if value != ""}


def causes(model: type[BaseModel], error: ValidationError) -> Iterator[tuple[str, Any]]:
    """Yield the name of each wrong setting with the error that its parser raised, or with what pydantic says."""
    for detail in error.errors(include_url=False, include_input=False):
        place = detail["loc"][0]  # the alias, or the field's own name if the default is wrong
        field = next(field for name, field in model.model_fields.items() if place in (name, field.alias))
        yield str(field.alias), detail["ctx"]["error"] if detail["type"] == "value_error" else detail["msg"]


def line(model: type[BaseModel], name: str, problem: object) -> str:
    """Return what an operator is told about a wrong setting, in one line. Secrets are masked."""
    said = mask(" ".join(str(problem).split()))
    return f"{name}: {said}; for example {name}={example(model, name)}"
