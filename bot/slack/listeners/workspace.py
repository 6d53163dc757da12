"""What happens in the workspace itself: people come, change and leave; groups change; the app is removed."""

from typing import Any

import structlog
from slack_bolt import App
from slack_sdk.errors import SlackClientError

from bot.slack.listener_context import Face, taken
from storage.database import Unavailable

log = structlog.get_logger(__name__)


class WorkspaceEvents:
    """Listeners of events; Bolt acknowledges them."""

    def __init__(self, face: Face) -> None:
        self._face = face

    def register(self, app: App) -> None:
        """Put these listeners into the app."""
        app.event("user_change")(self.person_changed)
        app.event("team_join")(self.person_changed)
        app.event("subteam_members_changed")(ack=taken, lazy=[self.group_changed])
        app.event("app_uninstalled")(self.access_lost)
        app.event("tokens_revoked")(self.access_lost)

    def person_changed(self, event: dict[str, Any]) -> None:
        """Language, time zone or name may be new, or the person has left."""
        self._face.identity.keep([event["user"]])

    def group_changed(self, event: dict[str, Any]) -> None:
        """The roles of a user group follow its members. If Slack does not tell them now, the hourly look does."""
        try:
            self._face.identity.refresh_group(event["subteam_id"])
        except (SlackClientError, OSError, Unavailable) as error:
            log.warning("group.not_refreshed", error=type(error).__name__)

    def access_lost(self, event: dict[str, Any]) -> None:
        """Only an operator can give access back."""
        self._face.health.slack(event["type"])
        log.error("slack.access_lost", event_type=event["type"])
