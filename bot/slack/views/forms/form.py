"""Builds a step's modal from the table of fields, and parses what was filled in."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import Option

from bot.casework.reading.read_models import CaseCard
from bot.i18n.translator import Translator
from bot.slack.views.case import lines as case_lines
from bot.slack.views.case.step_context import evidence
from bot.slack.views.escape import Block, addressee, lines, one_line, shorten
from bot.slack.views.forms.inputs import NEW, input_block, name_of, name_option, option, typed
from bot.slack.views.message import context, divider, plain, plain_section, section
from bot.workflow.decide import shown_fields
from bot.workflow.field import MAX_LINE_LENGTH, Field, FieldKind
from bot.workflow.fields import FORMS, field_of
from storage.vocabulary import Step, comparable, is_visible

#: Characters shown of each long answer above the inputs of a form.
_EXCERPT = 600
_TITLE, _OPTIONS = 24, 100
#: Forms that ask about the deadline; they show the one in force.
_ABOUT_DEADLINE = frozenset({Step.CHANGE_DEADLINE, Step.CHANGE_SEVERITY, Step.PUBLISH_ANALYSIS})


def form(
    step: Step,
    t: Translator,
    *,
    facts: Mapping[str, Any],
    answers: Mapping[str, Any],
    metadata: str,
    card: CaseCard | None,
    suggests: bool = True,
    cut: bool = False,
    outside: str | None = None,
) -> Block:
    """Build the modal of a step.

    `facts` are those of `situation.facts`. `answers` are raw values by field code: filled in so far, or prefilled.
    `card` is the case, which is shown above the questions; None for a report. `metadata` is `private_metadata`.
    With `suggests` False, registered names are typed as text, so that none is offered. `cut` says that the text it is
    made from was too long. `outside` is the channel of the reported message if the bot is no member of it.
    """
    known = {**facts, **answers}
    fields = shown_fields(FORMS[step], known)
    asked = (input_block(step, field if suggests else typed(field), FORMS[step], known, t) for field in fields)
    return {
        "type": "modal",
        "callback_id": step.value,
        "title": plain(t.title(step), _TITLE).to_dict(),
        "submit": plain(t("Submit"), _TITLE).to_dict(),
        "close": plain(t("Cancel"), _TITLE).to_dict(),
        "private_metadata": metadata,
        "blocks": [
            *(*_uninvited(outside, t), *_above(step, card, t), *_cut(t, cut=cut)),
            *(block for block in asked if block),
        ],
    }


def _uninvited(channel: str | None, t: Translator) -> Iterator[Block]:
    """Yield the request to invite the bot into a channel where it could not post the answer."""
    if channel:
        said = t("I am not in %(channel)s and cannot answer there.", channel=addressee(channel))
        asked = t("Please invite me with `/invite` before you send this.")
        yield section("⚠️ " + t.sentences(said, asked))


def _above(step: Step, card: CaseCard | None, t: Translator) -> Iterator[Block]:
    """Yield the case and the records that the step is decided on. Without a case, a step without fields is named."""
    if card is not None:
        yield plain_section(case_lines.title(card))
        facts = (case_lines.product(card), case_lines.marks(card, t), *_deadline(step, card, t))
        yield from filter(None, (context(lines(*facts)),))
        yield from evidence(card, step, t, _EXCERPT)
        yield divider()
    elif not FORMS[step]:
        yield section(t.word(step))


def _cut(t: Translator, *, cut: bool) -> Iterator[Block]:
    if cut:
        yield section(t("⚠️ The text was too long for this form, so its end is missing."))


def _deadline(step: Step, card: CaseCard, t: Translator) -> Iterator[str]:
    """Yield the deadline in force and, where publishing does not ask it, that it stays (rule 2.4)."""
    if step in _ABOUT_DEADLINE:
        yield case_lines.deadline(card, t)
    if step is Step.PUBLISH_ANALYSIS and card.deadline_at is not None:
        yield t("The deadline stays in force. Only a higher severity asks for a new one.")


def parse(step: Step, view: Mapping[str, Any]) -> dict[str, Any]:
    """Return the raw answers of a view by field code, as `answers.clean` takes them, without empty ones.

    Fields are identified by `block_id` alone, because the `action_id` of a choice varies with its options.
    """
    values = view.get("state", {}).get("values", {})
    codes = {field.code for field in FORMS[step]}
    found = {code: _value(field_of(step, code), held) for code, held in values.items() if code in codes}
    return {code: value for code, value in found.items() if value not in (None, "", [])}


def _value(field: Field, held: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return the value of the only element of a block."""
    element = next(iter(held.values()), {})
    match field.kind:
        case FieldKind.CHOICE:
            return _selected(element)
        case FieldKind.LOOKUP:
            return name_of(_selected(element) or "") or element.get("value")
        case FieldKind.PERSON:
            return element.get("selected_user")
        case FieldKind.PEOPLE:
            return list(element.get("selected_users") or ())
        case FieldKind.MOMENT:
            return element.get("selected_date_time")
        case FieldKind.FILES:
            return [_uploaded(file) for file in element.get("files") or ()]
    return element.get("value")


def _uploaded(file: Mapping[str, Any]) -> dict[str, str]:
    """Return what is known of a file before it is fetched."""
    link = file.get("permalink")
    return {"id": file["id"], "name": file.get("name") or "", **({"link": link} if link else {})}


def _selected(element: Mapping[str, Any]) -> str | None:
    chosen = element.get("selected_option") or {}
    return chosen.get("value")


def options(names: Sequence[str], typed: str, t: Translator, may_add: bool) -> list[Block]:
    """Build the answer to a lookup's search: the names found, then the typed text as a new name.

    The new name is not offered if `may_add` is False or if the text is empty, too long or found already.
    """
    wanted = one_line(typed)
    known = {comparable(name) for name in names}
    is_name = is_visible(wanted) and len(wanted) <= MAX_LINE_LENGTH
    adds = may_add and is_name and comparable(wanted) not in known
    found = [name_option(name) for name in names[: _OPTIONS - 1 if adds else _OPTIONS]]
    return [one.to_dict() for one in (*found, *([_new(wanted, t)] if adds else []))]


def _new(name: str, t: Translator) -> Option:
    """The option of a new name. Its name is shortened so that the words around it fit."""
    room = 75 - len(t('new: "%(name)s"', name=""))
    return option(NEW + name, t('new: "%(name)s"', name=shorten(name, room)))


def case_options(found: Sequence[tuple[str, str]]) -> list[Block]:
    """Build the answer to a search for a case from (number, summary) pairs. The option's value is the number."""
    return [option(number, f"{number} · {one_line(summary)}").to_dict() for number, summary in found[:_OPTIONS]]
