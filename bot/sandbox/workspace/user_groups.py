"""The user groups of the workspace."""

from dataclasses import dataclass, replace
from typing import Any

from bot.sandbox.shared_state import SharedState


@dataclass(frozen=True)
class UserGroup:
    """A user group, mentioned as `<!subteam^S…>`. A `disabled` one keeps its members."""

    id: str
    handle: str
    users: tuple[str, ...]
    disabled: bool = False


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

    def change(self, group_id: str, **changes: Any) -> UserGroup:
        """Replace fields of a user group, such as `disabled=True`."""
        return self.add(replace(self._groups[group_id], **changes))

    def find(self, group_id: str) -> UserGroup | None:
        """Return the user group with this id, or None."""
        return self._groups.get(group_id)

    def all(self) -> list[UserGroup]:
        """Return every user group, in the order in which they were added."""
        return list(self._groups.values())
