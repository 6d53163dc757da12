"""All reasons to say no, wherever they stand: for the catalogs, the pages and the tests."""

from bot.workflow import export_refusals, refusals
from bot.workflow.refusal import Refusal

_ROOMS = (refusals.__name__, export_refusals.__name__)


def every_refusal() -> list[type[Refusal]]:
    """Every reason that people can be told."""
    return [reason for reason in Refusal.__subclasses__() if reason.__module__ in _ROOMS]
