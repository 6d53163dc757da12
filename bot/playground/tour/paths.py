"""The paths of the tour, in the order in which a newcomer meets them."""

from bot.tour import asides, loops, main_paths
from bot.tour.acts import Path

PATHS: dict[str, Path] = {
    path.code: path
    for path in (
        main_paths.VERY_SEVERE,
        main_paths.GENERAL,
        main_paths.QUESTION,
        main_paths.REQUIREMENT,
        loops.RETURNED,
        loops.NOT_THIS_KIND,
        loops.FAILED,
        loops.ROLLED_BACK,
        loops.REJECTED,
        loops.HANDLED,
        asides.DISCUSSION,
        asides.DUPLICATE,
        asides.HELD,
        asides.WITHDRAWN,
        loops.REOPENED,
    )
}
