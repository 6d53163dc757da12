"""Answers to what people write to the bot, or do where Slack has no place for an answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.casework.steps.notify import MessageKind
from storage import outbox, turns


def say(
    session: Session,
    person: str,
    text: str,
    blocks: Sequence[dict[str, Any]],
    now: datetime,
    *,
    channel: str | None = None,
    thread_ts: str | None = None,
) -> None:
    """Queue an answer to a person: by direct message, or in a channel where only this person sees it.

    With `thread_ts` it goes into that thread. `now` is aware UTC.
    """
    arguments = {"person": person, "text": text, "blocks": list(blocks), "thread_ts": thread_ts}
    turns.caused_by(session, person)
    outbox.put(session, MessageKind.CONVERSATION, channel or person, now, arguments=arguments)
