"""The workspace on disk: conversations, messages, App Homes, open modals, read markers and files."""

import base64
import json
import os
from dataclasses import fields
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeVar

from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.channels import Channel
from bot.sandbox.workspace.files import File
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.views import View
from bot.sandbox.workspace.workspace import Workspace

T = TypeVar("T", Channel, File, Message, View)


def save(workspace: Workspace, path: Path, more: Json) -> None:
    """Save the workspace to a file, which is replaced atomically. `more` is saved in the same file."""
    with workspace.state.locked():
        kept = {
            "pulse": workspace.state.position(),
            "channels": [_plain(channel) for channel in workspace.channels.all()],
            "messages": [_plain(message) for message in workspace.messages.all()],
            "homes": workspace.views.homes(),
            "forms": [_plain(view) for view in workspace.views.open_ones()],
            "looks": workspace.read_markers.kept(),
            "files": [_plain(file) for file in workspace.files.all()],
            "more": more,
        }
    # the file holds what people wrote; a file made by `tempfile` can be read by its owner alone
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
        json.dump(kept, draft, ensure_ascii=False)
    os.replace(draft.name, path)


def restore(workspace: Workspace, path: Path) -> Json:
    """Restore a saved workspace and return the `more` that was saved with it.

    Returns an empty object if there is no file.

    Raises:
        ValueError: the file does not hold a saved workspace.
    """
    if not path.exists():
        return {}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        _put_back(workspace, kept)
        more: Json = kept["more"]
    except (KeyError, TypeError, ValueError) as problem:
        raise ValueError(f"{path} holds no workspace ({problem})") from problem
    return more


def _put_back(workspace: Workspace, kept: Json) -> None:
    for channel in kept["channels"]:
        workspace.channels.add(_made(Channel, channel | {"members": frozenset(channel["members"])}))
    for message in kept["messages"]:
        workspace.messages.add(_made(Message, _with_tuples(message) | {"reader": workspace.reader}))
    for user, body in kept["homes"].items():
        workspace.views.publish(user, body)
    for form in kept.get("forms", ()):
        workspace.views.put_back(_made(View, _with_tuples(form)))
    workspace.read_markers.put_back(kept.get("looks", {}))
    for file in kept["files"]:
        content = file["content"]
        workspace.files.add(
            _made(File, _with_tuples(file) | {"content": None if content is None else base64.b64decode(content)})
        )
    workspace.state.resume_from(kept["pulse"])


def _plain(thing: Channel | File | Message | View) -> Json:
    """Return the fields as JSON values, except the `reader`, which is not saved."""
    return {one.name: _json(getattr(thing, one.name)) for one in fields(thing) if one.name != "reader"}


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return sorted(value) if isinstance(value, frozenset) else value


def _with_tuples(kept: Json) -> Json:
    """Convert lists to tuples, as the frozen records hold them; also lists within lists (reactions are pairs)."""
    return {name: _tuple(value) if isinstance(value, list) else value for name, value in kept.items()}


def _tuple(values: list[Any]) -> tuple[Any, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


def _made(kind: type[T], kept: Json) -> T:
    return kind(**kept)
