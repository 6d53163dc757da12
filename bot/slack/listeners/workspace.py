"""Workspace events: people, user groups and channels change, the app loses its access, or Slack drops events."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from slack_bolt import App
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError

from bot.casework import lost_events
from bot.health import DESK_CHANNEL
from bot.slack.desk_channel import moved
from bot.slack.failures import CHANNEL_GONE
from bot.slack.listener_context import EVENTS_DROPPED, ListenerContext, ack_at_once
from storage import channel_moves, dead_letters
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
        app.event("channel_id_changed")(self.channel_moved)
        app.use(self.events_dropped)
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

    def channel_moved(self, event: dict[str, Any]) -> None:
        """Store the new id of a channel, and send again what Slack refused because the old one is gone.

        Raises `Unavailable`.
        """
        context = self._context
        old, new = str(event["old_channel_id"]), str(event["new_channel_id"])
        with context.database.write() as session:
            channel_moves.follow(session, old, new, datetime.fromtimestamp(float(event["event_ts"]), UTC))
            for reason in CHANNEL_GONE:
                dead_letters.send_again(session, reason, old)
            set_desk = context.company.of(session).desk_channel
            desk = channel_moves.current(session, set_desk)
        log.warning("channel.moved", old=old, new=new)
        if desk != set_desk:
            context.health.finding(DESK_CHANNEL, moved(desk))

    def events_dropped(self, body: dict[str, Any], next: Callable[[], None]) -> BoltResponse | None:
        """Tell the admins that Slack dropped events, which it says in a request that is no event itself.

        Raises `Unavailable`.
        """
        if body.get("type") != EVENTS_DROPPED:
            next()
            return None
        context, minute = self._context, int(body["minute_rate_limited"])
        with context.database.write() as session:
            is_new = lost_events.tell(session, minute, context.company.of(session), context.clock.now())
        if is_new:
            log.error("slack.events_dropped", minute=minute)
        return BoltResponse(status=200)

    def access_lost(self, event: dict[str, Any]) -> None:
        """Report the lost access in the health report and the log: only an operator can restore it."""
        self._context.health.slack(event["type"])
        log.error("slack.access_lost", event_type=event["type"])
