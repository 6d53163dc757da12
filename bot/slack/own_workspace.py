"""Our own workspace and app: asked of Slack, kept in the database, compared with each request (slack-2026.md §7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.clock import Clock
from storage import own_workspace, people
from storage.database import Database

log = structlog.get_logger(__name__)


class Mismatch(StrEnum):
    """Why a request is not for us. The codes are labels of the metric of refused requests."""

    OTHER_WORKSPACE = "other_workspace"
    OTHER_APP = "other_app"
    #: It names no workspace at all, which Slack never does.
    NO_WORKSPACE = "no_workspace"


@dataclass(frozen=True, slots=True)
class OwnIds:
    """The ids of our own workspace. `enterprise` and `app` are None where Slack reports none."""

    team: str
    enterprise: str | None
    app: str | None


class OwnWorkspaceCheck:
    """Learns our own workspace and app from Slack, and compares requests with them.

    Nothing is refused before Slack has reported the workspace, nor for the app before Slack has reported the app.
    """

    def __init__(self, database: Database, client: WebClient, clock: Clock) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        self._known: OwnIds | None = None

    def learn(self, answer: Mapping[str, Any]) -> None:
        """Store what an answer of `auth.test` says. Raises `Unavailable` if the database cannot be written."""
        team, enterprise = answer.get("team_id"), answer.get("enterprise_id")
        if not team:
            return
        app, bot_user = answer.get("app_id") or self._app(answer.get("bot_id")), answer.get("user_id")
        with self._database.write() as session:
            own_workspace.keep(session, str(team), enterprise or None, app, self._clock.now())
            if bot_user:
                people.keep_bot(session, str(bot_user))
        self._known = None

    def _app(self, bot: str | None) -> str | None:
        """Return the id of the app of a bot; None if Slack does not report it."""
        try:
            return str(self._client.bots_info(bot=bot)["bot"]["app_id"]) if bot else None
        except (SlackClientError, OSError, KeyError, TypeError) as error:
            log.warning("app.not_reported", error=type(error).__name__)
            return None

    def mismatch(self, body: Mapping[str, Any]) -> Mismatch | None:
        """Return why a request is not for us; None if it is, or if ours is not known yet.

        Compared are the workspace that the request is for, and the app; never the workspace of its sender. Raises
        `Unavailable` if the database cannot be read.
        """
        own = self._own()
        if own is None:
            return None
        team, enterprise = _team(body), _enterprise(body)
        if team is None and enterprise is None:
            return Mismatch.NO_WORKSPACE
        if (team != own.team) if team else (enterprise != own.enterprise):
            return Mismatch.OTHER_WORKSPACE
        if own.app and body.get("api_app_id") != own.app:
            return Mismatch.OTHER_APP
        return None

    def _own(self) -> OwnIds | None:
        """Return our own ids. They are read from the database until they are complete, because Slack may report the
        app later, to another process.
        """
        if self._known is None:
            with self._database.read() as session:
                row = own_workspace.find(session)
                found = OwnIds(row.team_id, row.enterprise_id, row.app_id) if row else None
            if found is None or found.app is None:
                return found
            self._known = found
        return self._known


def _team(body: Mapping[str, Any]) -> str | None:
    """Return the workspace that a request is for: `team_id` of commands and events, `team.id` of interactions."""
    team = body.get("team")
    found = team.get("id") if isinstance(team, Mapping) else body.get("team_id")
    return str(found) if found else None


def _enterprise(body: Mapping[str, Any]) -> str | None:
    enterprise = body.get("enterprise")
    found = enterprise.get("id") if isinstance(enterprise, Mapping) else body.get("enterprise_id")
    return str(found) if found else None
