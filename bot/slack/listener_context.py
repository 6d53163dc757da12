"""What every listener is given, and how errors are reported to the person who sent the request."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.casework import conversation
from bot.casework.company_source import CompanySource
from bot.casework.steps import submission
from bot.clock import Clock
from bot.health import Health, SecurityEvent
from bot.i18n.translator import Translator
from bot.logs import reference
from bot.slack.check_result import CheckedPart
from bot.slack.delivery.respond import Responder
from bot.slack.epoch_marks import EpochMarks
from bot.slack.failures import is_away
from bot.slack.identity import Identity, Reader
from bot.slack.own_workspace import OwnWorkspaceCheck
from bot.slack.seen_events import SeenEvents
from bot.slack.views.message import Message
from bot.slack.views.refusal import refused
from bot.workflow import export_refusals
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused
from storage.database import Database, Unavailable
from storage.file_contents import FileContents

log = structlog.get_logger(__name__)
#: Slack's answers to an attempt to open a form with a trigger that is no longer valid (slack-platform.md §1.5).
_TOO_LATE = {"expired_trigger_id", "exchanged_trigger_id", "trigger_expired", "trigger_exchanged"}
#: The type of the request that says that Slack dropped events. It is not wrapped as events are, and has no sender.
EVENTS_DROPPED = "app_rate_limited"
#: The types of requests that no person waits for.
UNATTENDED = frozenset({"event_callback", EVENTS_DROPPED})
#: The refusals of somebody who may not read what they asked for. One of a case that does not exist looks the same.
NOT_TO_BE_READ = (no.NoSuchCase, export_refusals.ForTheCenter, export_refusals.InternalPaper)


@dataclass(frozen=True, slots=True)
class ListenerContext:
    """The services that listeners use. It is made once at start-up; listeners keep no state of their own."""

    database: Database
    clock: Clock
    company: CompanySource
    identity: Identity
    responder: Responder
    client: WebClient
    health: Health
    own_workspace: OwnWorkspaceCheck
    epoch_marks: EpochMarks
    contents: FileContents
    seen_events: SeenEvents
    #: Makes all checks of the installation, which takes several seconds, and says in these words what was found.
    examine: Callable[[Translator], Sequence[CheckedPart]]


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
    if isinstance(error, SlackApiError) and error.response["error"] in _TOO_LATE:
        log.warning("form.not_opened", error=error.response["error"])
        return (Problem(no.TooLateToOpen()),)
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
    """Keep the answers of a form as a draft if the block refuses them because earlier ones took effect, or for now.

    Raises what the block raises, or `Unavailable` if the draft could not be kept either.
    """
    try:
        yield
    except Refused as refused:
        if submission.is_to_keep(refused):
            with context.database.write() as session:
                submission.keep(session, person, form, case_id, raw, context.clock.now())
        raise


def person_of(body: Mapping[str, Any]) -> str:
    """Return the Slack user id of the sender of a request. Raises `KeyError` or `TypeError` if it names none."""
    return str(body["user"]["id"]) if "user" in body else str(body["user_id"])


@contextmanager
def reporting_errors(context: ListenerContext, body: Mapping[str, Any], reader: Reader) -> Iterator[None]:
    """Report every exception of the block to the sender of the request, `reader`.

    The exception does not leave the block. The answer is ephemeral, or a direct message to a click without a
    `response_url`, such as the global shortcut. What people do not wait for is only logged.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - last resort: every error is shown as a text or a reference
        problem = problems_of(error, context.health)[0]
        url = body.get("response_url")
        answer = refused(problem, reader.t)
        if url:
            context.responder.respond(str(url), answer)
        elif "trigger_id" in body:
            _say_directly(context, reader, answer)


def _say_directly(context: ListenerContext, reader: Reader, answer: Message) -> None:
    try:
        with context.database.write() as session:
            conversation.say(session, reader.id, answer.text, answer.blocks, context.clock.now())
    except Unavailable:
        log.warning("answer.not_stored")


@dataclass(frozen=True, slots=True)
class ButtonValue:
    """The value of a button: the case, the version that the person saw, and what of the case it is about.

    That is a reminder by its id, or a file by its id and the entry `seq` that brought it.
    """

    case_id: int
    version: int | None = None
    reminder: int | None = None
    seq: int | None = None
    file: str = ""

    @classmethod
    def of(cls, action: Mapping[str, Any]) -> "ButtonValue":
        """Parse the value of a pressed button. Raises `Refused` if it is invalid: an old or forged button."""
        try:
            carried = json.loads(action["value"])
            version, reminder, seq = (_whole(carried.get(name)) for name in ("version", "reminder", "seq"))
            return cls(_counted(carried["case"]), version, reminder, seq, str(carried.get("file") or ""))
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
