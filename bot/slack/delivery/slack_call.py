"""One call to Slack, as rendering makes it and sending takes it."""

from dataclasses import dataclass
from typing import Protocol

from bot.slack.views.message import Message


class Upload(Protocol):
    """A file to be shared: a finished document, or a copy of a file of a case."""

    @property
    def name(self) -> str:
        """The name of the file."""

    @property
    def title(self) -> str:
        """What is shown above the file in Slack."""

    @property
    def content(self) -> bytes:
        """The whole content."""


@dataclass(frozen=True, slots=True)
class SlackCall:
    """One call to Slack. With `ts` it edits that message; with `thread_ts` it goes into that thread.

    `channel` None means the direct messages with `person`. In a channel, the person `only_for` alone sees it.
    `remember`: store where the message is posted, for later edits. With `files` they are shared, and only the text of
    the message accompanies them.
    """

    message: Message
    channel: str | None
    person: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    remember: bool = False
    only_for: str | None = None
    files: tuple[Upload, ...] = ()
