"""Work and satisfaction: time in state, answers, effort, score (M6, M17, M18, M20)."""

from typing import Any

from sqlalchemy import Select, and_, case, func, literal, select

from storage.columns import Moment
from storage.statistics.fact import elapsed, facts
from storage.statistics.histories import CaseHistories, before
from storage.vocabulary import OPEN_STATES, Kind, State, Step


def time_in_state(histories: CaseHistories) -> Select[Any]:
    """M6: for each open state, the time that each case spent there within the period, over all its stays.

    A stay is clipped to the period; one that still lasts counts to the period's end. A case that was never in the state
    within the period is not in its denominator. Time on hold counts, because the case remains in the state.
    """
    move, scope = histories.moves.c, histories.scope
    since, until = literal(scope.since, Moment), literal(scope.until, Moment)
    entered = case((move.at < since, since), else_=move.at)
    left = func.coalesce(move.left_at, until)
    spent = func.sum(elapsed(entered, left))
    stays = facts(move.case_id, part=move.to_state, amount=spent)
    return stays.where(move.to_state.in_(OPEN_STATES), entered < left).group_by(move.case_id, move.to_state)


def answered(histories: CaseHistories) -> Select[Any]:
    """M17: questions closed in the period and still closed at its end; the amount is the number of answers.

    Counted if the verdict on round 1 was "satisfied". Questions without an answer, withdrawn, merged, or ever
    reclassified out of answering are left out.
    """
    story = histories.stories.c
    closed = and_(story.state_then == State.CLOSED, story.entered_then >= histories.scope.since)
    question = and_(story.kind == Kind.QUESTION, story.answers > 0, story.unanswered == 0)
    kept = story.state.not_in((State.WITHDRAWN, State.DUPLICATE))
    chosen = select(story.case_id, story.answers, story.satisfied_seq.label("seq")).where(question, kept, closed)
    answers = chosen.subquery("answered").c
    first = before(answers, Step.ANSWER, func.count) == 1
    return facts(answers.case_id, amount=answers.answers, counted=and_(answers.seq.is_not(None), first))


def effort(histories: CaseHistories) -> Select[Any]:
    """M18: hours recorded in the period, by the state in which they were spent.

    A report that is kept as a draft while its deadline is negotiated counts once, when it is published.
    """
    move = histories.moves.c
    return facts(move.case_id, part=move.from_state, amount=move.hours).where(move.hours.is_not(None))


def satisfaction(histories: CaseHistories) -> Select[Any]:
    """M20: every score given in the period, on an answer or a fix, even if a later round replaced it.

    Scores from 4 on are counted.
    """
    move = histories.moves.c
    return facts(move.case_id, amount=move.score, counted=move.score >= 4).where(move.score.is_not(None))
