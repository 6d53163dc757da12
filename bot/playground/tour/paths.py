"""All paths of the tour by code, in the order in which the page lists them."""

from bot.playground.tour import main_paths, return_paths, side_paths
from bot.playground.tour.act import Path

PATHS: dict[str, Path] = {
    path.code: path
    for path in (
        main_paths.VERY_SEVERE,
        main_paths.GENERAL,
        main_paths.QUESTION,
        main_paths.REQUIREMENT,
        return_paths.RETURNED,
        return_paths.NOT_THIS_KIND,
        return_paths.FAILED,
        return_paths.ROLLED_BACK,
        return_paths.REJECTED,
        return_paths.HANDLED,
        side_paths.DISCUSSION,
        side_paths.DUPLICATE,
        side_paths.HELD,
        side_paths.WITHDRAWN,
        return_paths.REOPENED,
    )
}
