"""The user groups of the workspace."""

from dataclasses import dataclass

from bot.sandbox.shared_state import Pulse


@dataclass(frozen=True)
class UserGroup:
    """A user group, mentioned as `<!subteam^S…>`."""

    id: str
    handle: str
    users: tuple[str, ...]


class UserGroups:
    """Every user group."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._groups: dict[str, UserGroup] = {}

    def add(self, group: UserGroup) -> UserGroup:
        """Put a user group into the workspace, or replace the one of this id."""
        with self._pulse.change():
            self._groups[group.id] = group
            return group

    def find(self, group_id: str) -> UserGroup | None:
        """Return the user group of this id, if there is one."""
        return self._groups.get(group_id)

    def all(self) -> list[UserGroup]:
        """Return every user group, in the order they came."""
        return list(self._groups.values())
