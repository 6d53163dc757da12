"""Listeners of the monthly statistics report (process.md §4, T08): comment and issue it, or write a new version."""

import json
from typing import Any

import structlog
from slack_bolt import Ack, App

from bot.casework.records import checkpoints
from bot.casework.statistics import monthly_report
from bot.slack.identity import Reader
from bot.slack.listener_context import ListenerContext, ack_at_once, keeping_changes, problems_of, reporting_errors
from bot.slack.listeners.steps import errors_of
from bot.slack.views.desk import statistics_report as views
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused

log = structlog.get_logger(__name__)


class MonthlyReports:
    """Listeners of the report buttons, for the people who issue reports."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: App) -> None:
        """Register these listeners with the Bolt app."""
        app.action(views.ISSUE)(ack=ack_at_once, lazy=[self.open])
        app.action(views.REDRAW)(self.redraw)
        app.view(views.ISSUE)(self.issue)

    def open(self, body: dict[str, Any], reader: Reader) -> None:
        """Open the form that asks for the comment."""
        context = self._context
        with reporting_errors(context, body, reader):
            report = report_of(body["actions"][0].get("value"))
            with context.database.read() as session:
                card = monthly_report.ready(
                    session, report, reader.id, context.company.of(session), context.clock.now()
                )
            context.client.views_open(trigger_id=body["trigger_id"], view=views.issue_form(card, reader.t))

    def redraw(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Write the next version of the report, with the current figures, as a draft."""
        context, person, now = self._context, reader.id, self._context.clock.now()
        with reporting_errors(context, body, reader):
            report, delivery = report_of(body["actions"][0].get("value")), f"action:{body['trigger_id']}"
            with context.database.read() as session:
                drawn = monthly_report.figures_again(session, report, person, context.company.of(session), now)
            with context.database.write() as session:
                monthly_report.redraw(session, report, drawn, person, delivery, context.company.of(session), now)
            log.info("report.drawn_anew", by=person, report=report)
        ack()

    def issue(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Issue the version with the submitted comment. A problem is shown at the comment field."""
        context, person, view = self._context, reader.id, body["view"]
        try:
            report = report_of(view["private_metadata"])
            comment, delivery = _comment_in(view), f"view:{view['id']}"
            answers = {monthly_report.COMMENT: comment}
            with keeping_changes(context, person, views.ISSUE, None, answers), context.database.write() as session:
                company = context.company.of(session)
                monthly_report.issue(session, report, comment, person, delivery, company, context.clock.now())
                checkpoints.write_now(session, company, context.clock.now())
        except Exception as error:  # noqa: BLE001 - last resort: every error is shown as a text or a reference
            ack(
                response_action="errors",
                errors=errors_of(problems_of(error, context.health), view, reader.t),
            )
            return
        log.info("report.issued", by=person, report=report)
        ack()


def report_of(carried: Any) -> int:
    """Return the report id in a button's value or a form's metadata. Raises `Refused` if it is invalid."""
    try:
        report = int(json.loads(carried)["report"])
    except (KeyError, TypeError, ValueError):
        raise Refused(Problem(no.NotOffered())) from None
    if not 0 < report < 2**31:
        raise Refused(Problem(no.NotOffered()))
    return report


def _comment_in(view: dict[str, Any]) -> str:
    held: dict[str, Any] = view["state"]["values"].get(monthly_report.COMMENT, {})
    return next((str(element.get("value") or "") for element in held.values()), "")
