"""Listeners of buttons that are no steps: open a case, read it in full, acknowledge a reminder, ask for help."""

from typing import Any

from slack_bolt import Ack, App

from bot.casework.reading import cases, files
from bot.casework.steps import acknowledge
from bot.slack.identity import Reader
from bot.slack.listener_context import ButtonValue, ListenerContext, ack_at_once, reporting_errors
from bot.slack.views.case import buttons
from bot.slack.views.case.card import personal_card
from bot.slack.views.case.full_record import reading
from bot.slack.views.case.reminder import help_asked_of


class Cases:
    """Listeners of the buttons that do not change a case."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: App) -> None:
        """Register these listeners with the Bolt app."""
        app.action(buttons.OPEN_CASE)(self.open_case)
        app.action(buttons.READ_ALL)(ack=ack_at_once, lazy=[self.read_all])
        app.action(buttons.SEND_FILE)(self.send_file)
        app.action(buttons.ACKNOWLEDGE)(self.acknowledge)
        app.action(buttons.NEED_HELP)(self.need_help)

    def open_case(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Show the case, with the steps that this person may take, in an ephemeral message."""
        context = self._context
        with reporting_errors(context, body, reader):
            case_id = ButtonValue.of(body["actions"][0]).case_id
            with context.database.read() as session:
                shown = cases.show_or_status(
                    session, case_id, reader.id, context.company.of(session), context.clock.now()
                )
            context.responder.respond(body["response_url"], personal_card(shown, reader.t))
        ack()

    def read_all(self, body: dict[str, Any], reader: Reader) -> None:
        """Open a modal with the full text of the case, which the card shortens."""
        context = self._context
        with reporting_errors(context, body, reader):
            case_id = ButtonValue.of(body["actions"][0]).case_id
            with context.database.read() as session:
                shown = cases.show(session, case_id, reader.id, context.company.of(session), context.clock.now())
                comments = cases.comments(session, shown, reader.id)
                held = files.readable_files(session, shown, comments)
            view = reading(shown.card, comments, reader.t, held)
            context.client.views_open(trigger_id=body["trigger_id"], view=view)

    def send_file(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Queue a copy of a file of the case, which reaches this person as a direct message."""
        context = self._context
        with reporting_errors(context, body, reader):
            wanted, delivery = ButtonValue.of(body["actions"][0]), f"action:{body['trigger_id']}"
            with context.database.write() as session:
                now, ref = context.clock.now(), files.FileRef(wanted.case_id, wanted.seq or 0, wanted.file)
                files.order_copy(session, ref, reader.id, delivery, context.company.of(session), now)
        ack()

    def acknowledge(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Acknowledge a reminder, so that it is not escalated (process.md §3.6)."""
        context = self._context
        with reporting_errors(context, body, reader):
            reminder = ButtonValue.of(body["actions"][0]).reminder or 0
            with context.database.write() as session:
                acknowledge.acknowledge(session, reminder, reader.id, context.company.of(session), context.clock.now())
        ack()

    def need_help(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Tell the center managers that a person who was reminded needs help, and the person who was told (§3.6)."""
        context = self._context
        with reporting_errors(context, body, reader):
            reminder, delivery = ButtonValue.of(body["actions"][0]).reminder or 0, f"action:{body['trigger_id']}"
            with context.database.write() as session:
                now = context.clock.now()
                call = acknowledge.need_help(session, reminder, reader.id, delivery, context.company.of(session), now)
            context.responder.respond(body["response_url"], help_asked_of(call, reader.t))
        ack()
