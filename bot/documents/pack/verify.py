"""Verifies an evidence pack: run `python3 verify.py [SEAL]` beside the unpacked files. Needs Python 3.8 or newer only.

The script recomputes and compares

- the SHA-256 of every file with SHA256SUMS, where no file may be missing or added,
- the hash of each entry in a case's history, which covers the entry before it,
- the content hash and the signature of each record and of each statistics report,
- the records with the history that lists them, with author and time,
- each case with what its history says was changed: columns, places, people, sent reminders,
- the personal values with the hashes that stand for them,
- the hash of each entry that changed a setting,
- the signatures by the key of the desk, if the package `cryptography` is installed.

SEAL is the SHA-256 of SHA256SUMS, which was shown when the pack was made. Without SEAL the script proves only that the
pack is consistent: somebody could have replaced the whole pack by a new one. A signature proves who made the pack to
those who know the fingerprint of the key from elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import sys
from base64 import b64decode
from collections import defaultdict
from datetime import datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Keys = list[dict[str, Any]]
    Check = Callable[[str, str, str, str], bool]

SUMS = "SHA256SUMS"
#: The signature of the sums (public key and signature), the keys of the desk, what they signed beside the sums.
SIGNATURE = "SHA256SUMS.sig"
KEYS, SIGNATURES = "keys.jsonl", "signatures.jsonl"
#: The changes of the company's settings.
SETTINGS = "settings.jsonl"
#: The folder of the files that steps brought, by case.
ATTACHMENTS = "attachments"
FINGERPRINT_DIGITS, CLOCKS_DIFFER = 32, timedelta(minutes=1)
#: Files that desktop systems create in folders, in lower case.
LITTER = {".ds_store", "desktop.ini", "thumbs.db"}
#: The exceptions raised by reading a file that was removed or altered.
UNREADABLE = (OSError, RecursionError, KeyError, TypeError, ValueError, AttributeError)


def check(folder: Path, seal: str = "") -> list[str]:
    """Return all findings. None means that the pack is consistent and, if `seal` is given, that it is unchanged."""
    parts = (_files(folder, seal), _cases(folder), _attachments(folder), _reports(folder), _signatures(folder))
    return [finding for part in (*parts, _settings(folder)) for finding in _told(part)]


def _told(findings: Iterator[str]) -> Iterator[str]:
    """Yield the findings; an exception from unreadable content becomes the last finding."""
    try:
        yield from findings
    except UNREADABLE as error:
        yield f"cannot be read: {type(error).__name__}"  # its message may hold what was read


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
    for name in sorted(found.keys() - told.keys() - {SUMS, SIGNATURE}):
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
        for finding in _told(_case(cases.get(number), history[number], records[number], values)):
            yield f"F-{number}: {finding}"
        for one in personal[number]:
            if one["hash"] != _canonical({"salt": one["salt"], "value": one["value"]}):
                yield f"F-{number}: a personal value is not as written"


def _attachments(folder: Path) -> Iterator[str]:
    """Compare the files of each case with those that its history says are kept."""
    there = {one: _sha256(one.read_bytes()) for one in (folder / ATTACHMENTS).rglob("*") if one.is_file()}
    known: set[tuple[str, str]] = set()
    for entry in _lines(folder / "history.jsonl"):
        if entry["step"] == "file_kept":
            said, number = json.loads(entry["data"]), f"F-{entry['case']}"
            known.add((number, said["sha256"]))
            if said["sha256"] not in {digest for one, digest in there.items() if one.parent.name == number}:
                yield f"{number}: the file {said['name']} is missing or was changed"
    for one, digest in sorted(there.items()):
        if (one.parent.name, digest) not in known and not _is_litter([one.name.lower()], one):
            yield f"{one.relative_to(folder).as_posix()} is not in the history"


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


def _settings(folder: Path) -> Iterator[str]:
    """Check the changes of settings. Earlier packs have no such file; one that was removed is missed by `_files`."""
    for entry in _lines(folder / SETTINGS) if (folder / SETTINGS).is_file() else ():
        if entry["digest"] != _desk_entry(entry):
            yield f"entry {entry['seq']} of the desk, which changed a setting, is not as written"


def _signatures(folder: Path) -> Iterator[str]:
    """Check what the key of the desk signed. From the first use of a key on, a missing signature is a finding.

    A pack of before the first release with a key has no list of keys; one that was removed is missed by `_files`.
    """
    if not (folder / KEYS).is_file():
        return
    keys, holds = list(_lines(folder / KEYS)), _checker()
    for key in keys:
        if key["digest"] != _key_entry(key) or key["key"] != _fingerprint(key["public"]):
            yield f"the key {key['key']} is not as it was introduced"
    if (folder / SIGNATURE).is_file():
        public, signature = (folder / SIGNATURE).read_text(encoding="utf-8").split()
        if holds and not holds(public, "pack", _sha256((folder / SUMS).read_bytes()), signature):
            yield f"the signature of {SUMS} by the key of the desk does not hold"
    elif json.loads((folder / "index.json").read_text(encoding="utf-8")).get("key"):
        yield f"{SIGNATURE} is missing"
    if holds:
        yield from _stored_signatures(folder, keys, holds)


def _stored_signatures(folder: Path, keys: Keys, holds: Check) -> Iterator[str]:
    publics = {key["key"]: key["public"] for key in keys}
    stored = {(one["kind"], one["digest"], one["key"]): one["signature"] for one in _lines(folder / SIGNATURES)}
    for kind, digest, name, at, signers in _signed(folder, keys):
        found = {key: stored[kind, digest, key] for key in signers if (kind, digest, key) in stored}
        if not found and keys and at >= datetime.fromisoformat(keys[0]["at"]):
            yield f"{name} is not signed by the key of the desk"
        if found and not any(holds(publics[key], kind, digest, found[key]) for key in found):
            yield f"the signature of {name} by the key of the desk does not hold"


def _signed(folder: Path, keys: Keys) -> Iterator[tuple[str, str, str, datetime, list[str]]]:
    """Yield what must be signed: its kind, its digest, its name, when it was written, and the keys in use then."""
    for record in _lines(folder / "records.jsonl"):
        if record["signature"]:
            at = datetime.fromisoformat(record["at"])
            name = f"F-{record['case']}: {record['paper']} v{record['version']}"
            yield "record", record["signature"], name, at, list(_in_use(keys, at))
    for report in _lines(folder / "reports.jsonl"):
        if report["signature"]:
            at, name = datetime.fromisoformat(report["at"]), f"T08 {'–'.join(report['days'])} v{report['version']}"
            yield "report", report["signature"], name, at, list(_in_use(keys, at))
    previous = ""
    for key in keys:
        at = datetime.fromisoformat(key["at"])
        for signer in [key["key"], *([previous] if key["event"] == "key_rotated" else [])]:
            yield "desk_entry", key["digest"], f"the key {key['key']}", at, [signer]
        previous = key["key"]


def _in_use(keys: Keys, at: datetime) -> Iterator[str]:
    """Yield the keys in use at a moment. Clocks of machines may differ by a minute."""
    since = [datetime.fromisoformat(key["at"]) for key in keys]
    for place, key in enumerate(keys):
        until = since[place + 1] if place + 1 < len(keys) else at
        if since[place] - CLOCKS_DIFFER <= at <= until + CLOCKS_DIFFER:
            yield key["key"]


def _checker() -> Check | None:
    """Return a function that checks a signature by a public key; None without the package `cryptography`."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None

    def holds(public: str, kind: str, digest: str, signature: str) -> bool:
        signed = f"faultdesk:{kind}:{digest}".encode()
        try:
            Ed25519PublicKey.from_public_bytes(b64decode(public)).verify(b64decode(signature), signed)
        except (InvalidSignature, ValueError):
            return False
        return True

    return holds


