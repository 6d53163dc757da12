"""Plays the paths of the tour in a test."""

from typing import Any

from bot.playground.tour import Guide
from bot.playground.tour.act import ActKind
from bot.playground.tour.paths import PATHS


def played(guide: Guide, code: str) -> dict[str, Any]:
    """Start a path and play it to its end."""
    guide.start(code)
    state = guide.play()
    assert state["failed"] is None, (state["position"], state["failed"])
    assert state["done"]
    return state


def played_until(guide: Guide, code: str, kind: ActKind) -> dict[str, Any]:
    """Start a path and play it until an act of this kind is done for the first time."""
    state = guide.start(code)
    for act in PATHS[code].acts:
        state = guide.step()
        assert state["failed"] is None, (state["position"], state["failed"])
        if act.kind is kind:
            break
    return state
