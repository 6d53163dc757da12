"""The App Home, published anew each time somebody opens it."""

from typing import Any

import structlog
from slack_bolt import App
from slack_sdk.errors import SlackClientError

from bot.casework import vacant_roles
from bot.casework.reading import cases
from bot.slack.listener_context import ListenerContext, ack_at_once
from bot.slack.listeners.report import ReportForm
from bot.slack.views.desk import home as views
from bot.workflow.membership import Membership
from storage.database import Unavailable

log = structlog.get_logger(__name__)


class Home:
    """Listeners of the App Home."""

    def __init__(self, context: ListenerContext, reporting: ReportForm) -> None:
        self._context = context
        self._reporting = reporting

    def register(self, app: App) -> None:
        """Register these listeners with the Bolt app."""
        app.event("app_home_opened")(ack=ack_at_once, lazy=[self.publish_opened])
        app.action(views.REPORT)(ack=ack_at_once, lazy=[self._reporting.open])

    def publish_opened(self, event: dict[str, Any]) -> None:
        """Publish the Home tab of the person who opened it."""
        if event.get("tab") == "home":
            self.publish(str(event["user"]))

    def publish(self, person: str) -> None:
        """Publish the Home tab of a person. A failure is logged; the next opening tries again.

        Outsiders see their own reports only (process.md §6 R10).
        """
        context = self._context
        try:
            reader, now = context.identity.sender(person), context.clock.now()
            if reader.membership is Membership.REFUSED:
                return
            with context.database.read() as session:
                company = context.company.of(session)
                queue, mine, vacant = (
                    cases.queue(session, person, company, now),
                    cases.mine(session, person, company, now),
                    vacant_roles.shown_to(session, person, company, now),
                )
            context.client.views_publish(user_id=person, view=views.home(queue, mine, reader.t, vacant))
        except (SlackClientError, OSError, Unavailable) as error:
            log.warning("home.not_published", error=type(error).__name__)
