"""The methods of the Web API (slack-platform.md §4.3). Importing this package registers them all."""

from bot.sandbox.api.methods import auth, blocks, chat, conversations, files, reactions_and_pins, users, views
from bot.sandbox.api.methods.registry import METHODS

__all__ = ["METHODS", "auth", "blocks", "chat", "conversations", "files", "reactions_and_pins", "users", "views"]
