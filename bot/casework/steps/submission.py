"""Submissions of forms: each takes effect once, and what was changed after a lost answer is kept.

A form stays open when the answer to it is lost. Its person may then change the text and send it again, with the same
delivery id.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from bot.workflow import earlier_refusals
from bot.workflow.limit_refusals import SENT_TOO_EARLY
from bot.workflow.refusal import Problem, Refused
from storage import deliveries, drafts
from storage.vocabulary import Step, whole


def is_first(
    session: Session,
    delivery: str,
    raw: Mapping[str, Any],
    now: datetime,
    *,
    step: Step | None = None,
    case_id: int | None = None,
) -> bool:
    """Record a submission in the transaction of its effect; False if it already took effect with the same answers.

    `raw` are the answers as they were given, `step` is what they are for, none for the issue of a report, `case_id` the
    case of a step. `now` is aware UTC. Raises `Refused` if it took effect with other answers.
    """
    content = sha256(_text(raw).encode()).hexdigest()
    if deliveries.first(session, delivery, now, content):
        return True
    seen = deliveries.find(session, delivery)
    if seen.content in (None, content):
        return False
    number = f"F-{case_id or seen.case_id}"
    if step is None:
        raise Refused(Problem(earlier_refusals.IssuedEarlier(seen.at)))
    if step is Step.REPORT:
        raise Refused(Problem(earlier_refusals.ReportedEarlier(seen.at, number)))
    raise Refused(Problem(earlier_refusals.TakenEarlier(seen.at, step, number)))


def is_to_keep(refused: Refused) -> bool:
    """Whether the answers of a refused submission are to be kept as a draft.

    It took effect with other answers, or it can be sent later.
    """
    kept = (*earlier_refusals.SAVED_EARLIER, *SENT_TOO_EARLY)
    return any(isinstance(one.refusal, kept) for one in refused.problems)


def keep(session: Session, person: str, form: str, case_id: int | None, raw: Mapping[str, Any], now: datetime) -> None:
    """Keep the answers of a form as a draft of this person. `now` is aware UTC."""
    drafts.keep(session, person, form, case_id, _text(raw), now)


def _text(raw: Mapping[str, Any]) -> str:
    """Return the answers as JSON. They were not judged yet, so half a character may be among them."""
    return whole(json.dumps(raw, ensure_ascii=False, sort_keys=True, default=str))
