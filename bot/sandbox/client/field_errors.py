"""The errors that Slack's client shows at fields before it sends a submission, in the person's language."""

import re

from bot.sandbox.blocks.structure import VALUE_FORMS
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.views import View

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
WEB_ADDRESS = re.compile(r"https?://\S+")
#: Each error in English and in Chinese.
WORDS = {
    "required": ("Please complete this required field.", "请填写此必填字段。"),
    "address": ("Please enter a valid address.", "请输入有效的地址。"),
    "shorter": ("Please use at least {0} characters.", "请至少输入 {0} 个字符。"),
    "number": ("Please enter a number.", "请输入数字。"),
    "below": ("Please enter a number of at least {0}.", "请输入不小于 {0} 的数字。"),
    "above": ("Please enter a number of at most {0}.", "请输入不大于 {0} 的数字。"),
}


def field_errors(view: View, locale: str) -> dict[str, str]:
    """Return the errors of the entries in a view, by block_id, in the language of `locale` (English or Chinese)."""
    found: dict[str, str] = {}
    for block in view.blocks:
        if block["type"] == "input":
            element = block["element"]
            held = view.state[block["block_id"]][element["action_id"]]
            if wrong := _wrong(element, held.get(VALUE_FORMS[element["type"]].key), bool(block.get("optional"))):
                word, *details = wrong
                found[block["block_id"]] = WORDS[word][locale.startswith("zh")].format(*details)
    return found


def _wrong(element: Json, value: object, optional: bool) -> tuple[str, ...] | None:
    """Return the key of the error in `WORDS` and its details, or None if the value is valid."""
    if value in (None, "", []):
        return None if optional else ("required",)
    checks = {"email_text_input": EMAIL, "url_text_input": WEB_ADDRESS}
    if (pattern := checks.get(element["type"])) and not pattern.fullmatch(str(value)):
        return ("address",)
    shortest = element.get("min_length", 0)
    if isinstance(value, str) and len(value) < shortest:
        return "shorter", str(shortest)
    return _wrong_number(element, str(value)) if element["type"] == "number_input" else None


def _wrong_number(element: Json, value: str) -> tuple[str, ...] | None:
    pattern = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if not re.fullmatch(pattern, value):
        return ("number",)
    if "min_value" in element and float(value) < float(element["min_value"]):
        return "below", str(element["min_value"])
    if "max_value" in element and float(value) > float(element["max_value"]):
        return "above", str(element["max_value"])
    return None
