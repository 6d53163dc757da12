"""The font of the charts: one that has simplified Chinese, so that nothing is drawn as an empty box.

First the one that a package brings along (Noto Sans SC, SIL Open Font License), then whatever the system has.
Without any, charts speak English, and signs that cannot be drawn are left out of typed names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

#: The package that ships the font, and the font's file in it. It is data alone; nothing of it is imported.
_PACKAGE, _FILE = "pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"
#: Families with the shapes that are usual in mainland China, the best first.
_FAMILIES = (
    *("Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Droid Sans Fallback"),
)
#: What the files of these families are called, in small letters without signs.
_FILES = ("notosanssc", "notosanscjk", "sourcehansans", "pingfang", "msyh", "wqy", "simhei", "droidsansfallback")
#: A font counts as Chinese if it has these, which only simplified Chinese writes so.
_SIMPLIFIED = frozenset(map(ord, "故障处理统计环节时长门龙说发"))
#: Comes with matplotlib; has Latin, Greek, Cyrillic, Arabic and many signs.
_LAST = "DejaVu Sans"
_LEFT_OUT = "…"


@dataclass(frozen=True, slots=True)
class Face:
    """What charts are written in: families to look for each sign in, in their order, and all signs that they have."""

    families: tuple[str, ...]
    signs: frozenset[int]

    @property
    def chinese(self) -> bool:
        """Can simplified Chinese be drawn?"""
        return self.signs >= _SIMPLIFIED

    def legible(self, typed: str) -> str:
        """Typed text on one line; what cannot be drawn becomes "…", a run of it one."""
        drawn = ""
        for sign in " ".join(typed.split()):
            if sign.isprintable():
                drawn += sign if ord(sign) in self.signs else _LEFT_OUT
        while _LEFT_OUT * 2 in drawn:
            drawn = drawn.replace(_LEFT_OUT * 2, _LEFT_OUT)
        return drawn.strip()


@cache
def face() -> Face:
    """The face of this installation; looked for once."""
    return face_of(next(_found(), None))


def face_of(family: str | None) -> Face:
    """The face with this family in front of the one that is always there."""
    families = (family, _LAST) if family else (_LAST,)
    return Face(families, frozenset().union(*map(_signs, families)))


def _found() -> Iterator[str]:
    """Families that have simplified Chinese, the best first."""
    from matplotlib.font_manager import fontManager

    if packaged := _packaged():
        fontManager.addfont(packaged)
    yield from _known()
    _look_again()
    yield from _known()


def _known() -> Iterator[str]:
    """Those that matplotlib knows: from a list that it made once and keeps on disk."""
    from matplotlib.font_manager import fontManager

    known = {entry.name for entry in fontManager.ttflist if Path(entry.fname).exists()}
    yield from (family for family in _FAMILIES if family in known and _signs(family) >= _SIMPLIFIED)


def _look_again() -> None:
    """Fonts installed since then."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    for path in sorted(findSystemFonts()):
        plain = "".join(sign for sign in Path(path).stem.lower() if sign.isalnum())
        if plain.startswith(_FILES):
            fontManager.addfont(path)


def _packaged() -> Path | None:
    spec = find_spec(_PACKAGE)
    path = Path(spec.origin).parent / _FILE if spec and spec.origin else None
    return path if path and path.exists() else None


def _signs(family: str) -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return frozenset(get_font(findfont(FontProperties(family=[family]), fallback_to_default=False)).get_charmap())
