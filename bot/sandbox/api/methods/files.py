"""files.*: the upload in three steps. The second one is a plain POST to the upload URL, served by `api.server`."""

from bot.sandbox.api.methods.access import joined_channel
from bot.sandbox.api.methods.registry import Arguments, bad_arguments, method
from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.channels import Channel
from bot.sandbox.workspace.files import File
from bot.sandbox.workspace.message_checks import MessageContent
from bot.sandbox.workspace.workspace import Workspace


@method("files.getUploadURLExternal", scopes=("files:write",), required=("filename",), per_minute=100)
def get_upload_url(workspace: Workspace, arguments: Arguments) -> Json:
    """Register a file, and return the URL to which its bytes are uploaded."""
    length = arguments.number("length", 0)
    if length <= 0:
        raise SlackError("missing_argument")
    file = workspace.files.announce(arguments.text("filename"), length, workspace.bot_user_id)
    return {"upload_url": f"{workspace.base_url}/upload/v1/{file.id}", "file_id": file.id}


@method("files.completeUploadExternal", scopes=("files:write",), required=("files",), per_minute=100)
def complete_upload(workspace: Workspace, arguments: Arguments) -> Json:
    """Complete uploads, and share the files if channels are given."""
    listed = arguments.parsed("files")
    if not isinstance(listed, list) or not all(isinstance(item, dict) and "id" in item for item in listed):
        raise bad_arguments("must provide an array of objects [json-pointer:/files]")
    channels = arguments.listed("channels") or arguments.listed("channel_id")
    targets = [joined_channel(workspace, channel_id) for channel_id in channels]
    arrived = [_uploaded(workspace, str(item["id"])) for item in listed]
    names = tuple(target.id for target in targets)
    done = [
        workspace.files.change(file, completed=True, channels=names, title=str(item.get("title") or file.name))
        for file, item in zip(arrived, listed, strict=True)
    ]
    for target in targets:
        _share(workspace, target, done, arguments)
    return {"files": [file.to_payload(workspace.base_url) for file in done]}


@method("files.info", scopes=("files:read",), required=("file",), per_minute=100)
def info(workspace: Workspace, arguments: Arguments) -> Json:
    """Return one file."""
    file = workspace.files.known(arguments.text("file"))
    return {"file": file.to_payload(workspace.base_url), "comments": []}


def _uploaded(workspace: Workspace, file_id: str) -> File:
    file = workspace.files.known(file_id)
    if file.content is None or file.completed:
        raise SlackError("file_not_found")
    return file


def _share(workspace: Workspace, channel: Channel, files: list[File], arguments: Arguments) -> None:
    payloads = tuple(file.to_payload(workspace.base_url) for file in files)
    draft = MessageContent(text=arguments.text("initial_comment"))
    thread_ts = arguments.text("thread_ts") or None
    workspace.post(channel.id, workspace.bot_user_id, draft, thread_ts=thread_ts, files=payloads)
