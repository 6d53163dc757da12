"""`/fault admin doctor`: what `faultdesk doctor` finds, for admins."""

from bot.casework.administrators import only_admins
from bot.slack.identity import Reader
from bot.slack.listener_context import ListenerContext
from bot.slack.views.message import Message
from bot.slack.views.operators import doctor as views


def checked(context: ListenerContext, reader: Reader) -> Message:
    """Return what all checks find. It takes several seconds. Raises `Refused` unless the reader is an admin."""
    with context.database.read() as session:
        only_admins(session, reader.id, context.company.of(session), context.clock.now())
    return views.doctor(context.examine(reader.t), reader.t)
