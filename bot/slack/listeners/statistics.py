"""`/fault stats` (process.md §5) and the cases behind its numbers.

The answers follow the acknowledgement, because the figures of a year with many cases take seconds.
"""

import json
from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App

from bot.casework.records import export_orders
from bot.casework.records.export_orders import FORMS, Order, What
from bot.casework.statistics import query
from bot.casework.statistics.measures import CODES, behind, statistics
from bot.casework.statistics.query import Unclear
from bot.slack.identity import Reader
from bot.slack.listener_context import Face, answering, reader_of, taken
from bot.slack.views.desk import statistics as views
from bot.slack.views.desk.export import ordered
from bot.slack.views.desk.statistics import Number
from bot.slack.views.message import Message
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused


class Statistics:
    """Listeners of the statistics controls, for the people who hold a role."""

    def __init__(self, face: Face) -> None:
        self._face = face

    def register(self, app: App) -> None:
        """Register these listeners with the Bolt app."""
        app.action(views.CASES)(ack=taken, lazy=[self.show_cases])
        app.action(views.MORE)(ack=taken, lazy=[self.show_cases])
        app.action(views.CHARTS)(self.order_charts)

    def answer(self, words: str, body: Mapping[str, Any]) -> None:
        """Answer with the measures of the period, customer and product that the words after `stats` name."""
        face = self._face
        with answering(face, body):
            reader = reader_of(face, body)
            face.responder.respond(body["response_url"], self._overview(words, reader))

    def show_cases(self, body: dict[str, Any]) -> None:
        """Show the first or the next cases behind the chosen number, in their present state."""
        face = self._face
        with answering(face, body):
            reader = reader_of(face, body)
            key, first, asked = _chosen(body["actions"][0])
            face.responder.respond(body["response_url"], self._cases(key, first, asked, reader))

    def order_charts(self, ack: Ack, body: dict[str, Any]) -> None:
        """Order the same statistics as charts, which arrive in a direct message."""
        face, now = self._face, self._face.clock.now()
        with answering(face, body):
            reader = reader_of(face, body)
            carried, what = _carried(body["actions"][0]), What.CHARTS
            with face.database.write() as session:
                asked = query.restored(session, carried, face.office)
                order = Order(
                    what=what,
                    asker=reader.id,
                    form=FORMS[what][0],
                    language=reader.t.locale,
                    first=asked.period.first,
                    last=asked.period.last,
                    customer=asked.customer,
                    product=asked.product,
                )
                export_orders.place(session, order, f"action:{body['trigger_id']}", face.office, now)
            face.responder.respond(body["response_url"], ordered(order, reader.t, shared=False))
        ack()

    def _overview(self, words: str, reader: Reader) -> Message:
        face, now = self._face, self._face.clock.now()
        with face.database.read() as session:
            query.allow(session, reader.id, face.office, now)
            asked = query.read(session, words, face.office, now)
            if isinstance(asked, Unclear):
                return views.unclear(asked, reader.t)
            found, carried = statistics(session, asked, face.office, now), query.carried(session, asked)
        return views.overview(asked, found, carried, reader.t, now)

    def _cases(self, key: str, first: int, carried: Mapping[str, Any], reader: Reader) -> Message:
        face, now = self._face, self._face.clock.now()
        with face.database.read() as session:
            query.allow(session, reader.id, face.office, now)
            asked = query.restored(session, carried, face.office)
            code, name = key.split(":")[:2]
            measures = statistics(session, asked, face.office, now, code)
            figure = [measure for measure in measures if (measure.name or "") == name]
            number = _number(key, list(views.numbers(figure)))
            if number is None:
                raise Refused(Problem(no.NotOffered()))
            ids = behind(session, asked, number.measure, number.side, now)[::-1]
            shown = query.lines(session, ids[first : first + views.PAGE], now)
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
