"""The statistics as pictures: for any text, in both languages, with any font, and without missing glyphs.

Warnings are errors in tests, so a character that no font has ("Glyph … missing") fails the test.
"""

import struct
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from matplotlib.text import Text

from bot.casework.statistics.measures import FIGURES, Measure, StatisticsQuery, Unit
from bot.casework.statistics.periods import Period
from bot.documents.charts import fonts
from bot.documents.charts.canvas import MARGIN, SKY, VERMILLION, WIDTH, Picture
from bot.documents.charts.charts import charts
from bot.documents.charts.fonts import Typeface, typeface, typeface_of
from bot.documents.charts.rows import Columns, Row
from bot.documents.file import File
from bot.i18n.translator import Translator, translator
from storage.vocabulary import OPEN_STATES
from tests.support.long_values import long
from tests.support.sample_cases import HOSTILE

NOW = datetime(2026, 12, 1, tzinfo=UTC)
NOVEMBER = Period(NOW.date() - timedelta(days=30), NOW.date() - timedelta(days=1), NOW - timedelta(days=30), NOW)
ENGLISH, CHINESE = translator("en", "Asia/Shanghai"), translator("zh-CN", "Asia/Shanghai")
BOTH = pytest.mark.parametrize("t", [ENGLISH, CHINESE], ids=["en", "zh-CN"])
MODULES = ("Billing Suite 计费账务系统 / Rating 批价", "Port Exchange / 证书登录", None)
LATIN = typeface_of(None)


