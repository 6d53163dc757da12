"""Blocks, views and elements for the tests, each with the least that Slack accepts."""

from typing import Any

Json = dict[str, Any]


def plain(text: str = "text") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "text") -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "text", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def option(text: str = "One", value: str = "one", **more: Any) -> Json:
    return {"text": plain(text), "value": value, **more}


def options(count: int) -> list[Json]:
    return [option(f"Option {n}", f"o{n}") for n in range(count)]


def button(action_id: str = "go", value: str = "1", text: str = "Go", **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(text), "value": value, **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def text_input(**more: Any) -> Json:
    return {"type": "plain_text_input", "action_id": "value", **more}


def select(*chosen: Json, **more: Any) -> Json:
    return {"type": "static_select", "action_id": "value", "options": list(chosen) or options(2), **more}


def field(element: Json, block_id: str = "field", **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain("Label"), "element": element, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    standard = {"type": "modal", "callback_id": "form", "title": plain("Form"), "submit": plain("Send")}
    return {**standard, "blocks": list(blocks) or [section()], **more}


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks) or [section("home")], **more}


def without(content: Json, *names: str) -> Json:
    return {name: value for name, value in content.items() if name not in names}
