"""Finds a font with simplified Chinese for the charts, so that no character is drawn as an empty box.

The font of an installed package (Noto Sans SC, SIL Open Font License) is preferred to the fonts of the system. Without
any such font the charts are in English, and "…" replaces characters of typed names that cannot be drawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

#: The package that contains the font, and the font's file in it. The package holds data only and is never imported.
_PACKAGE, _FILE = "pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"
#: Font families with the character shapes of mainland China, the best first.
_FAMILIES = (
    *("Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Droid Sans Fallback"),
)
#: The beginnings of these families' file names, in lower case, letters and digits only.
_FILES = ("notosanssc", "notosanscjk", "sourcehansans", "pingfang", "msyh", "wqy", "simhei", "droidsansfallback")
#: A font counts as Chinese if it has these characters, several of which exist in simplified Chinese only.
_SIMPLIFIED = frozenset(map(ord, "故障处理统计环节时长门龙说发"))
#: The fallback family that matplotlib includes; it has Latin, Greek, Cyrillic, Arabic and many symbols.
_LAST = "DejaVu Sans"
_LEFT_OUT = "…"


@dataclass(frozen=True, slots=True)
class Typeface:
    """The font of the charts: families in the order in which a character is looked up, and all their code points."""

    families: tuple[str, ...]
    signs: frozenset[int]

    @property
    def chinese(self) -> bool:
        """Whether simplified Chinese can be drawn."""
        return self.signs >= _SIMPLIFIED

    def legible(self, typed: str) -> str:
        """Return typed text on one line. Each run of characters that cannot be drawn becomes a single "…"."""
        drawn = ""
        for sign in " ".join(typed.split()):
            if sign.isprintable():
                drawn += sign if ord(sign) in self.signs else _LEFT_OUT
        while _LEFT_OUT * 2 in drawn:
            drawn = drawn.replace(_LEFT_OUT * 2, _LEFT_OUT)
        return drawn.strip()


@cache
def typeface() -> Typeface:
    """Return the font of this installation. The result is cached."""
    return typeface_of(next(_found(), None))


def typeface_of(family: str | None) -> Typeface:
    """Return a font of this family, with the fallback family behind it."""
    families = (family, _LAST) if family else (_LAST,)
    return Typeface(families, frozenset().union(*map(_characters, families)))


def _found() -> Iterator[str]:
    """Yield installed families that have simplified Chinese, the best first."""
    from matplotlib.font_manager import fontManager

    if packaged := _packaged():
        fontManager.addfont(packaged)
    yield from _known()
    _find_new_fonts()
    yield from _known()


def _known() -> Iterator[str]:
    """Yield the suitable families in matplotlib's font list, which matplotlib caches on disk."""
    from matplotlib.font_manager import fontManager

    known = {entry.name for entry in fontManager.ttflist if Path(entry.fname).exists()}
    yield from (family for family in _FAMILIES if family in known and _characters(family) >= _SIMPLIFIED)


def _find_new_fonts() -> None:
    """Add fonts that were installed after matplotlib cached its list."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    for path in sorted(findSystemFonts()):
        plain = "".join(sign for sign in Path(path).stem.lower() if sign.isalnum())
        if plain.startswith(_FILES):
            fontManager.addfont(path)


def _packaged() -> Path | None:
    spec = find_spec(_PACKAGE)
    path = Path(spec.origin).parent / _FILE if spec and spec.origin else None
    return path if path and path.exists() else None


def _characters(family: str) -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return frozenset(get_font(findfont(FontProperties(family=[family]), fallback_to_default=False)).get_charmap())
