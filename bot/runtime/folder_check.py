"""Checks that this process sees the folder of files that all processes see, says so in health, and keeps it clean."""

import secrets
from datetime import timedelta

import structlog

from bot.clock import Clocks
from bot.health import FILES, OK, Health
from storage import epochs
from storage.database import Database, Unavailable
from storage.file_contents import FileContents, FolderContents

log = structlog.get_logger(__name__)
#: What is said of a folder whose marker is not the one that the database knows.
ANOTHER_FOLDER = "not the folder of files that the other processes use"
#: An unfinished file is removed when nothing was written to it for so long. A process that writes never pauses so long.
UNFINISHED_KEPT = timedelta(days=1)


class FolderCheck:
    """Compares the marker of the folder with the database, which the first process of an epoch marks it for."""

    def __init__(self, database: Database, clocks: Clocks, contents: FileContents, health: Health) -> None:
        self._database = database
        self._clocks = clocks
        self._contents = contents
        self._health = health
        self._state: str | None = None

    def check(self) -> None:
        """Check once. A state that was told is told again only while it is not well: others tell more of the disk."""
        if not isinstance(self._contents, FolderContents):
            return
        try:
            state = self._found(self._contents)
        except Unavailable:
            log.warning("folder_check.database_unavailable")
            return
        except OSError as error:
            state = f"cannot be used: {error.strerror}"
        if state != OK or state != self._state:
            self._health.finding(FILES, state)
        self._state = state

    def clean(self) -> int:
        """Remove the unfinished files of processes that died; return their number.

        They are old by the time of the file system, which stamps them, and by that of the database, so that a wrong
        clock removes none that is being written.
        """
        if not isinstance(self._contents, FolderContents):
            return 0
        try:
            with self._database.read() as session:
                now = self._clocks.shared(session)
            removed = self._contents.remove_unfinished(min(now, self._contents.now()) - UNFINISHED_KEPT)
        except (Unavailable, OSError) as error:
            log.warning("files.not_cleaned", error=type(error).__name__)  # retried on the next day
            return 0
        if removed:
            log.info("files.unfinished_removed", count=removed)
        return removed

    def _found(self, folder: FolderContents) -> str:
        with self._database.read() as session:
            code = epochs.current(session).files_code
        if code is None:
            code = self._claimed(folder)
        return OK if folder.marked() == code else ANOTHER_FOLDER

    def _claimed(self, folder: FolderContents) -> str:
        """Mark the folder as that of the present epoch, unless another process did it first. Return the code."""
        with self._database.write() as session:
            epoch = epochs.hold(session)
            if epoch.files_code is None:
                code = f"{epoch.code}{secrets.token_hex(4)}"
                folder.mark(code)
                epoch.files_code = code
            return epoch.files_code
