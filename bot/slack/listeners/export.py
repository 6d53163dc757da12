"""`/fault export` and its buttons: they queue orders for documents, which the delivery loop makes and sends."""

import json
import re
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt import Ack, App

from bot.casework.reading import cases
from bot.casework.records import export_orders, export_words
from bot.casework.records.export_orders import ExportKind, ExportOrder
from bot.casework.records.export_words import parse
from bot.slack.command_words import ParsedCommand
from bot.slack.identity import Reader
from bot.slack.listener_context import ButtonValue, ListenerContext, reporting_errors
from bot.slack.listeners.not_understood import NotUnderstood
from bot.slack.views.case import buttons
from bot.slack.views.desk import export as views
from bot.slack.views.desk.statistics import unclear
from bot.slack.views.message import Message
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused
from storage.vocabulary import Paper

log = structlog.get_logger(__name__)


class Exports:
    """Listeners of the export buttons. `export_orders.check` decides whether the person may have a document."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: App) -> None:
        """Register these listeners with the Bolt app."""
        app.action(buttons.EXPORT)(self.choose)
        app.action(re.compile(f"^{views.ORDER}:"))(self.press)

    def answer(self, asked: ParsedCommand, reader: Reader) -> Message:
        """Return the answer to `/fault export`: a menu, the receipt of an order, or help.

        Raises `NotUnderstood`, and `Refused` if the person may not have what the words ask for.
        """
        request = parse(asked.rest)
        if not asked.rest:
            return views.help_export(reader.t)
        if request.case_id and request.what is None and not request.rest:
            return self._menu(request.case_id, reader)
        context = self._context
        with context.database.read() as session:
            order = export_words.order_of(
                session, request, reader.id, reader.t.locale, context.company.of(session), context.clock.now()
            )
        if isinstance(order, ExportOrder):
            return self._place(order, asked.delivery, reader)
        if order is not None:
            raise NotUnderstood(unclear(order, reader.t, views.EXAMPLES))
        raise NotUnderstood(views.help_export(reader.t, asked.rest))

    def choose(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Show the documents of a case to choose from: the *Export* button of the personal card."""
        context = self._context
        with reporting_errors(context, body, reader):
            case_id = ButtonValue.of(body["actions"][0]).case_id
            context.responder.respond(body["response_url"], self._menu(case_id, reader))
        ack()

    def press(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Order the document, in the file format, that a button of the menu stands for."""
        context = self._context
        with reporting_errors(context, body, reader):
            order = order_of(_carried(body), reader)
            shown = self._place(order, f"action:{body['trigger_id']}", reader)
            context.responder.respond(body["response_url"], shown)
        ack()

    def _menu(self, case_id: int, reader: Reader) -> Message:
        context = self._context
        with context.database.read() as session:
            shown = cases.show(session, case_id, reader.id, context.company.of(session), context.clock.now())
        papers = tuple(paper for paper in export_orders.PAPERS if shown.card.paper(paper))
        return views.menu(shown.card, export_orders.offered(papers, shown.level), reader.t, shown.level)

    def _place(self, order: ExportOrder, delivery: str, reader: Reader) -> Message:
        context = self._context
        with context.database.write() as session:
            shared = export_orders.place_order(
                session, order, delivery, context.company.of(session), context.clock.now()
            )
        log.info("export.ordered", by=reader.id, what=order.what, case=order.case_id, form=order.form)
        return views.ordered(order, reader.t, shared=shared)


def order_of(carried: Mapping[str, Any], reader: Reader) -> ExportOrder:
    """Build the order from the value of a button.

    Raises `Refused` if the value is invalid (an old or forged button) or the document is not made in that format or
    language.
    """
    try:
        what = ExportKind(carried["what"])
        paper = Paper(carried["paper"]) if what is ExportKind.PAPER else None
        order = ExportOrder(
            what=what,
            asker=reader.id,
            form=carried["form"],
            language=reader.t.locale,
            case_id=carried.get("case"),
            paper=paper,
            first=carried.get("first"),
            last=carried.get("last"),
            customer=carried.get("customer"),
            product=carried.get("product"),
            version=carried.get("version"),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Refused(Problem(no.NotOffered())) from None
    return order.makeable()


def _carried(body: Mapping[str, Any]) -> dict[str, Any]:
    try:
        carried: dict[str, Any] = json.loads(body["actions"][0]["value"])
        return carried
    except (KeyError, TypeError, ValueError):
        raise Refused(Problem(no.NotOffered())) from None
