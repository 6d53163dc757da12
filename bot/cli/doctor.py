"""`faultdesk doctor`: check whether everything that the bot needs is there, and say what to do where it is not."""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated
from unicodedata import east_asian_width

import typer

from bot.cli.common import configured

if TYPE_CHECKING:
    from bot.slack.check_result import CheckedPart

#: The width of a terminal, in columns.
WIDTH = 80
#: What a line does not begin with, because it belongs to what is before it.
_CLOSING = ",.;:!?)]}，。；：！？）》”、"


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs")] = False,
) -> None:
    """Check whether everything that the bot needs is there, and say what to do where it is not.

    The bot may be running. The exit code is 1 if something that is needed is missing; warnings do not count.
    """
    from bot.i18n.translator import translator
    from bot.runtime.doctor.doctor import Doctor
    from bot.slack.check_result import Outcome
    from bot.slack.views.operators.doctor import summary

    settings = configured()
    with _silently(), Doctor.of(settings) as made:
        company = made.company()
        t = translator(company.locale, company.zone.key)
        parts = made.examine(t)
    if as_json:
        typer.echo(json.dumps([_plain(part) for part in parts], ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join((*_lines(parts), "", summary(parts, t))))
    raise typer.Exit(1 if any(part.outcome is Outcome.FAILED for part in parts) else 0)


@contextmanager
def _silently() -> Iterator[None]:
    """Keep Slack's client from logging failures, which the checks tell."""
    logger = logging.getLogger("slack_sdk")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _plain(part: "CheckedPart") -> dict[str, object]:
    found = [{"outcome": one.outcome, "said": one.said, "remedy": one.remedy} for one in part.results]
    return {"check": part.code, "title": part.title, "outcome": part.outcome, "results": found}


def _lines(parts: Sequence["CheckedPart"]) -> Iterator[str]:
    """Yield the title of each part beside what was found of it, and what to do under it."""
    from bot.slack.views.operators.doctor import SIGNS, grouped

    width = max(columns(part.title) for part in parts)
    for part in parts:
        title = part.title
        for results, remedy in grouped(part.results):
            for result in results:
                said = wrapped(result.said, WIDTH - width - 4)
                yield f"{SIGNS[result.outcome]} {title}{' ' * (width - columns(title))}  {said[0]}"
                yield from (f"{' ' * (width + 4)}{line}" for line in said[1:])
                title = ""
            advice = wrapped(f"→ {remedy}", WIDTH - width - 6) if remedy else []
            yield from (f"{' ' * (width + 4)}{'  ' if number else ''}{line}" for number, line in enumerate(advice))


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes; Chinese characters take two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of at most so many columns. Chinese text is broken between any two characters."""
    lines = [""]
    for piece in _pieces(text):
        if columns(lines[-1] + piece.rstrip()) <= width or not lines[-1]:
            lines[-1] += piece
        else:
            lines.append(piece)
    return [line.rstrip() for line in lines]


def _pieces(text: str) -> Iterator[str]:
    """Yield the pieces between which a text can be broken: words with the space after them, and Chinese characters."""
    piece = ""
    for sign in text:
        is_wide = east_asian_width(sign) in "WF"
        if piece and sign not in _CLOSING and (piece[-1] == " " or is_wide or east_asian_width(piece[-1]) in "WF"):
            yield piece
            piece = ""
        piece += sign
    yield piece
