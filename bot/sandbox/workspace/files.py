"""Files: the three upload steps, and what was uploaded."""

from dataclasses import dataclass, replace
from typing import Any

from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json, Pulse


@dataclass(frozen=True)
class File:
    """One file on its way or uploaded; `content` is None until the bytes arrived."""

    id: str
    name: str
    length: int
    user: str
    title: str = ""
    content: bytes | None = None
    completed: bool = False
    deleted: bool = False
    channels: tuple[str, ...] = ()

    def to_payload(self, base_url: str) -> Json:
        """Return the `file` object of the Web API."""
        address = f"{base_url}/files-pri/{self.id}/{self.name}"
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "size": self.length,
            "user": self.user,
            "filetype": self.name.rpartition(".")[2],
            "url_private": address,
            "url_private_download": address,
            "channels": list(self.channels),
        }


class Files:
    """All files of the workspace."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._files: dict[str, File] = {}

    def announce(self, name: str, length: int, user: str) -> File:
        """Return a new file whose bytes are still to come."""
        return self._keep(File(self._pulse.new_id("F"), name, length, user))

    def put(self, name: str, content: bytes, user: str) -> File:
        """Store a file that a person uploaded."""
        new = File(self._pulse.new_id("F"), name, len(content), user, content=content, completed=True)
        return self._keep(new)

    def change(self, file: File, **changes: Any) -> File:
        """Change a file: its `content`, `title`, `channels`."""
        return self._keep(replace(file, **changes))

    def known(self, file_id: str) -> File:
        """Return the file of this id.

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
        """Put a file back that was stored before."""
        return self._keep(file)

    def all(self) -> list[File]:
        """Return every file, oldest first."""
        return list(self._files.values())

    def _keep(self, file: File) -> File:
        with self._pulse.change():
            self._files[file.id] = file
            return file
