"""The Web API: importing this package fills the table of methods."""

from bot.sandbox.api.methods import chat, conversations, files, small, users, views
from bot.sandbox.api.methods.registry import METHODS

__all__ = ["METHODS", "chat", "conversations", "files", "small", "users", "views"]
