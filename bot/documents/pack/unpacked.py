"""Checks an evidence pack from outside it: with this program's own check, not with the script in the pack."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile

from bot.documents.pack.verify import check, one_line, verdict


@dataclass(frozen=True, slots=True)
class CheckedPack:
    """The result of checking a pack, as lines to print."""

    as_written: bool
    lines: tuple[str, ...]


def check_pack(path: Path, seal: str = "") -> CheckedPack:
    """Unpack the ZIP file at `path` into a temporary folder and check it against `seal`, if that is given.

    Raises `OSError` if the file cannot be read.
    """
    seal = seal.strip().lower()
    with TemporaryDirectory() as folder:
        try:
            with ZipFile(path) as archive:
                names = Counter(archive.namelist())
                archive.extractall(folder)
        except (BadZipFile, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
            return CheckedPack(False, (f"NOT AS WRITTEN: {one_line(f'is no ZIP file that can be read: {error}')}",))
        found = [f"{name} is there {count} times" for name, count in sorted(names.items()) if count > 1]
        found += check(Path(folder), seal)
        lines = [f"NOT AS WRITTEN: {one_line(finding)}" for finding in found] or verdict(Path(folder), seal)
    return CheckedPack(not found, tuple(lines))
