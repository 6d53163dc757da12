"""The guided tour: every way through the process (process.md §2), played act by act in the stand-in workspace."""

from bot.playground.tour.guide import Guide, NoSuchPath

__all__ = ["Guide", "NoSuchPath"]
