"""Adopts cases: writes for each an entry that holds it as it is, so that later changes are recorded from there on.

A migration that fills in a new column of cases adopts them anew. Tables are read as they are at that migration, so
nothing here depends on their present columns.
"""

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import NullType

from storage.documents import canonical, hash_of

#: Cases adopted at once.
BATCH = 500
#: Columns of cases that entries do not record, and those whose values are recorded as hashes.
APART = frozenset({"id", "audit_count", "audit_head", "settled"})
PERSONAL = ("contact", "contact_way")
#: The tables that an adopted case consists of.
READ = (
    *("cases", "case_places", "case_assigned", "reminders", "deadline_changes", "documents", "audit_entries"),
    "personal",
)
#: The answers that name people, by the steps that were in use.
NAMING = frozenset(
    {
        *("testers", "technicians", "dev_owner", "invitees", "analysts", "modifier", "owner", "verified_by"),
        *("reviewed_by", "consulted", "person", "from_person", "prevention_owner"),
    }
)


def adopt(connection: sa.Connection) -> None:
    """Write the entry *adopted* of every case: columns, people, sent reminders, authors of records, and known names."""
    _Adoption(connection).run()


class _Adoption:
    """Writes the entry *adopted* of every case."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        now: datetime = connection.execute(sa.select(sa.func.now())).scalar_one()  # SQLite has it without a zone
        self._now = now.astimezone(UTC) if now.tzinfo else now.replace(tzinfo=UTC)
        self._tables = {name: sa.Table(name, sa.MetaData(), autoload_with=connection) for name in READ}
        named = connection.execute(sa.text("SELECT id, name FROM people WHERE name <> ''"))
        self._names: dict[str, str] = {row.id: row.name for row in named}
        self._granted = set(connection.scalars(sa.text("SELECT DISTINCT person_id FROM role_grants")))

    def run(self) -> None:
        ids = list(self._connection.scalars(sa.text("SELECT id FROM cases ORDER BY id")))
        for first in range(0, len(ids), BATCH):
            self._adopt(ids[first : first + BATCH])

    def _adopt(self, ids: Sequence[int]) -> None:
        found = {name: self._rows(name, ids) for name in self._tables if name not in ("cases", "personal")}
        cases = self._tables["cases"]
        entries, personal, ends = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
        for case in self._read(cases, cases.c.id.in_(ids), [cases.c.id]):
            values = _Values(case["id"])
            entry = self._entry(case, {name: rows[case["id"]] for name, rows in found.items()}, values)
            entries.append(entry)
            personal += values.rows
            ends.append({"case": case["id"], "count": entry["seq"], "head": entry["hash"]})
        self._connection.execute(sa.insert(self._tables["audit_entries"]), entries)
        if personal:
            self._connection.execute(sa.insert(self._tables["personal"]), personal)
        chain: dict[str, Any] = {"audit_count": sa.bindparam("count"), "audit_head": sa.bindparam("head")}
        self._connection.execute(sa.update(cases).where(cases.c.id == sa.bindparam("case")).values(chain), ends)

    def _rows(self, name: str, ids: Sequence[int]) -> Mapping[int, list[Mapping[str, Any]]]:
        """Return the rows of a table by case, in the order in which they were written."""
        table = self._tables[name]
        order = [table.c[key] for key in ("seq", "id") if key in table.c]
        found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        for row in self._read(table, table.c.case_id.in_(ids), order):
            found[row["case_id"]].append(row)
        return found

    def _read(
        self, table: sa.Table, chosen: sa.ColumnElement[bool], order: Sequence[sa.Column[Any]]
    ) -> Iterator[dict[str, Any]]:
        """Yield rows. A value that was damaged before stays as it is, so that `verify` can name it."""
        columns = list(table.columns)
        query = sa.select(*(sa.type_coerce(column, NullType()).label(column.name) for column in columns)).where(chosen)
        for row in self._connection.execute(query.order_by(*order)):
            yield {column.name: _value(column, value) for column, value in zip(columns, row, strict=True)}

    def _entry(
        self, case: Mapping[str, Any], of: Mapping[str, list[Mapping[str, Any]]], values: "_Values"
    ) -> dict[str, Any]:
        people = sorted(_people(case, of) & self._names.keys())
        names = {person: self._named(person, values) for person in people}
        papers = [self._paper(row, values) for row in of["documents"]]
        covered = {
            "case": case["id"],
            "seq": case["audit_count"] + 1,
            "at": self._now.isoformat(),
            "person": "faultdesk",
            "step": "adopted",
            "from": case["state"],
            "to": case["state"],
            "data": canonical({"papers": papers} if papers else {}),
            "changes": canonical(_projection(case, of, values)),
            "identities": canonical({"names": names}),
            "previous": case["audit_head"],
        }
        return {
            **{name: covered[name] for name in ("seq", "step", "data", "changes", "identities")},
            **{"case_id": case["id"], "at": self._now, "person_id": covered["person"]},
            **{"from_state": case["state"], "to_state": case["state"], "previous_hash": case["audit_head"]},
            "hash": hash_of(canonical(covered)),
        }

    def _paper(self, row: Mapping[str, Any], values: "_Values") -> dict[str, Any]:
        signed = {"signature": row["signature"]} if row["signature"] else {}
        return {
            **{name: row[name] for name in ("paper", "version", "status")},
            **{"hash": row["content_hash"], "author": row["author_id"]},
            **{"name": self._named(row["author_id"], values), "written": _plain(row["created_at"])},
            **signed,
        }

    def _named(self, person: str, values: "_Values") -> Any:
        name = self._names.get(person)
        return name if name is None or person in self._granted else values.reference(name)


class _Values:
    """The personal values of one case."""

    def __init__(self, case_id: int) -> None:
        self._case_id = case_id
        self._by_value: dict[str, dict[str, Any]] = {}

    @property
    def rows(self) -> list[dict[str, Any]]:
        return list(self._by_value.values())

    def reference(self, value: str) -> dict[str, str]:
        if value not in self._by_value:
            salt = secrets.token_hex(16)
            digest = hash_of(canonical({"salt": salt, "value": value}))
            self._by_value[value] = {"case_id": self._case_id, "hash": digest, "salt": salt, "value": value}
        return {"personal": self._by_value[value]["hash"]}


def _projection(case: Mapping[str, Any], of: Mapping[str, list[Mapping[str, Any]]], values: _Values) -> dict[str, Any]:
    columns = {name: _plain(value) for name, value in case.items() if name not in APART}
    for name in PERSONAL:
        if columns[name]:
            columns[name] = values.reference(columns[name])
    places: dict[str, list[str]] = defaultdict(list)
    for row in of["case_places"]:
        places[row["place"]].append(row["person_id"])
    reminders = {
        f"{row['rule']} {row['occurrence']}": {name: _plain(value) for name, value in row.items() if name != "case_id"}
        for row in of["reminders"]
        if row["state"] == "sent"
    }
    assigned = dict.fromkeys((row["person_id"] for row in of["case_assigned"]), True)
    told = {"places": {place: sorted(people) for place, people in places.items()}, "assigned": assigned}
    told["reminders"] = reminders
    told["deadlines"] = {
        str(row["seq"]): {name: _plain(value) for name, value in row.items() if name not in ("case_id", "seq")}
        for row in of["deadline_changes"]
    }
    return {"case": columns, **{section: found for section, found in told.items() if found}}


def _people(case: Mapping[str, Any], of: Mapping[str, list[Mapping[str, Any]]]) -> set[str]:
    """Return everybody who reported, acted, wrote a record, or is named."""
    found = {case["reporter_id"], *(row["author_id"] for row in of["documents"])}
    for table in ("audit_entries", "case_places", "case_assigned"):
        found |= {row["person_id"] for row in of[table]}
    return found.union(*(_named_in(row["data"]) for row in of["audit_entries"]))


def _named_in(data: str) -> Iterator[str]:
    """Yield the persons that the answers of an entry name; nobody if it is damaged, which `verify` reports."""
    try:
        answers = json.loads(data)
    except ValueError:
        return
    for code in NAMING & answers.keys() if isinstance(answers, dict) else ():
        answer: str | Iterable[str] = answers[code] or ()
        yield from (answer,) if isinstance(answer, str) else answer


def _value(column: sa.Column[Any], stored: Any) -> Any:
    """Return the value of a column from that of the driver."""
    if isinstance(column.type, sa.DateTime) and isinstance(stored, str):
        try:
            return datetime.fromisoformat(stored)
        except ValueError:
            return stored
    if isinstance(column.type, sa.Boolean) and stored in (0, 1):
        return bool(stored)
    return stored if isinstance(stored, str | int | float | bool | datetime | None) else str(stored)


def _plain(value: Any) -> Any:
    """Return the value of a column as JSON data: a moment as ISO text in UTC."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    return value
