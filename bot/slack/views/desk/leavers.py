"""What the center manager sees of people who left: their places on open cases, the form, and what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import InputBlock, UserSelectElement

from bot.casework.leavers import Leaver, LeftCase
from bot.i18n.translator import Translator
from bot.slack.views.case.buttons import button
from bot.slack.views.desk.lists import LIST_LENGTHS, sections
from bot.slack.views.escape import Block, escape, mention, typed
from bot.slack.views.message import Message, actions, compact, context, fitting, header, message, plain, section
from storage.vocabulary import Place

REASSIGN_ALL = "reassign_all"
PERSON = "person"
_TITLE = 24
#: The most characters of a summary and of a reason.
_SUMMARY, _REASON = 60, 200


def left(found: Leaver, t: Translator) -> Message:
    """Build the message about somebody who left, with the button for whoever may give their places to others."""
    return fitting(lambda most: _left(found, most, t), LIST_LENGTHS)


def _left(found: Leaver, most: int, t: Translator) -> Message:
    said = t("%(person)s has left or lost a role, and is still assigned to open cases.", person=mention(found.person))
    buttons = [button(REASSIGN_ALL, t("Reassign all to …"), {PERSON: found.person}, "primary")]
    return message(
        said,
        header(t("Open assignments of somebody who left")),
        section(f"⚠️ *{said}*"),
        *_first([_line(one, t) for one in found.cases], most, t),
        *(actions(buttons) if found.may_reassign else ()),
    )


def _first(lines: Sequence[str], most: int, t: Translator) -> Iterator[Block]:
    """Yield the first of these lines, and how many more there are."""
    yield from sections(lines[:most])
    more = context(t("and %(count)s more", count=len(lines) - most)) if len(lines) > most else None
    yield from (more,) if more else ()


def _line(one: LeftCase, t: Translator) -> str:
    summary = f" {typed(one.summary, _SUMMARY)}" if one.summary else ""
    stuck = f" · ⚠ *{t('Nobody can act on it now')}*" if one.is_vacant else ""
    return f"• *{one.number}*{summary} · {escape(t.listed(one.places))}{stuck}"


def reassign_form(found: Leaver, t: Translator) -> Block:
    """Build the modal that asks who takes the places; without places, the one that says so."""
    frame: dict[str, Any] = {
        "type": "modal",
        "callback_id": REASSIGN_ALL,
        "title": plain(t("Reassign all"), _TITLE).to_dict(),
        "close": plain(t("Cancel"), _TITLE).to_dict(),
        "private_metadata": compact({PERSON: found.person}),
    }
    if not found.cases:  # they were given to others meanwhile
        return frame | {
            "blocks": [
                section(t("%(person)s is not assigned to any open case any more.", person=mention(found.person)))
            ]
        }
    asked = InputBlock(
        block_id=PERSON,
        label=plain(t("Who takes over?")),
        element=UserSelectElement(action_id=PERSON),
        hint=plain(t("Only what the rules allow is reassigned. You will be told what was not, and why.")),
    )
    return frame | {
        "submit": plain(t("Submit"), _TITLE).to_dict(),
        "blocks": [*_first([_line(one, t) for one in found.cases], LIST_LENGTHS[0], t), asked.to_dict()],
    }


def reassigned(said: Mapping[str, Any], t: Translator) -> Message:
    """Build the message about what came of *Reassign all*: the places that were given, and those that were not.

    `said` are the arguments of its outbox row: `leaver`, `to`, `done` with number and place of each, and `refused` with
    number, place and reason of each.
    """
    return fitting(lambda most: _reassigned(said, most, t), LIST_LENGTHS)


def _reassigned(said: Mapping[str, Any], most: int, t: Translator) -> Message:
    people = {"leaver": mention(said["leaver"]), "person": mention(said["to"])}
    done = [f"• *{number}* · {escape(t.word(Place(place)))}" for number, place in said["done"]]
    refused = [
        f"• *{number}* · " + t("%(label)s: %(what)s", label=escape(t.word(Place(place))), what=typed(why, _REASON))
        for number, place, why in said["refused"]
    ]
    summary = t("Reassigned from %(leaver)s to %(person)s: %(count)s.", count=len(done), **people)
    left_over = [section(f"✋ *{t('Not reassigned: %(count)s.', count=len(refused))}*")] if refused else []
    return message(summary, section(f"*{summary}*"), *_first(done, most, t), *left_over, *_first(refused, most, t))
