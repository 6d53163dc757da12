"""The origins of roles: the settings, which give them to persons, and user groups, which give them to their members."""

from collections.abc import Iterable

from sqlmodel import Session, col, delete, select

from storage.tables import RoleGrant

#: The origin of the roles that the settings give to persons.
SETTINGS = "settings"
_GROUP = "group:"


def origin_of(group: str) -> str:
    """Return the origin of the roles that a user group gives to its members."""
    return f"{_GROUP}{group}"


def members_of(session: Session, group: str) -> list[str]:
    """Return who holds a role as a member of this user group, in order."""
    query = select(RoleGrant.person_id).where(col(RoleGrant.origin) == origin_of(group)).distinct()
    return sorted(session.exec(query))


def forget_groups(session: Session, keep: Iterable[str]) -> None:
    """Delete the roles that other user groups than these give."""
    kept = sorted(map(origin_of, keep))
    of_groups = col(RoleGrant.origin).startswith(_GROUP), col(RoleGrant.origin).not_in(kept)
    session.exec(delete(RoleGrant).where(*of_groups).execution_options(synchronize_session=False))
