"""Admits requests before any listener sees them: only of our own workspace and app, and only what a person may use.

Process.md §6 R10 says who is refused everywhere and what is open to outsiders. What a step or a case allows is decided
by the rules of the process, whoever is admitted here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import App, BoltContext
from slack_bolt.response import BoltResponse

from bot.casework.records.export_words import parse as parse_export
from bot.logs import named
from bot.slack.command_words import ParsedCommand, Verb, parse_command
from bot.slack.epoch_marks import check
from bot.slack.identity import Reader
from bot.slack.listener_context import UNATTENDED, ListenerContext, person_of
from bot.slack.manifest import REPORT_MESSAGE_SHORTCUT, REPORT_SHORTCUT
from bot.slack.own_workspace import Mismatch
from bot.slack.views.case.buttons import EXPORT, OPEN_CASE, READ_ALL, SEND_FILE
from bot.slack.views.desk import home
from bot.slack.views.desk.export import ORDER
from bot.slack.views.desk.offer import REPORT_WORDS
from bot.workflow import membership_refusals as no
from bot.workflow.fields import FORMS
from bot.workflow.membership import Membership
from bot.workflow.refusal import Problem, Refused
from storage import epochs
from storage.epochs import Mark
from storage.vocabulary import Step

#: The commands that outsiders may use. What nobody understands is answered with the nearest words, as for everybody.
_VERBS = frozenset({Verb.NEW, Verb.SHOW, Verb.MINE, Verb.VERIFY, Verb.HELP, Verb.UNKNOWN})
#: The buttons that outsiders may press. A choice may have a suffix that changes with its options.
_ACTIONS = frozenset({*Step, OPEN_CASE, READ_ALL, SEND_FILE, EXPORT, ORDER, home.REPORT, REPORT_WORDS}) | {
    field.code for form in FORMS.values() for field in form if field.steers
}
_SHORTCUTS = frozenset({REPORT_SHORTCUT, REPORT_MESSAGE_SHORTCUT})
#: The label of the metric for bots and deactivated accounts.
_REFUSED_ACCOUNT = "refused_account"


class Admission:
    """Bolt's first middleware."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: App) -> None:
        """Register this middleware with the Bolt app."""
        app.use(self.admit)

    def admit(self, body: dict[str, Any], context: BoltContext, next: Callable[[], None]) -> BoltResponse | None:
        """Pass a request on with its sender, the argument `reader` of listeners, or refuse it.

        A request of another workspace or app is answered with 403. An event is answered with an empty 200, because
        Slack would repeat it and stop sending events after many failures (slack-platform.md §1.6), and so is what
        names no workspace, like everything that cannot be understood. Raises `Refused`, which the sender reads, also
        for what was posted before the database was restored,
        `Unavailable`, because nobody is admitted while the database cannot say who they are, and for a request without
        a sender what `person_of` raises.
        """
        mismatch = self._context.own_workspace.mismatch(body)
        if mismatch is not None:
            self._refuse(mismatch.value, body)
            silent = mismatch is Mismatch.NO_WORKSPACE or body.get("type") in UNATTENDED
            return BoltResponse(status=200 if silent else 403)
        self._context.seen_events.note(body, self._context.clock.now())
        if body.get("type") not in UNATTENDED:
            context["reader"] = self._admitted(body)
        next()
        return None

    def _refuse(self, reason: str, body: Mapping[str, Any]) -> None:
        self._context.health.refused(reason, kind=named(body.get("type") or "command"))

    def _admitted(self, body: Mapping[str, Any]) -> Reader:
        """Return the sender of a request. Raises `Refused`, `Unavailable`, and what `person_of` raises."""
        sender, epoch = self._read(person_of(body))
        if sender.membership is Membership.REFUSED:
            self._refuse(_REFUSED_ACCOUNT, body)
            raise Refused(Problem(no.AccountRefused()))
        if sender.is_outsider and not is_for_outsiders(body):
            raise Refused(Problem(no.NotForOutsiders()))
        check(body, epoch)
        return sender

    def _read(self, person: str) -> tuple[Reader, Mark]:
        """Return the sender and the present epoch, read without a transaction, because every press waits for it."""
        identity = self._context.identity
        with self._context.database.look() as session:
            found, epoch = identity.reported(session, person), epochs.mark(session)
        return found or identity.asked(person), epoch


def may_ask(asked: ParsedCommand) -> bool:
    """Return whether an outsider may use this command."""
    return asked.verb in _VERBS or (asked.verb is Verb.EXPORT and parse_export(asked.rest).case_id is not None)


def _callback(view: Any) -> Any:
    return view.get("callback_id") if isinstance(view, Mapping) else None


def is_for_outsiders(body: Mapping[str, Any]) -> bool:
    """Return whether an outsider may send this request: to report, and to follow their own reports.

    Option lists offer outsiders nothing, because they would name our customers and products (process.md §6).
    """
    match body.get("type"):
        case None:
            return may_ask(parse_command(str(body.get("text") or "")))
        case "block_actions":
            codes = (str(action.get("action_id")).partition(":")[0] for action in body.get("actions") or ())
            return all(code in _ACTIONS for code in codes)
        case "view_submission":
            return _callback(body.get("view")) in set(Step)
        case "shortcut" | "message_action":
            return body.get("callback_id") in _SHORTCUTS
    return False