def measures(modules: Sequence[str | None] = MODULES, size: int = 40) -> list[Measure]:
    """Every measure with example numbers. The parts of a measure become smaller and smaller."""
    return [
        _measure(figure.code, figure.name, figure.unit, part, size // place)
        for figure in FIGURES
        for place, part in enumerate(modules if figure.parts is None else figure.parts or (None,), 1)
    ]


def _measure(code: str, name: str | None, unit: Unit, part: str | None, n: int) -> Measure:
    rate = unit in (Unit.SHARE, Unit.INDEX)
    numerator = float(n) * (1 if rate else 86_400)
    value = (0.25 if unit is Unit.SHARE else numerator / 40) if n else None
    return Measure(code, name, part, unit, numerator, 2 * n if rate else n, n, value)


def drawn(
    found: Sequence[Measure], t: Translator = ENGLISH, font: Typeface | None = None, **names: str
) -> tuple[File, ...]:
    return charts(found, StatisticsQuery(NOVEMBER, **names), t, NOW, font)


def size_of(file: File) -> tuple[int, int]:
    """Width and height of a PNG."""
    assert file.content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", file.content[16:24])
    return width, height


@BOTH
def test_five_pictures_have_the_width_that_a_phone_can_show(t: Translator) -> None:
    files = drawn(measures(), t, customer="Nanling Mobile 南岭移动", product="Billing Suite 计费账务系统")
    assert [file.name.rpartition("_")[2] for file in files] == [
        *("time.png", "flow.png", "quality.png", "modules.png", "work.png"),
    ]
    assert all(size_of(file)[0] == WIDTH for file in files)
    assert all(400 < size_of(file)[1] < 1600 for file in files)
    assert all(len(file.content) < 200_000 for file in files)
    assert ("瓶颈" if t is CHINESE else "Bottleneck") in files[0].title
    assert all("2026-11-01_2026-11-30" in file.name for file in files)


@pytest.mark.parametrize("t", [long(ENGLISH), CHINESE], ids=["en", "zh-CN"])
def test_the_same_measures_give_the_same_bytes(t: Translator) -> None:
    once = drawn(measures(), t)
    assert once == drawn(measures(), t)
    assert once != drawn(measures(size=41), t)
    assert not any(word in file.content for file in once for word in (b"Software", b"tEXt", b"tIME"))


@pytest.mark.parametrize("font", [None, long(LATIN)], ids=["all signs", "no Chinese"])
@pytest.mark.parametrize("texts", [tuple(HOSTILE.values())[:8], tuple(HOSTILE.values())[8:]], ids=["some", "others"])
def test_any_typed_name_is_drawn(texts: tuple[str, ...], font: Typeface | None) -> None:
    modules = (*(f"{text[:200]} / {text[:200]}" for text in texts), "$x^2$ \\$ _{a}", None)
    files = drawn(measures(modules), CHINESE, font, customer=texts[0][:200], product=texts[3][:200])
    assert len(files) == 5


def test_charts_without_data_are_left_out() -> None:
    assert drawn(measures((), 0)) == ()
    unknown = drawn(measures((None,)))
    assert not any("modules" in file.name for file in unknown), "no module has a name yet"


@pytest.mark.parametrize("count", [1, 11, 40])
def test_any_number_of_modules_fits_into_the_picture(count: int) -> None:
    modules = [f"Product / Module {number}" for number in range(count)]
    (file,) = [file for file in drawn(measures(modules)) if "modules" in file.name]
    assert "module" in file.title
    assert size_of(file)[1] < 1600


def test_a_period_that_still_lasts_says_until_when() -> None:
    lasting = StatisticsQuery(Period(NOVEMBER.first, NOVEMBER.last, NOVEMBER.since, NOW + timedelta(days=1)))
    assert charts(measures(), lasting, ENGLISH, NOW) != charts(measures(), StatisticsQuery(NOVEMBER), ENGLISH, NOW)


# ---- Fonts -----------------------------------------------------------------------------------------------------


def test_a_font_with_simplified_chinese_is_found() -> None:
    assert typeface().chinese
    assert typeface().families[0] != "DejaVu Sans"


def test_a_missing_glyph_raises_a_warning() -> None:
    picture = Picture(LATIN)
    picture.text(MARGIN, 100, "批价")
    with pytest.warns(UserWarning, match="missing from"):
        picture.png()


def test_without_a_chinese_font_the_charts_are_in_english() -> None:
    assert not LATIN.chinese
    assert [file.title for file in drawn(measures(), CHINESE, LATIN)] == [
        file.title for file in drawn(measures(), ENGLISH, LATIN)
    ]


def test_characters_that_the_font_lacks_are_left_out() -> None:
    assert LATIN.legible("Rating 批价 V2\u202e\n3") == "Rating … V2 3"
    assert LATIN.legible("批价") == "…"
    assert typeface().legible("Rating 批价 👩‍💻") == "Rating 批价 …"


def test_the_font_file_of_the_package_is_preferred(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Any installed font stands in for the file of the package here."""
    from matplotlib.font_manager import FontProperties, findfont, fontManager

    package = tmp_path / fonts._PACKAGE
    package.mkdir()
    (package / "__init__.py").touch()
    there = Path(findfont(FontProperties(family=[typeface().families[0]])).path)
    (package / fonts._FILE).symlink_to(there)
    monkeypatch.syspath_prepend(tmp_path)
    known = list(fontManager.ttflist)
    try:
        assert fonts._packaged() == package / fonts._FILE
        assert next(fonts._found()) == typeface().families[0]
    finally:
        fontManager.ttflist[:] = known


def test_fonts_installed_after_matplotlib_built_its_list_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.font_manager import fontManager

    if fonts._packaged():
        pytest.skip("the package's font comes first")
    known = [entry for entry in fontManager.ttflist if "CJK" not in entry.name]
    monkeypatch.setattr(fontManager, "ttflist", known)
    assert next(fonts._found()) == typeface().families[0]


# ---- The picture -----------------------------------------------------------------------------------------------


@BOTH
def test_the_names_of_states_are_not_cut(t: Translator) -> None:
    for font in (typeface(), LATIN):
        if t is ENGLISH or font.chinese:
            picture = Picture(font)
            names = [t.word(state) for state in OPEN_STATES]
            columns = Columns(picture, [Row(name, 1, "100.0%", "99 d 23 h × 1,234") for name in names])
            for name in names:
                columns.write(picture, Row(name, 1, ""), 0)
            written = {artist.get_text() for artist in picture._drawn if isinstance(artist, Text)}
            assert set(names) <= written
            assert columns.end - columns.start - columns.values > 100, "there is space for the bars"


def test_long_text_is_cut_or_wrapped() -> None:
    picture = Picture(typeface())
    assert picture.fitted("short", 300) == "short"
    cut = picture.fitted("批价进程异常退出" * 20, 300)
    assert cut.endswith("…")
    assert picture.width(cut) <= 300
    before = picture.y
    picture.paragraph("one line", 30)
    one = picture.y - before
    picture.paragraph("many words " * 200, 30, most=3)
    assert picture.y - before == pytest.approx(4 * one)


def test_a_picture_has_a_light_background_and_the_chosen_colors() -> None:
    from PIL import Image

    time = drawn(measures())[0]
    with Image.open(BytesIO(time.content)) as image:
        pixels = image.convert("RGB").tobytes()
    counts = Counter(zip(*(pixels[shade::3] for shade in range(3)), strict=True))
    (paper, most), *others = counts.most_common(6)
    assert min(paper) > 250
    assert most > 0.7 * len(pixels) / 3
    assert tuple(bytes.fromhex(VERMILLION[1:])) in dict(others), "the bottleneck is drawn in this color"
    assert tuple(bytes.fromhex(SKY[1:])) in dict(others)
