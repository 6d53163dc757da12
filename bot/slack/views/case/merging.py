"""Messages about merged cases: to followers under their own number, and comments on a duplicate (rule 2.3)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bot.casework.reading.read_models import CaseCard, HistoryLine
from bot.casework.steps.followers import MergeNews
from bot.i18n.translator import Translator, _
from bot.slack.views.case import lines
from bot.slack.views.case.buttons import button, open_case, seen, step_button
from bot.slack.views.case.thread import step_blocks, step_sentence
from bot.slack.views.escape import Block, escape, tame, typed
from bot.slack.views.message import Message, actions, fitting, message, section
from bot.slack.views.rich_text import quoted, rich
from storage.vocabulary import State, Step

#: What each message says of the reader's own case. Nothing of the other case is named.
_SENTENCES: dict[MergeNews, str] = {
    MergeNews.MERGED: _(
        "%(number)s is now handled together with another report of the same problem. You will hear from us under"
        " %(number)s."
    ),
    MergeNews.SEPARATED: _("%(number)s is handled on its own again."),
    MergeNews.JOINED: _("Another report of the same problem is now handled together with %(number)s."),
    MergeNews.PARTED: _("%(number)s is no longer handled together with another report."),
    MergeNews.STATE: _("%(number)s is now in the state “%(state)s”."),
}
_ANSWERED = _("Our answer to %(number)s:")
_REPLIED = _("Our reply to %(number)s:")
#: The states in which the follower is asked nothing but may say that the problem remains.
_MAY_OBJECT = frozenset({State.ANSWER_CONFIRMING, State.FIX_CONFIRMING, State.CLOSED})


def follower_message(card: CaseCard, said: Mapping[str, Any], t: Translator, *, in_thread: bool) -> Message:
    """Build the message to a follower, or to the reporter of a master, about their own case.

    Args:
        card: the reader's own case.
        said: the arguments of the message (see `bot.casework.steps.followers`).
        t: the reader's translator.
        in_thread: the reader is the customer in their own thread, where no button is offered and no summary is needed.
    """
    state = State(said["state"]) if "state" in said else None
    words = tame(said.get("words") or "")
    sentence = _sentence(card, MergeNews(said["news"]), state, words, t)
    objects = state in _MAY_OBJECT
    text = sentence if in_thread else lines.heads_up(card, sentence)
    return message(
        f"{text} {typed(words, 200)}" if words else text,
        None if in_thread else section(lines.subject(card)),
        section(sentence),
        rich(quoted(words)) if words else None,
        section(t("If this does not help, write here.")) if objects and in_thread else None,
        *(() if in_thread else _buttons(card, t, objects)),
    )


def _sentence(card: CaseCard, news: MergeNews, state: State | None, words: str, t: Translator) -> str:
    if words:
        return t(_ANSWERED if state is State.ANSWER_CONFIRMING else _REPLIED, number=card.number)
    return t(_SENTENCES[news], number=card.number, state=escape(t.word(state)) if state else "")


def _buttons(card: CaseCard, t: Translator, objects: bool) -> Iterator[Block]:
    """Yield the row of buttons. *This does not help* opens the form `comment` on the reader's own case."""
    comment = [button(Step.COMMENT.value, t("This does not help"), seen(card))] if objects else []
    return actions([*comment, open_case(card, t)])


def duplicate_comment(
    card: CaseCard, line: HistoryLine, t: Translator, steps: Collection[Step] = (), *, personal: bool = False
) -> Message:
    """Build the message of a comment on the duplicate `card` to its master's people.

    The thread of the master's card shows it without buttons. A `personal` one opens the duplicate and, if `steps`
    contain it, undoes the merge.
    """
    where = t("%(number)s is merged into %(master)s.", number=card.number, master=typed(card.master or ""))
    merged = section(where) if card.master else None
    undo = [step_button(Step.UNDO_MERGE, card, t)] if Step.UNDO_MERGE in steps else []
    tail = tuple(actions([*undo, open_case(card, t)])) if personal else ()
    text, front = lines.heads_up(card, step_sentence(line, t)), section(lines.subject(card))
    return fitting(lambda limit: message(text, front, merged, *step_blocks(line, t, limit), *tail))
