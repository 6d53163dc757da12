"""Writes tables as CSV for Excel: UTF-8 with a byte order mark, RFC 4180, no cell interpreted as a formula.

A text that begins with = + - @ (also full-width), a tab or a line break gets an apostrophe in front, as OWASP advises
against CSV injection. A reader of the file removes one apostrophe before such a character.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.documents.tables.workbook import RISKY, Cell, safe_text


def csv_table(path: Path, titles: Sequence[str], rows: Iterable[Sequence[Cell]], zone: ZoneInfo) -> int:
    """Write a table to `path` and return its number of rows. Moments are ISO 8601 in `zone` with the UTC offset."""
    written = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, lineterminator="\r\n")
        table.writerow(titles)
        for written, row in enumerate(rows, start=1):  # noqa: B007 - it is returned
            table.writerow([_cell(value, zone) for value in row])
    return written


def _cell(value: Cell, zone: ZoneInfo) -> str | int | float:
    match value:
        case None:
            return ""
        case str():
            return guarded(safe_text(value))
        case datetime():
            return value.astimezone(zone).isoformat(timespec="seconds")
    return value


def guarded(text: str) -> str:
    """Return the text in a form that no spreadsheet interprets as a formula."""
    return f"'{text}" if text.startswith(RISKY) else text
