"""Which messages are a person's words, and what those words are (slack-2026.md §4). Pure functions."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.slack.views.escape import escape

Payload = Mapping[str, Any]
#: The kinds of messages that people write. A message without a subtype is one as well.
_WRITTEN = (None, "file_share", "thread_broadcast", "me_message")
#: The texts of an attachment that people read, from top to bottom.
_TEXTS = ("pretext", "title", "text")


def is_of_person(message: Payload) -> bool:
    """Return whether a message event is what a person wrote: no edit, no notice of Slack, nothing that a bot posted."""
    written = message.get("subtype") in _WRITTEN and bool(message.get("user"))
    return written and not message.get("bot_id") and not message.get("hidden")


def words_of(message: Payload) -> str:
    """Return the words of a message in mrkdwn: its text or else its blocks, its attachments, and its files as links."""
    own = str(message.get("text") or "") or _in_blocks(message.get("blocks"))
    attached = map(_attachment, _dicts(message.get("attachments")))
    return _lines([own, *attached, *map(_file, _dicts(message.get("files")))])


def _attachment(attachment: Payload) -> str:
    """Return the words of an attachment; nothing for the preview of a link, which its author did not write."""
    if "from_url" in attachment and not (attachment.get("is_share") or attachment.get("is_msg_unfurl")):
        return ""
    fields = (_lines([one.get("title"), one.get("value")]) for one in _dicts(attachment.get("fields")))
    words = _lines([*(attachment.get(name) for name in _TEXTS), *fields, _in_blocks(attachment.get("blocks"))])
    return words or str(attachment.get("fallback") or "")


def _file(file: Payload) -> str:
    name, link = escape(str(file.get("name") or file.get("title") or "")), file.get("permalink")
    return f"<{link}|{name}>" if link and name else name


def _in_blocks(blocks: Any) -> str:
    return _lines("".join(_texts(block)) for block in _dicts(blocks))


def _texts(part: Any) -> Iterator[str]:
    """Yield the texts of a block or a part of one, in the order of reading. Parts that are not known yet count too."""
    if isinstance(part, list):
        for one in part:
            yield from _texts(one)
    elif isinstance(part, Mapping):
        yield from _own_text(part)
        for name in ("title", "fields", "elements", "rows", "child_blocks"):
            yield from _texts(part.get(name))
        if str(part.get("type")).startswith(("rich_text_", "raw_", "mrkdwn", "plain_text")):
            yield "\n"


def _own_text(part: Payload) -> Iterator[str]:
    """Yield the text of one part. What is not mrkdwn already is escaped."""
    text, target = part.get("text"), part.get("url")
    match part.get("type"):
        case "user" | "channel" as kind:
            yield f"<{'@' if kind == 'user' else '#'}{part.get(f'{kind}_id')}>"
        case "emoji":
            yield f":{part.get('name')}:"
        case "link":
            yield f"<{target}|{escape(str(text))}>" if text else f"<{target}>"
        case "mrkdwn" | "markdown":
            yield str(text)
        case _ if isinstance(text, str):
            yield escape(text)
        case _:
            yield from _texts(text)


def _lines(parts: Iterable[Any]) -> str:
    """Join the parts that are not empty, one a line."""
    found = (str(part or "").strip() for part in parts)
    return "\n".join(part for part in found if part)


def _dicts(value: Any) -> list[Payload]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
