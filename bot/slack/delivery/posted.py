"""Stores where a message was posted, so that later steps can edit it."""

import json
from datetime import datetime

from sqlmodel import Session

from bot.casework.statistics import monthly_report
from bot.casework.steps.notify import View, catch_up
from bot.slack.delivery.render import Sending
from storage import cases, outbox
from storage.tables import Outgoing


def remember(row: Outgoing, sending: Sending, channel: str, ts: str, now: datetime, session: Session) -> None:
    """Store channel and `ts` of a posted message, if later steps edit it (`sending.remember`).

    If the case or report changed while the message was being posted, its edit is queued. `now` is aware UTC.
    """
    if not sending.remember:
        return
    said = json.loads(row.arguments)
    if row.view == View.REPORT:
        monthly_report.keep_copy(session, said["report"], sending.person or "", channel, ts, now)
    if not row.case_id:
        return
    cases.hold(session, row.case_id)  # a step that ran before our commit would not find the message to edit
    message = outbox.post(
        session,
        row.case_id,
        row.view,
        channel,
        ts,
        person=sending.person,
        about=said.get("reminder"),
        arguments=row.arguments,
    )
    catch_up(session, message, now)
