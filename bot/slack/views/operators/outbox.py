"""The message of `/fault admin outbox`: the messages that wait for Slack, and the dead letters by cause."""

from collections.abc import Iterator

from slack_sdk.models.blocks import ButtonElement, ConfirmObject

from bot.casework.dead_letters import Overview
from bot.i18n.translator import Translator
from bot.slack.views.case.buttons import button
from bot.slack.views.escape import NOTHING, Block, addressee, dotted, escape, moment, typed
from bot.slack.views.message import Message, actions, header, message, plain, section
from bot.slack.views.refusal_words import meaning, remedy
from storage.dead_letters import Cause

SEND_AGAIN = "outbox_send_again"
DISCARD = "outbox_discard"


def overview(found: Overview, t: Translator, done: str = "") -> Message:
    """Build the overview of the outbox. `done` is the result of the button just pressed."""
    title = t("Outbox")
    counts = dotted(
        t("Waiting: %(count)s", count=found.waiting),
        t("Sending: %(count)s", count=found.sending),
        t("Permanently rejected: %(count)s", count=sum(cause.messages for cause in found.causes)),
    )
    blocks = [block for cause in found.causes for block in _cause(cause, t)]
    return message(dotted(title, counts), header(title), section(done) if done else None, section(counts), *blocks)


def sent_again(count: int, t: Translator) -> str:
    """Return how many messages were queued again, as a sentence."""
    return t("Messages waiting to be sent again: %(count)s", count=count)


def discarded(count: int, t: Translator) -> str:
    """Return how many messages were discarded, as a sentence."""
    return t("Messages discarded: %(count)s", count=count)


def _cause(cause: Cause, t: Translator) -> Iterator[Block]:
    span = dotted(
        t("first: %(moment)s", moment=moment(cause.first, t)), t("last: %(moment)s", moment=moment(cause.last, t))
    )
    count = t("Messages: %(count)s", count=cause.messages)
    to = t("To: %(target)s", target=addressee(cause.target))
    code = t("Slack's error code: %(error)s", error=typed(cause.error, 200) or NOTHING)
    why = t.sentences(meaning(cause.error, t), remedy(cause.error, t))
    yield section(f"*{to}*\n{why}\n{dotted(escape(count), span, code)}")
    yield from actions(_buttons(cause, t))


def _buttons(cause: Cause, t: Translator) -> list[ButtonElement]:
    value = {"error": cause.error, "target": cause.target}
    away = button(DISCARD, t("Discard"), value, "danger")
    away.confirm = ConfirmObject(
        title=plain(t("Discard"), 100),
        text=plain(t("These messages will never be sent. The cases themselves stay as they are."), 300),
        confirm=plain(t("Discard"), 30),
        deny=plain(t("Cancel"), 30),
        style="danger",
    )
    return [button(SEND_AGAIN, t("Send again"), value), away]
