"""The answer to `/fault admin doctor`: what is not right and what to do, then what is right."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from bot.i18n.translator import Translator
from bot.slack.check_result import CheckedPart, CheckResult, Outcome, counted
from bot.slack.views.escape import Block, dotted, escape, lines, typed
from bot.slack.views.message import Message, divider, fitting, header, message, section

#: What begins a line of each outcome, everywhere.
SIGNS = {Outcome.FAILED: "✗", Outcome.WARNING: "!", Outcome.UNKNOWN: "?", Outcome.OK: "✓"}
#: The most characters of what was found and of what to do, tried in this order until the message fits.
_LENGTHS = (600, 300, 150, 80)
#: The most characters of a section.
_SECTION = 2900


def doctor(parts: Sequence[CheckedPart], t: Translator) -> Message:
    """Build the message about everything that was checked."""
    return fitting(lambda limit: _doctor(parts, limit, t), _LENGTHS)


def _doctor(parts: Sequence[CheckedPart], limit: int, t: Translator) -> Message:
    title, found = t("Check of this installation"), summary(parts, t)
    wrong = [part for part in parts if part.outcome is not Outcome.OK]
    right = [_line(part, result, limit) for part in parts for result in part.results if result.outcome is Outcome.OK]
    return message(
        dotted(title, found),
        header(title),
        section(f"*{escape(found)}*"),
        *(section(_wrong(part, limit)) for part in wrong),
        divider() if wrong and right else None,
        *_sections(right),
    )


def summary(parts: Sequence[CheckedPart], t: Translator) -> str:
    """Return how many things were found of each outcome."""
    found = counted(parts)
    words = (
        t("Must be fixed: %(count)s", count=found[Outcome.FAILED]),
        t("Warnings: %(count)s", count=found[Outcome.WARNING]),
        t("Not checked: %(count)s", count=found[Outcome.UNKNOWN]),
        t("In order: %(count)s", count=found[Outcome.OK]),
    )
    shown = (word for word, outcome in zip(words, Outcome, strict=True) if found[outcome])
    return dotted(*shown)


def grouped(results: Sequence[CheckResult]) -> Iterator[tuple[list[CheckResult], str]]:
    """Yield what was found with its remedy, which what follows each other has in common."""
    for remedy, same in groupby(results, key=lambda result: result.remedy):
        yield list(same), remedy


def _wrong(part: CheckedPart, limit: int) -> str:
    results = [result for result in part.results if result.outcome is not Outcome.OK]
    found = (
        text
        for same, remedy in grouped(results)
        for text in (
            *(f"{SIGNS[result.outcome]} {typed(result.said, limit)}" for result in same),
            f"→ {typed(remedy, limit)}" if remedy else "",
        )
    )
    return lines(f"*{escape(part.title)}*", *found)


def _line(part: CheckedPart, result: CheckResult, limit: int) -> str:
    return f"{SIGNS[result.outcome]} *{escape(part.title)}* {typed(result.said, limit)}"


def _sections(found: Sequence[str]) -> Iterator[Block]:
    """Yield the lines in as few sections as Slack's limit allows."""
    text = ""
    for line in found:
        if text and len(text) + len(line) >= _SECTION:
            yield section(text)
            text = ""
        text = lines(text, line)
    if text:
        yield section(text)
