"""What the center manager sees of people who left: their places on open cases, the form, and what came of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import InputBlock, UserSelectElement

from bot.casework.leavers import Leaver, LeftCase
from bot.i18n.translator import Translator
from bot.slack.views.case.buttons import button
from bot.slack.views.escape import Block, escape, mention, typed
from bot.slack.views.message import Message, actions, compact, context, header, message, plain, section
from storage.vocabulary import Place

REASSIGN_ALL = "reassign_all"
PERSON = "person"
_TITLE = 24
#: The most cases that a message names, and the most that one section of it holds.
_MOST, _PER_SECTION = 60, 20


def left(found: Leaver, t: Translator) -> Message:
    """Build the message about somebody who left, with the button for whoever may give their places to others."""
    said = t("%(person)s has left or lost a role, and still has places on open cases.", person=mention(found.person))
    buttons = [button(REASSIGN_ALL, t("Reassign all to …"), {PERSON: found.person}, "primary")]
    return message(
        said,
        header(t("Places of somebody who left")),
        section(f"⚠️ *{said}*"),
        *_sections([_line(one, t) for one in found.cases], t),
        *(actions(buttons) if found.may_reassign else ()),
    )


def _sections(lines: Sequence[str], t: Translator) -> Iterator[Block]:
    for first in range(0, min(len(lines), _MOST), _PER_SECTION):
        yield section("\n".join(lines[first : min(first + _PER_SECTION, _MOST)]))
    if len(lines) > _MOST:
        more = context(t("and %(count)s more", count=len(lines) - _MOST))
        yield from filter(None, (more,))


def _line(one: LeftCase, t: Translator) -> str:
    summary = f" {typed(one.summary, 60)}" if one.summary else ""
    return f"• *{one.number}*{summary} · {_places(one.places, t)}"


def _places(places: Iterable[Place], t: Translator) -> str:
    return escape(", ".join(t.word(place) for place in places))


def reassign_form(found: Leaver, t: Translator) -> Block:
    """Build the modal that asks who takes the places; without places, the one that says so."""
    frame: dict[str, Any] = {
        "type": "modal",
        "callback_id": REASSIGN_ALL,
        "title": plain(t("Reassign all"), _TITLE).to_dict(),
        "close": plain(t("Cancel"), _TITLE).to_dict(),
        "private_metadata": compact({PERSON: found.person}),
    }
    if not found.cases:
        return frame | {"blocks": [section(t("%(person)s has no places left.", person=mention(found.person)))]}
    asked = InputBlock(
        block_id=PERSON,
        label=plain(t("Who takes these places?")),
        element=UserSelectElement(action_id=PERSON),
        hint=plain(t("Each place is given only where the rules allow it. You are told which were not, and why.")),
    )
    return frame | {
        "submit": plain(t("Submit"), _TITLE).to_dict(),
        "blocks": [*_sections([_line(one, t) for one in found.cases], t), asked.to_dict()],
    }


def reassigned(said: Mapping[str, Any], t: Translator) -> Message:
    """Build the message about what came of *Reassign all*: the places that were given, and those that were not.

    `said` are the arguments of its outbox row: `leaver`, `to`, `done` and `refused`, each with case and place.
    """
    people = {"leaver": mention(said["leaver"]), "person": mention(said["to"])}
    done = [f"• *{number}* · {_places([Place(place)], t)}" for number, place in said["done"]]
    refused = [
        f"• *{number}* · {_places([Place(place)], t)}: {typed(why, 200)}" for number, place, why in said["refused"]
    ]
    summary = t("Places of %(leaver)s given to %(person)s: %(count)s.", count=len(done), **people)
    return message(
        summary,
        section(f"*{summary}*"),
        *_sections(done, t),
        *(_not_done(refused, t) if refused else ()),
    )


def _not_done(refused: Sequence[str], t: Translator) -> Iterator[Block]:
    yield section(f"✋ *{t('Not given: %(count)s.', count=len(refused))}*")
    yield from _sections(refused, t)
