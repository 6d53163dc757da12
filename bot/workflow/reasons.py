"""Lists every refusal, for the catalogs, the process page and the tests."""

from bot.workflow import (
    delivery_refusals,
    earlier_refusals,
    epoch_refusals,
    export_refusals,
    limit_refusals,
    membership_refusals,
    merging_refusals,
    moment_refusals,
    refusals,
    settings_refusals,
    value_refusals,
)
from bot.workflow.refusal import Refusal

_MODULES = tuple(
    module.__name__
    for module in (
        *(refusals, delivery_refusals, earlier_refusals, epoch_refusals, export_refusals, limit_refusals),
        *(membership_refusals, merging_refusals, moment_refusals, settings_refusals, value_refusals),
    )
)


def every_refusal() -> list[type[Refusal]]:
    """Return every refusal that people can be shown."""
    return [reason for reason in Refusal.__subclasses__() if reason.__module__ in _MODULES]
