"""Files of the workspace, uploaded by the app in three steps or by a person at once."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json, SharedState


@dataclass(frozen=True)
class File:
    """One file. `length` is in bytes; `content` is None until the bytes are uploaded.

    One that is stored elsewhere has an `external_url`.
    """

    id: str
    name: str
    length: int
    user: str
    title: str = ""
    content: bytes | None = None
    completed: bool = False
    deleted: bool = False
    channels: tuple[str, ...] = ()
    external_url: str | None = None

    def to_payload(self, base_url: str) -> Json:
        """Return the `file` object of the Web API."""
        address = self.external_url or f"{base_url}/files-pri/{self.id}/{quote(self.name, safe='')}"
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "size": self.length,
            "user": self.user,
            "filetype": self.name.rpartition(".")[2],
            "url_private": address,
            "url_private_download": address,
            "permalink": f"{base_url}/files/{self.user}/{self.id}/{quote(self.name, safe='')}",
            "channels": list(self.channels),
        }


class Files:
    """All files of the workspace."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._files: dict[str, File] = {}

    def announce(self, name: str, length: int, user: str) -> File:
        """Register a file whose bytes are still to be uploaded, and return it."""
        return self._keep(File(self._state.new_id("F"), name, length, user))

    def put(self, name: str, content: bytes, user: str) -> File:
        """Store a file that a person uploaded."""
        new = File(self._state.new_id("F"), name, len(content), user, content=content, completed=True)
        return self._keep(new)

    def change(self, file: File, **changes: Any) -> File:
        """Replace fields of a file, such as `content`, `title` or `channels`."""
        return self._keep(replace(file, **changes))

    def known(self, file_id: str) -> File:
        """Return the file with this id.

        Raises:
            SlackError: `file_not_found` or `file_deleted`.
        """
        file = self._files.get(file_id)
        if file is None:
            raise SlackError("file_not_found")
        if file.deleted:
            raise SlackError("file_deleted")
        return file

    def add(self, file: File) -> File:
        """Store a file that was saved earlier."""
        return self._keep(file)

    def all(self) -> list[File]:
        """Return every file, oldest first."""
        return list(self._files.values())

    def _keep(self, file: File) -> File:
        with self._state.change():
            self._files[file.id] = file
            return file
