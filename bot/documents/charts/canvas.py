"""A canvas for charts, as wide as a phone screen. Text, bars and marks are placed by the pixel."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from bot.documents.charts.fonts import Typeface

if TYPE_CHECKING:
    from matplotlib.artist import Artist

WIDTH, MARGIN = 1080, 52
#: Font sizes, in pixels.
TITLE, TEXT, SMALL = 44, 30, 26
#: Okabe and Ito's colors, which color-blind readers can distinguish; and the colors of text and lines.
BLUE, SKY, VERMILLION, GREEN = "#0072B2", "#56B4E9", "#D55E00", "#009E73"
INK, MUTED, FAINT, PALE, PAPER = "#1D1C1D", "#5B5F66", "#D9DDE2", "#B9C4CE", "#FFFFFF"
_DPI = 150
#: The size of the palette. It is enough for a few colors with smooth edges, and makes the file four times smaller.
_SHADES = 128
#: A word with the space after it, or one character of a language without spaces.
_BREAKABLE = re.compile(r"[\x21-\x7e]+\s*|.")

Align = Literal["left", "center", "right"]


@dataclass
class Picture:
    """A picture that is drawn from the top down. All lengths are in pixels; `y` is the bottom of what is drawn."""

    typeface: Typeface
    y: float = MARGIN
    _drawn: list["Artist"] = field(default_factory=list)

    def text(self, x: float, y: float, words: str, size: int = TEXT, ink: str = INK, align: Align = "left") -> None:
        """Draw text whose vertical middle is at `y`. It is never interpreted as a formula."""
        from matplotlib.text import Text

        style: dict[str, Any] = {"color": ink, "ha": align, "va": "center_baseline", "parse_math": False}
        self._drawn.append(Text(x, y, words, fontproperties=self._font(size), **style))

    def paragraph(self, words: str, size: int, ink: str = INK, most: int = 3) -> None:
        """Draw text across the picture at `self.y`, on at most `most` lines, and move `self.y` below it."""
        for line in self._lines(words, size, most):
            self.text(MARGIN, self.y + 0.7 * size, line, size, ink)
            self.y += 1.4 * size

    def bar(self, x: float, y: float, width: float, height: float, ink: str) -> None:
        """Draw a bar whose vertical middle is at `y`."""
        from matplotlib.patches import Rectangle

        self._drawn.append(Rectangle((x, y - height / 2), width, height, color=ink, linewidth=0))

    def line(self, x: float, to: float, y: float, ink: str = FAINT, *, dashed: bool = False) -> None:
        """Draw a horizontal line."""
        from matplotlib.lines import Line2D

        self._drawn.append(Line2D([x, to], [y, y], color=ink, linewidth=1.2, linestyle="--" if dashed else "-"))

    def mark(self, x: float, y: float, ink: str, shape: str) -> None:
        """Draw a mark; `shape` is one of matplotlib's marker codes."""
        from matplotlib.lines import Line2D

        self._drawn.append(Line2D([x], [y], color=ink, marker=shape, markersize=10, linestyle="None"))

    def fitted(self, words: str, width: float, size: int = TEXT) -> str:
        """Return the text, cut off with "…" if it is wider than `width`."""
        if self.width(words, size) <= width:
            return words
        short, long = 0, len(words)
        while long - short > 1:
            middle = (short + long) // 2
            fits = self.width(words[:middle].rstrip() + "…", size) <= width
            short, long = (middle, long) if fits else (short, middle)
        return words[:short].rstrip() + "…"

    def png(self) -> bytes:
        """Return the picture as PNG. The same drawing gives the same bytes."""
        import numpy as np
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D
        from PIL import Image

        height = round(self.y + MARGIN)
        figure = Figure((WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor=PAPER)
        from_the_top = Affine2D().scale(1, -1).translate(0, height)
        for artist in self._drawn:
            artist.set_transform(from_the_top)
            figure.add_artist(artist)
        canvas: Any = FigureCanvasAgg(figure)  # matplotlib has no types for it
        canvas.draw()
        drawn = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        out = BytesIO()
        drawn.quantize(_SHADES, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG")
        return out.getvalue()

    def _lines(self, words: str, size: int, most: int) -> Iterator[str]:
        rest = words
        for number in range(most):
            if number == most - 1 or self.width(rest, size) <= WIDTH - 2 * MARGIN:
                yield self.fitted(rest, WIDTH - 2 * MARGIN, size)
                return
            line = self._first_line(rest, size)
            yield line.rstrip()
            rest = rest[len(line) :]

    def _first_line(self, words: str, size: int) -> str:
        line = ""
        for piece in _BREAKABLE.findall(words):
            if line and self.width((line + piece).rstrip(), size) > WIDTH - 2 * MARGIN:
                break
            line += piece
        return line

    def width(self, words: str, size: int = TEXT) -> float:
        """Return the width of the text in pixels."""
        from matplotlib.backends.backend_agg import RendererAgg

        measuring: Any = RendererAgg(1, 1, _DPI)  # type: ignore[no-untyped-call]
        return float(measuring.get_text_width_height_descent(words, self._font(size), ismath=False)[0])

    def _font(self, size: int) -> Any:
        from matplotlib.font_manager import FontProperties

        return FontProperties(family=list(self.typeface.families), size=size * 72 / _DPI)
