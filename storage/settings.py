"""The settings of the company as they are stored, their version, and their history among the entries of the desk."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, true, update
from sqlmodel import Session, col, delete, select

from storage import desk_history, epochs, stored_rows
from storage.concurrent_insert import one_at_a_time
from storage.documents import parsed
from storage.tables import DeskEntry, Epoch, StoredSetting
from storage.vocabulary import DeskEvent


class By(NamedTuple):
    """Who changes a setting, by Slack id, and why; nobody stands for the environment."""

    person: str = ""
    reason: str = ""


class Value(NamedTuple):
    """The text of a setting, and whether the environment fixes it."""

    text: str
    fixed: bool = False


_NEWEST_EPOCH = select(func.max(Epoch.number)).scalar_subquery()
_STORED: Any = select(Epoch.settings_version, StoredSetting.name, StoredSetting.value, StoredSetting.fixed)
_STORED = (
    _STORED.where(Epoch.number == _NEWEST_EPOCH).outerjoin(StoredSetting, true()).order_by(col(StoredSetting.name))
)


def version(session: Session) -> str:
    """Return the version of the settings with which this transaction began.

    It is the hash of the entry of the desk that changed one last, which tells one state of all settings from every
    other: a number is given again after a restore, a failover, or a change that was rolled back.
    """
    return epochs.mark(session).settings_version


def with_version(session: Session) -> tuple[str, dict[str, Value]]:
    """Return what `stored` does, with its version, which may have moved since the transaction began."""
    found = session.exec(_STORED).all()
    return found[0][0], {name: Value(text, fixed) for _version, name, text, fixed in found if name is not None}


def stored(session: Session) -> dict[str, Value]:
    """Return the settings that have another value than their default, by name."""
    _version, found = with_version(session)
    return found


def hold(session: Session) -> dict[str, Value]:
    """Return what is stored, and let no other transaction change a setting until this one ends."""
    one_at_a_time(session.connection(), "company_settings")
    return stored(session)


def change(session: Session, name: str, before: Value | None, after: Value | None, by: By, now: datetime) -> None:
    """Store the value of a setting, and write the change to the history of the desk. None stands for the default.

    `before` is what `hold` returned in this transaction. `now` is aware UTC.
    """
    data = {
        "setting": name,
        "from": before and before.text,
        "to": after and after.text,
        "fixed": bool(after and after.fixed),
        **({"reason": by.reason} if by.reason else {}),
    }
    session.exec(delete(StoredSetting).where(col(StoredSetting.name) == name))
    if after:
        session.add(StoredSetting(name=name, value=after.text, fixed=after.fixed))
    entry = desk_history.append(session, DeskEvent.SETTING_CHANGED, by.person, data, now)
    moved = update(Epoch).where(col(Epoch.number) == _NEWEST_EPOCH).values(settings_version=entry.hash)
    session.exec(moved.execution_options(synchronize_session=False))


# What the history tells


class Change(NamedTuple):
    """A change of a setting as the history tells it. None stands for the default; `at` is aware UTC.

    `version` is that of the settings which it makes.
    """

    entry: int
    version: str
    at: datetime
    name: str
    before: str | None
    after: Value | None
    by: By


def history(session: Session) -> list[Change]:
    """Return all changes, oldest first. An entry that was made unreadable changes nothing."""
    entries = desk_history.entries(session, [DeskEvent.SETTING_CHANGED])
    return [change for entry in entries if (change := _change(entry))]


def _change(entry: DeskEntry) -> Change | None:
    said: dict[str, Any] = parsed(entry.data) or {}
    name, before, text = said.get("setting"), said.get("from"), said.get("to")
    if not isinstance(name, str) or not isinstance(text, str | None) or not isinstance(before, str | None):
        return None
    after = None if text is None else Value(text, bool(said.get("fixed")))
    return Change(
        entry.seq, entry.hash, entry.at, name, before, after, By(entry.person_id, str(said.get("reason") or ""))
    )


def folded(changes: Iterable[Change]) -> dict[str, Value]:
    """Return the settings that these changes give, oldest first."""
    found: dict[str, Value] = {}
    for change in changes:
        if change.after is None:
            found.pop(change.name, None)
        else:
            found[change.name] = change.after
    return found


def wrongly_stored(session: Session) -> list[str]:
    """Return the names of the settings that are not stored as the history tells, in order."""
    told = folded(history(session))
    there: dict[Any, Value] = {
        row.name: Value(row.value, row.fixed) for row in stored_rows.read(session, StoredSetting)
    }
    return sorted(str(name) for name in {*told, *there} if told.get(name) != there.get(name))


def is_wrong_version(session: Session) -> bool:
    """Return whether the version is not that of the last change, so that processes miss it."""
    changes = history(session)
    return version(session) != (changes[-1].version if changes else "")
