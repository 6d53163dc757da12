"""`/fault stats` (process.md §5) and the cases behind its numbers.

The answers follow the acknowledgement, because the figures of a year with many cases take seconds.
"""

import json
from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App

from bot.casework.records import export_orders
from bot.casework.records.export_orders import FORMS, ExportKind, ExportOrder
from bot.casework.statistics import query
from bot.casework.statistics.measures import CODES, behind, statistics
from bot.casework.statistics.query import UnclearQuery
from bot.slack.command_words import ParsedCommand
from bot.slack.identity import Reader
from bot.slack.listener_context import ListenerContext, ack_at_once, reporting_errors
from bot.slack.listeners.not_understood import NotUnderstood
from bot.slack.views.desk import statistics as views
from bot.slack.views.desk.export import ordered
from bot.slack.views.desk.statistics import Number
from bot.slack.views.message import Message
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused


class Statistics:
    """Listeners of the statistics controls, for the people who hold a role."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: App) -> None:
        """Register these listeners with the Bolt app."""
        app.action(views.CASES)(ack=ack_at_once, lazy=[self.show_cases])
        app.action(views.MORE)(ack=ack_at_once, lazy=[self.show_cases])
        app.action(views.CHARTS)(self.order_charts)

    def show_cases(self, body: dict[str, Any], reader: Reader) -> None:
        """Show the first or the next cases behind the chosen number, in their present state."""
        context = self._context
        with reporting_errors(context, body, reader):
            key, first, asked = _chosen(body["actions"][0])
            context.responder.respond(body["response_url"], self._cases(key, first, asked, reader))

    def order_charts(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Order the same statistics as charts, which arrive in a direct message."""
        context, now = self._context, self._context.clock.now()
        with reporting_errors(context, body, reader):
            carried, what = _carried(body["actions"][0]), ExportKind.CHARTS
            with context.database.write() as session:
                company = context.company.of(session)
                query.allow(session, reader.id, company, now)
                asked = query.from_json(session, carried, company)
                order = ExportOrder(
                    what=what,
                    asker=reader.id,
                    form=FORMS[what][0],
                    language=reader.t.locale,
                    first=asked.period.first,
                    last=asked.period.last,
                    customer=asked.customer,
                    product=asked.product,
                )
                export_orders.place_order(session, order, f"action:{body['trigger_id']}", company, now)
            context.responder.respond(body["response_url"], ordered(order, reader.t, shared=False))
        ack()

    def answer(self, asked_for: ParsedCommand, reader: Reader) -> Message:
        """Return the measures of the period, customer and product that the words after `stats` name.

        Raises `NotUnderstood`, and `Refused` if the person may not read statistics.
        """
        context, now = self._context, self._context.clock.now()
        with context.database.read() as session:
            company = context.company.of(session)
            query.allow(session, reader.id, company, now)
            asked = query.read(session, asked_for.rest, company, now)
            if isinstance(asked, UnclearQuery):
                raise NotUnderstood(views.unclear(asked, reader.t))
            found, carried = statistics(session, asked, company, now), query.to_json(session, asked)
        return views.overview(asked, found, carried, reader.t, now)

    def _cases(self, key: str, first: int, carried: Mapping[str, Any], reader: Reader) -> Message:
        context, now = self._context, self._context.clock.now()
        with context.database.read() as session:
            company = context.company.of(session)
            query.allow(session, reader.id, company, now)
            asked = query.from_json(session, carried, company)
            code, name = key.split(":")[:2]
            measures = statistics(session, asked, company, now, code)
            figure = [measure for measure in measures if (measure.name or "") == name]
            number = _number(key, list(views.numbers(figure)))
            if number is None:
                raise Refused(Problem(no.NotOffered()))
            ids = behind(session, asked, number.measure, number.side, company, now)[::-1]
            shown = query.lines(session, ids[first : first + views.PAGE_SIZE], company.policy, now)
        return views.cases_behind(number, figure, shown, (first, len(ids)), carried, reader.t)


def _number(key: str, offered: list[Number]) -> Number | None:
    """Return the number with this key, or the largest numerator if the key names a whole figure."""
    if key.count(":") > 1:
        return next((number for number in offered if number.key == key), None)
    return max(offered, key=lambda number: number.measure.numerator or 0, default=None)


def _chosen(action: Mapping[str, Any]) -> tuple[str, int, dict[str, Any]]:
    """Parse a menu or button: the number's key, the index of the first case, and the question asked.

    Raises `Refused` if it is invalid.
    """
    try:
        if option := action.get("selected_option"):
            key, first = str(option["value"]), 0
        else:
            carried = json.loads(action["value"])
            key, first = str(carried["key"]), int(carried["first"])
        if key.split(":")[0] not in CODES or key.count(":") not in (1, 3) or first < 0:
            raise ValueError(key)
    except (KeyError, TypeError, ValueError):
        raise Refused(Problem(no.NotOffered())) from None
    return key, first, _carried(action)


def _carried(action: Mapping[str, Any]) -> dict[str, Any]:
    """Parse the question that the controls' `block_id` carries. Raises `Refused` if it is invalid."""
    try:
        carried: dict[str, Any] = dict(json.loads(action["block_id"]))
    except (KeyError, TypeError, ValueError):
        raise Refused(Problem(no.NotOffered())) from None
    return carried
