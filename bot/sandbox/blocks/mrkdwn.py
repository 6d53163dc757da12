"""Slack's mrkdwn: the tokens in angle brackets, what they show, and whom they notify (slack-platform.md §3)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from bot.sandbox.shared_state import utc_now

TOKEN = re.compile(r"<([^<>]*)>")
STYLES = [
    re.compile(rf"(?<![\w{re.escape(s)}]){re.escape(s)}(\S(?:.*?\S)?){re.escape(s)}(?![\w{re.escape(s)}])")
    for s in ("```", "`", "*", "_", "~")
]
DATE_TOKEN = re.compile(r"\{(\w+)\}")
BROADCASTS = ("here", "channel", "everyone")
PLAIN_BROADCAST = re.compile(r"(?<![\w@])@(here|channel|everyone)\b")


@dataclass(frozen=True)
class Reader:
    """Who reads a text: names of ids, time zone, language, clock, and whether action_ids are shown, too."""

    name_of: Callable[[str], str]
    zone: tzinfo = UTC
    locale: str = "en_US"
    now: Callable[[], datetime] = utc_now
    with_codes: bool = False


def escape(text: str) -> str:
    """Return typed text in the escaped form in which Slack transports it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Return escaped text as it is shown."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def shown(text: str, reader: Reader) -> str:
    """Return mrkdwn text as a person reads it: names for mentions, dates in the reader's time zone, no markup."""
    parts: list[str] = []
    position = 0
    for match in TOKEN.finditer(text):
        parts.append(unescape(text[position : match.start()]))
        parts.append(_token_shown(match[1], reader))
        position = match.end()
    return _without_styles("".join([*parts, unescape(text[position:])]))


def _without_styles(text: str) -> str:
    for style in STYLES:
        text = style.sub(r"\1", text)
    return "\n".join(line.removeprefix(">").lstrip() if line.startswith(">") else line for line in text.split("\n"))


def _token_shown(token: str, reader: Reader) -> str:
    target, _, label = token.partition("|")
    if target.startswith("!date^"):
        return _date_shown(target, unescape(label), reader)
    if target.startswith("!subteam^"):
        return reader.name_of(target.removeprefix("!subteam^"))
    if target[:1] == "!":
        return "@" + target[1:]
    if target[:1] in ("@", "#"):
        return reader.name_of(target[1:])
    return unescape(label or target.removeprefix("mailto:"))


def _date_shown(target: str, fallback: str, reader: Reader) -> str:
    _, stamp, pattern, *_ = [*target.split("^"), "", ""]
    if not stamp.lstrip("-").isdigit() or not pattern:
        return fallback
    moment = datetime.fromtimestamp(int(stamp), UTC).astimezone(reader.zone)
    return DATE_TOKEN.sub(lambda found: _date_part(found[1], moment, reader), pattern)


def _date_part(name: str, moment: datetime, reader: Reader) -> str:
    locale = reader.locale.replace("-", "_")
    day = moment.date()
    if name == "date_num":
        return day.isoformat()
    if name.startswith("date"):
        width = "full" if "long" in name else "medium" if "short" in name else "long"
        return format_date(day, width, locale=locale)
    if name in ("time", "time_secs"):
        width = "medium" if name == "time_secs" else "short"
        return format_time(moment.timetz(), width, tzinfo=_fixed(moment), locale=locale).replace("\u202f", " ")
    if name == "ago":
        return f"{(reader.now() - moment).total_seconds() / 60:.0f} minutes ago"
    return "{" + name + "}"


def _fixed(moment: datetime) -> tzinfo:
    return moment.tzinfo or ZoneInfo("UTC")


def pings_in(text: str, parsed: bool) -> set[str]:
    """Return the ids and broadcasts that mrkdwn text notifies.

    Args:
        parsed: whether Slack also recognizes a plain `@here` in this text, as in blocks that are not verbatim.
    """
    found = {f"@{name}" for name in PLAIN_BROADCAST.findall(text)} if parsed else set()
    for token in TOKEN.findall(text):
        target = token.partition("|")[0]
        if re.fullmatch(r"@[UW]\w+", target):
            found.add(target[1:])
        elif target.startswith("!subteam^"):
            found.add(target.removeprefix("!subteam^"))
        elif target[:1] == "!" and target[1:] in BROADCASTS:
            found.add("@" + target[1:])
    return found
