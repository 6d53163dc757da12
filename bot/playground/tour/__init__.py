"""The guided tour: every way through the process, played in the stand-in workspace act by act."""

from bot.playground.tour.guide import Guide, NoSuchPath

__all__ = ["Guide", "NoSuchPath"]
