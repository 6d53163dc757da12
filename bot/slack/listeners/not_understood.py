"""Words of people that no command understands."""

from bot.slack.views.message import Message


class NotUnderstood(Exception):
    """A command misses a word or does not know one; `message` says which, and gives examples."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text)
        self.message = message
