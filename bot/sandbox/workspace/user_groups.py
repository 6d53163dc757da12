"""The user groups of the workspace."""

from dataclasses import dataclass

from bot.sandbox.shared_state import SharedState


@dataclass(frozen=True)
class UserGroup:
    """A user group, mentioned as `<!subteam^S…>`."""

    id: str
    handle: str
    users: tuple[str, ...]


class UserGroups:
    """All user groups."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._groups: dict[str, UserGroup] = {}

    def add(self, group: UserGroup) -> UserGroup:
        """Add a user group, or replace the one with the same id."""
        with self._state.change():
            self._groups[group.id] = group
            return group

    def find(self, group_id: str) -> UserGroup | None:
        """Return the user group with this id, or None."""
        return self._groups.get(group_id)

    def all(self) -> list[UserGroup]:
        """Return every user group, in the order in which they were added."""
        return list(self._groups.values())
