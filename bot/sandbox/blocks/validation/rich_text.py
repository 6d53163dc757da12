"""Rich text: sections, lists, quotes, code, and their inline elements; also the cells of tables."""

from bot.sandbox.blocks.validation.rules import (
    Rule,
    anything,
    boolean,
    by_type,
    integer,
    list_of,
    one_of,
    record,
    string,
)

_STYLE: dict[str, Rule] = {
    "style": record(
        {}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight"), boolean), more=True
    )
}
_INLINE: dict[str, Rule] = {
    "text": record({"text": string(shortest=1)}, _STYLE),
    "link": record({"url": string(3000, 1)}, {**_STYLE, "text": string(), "unsafe": boolean}),
    "user": record({"user_id": string(pattern=r"[UW]\w+")}, _STYLE),
    "usergroup": record({"usergroup_id": string(pattern=r"S\w+")}, _STYLE),
    "channel": record({"channel_id": string(pattern=r"[CDG]\w+")}, _STYLE),
    "team": record({"team_id": string(pattern=r"T\w+")}, _STYLE),
    "emoji": record({"name": string(shortest=1)}, {**_STYLE, "unicode": string(), "skin_tone": integer(1, 6)}),
    "broadcast": record({"range": one_of("here", "channel", "everyone")}, _STYLE),
    "color": record({"value": string(shortest=1)}, _STYLE),
    "date": record(
        {"timestamp": integer(), "format": string(shortest=1)},
        {**_STYLE, "url": string(), "fallback": string()},
    ),
}
_inline = list_of(by_type(lambda findings: _INLINE))
_BORDER: dict[str, Rule] = {"border": integer(0, 1)}
_SECTION = record({"elements": _inline}, {})
_PARTS: dict[str, Rule] = {
    "rich_text_section": _SECTION,
    "rich_text_list": record(
        {
            "style": one_of("bullet", "ordered"),
            "elements": list_of(by_type(lambda findings: {"rich_text_section": _SECTION})),
        },
        {**_BORDER, "indent": integer(0, 8), "offset": integer(0)},
    ),
    "rich_text_preformatted": record({"elements": _inline}, {**_BORDER, "language": string()}),
    "rich_text_quote": record({"elements": _inline}, _BORDER),
}
rich_text = by_type(lambda findings: _PARTS)
_CELLS: dict[str, Rule] = {
    "raw_text": record({"text": string()}, {}),
    "raw_number": record({}, {}, more=True),
    "rich_text": record({"elements": list_of(rich_text, least=1)}, {"block_id": anything}),
}
table_cell = by_type(lambda findings: _CELLS)
