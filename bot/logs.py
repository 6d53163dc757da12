"""Logs: one line per event, for our own events and those of libraries, without secrets, raw requests or typed text."""

import logging
import os
import re
import secrets
import sys
from collections.abc import Iterable, Iterator
from traceback import format_tb
from typing import Any, Literal, TextIO, TypeAlias

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

LogFormat: TypeAlias = Literal["json", "console"]

MASK = "***"
_TOKENS = re.compile(r"xox[a-z](?:[.-][\w-]+)+|xapp-[\w-]+")  # no \b: a color code or an \n may precede
_URL_LOGIN = re.compile(r"(?<=://)[^\s/\"']*:[^\s/\"']*(?=@)")
_SHORTEST_SECRET = 6  # masking shorter ones would also mask ordinary words

_TALKATIVE = ("alembic", "apscheduler", "slack_bolt", "slack_sdk", "urllib3", "waitress", "websocket")
#: The form of an error code of Slack.
_CODE = re.compile(r"[a-z_]{1,60}")
_BODY_STARTS = re.compile(r"\s*[({\n]")
#: The form of what Slack calls its requests and commands.
_NAME = re.compile(r"/?[a-z][a-z0-9_]{0,79}")
#: What JSON leaves as it is, but many readers take for the end of a line.
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}

_REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no letters that are easily confused


def configure(log_format: LogFormat, known: Iterable[str] = (), to: TextIO | None = None) -> None:
    """Route structlog and the standard library through one handler.

    `known` are secrets without a recognizable form, such as the signing secret. They are masked wherever they appear,
    as are Slack tokens and logins in addresses. `to` defaults to standard error.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(to or sys.stderr)
    handler.addFilter(_filter_library_events)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(log_format),
                _Masking(known),
            ],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def mask(text: str, known: Iterable[str] = ()) -> str:
    """Return the text with Slack tokens, logins in addresses and the known secrets masked."""
    text = _URL_LOGIN.sub(MASK, _TOKENS.sub(MASK, text))
    for secret in known:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    return text


def reference() -> str:
    """Return a short reference such as `E-7K3Q9A`, which a person can quote and an operator can find in the logs."""
    return "E-" + "".join(secrets.choice(_REFERENCE_LETTERS) for _ in range(6))


def named(value: Any) -> str:
    """Return the name of a kind of request if it has the form of Slack's names, otherwise `?`.

    A request that is malformed carries anything there, also what somebody typed.
    """
    return value if isinstance(value, str) and _NAME.fullmatch(value) else "?"


def _rendering(log_format: LogFormat) -> list[Processor]:
    if log_format == "json":
        errors = structlog.processors.ExceptionRenderer(_traceback)
        return [errors, structlog.processors.JSONRenderer(ensure_ascii=False), _on_one_line]
    return [structlog.dev.ConsoleRenderer(exception_formatter=_write_traceback)]


def _on_one_line(logger: WrappedLogger, name: str, line: EventDict | str) -> str:
    return str(line).translate(_LINE_ENDS)


def _traceback(exc_info: ExcInfo) -> str:
    """Return where an error was raised, and each that it came from, without their messages.

    A message quotes what could not be used, and that is often what somebody typed.
    """
    return "\n".join(
        f"Traceback (most recent call last):\n{''.join(format_tb(error.__traceback__))}{described(error)}"
        for error in reversed([*_came_from(exc_info[1])])
    )


def _write_traceback(to: TextIO, exc_info: ExcInfo) -> None:
    to.write(_traceback(exc_info))


def _came_from(error: BaseException | None) -> Iterator[BaseException]:
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def described(error: BaseException) -> str:
    """Return the kind of an error, with the code that the system, the database or Slack has for it."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    return " ".join(part for part in (kind, *_codes(error)) if part)


def _codes(error: Any) -> Iterator[str]:
    if isinstance(error, OSError) and error.errno:
        yield os.strerror(error.errno)
    yield getattr(error, "sqlstate", None) or ""
    yield getattr(getattr(error, "diag", None), "constraint_name", None) or ""
    yield getattr(error, "sqlite_errorname", "")
    data = getattr(getattr(error, "response", None), "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    yield code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _filter_library_events(record: logging.LogRecord) -> bool:
    """Drop library events below WARNING, and the part of a Bolt event that quotes a request.

    This is a filter rather than a level, because Bolt gives each new logger of its own the level of the root.
    """
    if not record.name.startswith(_TALKATIVE):
        return True
    if record.name.startswith("slack_bolt"):
        record.msg, record.args = _BODY_STARTS.split(record.getMessage(), maxsplit=1)[0], ()
    return record.levelno >= logging.WARNING


class _Masking:
    """A last processor that masks the finished line, so that nested values and tracebacks are masked too."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = tuple(known)

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict | str) -> str:
        return mask(str(event), self._known)
