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
    """All user groups."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._groups: dict[str, UserGroup] = {}

    def add(self, group: UserGroup) -> UserGroup:
        """Add a user group, or replace the one with the same id."""
        with self._pulse.change():
            self._groups[group.id] = group
            return group

    def find(self, group_id: str) -> UserGroup | None:
        """Return the user group with this id, or None."""
        return self._groups.get(group_id)

    def all(self) -> list[UserGroup]:
        """Return every user group, in the order in which they were added."""
        return list(self._groups.values())
