"""Values about people outside the center. Histories and records hold only their salted hashes.

A hash proves that a value is the one that was written, and tells nothing once salt and value are erased.
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from storage.dialects import listed
from storage.documents import canonical, hash_of, parsed
from storage.tables import Personal

#: Built once, because every card of a case reads it.
_VALUES = select(Personal.hash, Personal.value).where(Personal.case_id == bindparam("case"))
#: The only key of a reference, which stands for a value in JSON data. What it holds is the hash.
KEY = "personal"
#: The values of one case by hash.
Values: TypeAlias = Mapping[str, str]
_SALT_BYTES = 16
_HASH = "[0-9a-f]{64}"
_REFERENCE = re.compile(rf'"{KEY}":"({_HASH})"')


def hash_with(salt: str, value: str) -> str:
    """Return the hash that stands for a value."""
    return hash_of(canonical({"salt": salt, "value": value}))


def is_hash(text: str) -> bool:
    """Return whether a text has the form of a hash."""
    return re.fullmatch(_HASH, text) is not None


def reference_to(digest: str) -> dict[str, str]:
    """Return the reference to a value, by its hash."""
    return {KEY: digest}


def hash_in(value: Any) -> str | None:
    """Return the hash of a reference; None for any other JSON value."""
    found = value[KEY] if isinstance(value, dict) and value.keys() == {KEY} else None
    return found if isinstance(found, str) else None


def bound_in(texts: Iterable[Any]) -> set[str]:
    """Return the hashes of all references in these JSON texts. One that is no text has none."""
    return {digest for text in texts if isinstance(text, str) for digest in _REFERENCE.findall(text)}


class PersonalValues:
    """The values of one case, to which a step adds. They are read when the first one is added.

    A case that is new has none yet.
    """

    def __init__(self, session: Session, case_id: int, *, is_new: bool = False) -> None:
        self._session = session
        self._case_id = case_id
        self._hashes: dict[str, str] | None = {} if is_new else None

    def reference(self, value: str) -> dict[str, str]:
        """Return the reference to a value, which is added unless the case has it."""
        if self._hashes is None:
            self._hashes = hashes(rows(self._session, self._case_id))
        if value not in self._hashes:
            salt = secrets.token_hex(_SALT_BYTES)
            row = Personal(case_id=self._case_id, hash=hash_with(salt, value), salt=salt, value=value)
            self._session.add(row)
            self._hashes[value] = row.hash
        return reference_to(self._hashes[value])

    def hidden(self, content: Mapping[str, Any], codes: Iterable[str]) -> dict[str, Any]:
        """Return the content with references in the place of the texts under these codes."""
        found = {code: content[code] for code in codes if isinstance(content.get(code), str) and content[code]}
        return {**content, **{code: self.reference(value) for code, value in found.items()}}


def rows(session: Session, case_id: int) -> list[Personal]:
    """Return the values of a case, ordered by hash."""
    return list(session.exec(select(Personal).where(Personal.case_id == case_id).order_by(col(Personal.hash))))


def hashes(found: Iterable[Personal]) -> dict[str, str]:
    """Return the hash of each value."""
    return {row.value: row.hash for row in found}


def values_of(session: Session, case_id: int, *texts: str | None) -> Values:
    """Return the values of a case; none, without a query, if no text contains a reference."""
    if not any(text and f'"{KEY}":' in text for text in texts):
        return {}
    return {row.hash: row.value for row in session.connection().execute(_VALUES, {"case": case_id})}


def values_of_several(session: Session, case_ids: Iterable[int]) -> Values:
    """Return the values of these cases. No two cases have the same hash, because each value has a salt of its own."""
    query = select(Personal.hash, Personal.value).where(col(Personal.case_id).in_(listed(case_ids)))
    return dict(session.exec(query).all())


def value_of(stored: Any, values: Values) -> Any:
    """Return a value of JSON data. For a reference it is the one that it stands for, None if that is gone."""
    digest = hash_in(stored)
    return stored if digest is None else values.get(digest)


def as_text(value: Any) -> str | None:
    """Return a text, or a reference as text for a column; None for None."""
    return canonical(value) if isinstance(value, dict) else value


def of_text(text: str | None, values: Values) -> str | None:
    """Return what a text made by `as_text` stands for; None if that is gone."""
    reference = parsed(text) if text and text.startswith(f'{{"{KEY}":') else None
    found: str | None = value_of(text if reference is None else reference, values)
    return found


def resolved(content: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """Return the content with each reference replaced by its value; without the references whose value is gone."""
    told = {code: (hash_in(value), value) for code, value in content.items()}
    return {
        code: value if digest is None else values[digest]
        for code, (digest, value) in told.items()
        if digest is None or digest in values
    }
