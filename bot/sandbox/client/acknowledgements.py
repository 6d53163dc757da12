"""The effects of an acknowledgement: posting a message, closing or changing a modal, offering options."""

from dataclasses import replace
from typing import Any

from bot.sandbox.blocks.validation.composition import check_option_list
from bot.sandbox.blocks.validation.views import check_view
from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.deliveries import Answer, Submission
from bot.sandbox.workspace.message_checks import MessageContent, message_content
from bot.sandbox.workspace.views import View
from bot.sandbox.workspace.workspace import Workspace


def show_command_answer(ws: Workspace, answer: Answer, user: str, channel: str, typed: str) -> Answer:
    """Post the message that a command's acknowledgement carries, and return the answer with that message.

    A message for the whole channel is preceded by the typed command (slack-platform.md §1.3).
    """
    if answer.error or not answer.body:
        return answer
    content = answer.body if isinstance(answer.body, dict) else {"text": str(answer.body)}
    public = content.get("response_type") == "in_channel"
    try:
        draft = message_content(content)
    except SlackError as problem:
        ws.app_bug(f"the answer to {typed} is refused: {problem.to_json()}")
        return answer
    if public:
        ws.post(channel, user, MessageContent(text=typed))
    message = ws.post(channel, ws.bot_user_id, draft, ephemeral_to=None if public else user)
    return replace(answer, message=message)


def take_submission_answer(ws: Workspace, view: View, answer: Answer) -> Submission:
    """Close or change the modals as the acknowledgement of a submission says (slack-platform.md §1.5)."""
    if answer.error:
        return Submission({}, closed=False, answer=answer)
    body = answer.body
    if not body:
        ws.views.close(view.user)
        return Submission({}, closed=True, answer=answer)
    action = body.get("response_action") if isinstance(body, dict) else None
    match action:
        case "clear":
            ws.views.close(view.user, everything=True)
        case "update" | "push":
            _change_view(ws, view, action, body.get("view"))
        case "errors":
            return _show_errors(ws, view, answer, body.get("errors"))
        case _:
            ws.app_bug(f"the answer to the submission of {view.callback_id} is not understood: {body!r}")
    return Submission({}, closed=ws.views.find(view.id) is None, answer=answer)


def offered_options(ws: Workspace, answer: Answer) -> list[Json]:
    """Return the options that the app offers for what a person typed, or none if the answer is invalid."""
    body = answer.body if isinstance(answer.body, dict) else {}
    if problems := check_option_list(body):
        ws.app_bug(f"the offered options are refused: {answer.error or problems}")
        return []
    groups = body.get("option_groups") or ()
    return [*(body.get("options") or ()), *(option for group in groups for option in group["options"])]


def _change_view(ws: Workspace, view: View, action: str, body: Any) -> None:
    problems = check_view(body, "modal") if isinstance(body, dict) else ["must provide an object [json-pointer:/view]"]
    try:
        if problems:
            ws.app_bug(f"the view in the answer to {view.callback_id} is refused: {problems}")
        elif action == "update":
            ws.views.update(view, body)
        else:
            ws.views.push(view.user, body)
    except SlackError as problem:
        ws.app_bug(f"the view in the answer to {view.callback_id} is refused: {problem.error}")


def _show_errors(ws: Workspace, view: View, answer: Answer, errors: Any) -> Submission:
    """Show errors at their fields.

    Slack does not document what it does with a key that is no input block. The stand-in reports it as an app bug.
    """
    if not isinstance(errors, dict) or not errors:
        ws.app_bug(f"the errors for {view.callback_id} are not an object: {errors!r}")
        errors = {}
    for block_id in sorted(set(errors) - set(view.fields)):
        ws.app_bug(f"error at {block_id!r}, which is no input block of {view.callback_id}: {sorted(view.fields)}")
    shown = {block_id: str(text) for block_id, text in errors.items() if block_id in view.fields}
    ws.views.change(view, errors=shown)
    return Submission(shown, closed=False, answer=answer)
