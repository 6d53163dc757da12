"""Stores where a message was posted, so that later steps can edit it."""

import json
from datetime import datetime

from sqlmodel import Session

from bot.casework.statistics import monthly_report
from bot.casework.steps.notify import MessageKind, catch_up
from bot.slack.delivery.slack_call import SlackCall
from storage import cases, posted_messages
from storage.tables import Outgoing


def remember_posted(row: Outgoing, call: SlackCall, channel: str, ts: str, now: datetime, session: Session) -> None:
    """Store channel and `ts` of a posted message, if later steps edit it (`call.remember`).

    If the case or report changed while the message was being posted, its edit is queued. `now` is aware UTC.
    """
    if not call.remember:
        return
    said = json.loads(row.arguments)
    if row.view == MessageKind.REPORT:
        monthly_report.keep_copy(session, said["report"], call.person or "", channel, ts, now)
    if not row.case_id:
        return
    case = cases.hold(session, row.case_id)  # a step that ran before our commit would not find the message to edit
    message = posted_messages.remember(
        session,
        row.case_id,
        MessageKind.CARD if row.view == MessageKind.CARD_MOVED else row.view,
        channel,
        ts,
        person=call.person,
        about=said.get("reminder"),
        arguments=row.arguments,
    )
    if case is not None:
        catch_up(session, case, message, now)
