"""The people and bots of the workspace."""

from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.errors import NotThere
from bot.sandbox.shared_state import Json, SharedState

TEAM_ID = "T0SANDBOX"
OTHER_TEAM_ID = "T0ELSEWHERE"


@dataclass(frozen=True)
class User:
    """One person or bot.

    Somebody with a `team` belongs to another workspace, of our organization if the `enterprise` is ours. A `stranger`
    belongs to another company and shares no channel with the bot; only mentions show such people.
    """

    id: str
    name: str
    real_name: str = ""
    display_name: str = ""
    title: str = ""
    tz: str = "UTC"
    locale: str = "en-US"
    email: str = ""
    is_bot: bool = False
    is_admin: bool = False
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    stranger: bool = False
    bot_id: str = ""
    team: str = ""
    enterprise: str = ""

    @property
    def shown(self) -> str:
        """The name that other people see."""
        return self.display_name or self.real_name or self.name

    @property
    def zone(self) -> ZoneInfo:
        """The person's time zone."""
        return ZoneInfo(self.tz)

    @property
    def team_id(self) -> str:
        """The id of the workspace that the person belongs to."""
        return self.team or (OTHER_TEAM_ID if self.stranger else TEAM_ID)

    @property
    def foreign(self) -> bool:
        """Whether the person belongs to another workspace."""
        return self.team_id != TEAM_ID

    def to_payload(self, offset_seconds: int, with_locale: bool, with_email: bool) -> Json:
        """Return the `user` object of users.info; `offset_seconds` is the person's current offset from UTC."""
        profile = {"real_name": self.real_name, "display_name": self.display_name, "team": self.team_id}
        payload: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": offset_seconds,
            "is_bot": self.is_bot,
            "is_admin": self.is_admin,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_stranger": self.stranger,
            "profile": profile | ({"email": self.email} if with_email and self.email else {}),
        }
        if self.enterprise:
            payload["enterprise_user"] = {"enterprise_id": self.enterprise, "teams": [self.team_id]}
        return payload | ({"locale": self.locale} if with_locale and not self.foreign else {})


class Users:
    """All people and bots of the workspace."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._users: dict[str, User] = {}

    def add(self, user: User) -> User:
        """Add a person, or replace the one with the same id."""
        with self._state.change():
            self._users[user.id] = user
            return user

    def change(self, user_id: str, **changes: Any) -> User:
        """Replace fields of a person, such as `deleted=True`, `tz` or `name`."""
        return self.add(replace(self.known(user_id), **changes))

    def find(self, user_id: str) -> User | None:
        """Return the person with this id, or None."""
        return self._users.get(user_id)

    def known(self, user_id: str) -> User:
        """Return the person with this id.

        Raises:
            NotThere: there is none.
        """
        if user := self.find(user_id):
            return user
        raise NotThere(f"nobody is {user_id}; there are {', '.join(self._users)}")

    def by_email(self, email: str) -> User | None:
        """Return the active person with this email address, or None."""
        return next((u for u in self.all() if email and u.email == email and not u.deleted), None)

    def by_name(self, name: str) -> User | None:
        """Return the person with this user name or display name, or None."""
        return next((u for u in self.all() if name in (u.name, u.display_name)), None)

    def all(self) -> list[User]:
        """Return everyone, in the order in which they were added."""
        return list(self._users.values())
