"""blocks.validate: whether Slack would take blocks, a message or a view (slack-2026.md §1.2)."""

from typing import Literal

from bot.sandbox.api.methods.registry import Arguments, bad_arguments, method
from bot.sandbox.blocks.validation.messages import check_blocks
from bot.sandbox.blocks.validation.views import Kind, check_view
from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.workspace import Workspace

What = Literal["blocks", "message", "view"]
_WHATS: tuple[What, ...] = ("blocks", "message", "view")


@method("blocks.validate", token="none", per_minute=100)
def validate(workspace: Workspace, arguments: Arguments) -> Json:
    """Return nothing of what Slack would take, and otherwise the error `invalid_…` with the places that are wrong.

    How often Slack lets it be called is not published (*special rate limits*).
    """
    given = [what for what in _WHATS if what in arguments]
    if len(given) != 1:
        raise bad_arguments("must provide exactly one of `blocks`, `message` and `view`")
    (what,) = given
    if problems := _problems(what, arguments.parsed(what)):
        raise SlackError(f"invalid_{what}", errors=[_error(problem, what) for problem in problems])
    return {}


def _problems(what: What, content: object) -> list[str]:
    if what == "blocks":
        return check_blocks(content) if isinstance(content, list) else ["must provide an array [json-pointer:/blocks]"]
    if not isinstance(content, dict):
        return [f"must provide an object [json-pointer:/{what}]"]
    if what == "message":
        return check_blocks(content.get("blocks") or [])
    kind: Kind = "home" if content.get("type") == "home" else "modal"
    return check_view(content, kind)


def _error(problem: str, what: What) -> Json:
    """Return a problem as this method reports it; its pointer begins in what was given, not in the call."""
    message, _, pointer = problem.partition(" [json-pointer:")
    within = pointer.removesuffix("]").removeprefix("" if what == "message" else f"/{what}")
    return {"pointer": within, "code": "failed_constraint", "message": message}
