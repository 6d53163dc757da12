"""What every listener is given, and how errors are reported to the person who sent the request."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt import Ack
from slack_sdk import WebClient

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import submission
from bot.clock import Clock
from bot.health import Health, SecurityEvent
from bot.logs import reference
from bot.slack.delivery.failures import is_away
from bot.slack.delivery.respond import Responder
from bot.slack.epoch_marks import EpochMarks
from bot.slack.identity import Identity, Reader
from bot.slack.own_workspace import OwnWorkspaceCheck
from bot.slack.views.refusal import refused
from bot.workflow import export_refusals
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused
from storage.database import Database, Unavailable

log = structlog.get_logger(__name__)
#: The refusals of somebody who may not read what they asked for. One of a case that does not exist looks the same.
NOT_TO_BE_READ = (no.NoSuchCase, export_refusals.ForTheCenter, export_refusals.InternalPaper)


@dataclass(frozen=True, slots=True)
class ListenerContext:
    """The services that listeners use. It is made once at start-up; listeners keep no state of their own."""

    database: Database
    clock: Clock
    company: CompanySettings
    identity: Identity
    responder: Responder
    client: WebClient
    health: Health
    own_workspace: OwnWorkspaceCheck
    epoch_marks: EpochMarks


def problems_of(error: Exception, health: Health) -> tuple[Problem, ...]:
    """Return the problems to show to a person for an error, and log it unless it is a refusal.

    A refusal keeps its own problems. A database or Slack that cannot be reached has a text of its own. Any other
    error becomes a reference to quote, which the log line also has. `health` counts what was not to be read.
    """
    if isinstance(error, Refused):
        if any(isinstance(problem.refusal, NOT_TO_BE_READ) for problem in error.problems):
            health.refused(SecurityEvent.REFUSED_READING)
        return error.problems
    if isinstance(error, Unavailable):
        log.warning("database.unavailable", reason=error.reason)
        return (Problem(no.NotSaved()),)
    if is_away(error):
        log.warning("slack.away", error=type(error).__name__)
        return (Problem(no.SlackAway()),)
    quoted = reference()
    log.error("listener.failed", reference=quoted, exc_info=error)
    return (Problem(no.SomethingBroke(quoted)),)


@contextmanager
def keeping_changes(
    context: ListenerContext, person: str, form: str, case_id: int | None, raw: Mapping[str, Any]
) -> Iterator[None]:
    """Keep the answers of a form as a draft if the block refuses them because earlier ones took effect.

    Raises what the block raises, or `Unavailable` if the draft could not be kept either.
    """
    try:
        yield
    except Refused as refused:
        if submission.was_changed(refused):
            with context.database.write(quietly=True) as session:
                submission.keep(session, person, form, case_id, raw, context.clock.now())
        raise


def person_of(body: Mapping[str, Any]) -> str:
    """Return the Slack user id of the sender of a request. Raises `KeyError` or `TypeError` if it names none."""
    return str(body["user"]["id"]) if "user" in body else str(body["user_id"])


@contextmanager
def reporting_errors(context: ListenerContext, body: Mapping[str, Any], reader: Reader) -> Iterator[None]:
    """Report every exception of the block, in an ephemeral answer, to the sender of the request, `reader`.

    The exception does not leave the block. Without a `response_url` in `body` it is only logged.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - last resort: every error is shown as a text or a reference
        problem = problems_of(error, context.health)[0]
        url = body.get("response_url")
        if url:
            context.responder.respond(str(url), refused(problem.refusal, reader.t))


@dataclass(frozen=True, slots=True)
class ButtonValue:
    """The value of a button: the case, the version that the person saw, and for a reminder its id."""

    case_id: int
    version: int | None = None
    reminder: int | None = None

    @classmethod
    def of(cls, action: Mapping[str, Any]) -> "ButtonValue":
        """Parse the value of a pressed button. Raises `Refused` if it is invalid: an old or forged button."""
        try:
            carried = json.loads(action["value"])
            case_id, version, reminder = (carried.get(name) for name in ("case", "version", "reminder"))
            return cls(_counted(case_id), _whole(version), _whole(reminder))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Refused(Problem(no.NotOffered())) from None


def _whole(value: Any) -> int | None:
    return None if value is None else _counted(value)


def _counted(value: Any) -> int:
    """Return a valid row id. ValueError for others: a forged id may not fit into the database's integer."""
    number = int(value)
    if not 0 < number < 2**31:
        raise ValueError(number)
    return number


def is_ephemeral(body: Mapping[str, Any]) -> bool:
    """Whether the button that was pressed is in an ephemeral message, which only this person sees."""
    return bool(body.get("container", {}).get("is_ephemeral"))


def ack_at_once(ack: Ack) -> None:
    """Acknowledge a request at once; a lazy listener does the work."""
    ack()
