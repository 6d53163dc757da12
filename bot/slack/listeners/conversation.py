"""Answers direct messages to the bot and mentions of it, which carry no trigger and no response URL.

A number is answered with the case and a command with its answer. Other words are answered with a button that opens the
report form with them. Each message is answered once, however often Slack sends its event.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt import App

from bot.casework import conversation
from bot.slack.command_words import ParsedCommand, Verb, nearest_words, parse_command, reported_words
from bot.slack.identity import Reader
from bot.slack.listener_context import ListenerContext, problems_of
from bot.slack.listeners.admission import may_ask
from bot.slack.listeners.command import Command
from bot.slack.listeners.not_understood import NotUnderstood
from bot.slack.listeners.report import ReportForm
from bot.slack.message_words import is_of_person, words_of
from bot.slack.views.desk.help import did_you_mean
from bot.slack.views.desk.offer import offer, with_offer
from bot.slack.views.message import Message
from bot.slack.views.refusal import refused
from bot.workflow import membership_refusals as no
from bot.workflow.membership import Membership
from bot.workflow.refusal import Problem
from storage import deliveries
from storage.database import Unavailable


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a person wrote. `channel` is None in direct messages; `words` are mrkdwn without the mention of the bot."""

    key: str
    person: str
    words: str
    asked: ParsedCommand
    channel: str | None
    ts: str
    thread_ts: str | None

    @property
    def origin(self) -> tuple[str, str] | None:
        """The channel and thread that a case made of the words comes from."""
        return (self.channel, self.thread_ts or self.ts) if self.channel else None


class Conversation:
    """Listeners of what people write to the bot."""

    def __init__(self, context: ListenerContext, command: Command, reporting: ReportForm) -> None:
        self._context = context
        self._command = command
        self._reporting = reporting

    def register(self, app: App) -> None:
        """Register these listeners with the Bolt app."""
        for event in ("message", "app_mention"):
            app.event(event)(ack=self.answer, lazy=[self.answer_later])

    def answer(self, body: dict[str, Any]) -> None:
        """Answer a message before its event is acknowledged, so that Slack sends it again if the answer is lost.

        Raises `Unavailable`.
        """
        heard = _heard(body)
        if heard and not heard.asked.is_answered_later:
            self._answer(heard)

    def answer_later(self, body: dict[str, Any]) -> None:
        """Answer what can take longer than Slack waits."""
        heard = _heard(body)
        if heard and heard.asked.is_answered_later:
            self._answer(heard)

    def _answer(self, heard: _Heard) -> None:
        context = self._context
        with context.database.read() as session:
            if deliveries.is_known(session, heard.key):
                return
        reader = context.identity.sender(heard.person)
        if reader.membership is Membership.REFUSED:
            return
        said, now = self._said(heard, reader), context.clock.now()
        with context.database.write() as session:
            if deliveries.first(session, heard.key, now):
                place = {"channel": heard.channel, "thread_ts": heard.thread_ts}
                conversation.say(session, heard.person, said.text, said.blocks, now, **place)

    def _said(self, heard: _Heard, reader: Reader) -> Message:
        """Return the answer. Outsiders may report in a conversation of their own alone (process.md §6 R10)."""
        if reader.is_outsider and heard.channel:
            return refused(Problem(no.NotForOutsiders()), reader.t)
        words = self._reporting.as_typed(heard.words)
        match heard.asked:
            case ParsedCommand(verb=Verb.NEW):
                return offer(self._reporting.as_typed(reported_words(heard.words)), "", reader.t, heard.origin)
            case ParsedCommand(verb=Verb.UNKNOWN):
                return offer(words, did_you_mean(nearest_words(heard.words), reader.t), reader.t, heard.origin)
        answer, understood = self._answered(heard.asked, reader)
        return answer if understood or not heard.asked.rest else with_offer(answer, words, reader.t, heard.origin)

    def _answered(self, asked: ParsedCommand, reader: Reader) -> tuple[Message, bool]:
        """Return the answer to a command, and whether the command was understood."""
        if reader.is_outsider and not may_ask(asked):
            return refused(Problem(no.NotForOutsiders()), reader.t), False
        try:
            return self._command.answer_to(asked, reader), asked.verb is not Verb.HELP  # "Help, nothing prints"
        except NotUnderstood as unclear:
            return unclear.message, False
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - last resort: every error is shown as a text or a reference
            return refused(problems_of(error, self._context.health)[0], reader.t), True


def _heard(body: Mapping[str, Any]) -> _Heard | None:
    """Return what a person wrote to the bot; None for any other message.

    A mention in a direct message is one message, and so is one in a channel whose messages the app is subscribed to.
    """
    event = body["event"]
    directly = event["type"] == "message"
    if not is_of_person(event) or directly != (event.get("channel_type") == "im"):
        return None
    key = f"message:{event['channel']}:{event['ts']}"
    words = words_of(event)
    for bot in body.get("authorizations") or ():
        words = words.replace(f"<@{bot.get('user_id')}>", "")
    asked = parse_command(words) if words.strip() else ParsedCommand(Verb.HELP)
    return _Heard(
        key=key,
        person=str(event["user"]),
        words=words.strip(),
        asked=ParsedCommand(asked.verb, asked.case_id, asked.rest, f"command:{key}"),  # its effect is not its answer
        channel=None if directly else str(event["channel"]),
        ts=str(event["ts"]),
        thread_ts=event.get("thread_ts"),
    )
