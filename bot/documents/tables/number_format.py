"""How Excel shows a number: the part of its number formats that people give to versions, numbers and dates.

A format has up to four sections (positive; negative; zero; text). A number is shown by its section: digits, thousands
separators, percent signs, and literal characters around them.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

#: The built-in formats by their numbers. Those that show dates stand for all their kind, as a date is read as a moment;
#: the dates from 27 on are Chinese, Japanese and Korean.
BUILT_IN = {
    **dict.fromkeys((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)), "yyyy-mm-dd hh:mm"),
    **{0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 49: "@"},
    **dict.fromkeys((37, 38), "#,##0"),
    **dict.fromkeys((39, 40), "#,##0.00"),
}
#: The longest format of Excel, in characters. A number is shown with all that its format holds, so a longer one of a
#: hostile file could make each cell as long.
MAX_LENGTH = 255
_GENERAL = ("general", "@")
#: Text in quotes, an escaped character, a space as wide as a character, and what is written in brackets.
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|[_*](.)|\[([^\]]*)\]')
_DATE = re.compile(r"[dmyhs]", re.IGNORECASE)
_DIGITS = re.compile(r"[#0?,]*[#0?](?:\.[#0?]*)?|\.[#0?]+")
#: A condition or another script: the number is shown in a way that is not known here.
_UNKNOWN = re.compile(r"[<>=]|DBNum", re.IGNORECASE)
_SECTION_END = re.compile(r'("[^"]*"|\\.)|;')
#: Marks of a literal while the rest of a section is read, and between two sections.
_KEPT, _END = "\ufffc", "\0"


class UnknownFormat(Exception):
    """The number is shown in a way that cannot be told from its format: as a fraction, a power of ten …"""


def is_date(code: str) -> bool:
    """Return whether a format shows dates or times."""
    return _DATE.search(_LITERAL.sub(_bare, _sections(code)[0])) is not None


def _sections(code: str) -> list[str]:
    return _SECTION_END.sub(lambda found: found[1] or _END, code).split(_END)


def _bare(found: re.Match[str]) -> str:
    """Return what a literal says of dates: nothing, but for `[h]`, which counts hours."""
    return found[4] if re.fullmatch("h+|m+|s+", found[4] or "", re.IGNORECASE) else ""


def shown(number: str, code: str) -> str:
    """Return a stored number as Excel shows it. Raises `UnknownFormat`, and ValueError for what is no number."""
    value = Decimal(f"{float(number):.15g}")  # Excel shows 15 digits of what is stored
    sections = _sections(code)
    section, sign = sections[0], "-" if value < 0 else ""
    if value < 0 and len(sections) > 1:
        section, sign = sections[1], ""
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    if section.strip().lower() in _GENERAL:
        return f"{value:f}"
    return sign + _filled(abs(value), section)


def _filled(value: Decimal, section: str) -> str:
    literals: list[str] = []

    def keep(found: re.Match[str]) -> str:
        quoted, escaped, space, bracket = found.groups()
        if bracket is not None and _UNKNOWN.search(bracket):
            raise UnknownFormat(section)
        currency = bracket.removeprefix("$").partition("-")[0] if bracket and bracket.startswith("$") else ""
        literals.append(quoted or escaped or (" " if space and found[0][0] == "_" else "") or currency)
        return _KEPT

    rest = _LITERAL.sub(keep, section)
    places = list(_DIGITS.finditer(rest))
    around = _DIGITS.sub("", rest).replace(_KEPT, "")
    if len(places) > 1 or re.search(r"[A-Za-z/@?,]", around) or (places and "?" in places[0][0]):
        raise UnknownFormat(section)
    if places:
        value *= 100 ** rest.count("%")
        rest = rest[: places[0].start()] + _digits(value, places[0][0]) + rest[places[0].end() :]
    kept = iter(literals)
    return "".join(next(kept) if sign == _KEPT else sign for sign in rest).strip()


def _digits(value: Decimal, pattern: str) -> str:
    """Return the digits of a positive number by a pattern such as `#,##0.00`."""
    whole, _point, decimals = pattern.partition(".")
    rounded = value.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    before, _point, after = f"{rounded:f}".partition(".")
    before = (before if int(before) else "").rjust(whole.count("0"), "0")
    if "," in whole:
        before = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", before)
    least = decimals.rfind("0") + 1
    while len(after) > least and after.endswith("0"):
        after = after[:-1]
    return f"{before}.{after}" if "." in pattern else before
