"""What every listener is handed: the rooms below and the way back to the person."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.casework.company_settings import Office
from bot.clock import Clock
from bot.health import Health
from bot.logs import reference
from bot.slack.delivery.failures import Verdict, judge
from bot.slack.delivery.respond import Responder
from bot.slack.identity import Identity, Reader
from bot.slack.views.refusal import refused
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused
from storage.database import Database, Unavailable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Face:
    """Made once at the start; listeners keep nothing of their own."""

    database: Database
    clock: Clock
    office: Office
    identity: Identity
    responder: Responder
    client: WebClient
    health: Health


def problems_of(error: Exception) -> tuple[Problem, ...]:
    """What a person is told about an error: known ones in their words, ours by a reference to quote."""
    if isinstance(error, Refused):
        return error.problems
    if isinstance(error, Unavailable):
        log.warning("database.unavailable", error=str(error))
        return (Problem(no.NotSaved()),)
    if isinstance(error, (SlackClientError, OSError)) and judge(error, 1).verdict is Verdict.AGAIN:
        log.warning("slack.away", error=type(error).__name__)
        return (Problem(no.SlackAway()),)
    quoted = reference()
    log.error("listener.failed", reference=quoted, exc_info=error)
    return (Problem(no.SomethingBroke(quoted)),)


def person_of(body: Mapping[str, Any]) -> str:
    """The id of who sent the request."""
    return str(body["user"]["id"]) if "user" in body else str(body["user_id"])


def reader_of(face: Face, body: Mapping[str, Any]) -> Reader:
    """Who sent the request, as a reader; while the database is away, in the company's language."""
    person = person_of(body)
    try:
        return face.identity.reader(person)
    except Unavailable:
        return Reader(person, face.identity.channel)


@contextmanager
def answering(face: Face, body: Mapping[str, Any]) -> Iterator[None]:
    """Whatever goes wrong inside is told to the person who pressed, where they pressed, and to nobody else."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the edge: every error becomes words or a reference
        problem = problems_of(error)[0]
        url = body.get("response_url")
        if url:
            face.responder.respond(str(url), refused(problem.refusal, reader_of(face, body).t))


@dataclass(frozen=True, slots=True)
class Value:
    """What a button carries: the case, the version that the person saw, and for a reminder its id."""

    case_id: int
    version: int | None = None
    reminder: int | None = None

    @classmethod
    def of(cls, action: Mapping[str, Any]) -> "Value":
        """Read a button; `Refused` when it carries nothing that we know (an old or forged one)."""
        try:
            carried = json.loads(action["value"])
            case_id, version, reminder = (carried.get(name) for name in ("case", "version", "reminder"))
            return cls(_counted(case_id), _whole(version), _whole(reminder))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Refused(Problem(no.NotOffered())) from None


def _whole(value: Any) -> int | None:
    return None if value is None else _counted(value)


def _counted(value: Any) -> int:
    """A number that a row can have; a forged one may be larger than the database's."""
    number = int(value)
    if not 0 < number < 2**31:
        raise ValueError(number)
    return number


def shown_to_one(body: Mapping[str, Any]) -> bool:
    """Was the press made on a message that only this person sees?"""
    return bool(body.get("container", {}).get("is_ephemeral"))


def taken(ack: Ack) -> None:
    """Acknowledge at once; a lazy listener does the rest."""
    ack()
