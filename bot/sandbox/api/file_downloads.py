"""The address of a file (`url_private`): its bytes for whoever has a token with `files:read`, else the sign-in page."""

from bot.sandbox.api.gateway import Reply, failed_reply
from bot.sandbox.errors import SlackError
from bot.sandbox.workspace.workspace import Workspace

#: The name under which failures of downloads are injected; they may be limited to one `file` by its id.
METHOD = "files.download"
SIGN_IN_PAGE = "<!DOCTYPE html><html><body>Sign in to your workspace</body></html>"
_PAGE = {"Content-Type": "text/html; charset=utf-8"}


def answer_download(workspace: Workspace, file_id: str, authorization: str) -> Reply:
    """Answer a request for the bytes of a file, and log it.

    Whoever may not read it is sent to the sign-in page, which has status 200 (slack-2026.md §3).
    """
    reply = _answer(workspace, file_id, authorization)
    workspace.log.note("from_app", METHOD, {"file": file_id}, None if reply.broken else reply.status, None, 0.0)
    return reply


def sign_in_page() -> Reply:
    """Return the page that asks a person to sign in."""
    return Reply(200, SIGN_IN_PAGE, _PAGE)


def _answer(workspace: Workspace, file_id: str, authorization: str) -> Reply:
    if authorization != f"Bearer {workspace.bot_token}" or not workspace.manifest.granted("files:read"):
        return Reply(302, "", {"Location": f"{workspace.base_url}/login"})
    try:
        failure = workspace.failures.next(METHOD, {"file": file_id})
        if failure and failure.kind == "sign_in":
            return sign_in_page()
        if failure and failure.kind != "cut_answer":
            return failed_reply(failure)
        content = workspace.files.known(file_id).content or b""
    except SlackError as problem:
        return Reply(404, problem.error)
    return Reply(content=content, cut=failure is not None)
