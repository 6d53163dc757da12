"""The rows of a chart: a name, a bar or a mark, its value, and a note on the basis of the value."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.documents.charts.canvas import FAINT, INK, MARGIN, MUTED, SKY, SMALL, TEXT, WIDTH, Picture

RIGHT = WIDTH - MARGIN
_ROW, _BAR, _GAP = 60, 34, 24
#: The largest width of the names, in pixels. Wider names are drawn smaller; what still does not fit is cut off.
_NAMES = 440


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a chart.

    `size` is the value that determines the bar's length or the mark's position; None draws neither. With `strong`, the
    value is written in the color of the bar.
    """

    name: str
    size: float | None
    value: str
    note: str = ""
    ink: str = SKY
    strong: bool = False


def panel(picture: Picture, title: str, *, first: bool = False) -> None:
    """Draw a heading within a picture."""
    picture.y += 0 if first else 34
    picture.text(MARGIN, picture.y + 18, title, TEXT, MUTED)
    picture.y += 44
    picture.line(MARGIN, RIGHT, picture.y)
    picture.y += 16


def bars(picture: Picture, rows: Sequence[Row], like: Sequence[Row] = ()) -> None:
    """Draw horizontal bars from a common baseline, with the values at their ends.

    `like` are the rows that determine the columns and the scale, so that several groups of bars can share them.
    """
    columns = Columns(picture, like or rows)
    longest = max((row.size or 0 for row in like or rows), default=0) or 1
    room = columns.end - columns.start - columns.values - 14
    top = picture.y
    for row in rows:
        middle, length = picture.y + _ROW / 2, room * (row.size or 0) / longest
        columns.write(picture, row, middle)
        picture.bar(columns.start, middle, max(length, 2 if row.size else 0), _BAR, row.ink)
        picture.text(columns.start + length + 14, middle, row.value, TEXT, row.ink if row.strong else INK)
        picture.y += _ROW
    picture.bar(columns.start - 1, (top + picture.y) / 2, 2, picture.y - top, FAINT)


def marks(picture: Picture, rows: Sequence[Row], shape: str, like: Sequence[Row] = ()) -> None:
    """Draw marks on a scale from 0 to 1, with the values beside them.

    `shape` is one of matplotlib's marker codes. `like` has the same meaning as in `bars`.
    """
    columns = Columns(picture, like or rows)
    start, end = columns.start + 12, columns.end - columns.values - _GAP
    for row in rows:
        middle = picture.y + _ROW / 2
        columns.write(picture, row, middle)
        picture.line(start, end, middle)
        if row.size is not None:
            place = start + (end - start) * row.size
            picture.line(start, place, middle, row.ink)
            picture.mark(place, middle, row.ink, shape)
        picture.text(columns.end, middle, row.value, TEXT, align="right")
        picture.y += _ROW


def below_names(picture: Picture, rows: Sequence[Row], few: int) -> None:
    """Draw bars below their names, which may be long, and a dashed line below the first `few` rows (0: no line)."""
    room = RIGHT - MARGIN - 260
    longest = max((row.size or 0 for row in rows), default=0) or 1
    for place, row in enumerate(rows, 1):
        length, middle = room * (row.size or 0) / longest, picture.y + 56
        picture.text(MARGIN, picture.y + 18, picture.fitted(row.name, RIGHT - MARGIN), TEXT)
        picture.bar(MARGIN, middle, length, 26, row.ink)
        picture.text(MARGIN + length + 14, middle, row.value, TEXT)
        picture.text(RIGHT, middle, row.note, TEXT, MUTED, "right")
        picture.y += 92
        if place == few:
            picture.line(MARGIN, RIGHT, picture.y - 2, MUTED, dashed=True)
            picture.y += 12


class Columns:
    """The columns of these rows: where the bars begin, where they end before the notes, and the width of the values."""

    def __init__(self, picture: Picture, rows: Sequence[Row]) -> None:
        def widest(words: Sequence[str], size: int) -> float:
            return max((picture.width(one, size) for one in words if one), default=0)

        names = [row.name for row in rows]
        self._size = TEXT if widest(names, TEXT) <= _NAMES else SMALL
        self._names = min(widest(names, self._size), _NAMES)
        notes = widest([row.note for row in rows], SMALL)
        self.values = widest([row.value for row in rows], TEXT)
        self.start = MARGIN + self._names + _GAP
        self.end = RIGHT - (notes + _GAP if notes else 0)

    def write(self, picture: Picture, row: Row, middle: float) -> None:
        """Write the row's name at the left edge and its note at the right edge."""
        name = picture.fitted(row.name, self._names, self._size)
        picture.text(MARGIN, middle, name, self._size)
        picture.text(RIGHT, middle, row.note, SMALL, MUTED, "right")