def _fingerprint(public: str) -> str:
    return _sha256(b64decode(public))[:FINGERPRINT_DIGITS]


def _key_entry(key: dict[str, Any]) -> str:
    said = json.loads(key["data"])
    return _desk_entry(key) if (said["key"], said["public"]) == (key["key"], key["public"]) else ""


def _desk_entry(entry: dict[str, Any]) -> str:
    return _canonical({name: entry[name] for name in ("seq", "at", "person", "event", "data", "previous")})


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
    said = [f"NOT AS WRITTEN: {one_line(finding)}" for finding in wrong] or verdict(folder, seal)
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if wrong else 0


def verdict(folder: Path, seal: str) -> list[str]:
    """Return what is said of a pack without findings."""
    cases = sum(1 for _ in _lines(folder / "cases.jsonl"))
    lines = [f"Seal: {_sha256((folder / SUMS).read_bytes())}", _said_of_signatures(folder)]
    if seal:
        return [f"As written: {cases} cases, nothing was changed.", *lines]
    return [
        f"Consistent in itself: {cases} cases. Not compared with a seal.",
        *lines,
        "A whole new pack would say the same. It is as written if this seal is the one that was told when the pack was",
        "made: compare them, or run python3 verify.py SEAL.",
    ]


def _said_of_signatures(folder: Path) -> str:
    if not (folder / SIGNATURE).is_file():
        return "Unsigned: no key of the desk signed this pack."
    key = _fingerprint((folder / SIGNATURE).read_text(encoding="utf-8").split()[0])
    if _checker() is None:
        return f"Signatures by key {key}: not checked, because the package cryptography is not installed."
    return f"Signed by key {key}: compare it with the key in a checkpoint that you trust."


def one_line(finding: str) -> str:
    """Return the finding on one line, with unprintable characters of file names escaped."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in finding)


if __name__ == "__main__":
    sys.exit(main())
