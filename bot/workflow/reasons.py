"""Lists every refusal, for the catalogs, the process page and the tests."""

from bot.workflow import export_refusals, merging_refusals, refusals
from bot.workflow.refusal import Refusal

_MODULES = (refusals.__name__, export_refusals.__name__, merging_refusals.__name__)


def every_refusal() -> list[type[Refusal]]:
    """Return every refusal that people can be shown."""
    return [reason for reason in Refusal.__subclasses__() if reason.__module__ in _MODULES]
