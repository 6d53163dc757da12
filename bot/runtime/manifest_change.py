"""Notes at the start which app manifest this version has, because another one must be put into Slack's settings."""

import structlog

from bot.clock import Clock
from bot.slack.manifest import digest
from storage import epochs
from storage.database import Database

log = structlog.get_logger(__name__)


def note_manifest(database: Database, clock: Clock, *, socket_mode: bool) -> None:
    """Store the manifest that this process starts with, and log if the last start had another. Raises `Unavailable`."""
    with database.write() as session:
        has_changed = epochs.start_with(session, digest(socket_mode=socket_mode), clock.now())
    if has_changed:
        log.warning("manifest.changed")
