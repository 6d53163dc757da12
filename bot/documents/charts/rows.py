"""Rows of a chart: a name, a bar or a mark, its value, and what the value was made from."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.documents.charts.canvas import FAINT, INK, MARGIN, MUTED, SKY, SMALL, TEXT, WIDTH, Picture

RIGHT = WIDTH - MARGIN
_ROW, _BAR, _GAP = 60, 34, 24
#: Names take no more than this of the width; wider ones are drawn smaller, and cut off at last.
_NAMES = 440


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `size` is the bar's length or the mark's place, None for neither. `strong`: its value has its color."""

    name: str
    size: float | None
    value: str
    note: str = ""
    ink: str = SKY
    strong: bool = False


def panel(picture: Picture, title: str, *, first: bool = False) -> None:
    """A headline within a picture."""
    picture.y += 0 if first else 34
    picture.text(MARGIN, picture.y + 18, title, TEXT, MUTED)
    picture.y += 44
    picture.line(MARGIN, RIGHT, picture.y)
    picture.y += 16


def bars(picture: Picture, rows: Sequence[Row], like: Sequence[Row] = ()) -> None:
    """Level bars from one line, their values at their ends. `like`: rows whose columns and scale these share."""
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
    """Marks between nothing and all, their values beside them. `like` as in `bars`; `shape` is matplotlib's."""
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
    """Bars below their names, which may be long. A dashed line below the first `few`; 0 for none."""
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
    """Where the bars of these rows begin and where the notes at the right edge do; how wide the values are."""

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
        """The name at the left, the note at the right."""
        name = picture.fitted(row.name, self._names, self._size)
        picture.text(MARGIN, middle, name, self._size)
        picture.text(RIGHT, middle, row.note, SMALL, MUTED, "right")
