"""The styles of the built-in templates: fonts, colors and spacing. Font sizes are in half points, lengths in twips."""

from bot.documents.word.wordprocessingml import NAMESPACES

#: A font with Latin and Chinese characters of one design, and the one that Word uses if it is not installed.
_FONT, _INSTEAD = "Noto Sans CJK SC", "Microsoft YaHei"
_MONO, _MONO_INSTEAD = "DejaVu Sans Mono", "Consolas"
_INK, _QUIET, _HAIR, _ALARM = "1F2A44", "5A6478", "B8C0CC", "B00020"
LABEL_FILL = "F1F4F8"
#: The right edge of the text, in twips.
_RIGHT = 9638


def _style(name: str, paragraph: str, run: str, *, based_on: str = "Normal", shown: str | None = None) -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{shown or name}"/>'
        f'<w:basedOn w:val="{based_on}"/><w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>'
    )


def _spacing(before: int, after: int) -> str:
    return f'<w:spacing w:before="{before}" w:after="{after}"/>'


def _font(size: int, color: str = _INK, *, bold: bool = False) -> str:
    return f'{"<w:b/>" if bold else ""}<w:color w:val="{color}"/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'


def _fonts(name: str) -> str:
    return f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{_FONT}" w:cs="{name}"/>'


def _borders(*sides: str) -> str:
    return "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{_HAIR}"/>' for side in sides)


def _heading(level: int, size: int, before: int) -> str:
    kept = f'<w:keepNext/>{_spacing(before, 80)}<w:outlineLvl w:val="{level - 1}"/>'
    return _style(f"Heading{level}", kept, _font(size, bold=True), shown=f"heading {level}")


_RUNNING = f'<w:tabs><w:tab w:val="right" w:pos="{_RIGHT}"/></w:tabs>' + _spacing(0, 0)

STYLES = "".join(
    (
        f"<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>{_fonts(_FONT)}",
        '<w:sz w:val="20"/><w:szCs w:val="20"/><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>',
        "</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>",
        '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>',
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>',
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>',
        '<w:tblPr><w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar>',
        "</w:tblPr></w:style>",
        '<w:style w:type="table" w:styleId="Grid"><w:name w:val="Grid"/><w:basedOn w:val="TableNormal"/><w:tblPr>',
        f"<w:tblBorders>{_borders('top', 'left', 'bottom', 'right', 'insideH', 'insideV')}</w:tblBorders>",
        '<w:tblCellMar><w:top w:w="30" w:type="dxa"/><w:left w:w="100" w:type="dxa"/>',
        '<w:bottom w:w="30" w:type="dxa"/><w:right w:w="100" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>',
        _style("Title", f'{_spacing(0, 160)}<w:jc w:val="center"/>', _font(34, bold=True)),
        _heading(1, 23, 220),
        _heading(2, 19, 130),
        _style("Label", "", _font(17, _QUIET)),
        _style("Value", "", _font(18)),
        _style("Small", "", _font(16)),
        _style("Caption", f"<w:keepNext/>{_spacing(100, 40)}", _font(17, _QUIET), shown="caption"),
        _style("Gap", "", _font(10)),
        _style("Legend", _spacing(60, 0), _font(15, _QUIET)),
        _style("Letter", '<w:jc w:val="center"/>', _font(18, bold=True)),
        _style("Hash", "", _fonts(_MONO) + _font(13)),
        _style("Reserved", f'{_spacing(0, 40)}<w:jc w:val="center"/>', _font(16, _ALARM, bold=True)),
        _style("Notice", f'{_spacing(0, 200)}<w:jc w:val="center"/>', _font(22, _ALARM, bold=True)),
        _style(
            "Header",
            f"<w:pBdr>{_borders('bottom')}</w:pBdr>{_RUNNING}",
            _font(16, _QUIET),
            shown="header",
        ),
        _style("Footer", _RUNNING, _font(14, _QUIET), shown="footer"),
        "</w:styles>",
    )
)
SETTINGS = (
    f"<w:settings {NAMESPACES}><w:compat><w:compatSetting"
    ' w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
)
FONT_TABLE = (
    f'<w:fonts {NAMESPACES}><w:font w:name="{_FONT}"><w:altName w:val="{_INSTEAD}"/></w:font>'
    f'<w:font w:name="{_MONO}"><w:altName w:val="{_MONO_INSTEAD}"/></w:font></w:fonts>'
)
