"""Renders the card of a case in the service-desk channel and finds its thread, which the case's messages follow."""

from bot.casework.steps.notify import MessageKind
from bot.slack.delivery.render_job import NotYet, RenderJob
from bot.slack.delivery.slack_call import SlackCall
from bot.slack.views.case.card import card as draw_card
from bot.slack.views.case.card_left import card_left
from bot.slack.views.case.discussion import discussion as draw_discussion
from bot.slack.views.message import Message
from storage import desk_channel, outbox, posted_messages
from storage.tables import Posted
from storage.vocabulary import END_STATES, Step


def card(job: RenderJob) -> SlackCall:
    """The card in its present state, wherever it stands; posted if it stands nowhere."""
    posted = _card_of(job)
    message = _drawn(job)
    if posted is None:
        return SlackCall(message, job.row.target, remember=True)
    return SlackCall(message, posted.channel, ts=posted.ts)


def moved(job: RenderJob) -> SlackCall | None:
    """The card in the channel to which the desk has moved; None if it is there, or the case has ended meanwhile."""
    posted, shown = posted_messages.newest(job.session, job.case_id, MessageKind.CARD), job.card
    if posted is None or shown.state in END_STATES:
        return None
    if not desk_channel.is_elsewhere(job.session, posted, job.row.target):
        return None
    return SlackCall(_drawn(job), job.row.target, remember=True)


def _drawn(job: RenderJob) -> Message:
    """Draw the card, with the button to take the case while somebody may; whether it is the presser, is judged then."""
    return draw_card(job.card, job.t, (Step.TAKE,) if job.case.is_free else ())


def left(job: RenderJob) -> SlackCall:
    """The card that the desk has left behind, which links to the one in the new channel."""
    posted = posted_messages.newest(job.session, job.case_id, MessageKind.CARD)
    channel, link = (posted.channel if posted else ""), job.arguments.get("link", "")
    message = card_left(job.card, channel, link, job.t)
    return SlackCall(message, job.row.target, ts=job.arguments["ts"])


def discussion(job: RenderJob) -> SlackCall:
    """The call for a discussion, which starts a thread of its own; its outcome is posted in that thread."""
    message, opens = draw_discussion(job.card, job.line, job.t), job.line.step is Step.CALL_DISCUSSION
    posted = None if opens else posted_messages.newest(job.session, job.case_id, MessageKind.DISCUSSION)
    if posted is None:
        return SlackCall(message, job.row.target, remember=opens)
    return SlackCall(message, posted.channel, thread_ts=posted.ts)


def in_thread(job: RenderJob, message: Message) -> SlackCall:
    """The call that posts a message in the thread of the case's card. Raises `NotYet`."""
    channel, thread_ts = card_thread(job)
    return SlackCall(message, channel, thread_ts=thread_ts)


def card_thread(job: RenderJob) -> tuple[str, str | None]:
    """Return the channel and the thread of the case's card; no thread if the card was refused.

    The card is earlier in the same lane, so it is posted before. For messages that are not in that lane it may still be
    to come. Raises `NotYet` then, and while the card is moving.
    """
    posted = _card_of(job)
    if posted is None and job.card_is_to_come:
        raise NotYet
    return (posted.channel, posted.ts) if posted else (job.row.target, None)


def _card_of(job: RenderJob) -> Posted | None:
    """Return the card of the row's case. Raises `NotYet` while it moves to another channel.

    A message that may be posted already is looked for where it went.
    """
    if outbox.is_uncertain(job.row):
        there = desk_channel.card_in(job.session, job.case_id, MessageKind.CARD, job.row.target)
        if there is not None:
            return there
    place = desk_channel.place(job.session, job.case_id, MessageKind.CARD, MessageKind.CARD_MOVED)
    if place.is_moving:
        raise NotYet
    return place.posted
