"""Workspace events: people join, change or leave, user groups change, the app loses its access."""

from typing import Any

import structlog
from slack_bolt import App
from slack_sdk.errors import SlackClientError

from bot.slack.listener_context import ListenerContext, ack_at_once
from storage.database import Unavailable

log = structlog.get_logger(__name__)


class WorkspaceEvents:
    """Listeners of workspace events."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: App) -> None:
        """Register these listeners with the Bolt app."""
        app.event("user_change")(self.person_changed)
        app.event("team_join")(self.person_changed)
        app.event("subteam_members_changed")(ack=ack_at_once, lazy=[self.group_changed])
        app.event("app_uninstalled")(self.access_lost)
        app.event("tokens_revoked")(self.access_lost)

    def person_changed(self, event: dict[str, Any]) -> None:
        """Store a new or changed person: name, language, time zone, and whether they have left."""
        self._context.identity.keep([event["user"]])

    def group_changed(self, event: dict[str, Any]) -> None:
        """Update the roles of a user group's members. If that fails, the hourly refresh does it later."""
        try:
            self._context.identity.refresh_group(event["subteam_id"])
        except (SlackClientError, OSError, Unavailable) as error:
            log.warning("group.not_refreshed", error=type(error).__name__)

    def access_lost(self, event: dict[str, Any]) -> None:
        """Report the lost access in the health report and the log: only an operator can restore it."""
        self._context.health.slack(event["type"])
        log.error("slack.access_lost", event_type=event["type"])
