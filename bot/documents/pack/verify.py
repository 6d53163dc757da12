"""Verifies an evidence pack: run `python3 verify.py [SEAL]` beside the unpacked files. Needs Python 3.8 or newer only.

The script recomputes and compares

- the SHA-256 of every file with SHA256SUMS, where no file may be missing or added,
- the hash of each entry in a case's history, which covers the entry before it,
- the content hash and the signature of each record and of each statistics report,
- the records with the history that lists them, with author and time,
- each case with what its history says was changed: columns, places, people, sent reminders,
- the personal values with the hashes that stand for them.

SEAL is the SHA-256 of SHA256SUMS, which was shown when the pack was made. Without SEAL the script proves only that the
pack is consistent: somebody could have replaced the whole pack by a new one.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import defaultdict
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SUMS = "SHA256SUMS"
#: Files that desktop systems create in folders, in lower case.
LITTER = {".ds_store", "desktop.ini", "thumbs.db"}
#: The exceptions raised by reading a file that was removed or altered.
UNREADABLE = (OSError, RecursionError, KeyError, TypeError, ValueError, AttributeError)


def check(folder: Path, seal: str = "") -> list[str]:
    """Return all findings. None means that the pack is consistent and, if `seal` is given, that it is unchanged."""
    return [*_told(_files(folder, seal)), *_told(_cases(folder)), *_told(_reports(folder))]


def _told(findings: Iterator[str]) -> Iterator[str]:
    """Yield the findings; an exception from unreadable content becomes the last finding."""
    try:
        yield from findings
    except UNREADABLE as error:
        yield f"cannot be read: {type(error).__name__}: {error}"


def _files(folder: Path, seal: str) -> Iterator[str]:
    sums = folder / SUMS
    if not sums.is_file():
        yield f"{SUMS} is missing"
        return
    if seal and _sha256(sums.read_bytes()) != seal:
        yield f"{SUMS} is not the one that was sealed"
    lines = sums.read_text(encoding="utf-8").splitlines()
    told = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    found = {
        one.relative_to(folder).as_posix(): one for one in folder.rglob("*") if one.is_symlink() or not one.is_dir()
    }
    for name in sorted(told):
        if name not in found:
            yield f"{name} is missing"
        elif _sha256(found[name].read_bytes()) != told[name]:
            yield f"{name} was changed"
    for name in sorted(found.keys() - told.keys() - {SUMS}):
        if not _is_litter(name.lower().split("/"), found[name]):
            yield f"{name} was added"


def _is_litter(name: list[str], file: Path) -> bool:
    """Whether a desktop system created the file. macOS keeps its metadata in a folder `__MACOSX`."""
    return not file.is_symlink() and (name[-1] in LITTER or (name[0] == "__macosx" and name[-1].startswith("._")))


def _cases(folder: Path) -> Iterator[str]:
    history, records = _grouped(folder / "history.jsonl"), _grouped(folder / "records.jsonl")
    cases = {one["case"]: one for one in _lines(folder / "cases.jsonl")}
    personal = _grouped(folder / "personal.jsonl") if (folder / "personal.jsonl").exists() else defaultdict(list)
    for number in sorted(history.keys() | records.keys() | cases.keys()):
        values = {one["hash"]: one["value"] for one in personal[number]}
        for finding in _case(cases.get(number), history[number], records[number], values):
            yield f"F-{number}: {finding}"
        for one in personal[number]:
            if one["hash"] != _canonical({"salt": one["salt"], "value": one["value"]}):
                yield f"F-{number}: a personal value is not as written"


def _case(
    case: Any, history: list[dict[str, Any]], records: list[dict[str, Any]], values: dict[str, str]
) -> Iterator[str]:
    if case is None:
        yield "is not among the cases"
        return
    previous = ""
    for place, entry in enumerate(history, 1):
        if entry["seq"] != place or entry["previous"] != previous or entry["hash"] != _entry(entry):
            yield f"entry {place} of the history is not as written"
        previous = entry["hash"]
    if (len(history), previous) != (case["entries"], case["head"]):
        yield "the history was cut or lengthened"
    if "stands" in case:
        yield from _replayed(case["stands"], history, values)
    bound: dict[str, dict[str, Any]] = {}
    for entry in history:
        for one in json.loads(entry["data"]).get("papers", ()):
            known = bound.setdefault(f"{one['paper']} v{one['version']}", {"hash": one["hash"]})
            known.update({name: one[name] for name in ("status", "signature") if name in one})
            for name in ("author", "name", "written"):
                if name in one:
                    known.setdefault(name, one[name])
    yield from _records(bound, records, values)


def _replayed(stands: dict[str, Any], history: list[dict[str, Any]], values: dict[str, str]) -> Iterator[str]:
    """Compare a case as it stands with all changes of its history together."""
    told: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for entry in history:
        for section, changed in json.loads(entry.get("changes") or "{}").items():
            told[section].update(changed)
    for section, found in stands.items():
        known = {name: _value(value, values) for name, value in told[section].items() if value is not None}
        names = set(told[section]) & set(found) if section == "case" else known.keys() | found.keys()
        for name in sorted(names):
            if known.get(name) != found.get(name):
                yield (
                    f"{section} {name} is not what the history says"
                    if section != "assigned"
                    else ("the people who are named are not those of the history")
                )


def _value(value: Any, values: dict[str, str]) -> Any:
    """Return what a reference to a personal value stands for; any other value as it is."""
    return values.get(value["personal"]) if isinstance(value, dict) and set(value) == {"personal"} else value


def _records(bound: dict[str, dict[str, Any]], records: list[dict[str, Any]], values: dict[str, str]) -> Iterator[str]:
    standing = {f"{one['paper']} v{one['version']}": one for one in records}
    for name, one in standing.items():
        told = bound.get(name)
        if told is None:
            yield f"{name} is not in the history"
            continue
        if not one["hash"] == told["hash"] == _sha256(one["content"].encode()):
            yield f"the content of {name} was changed"
        if one["status"] != told.get("status", one["status"]):
            yield f"the status of {name} was changed"
        if "author" in told and any(one[code] != _value(told[code], values) for code in ("author", "name", "written")):
            yield f"author or time of {name} was changed"
        if one["signature"] != told.get("signature") or one["signature"] != _signature(one):
            yield f"the signature of {name} does not hold"
    for name in sorted(bound.keys() - standing.keys()):
        yield f"{name} is missing"


def _reports(folder: Path) -> Iterator[str]:
    for one in _lines(folder / "reports.jsonl"):
        name = f"T08 {one['days'][0]}–{one['days'][1]} v{one['version']}"
        if one["hash"] != _sha256(one["content"].encode()):
            yield f"the content of {name} was changed"
        names = ["days", "version", "comment", "issuer", "at"]
        names += ["name"] if one.get("name") is not None else []
        signed = _canonical({**{each: one[each] for each in names}, "content": one["hash"]})
        if one["signature"] != (signed if one["issuer"] else None):
            yield f"the signature of {name} does not hold"


def _entry(entry: dict[str, Any]) -> str:
    names = ("case", "seq", "at", "person", "step", "from", "to", "data", "previous")
    recorded = [name for name in ("changes", "identities") if name in entry]
    return _canonical({name: entry[name] for name in (*names, *recorded)})


def _signature(record: dict[str, Any]) -> Any:
    if record["signer"] is None:
        return None
    names = ("case", "paper", "version", "signer", "role", "at")
    signed = {name: record[name] for name in names}
    return _canonical({**signed, "role": record["role"] or "", "content": record["hash"]})


def _canonical(content: dict[str, Any]) -> str:
    return _sha256(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line:
            yield json.loads(line)


def _grouped(path: Path) -> defaultdict[int, list[dict[str, Any]]]:
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in _lines(path):
        found[one["case"]].append(one)
    return found


def main() -> int:
    """Check the folder of this script and print the result. Return the exit code: 0, or 1 if there are findings."""
    folder = Path(__file__).resolve().parent
    seal = "".join(sys.argv[1:2]).strip().lower()
    wrong = check(folder, seal)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # some consoles cannot print every file name
    said = [f"NOT AS WRITTEN: {_one_line(finding)}" for finding in wrong] or _verdict(folder, seal)
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if wrong else 0


def _verdict(folder: Path, seal: str) -> list[str]:
    cases = sum(1 for _ in _lines(folder / "cases.jsonl"))
    line = f"Seal: {_sha256((folder / SUMS).read_bytes())}"
    if seal:
        return [f"As written: {cases} cases, nothing was changed.", line]
    return [
        f"Consistent in itself: {cases} cases. Not compared with a seal.",
        line,
        "A whole new pack would say the same. It is as written if this seal is the one that was told when the pack was",
        "made: compare them, or run python3 verify.py SEAL.",
    ]


def _one_line(finding: str) -> str:
    """Return the finding on one line, with unprintable characters of file names escaped."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in finding)


if __name__ == "__main__":
    sys.exit(main())
