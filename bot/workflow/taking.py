"""Taking a case (process.md rule 2.1): whoever may hold the place that its state waits for takes it if it is free.

A place is free if nobody holds it who is active and has its role. In testing, the modifier of the build does not count,
because they never test it. Where a state waits for two places, each that is free and that the person may hold is taken.
"""

from bot.workflow import refusals as no
from bot.workflow.people import ROLES_OF_PLACE, filling
from bot.workflow.refusal import People, Refusal
from bot.workflow.situation import Effect, Guard, Outcome, Situation
from storage.vocabulary import Place, State


def is_free(*places: Place) -> Guard:
    """Return the guard that one of the places that the person may hold is free."""

    def guard(s: Situation) -> Refusal | None:
        return None if _to_take(places, s) else no.TakenAlready(People(sorted(_holders(_own(places, s), s))))

    return guard


def into(*places: Place) -> Effect:
    """Return the effect that puts the person into each of the places that is free and that they may hold."""

    def take(s: Situation) -> Outcome:
        """Put the person into the place that the state waits for. Whoever left the place is no longer named there.

        The history records by place who took it, as the answer of a form would.
        """
        own, taken = frozenset({s.person.id}), _to_take(places, s)
        return Outcome(
            places={place: filling(place, s.case, s.center) | own for place in taken},
            recorded=dict.fromkeys(taken, (s.person.id,)),
        )

    return take


def _own(places: tuple[Place, ...], s: Situation) -> tuple[Place, ...]:
    """Return those of these places whose role the person has."""
    return tuple(place for place in places if s.all_roles.intersection(ROLES_OF_PLACE[place]))


def _to_take(places: tuple[Place, ...], s: Situation) -> tuple[Place, ...]:
    return tuple(place for place in _own(places, s) if not _holders((place,), s))


def _holders(places: tuple[Place, ...], s: Situation) -> frozenset[str]:
    """Return who holds these places and may act there."""
    excluded = {s.case.round.modifier} if s.case.state is State.TESTING else set[str | None]()
    return frozenset().union(*(filling(place, s.case, s.center) for place in places)) - excluded
