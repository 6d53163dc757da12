"""Listeners of all steps of process.md §2: buttons, forms, redrawing of a form, and submissions."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from slack_bolt import Ack, App
from slack_sdk.errors import SlackApiError

from bot.casework.reading import cases
from bot.casework.reading.cases import CaseForPerson
from bot.casework.reading.read_models import CaseCard
from bot.casework.steps.perform import Request, perform
from bot.casework.steps.press import ButtonPress, people_to_ask_about
from bot.casework.steps.report import Report, report
from bot.i18n.translator import Translator
from bot.slack.identity import Reader
from bot.slack.listener_context import (
    ButtonValue,
    ListenerContext,
    ack_at_once,
    is_ephemeral,
    keeping_changes,
    problems_of,
    reporting_errors,
)
from bot.slack.prefill import prefill
from bot.slack.views.case.card import personal_card
from bot.slack.views.forms.form import form, parse
from bot.slack.views.message import Message
from bot.workflow import refusals as no
from bot.workflow.fields import FORMS
from bot.workflow.refusal import Problem, Refused
from storage.vocabulary import Step

#: Steps without a form: they are taken when the button is pressed.
STEPS_WITHOUT_FORM = tuple(step for step in Step if not FORMS[step])
#: Steps whose button opens a form.
STEPS_WITH_FORM = tuple(step for step in Step if FORMS[step] and step is not Step.REPORT)
#: Codes of fields whose answer changes what else the form asks.
STEERING_FIELDS = sorted({field.code for fields in FORMS.values() for field in fields if field.steers})


def one_of(codes: Sequence[str], suffix: str = "") -> re.Pattern[str]:
    """Return a pattern that matches exactly one of `codes`, followed by the regular expression `suffix`."""
    return re.compile(f"^(?:{'|'.join(re.escape(code) for code in codes)}){suffix}$")


class Steps:
    """Listeners of the step buttons and modals, which the tables of steps and fields define."""

    def __init__(self, context: ListenerContext, publish_home: Callable[[str], None]) -> None:
        self._context = context
        self._publish_home = publish_home

    def register(self, app: App) -> None:
        """Register these listeners with the Bolt app."""
        app.action(one_of(STEPS_WITHOUT_FORM))(ack=self.press, lazy=[self.redraw_home])
        app.action(one_of(STEPS_WITH_FORM))(ack=ack_at_once, lazy=[self.open])
        app.action(one_of(STEERING_FIELDS, "(?::.*)?"))(ack=ack_at_once, lazy=[self.redraw])
        app.view(one_of(list(Step)))(self.submit)

    def press(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Take a step that has no form."""
        context, action = self._context, body["actions"][0]
        with reporting_errors(context, body, reader):
            value = ButtonValue.of(action)
            step, delivery = Step(action["action_id"]), f"action:{body['trigger_id']}"
            request = Request(step, value.case_id, reader.id, {}, delivery, value.version)
            with context.database.write() as session:
                perform(session, request, context.company.of(session), context.clock.now())
            self._refresh(body, value.case_id, reader)
        ack()

    def redraw_home(self, body: dict[str, Any], reader: Reader) -> None:
        """Publish the App Home anew if the button of a step without a form was pressed there."""
        if body.get("view", {}).get("type") == "home":
            self._publish_home(reader.id)

    def open(self, body: dict[str, Any], reader: Reader) -> None:
        """Open the form of a step. A person who may not take the step is told why."""
        with reporting_errors(self._context, body, reader):
            action = body["actions"][0]
            value, step = ButtonValue.of(action), Step(action["action_id"])
            shown = self._ready(ButtonPress(step, value.case_id, value.version, reader.id))
            metadata = {"case": value.case_id, "version": shown.card.version, "entries": shown.entries}
            if is_ephemeral(body):
                metadata["url"] = body["response_url"]
            answers = prefill(step, shown.card, reader.t)
            view = form(
                step,
                reader.t,
                facts=shown.facts,
                answers=answers,
                metadata=json.dumps(metadata),
                card=shown.card,
                suggests=not reader.is_outsider,
            )
            self._context.client.views_open(trigger_id=body["trigger_id"], view=view)

    def _ready(self, press: ButtonPress) -> CaseForPerson:
        context = self._context
        with context.database.read() as session:
            return cases.ready(session, press, context.company.of(session), context.clock.now())

    def redraw(self, body: dict[str, Any], reader: Reader) -> None:
        """Redraw a form, keeping its answers, after an answer changed what the form asks."""
        with reporting_errors(self._context, body, reader):
            view = body["view"]
            step, metadata = Step(view["callback_id"]), json.loads(view["private_metadata"] or "{}")
            facts: Mapping[str, Any] = {}
            card = None
            if step is not Step.REPORT:
                press = ButtonPress(step, metadata["case"], metadata["version"], reader.id)
                shown = self._ready(press)
                facts, card = shown.facts, shown.card
            drawn = form(
                step,
                reader.t,
                facts=facts,
                answers=_answers(step, view, card, reader.t),
                metadata=view["private_metadata"],
                card=card,
                suggests=not reader.is_outsider,
                cut="cut" in metadata,
                outside=metadata.get("outside"),
            )
            self._update(view, drawn)

    def _update(self, view: Mapping[str, Any], drawn: dict[str, Any]) -> None:
        """Update a view.

        Two answers in quick succession carry the same hash. The second is the newer one, so a hash conflict is
        resolved by updating without a hash.
        """
        try:
            self._context.client.views_update(view_id=view["id"], hash=view["hash"], view=drawn)
        except SlackApiError as error:
            match error.response["error"]:
                case "hash_conflict":
                    self._context.client.views_update(view_id=view["id"], view=drawn)
                case "not_found":  # the person has closed it
                    pass
                case _:
                    raise

    def submit(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Take the step of a submitted form. On problems the form stays open and shows each at its field."""
        view = body["view"]
        step = Step(view["callback_id"])
        try:
            metadata = json.loads(view["private_metadata"] or "{}")
            case_id = self._take(step, metadata, view, reader.id)
        except Exception as error:  # noqa: BLE001 - last resort: every error is shown as a text or a reference
            ack(
                response_action="errors",
                errors=errors_of(problems_of(error, self._context.health), view, reader.t),
            )
            return
        ack()
        if case_id is not None and "url" in metadata:
            self._refresh({"response_url": metadata["url"]}, case_id, reader)

    def _take(self, step: Step, metadata: Mapping[str, Any], view: Mapping[str, Any], person: str) -> int | None:
        context, now, delivery = self._context, self._context.clock.now(), f"view:{view['id']}"
        raw = parse(step, view)
        if step is Step.REPORT:
            origin = metadata.get("origin")
            made_from = (origin[0], origin[1]) if origin else None
            with keeping_changes(context, person, step, None, raw), context.database.write() as session:
                return report(session, Report(person, raw, delivery, made_from), context.company.of(session), now)
        case_id, version = metadata.get("case"), metadata.get("version")
        if not isinstance(case_id, int):
            raise Refused(Problem(no.NotOffered()))
        press = ButtonPress(step, case_id, version, person)
        with context.database.read() as session:
            unknown = people_to_ask_about(session, press, raw, delivery, context.company, now)
        if not context.identity.ask_about(unknown):
            raise Refused(Problem(no.SlackAway()))  # who was chosen may be one of ours all the same
        with keeping_changes(context, person, step, case_id, raw), context.database.write() as session:
            seen = metadata.get("entries")
            entries = seen if isinstance(seen, int) else None
            request = Request(step, case_id, person, raw, delivery, version, entries)
            perform(session, request, context.company.of(session), now)
        return case_id

    def _refresh(self, body: Mapping[str, Any], case_id: int, reader: Reader) -> None:
        """Replace the personal card whose button was pressed by the present one, after the answer to the press."""
        url, container = body.get("response_url"), body.get("container")
        if not url or (container is not None and not container.get("is_ephemeral")):
            return
        self._context.responder.replace(str(url), partial(self._drawn, case_id, reader))

    def _drawn(self, case_id: int, reader: Reader) -> Message | None:
        context = self._context
        with reporting_errors(context, {}, reader), context.database.read() as session:
            shown = cases.show(session, case_id, reader.id, context.company.of(session), context.clock.now())
            return personal_card(shown, reader.t)
        return None


def _answers(step: Step, view: Mapping[str, Any], card: CaseCard | None, t: Translator) -> Mapping[str, Any]:
    """Return the answers in the view; questions that it does not ask yet start with their prefilled answers."""
    asked = {block.get("block_id") for block in view["blocks"]}
    known = prefill(step, card, t) if card else {}
    return {code: value for code, value in known.items() if code not in asked} | parse(step, view)


def _inputs(blocks: Any) -> list[str]:
    found = [block for block in blocks if isinstance(block, Mapping)] if isinstance(blocks, list) else []
    return [str(block.get("block_id")) for block in found if block.get("type") == "input"]


def errors_of(problems: Sequence[Problem], view: Mapping[str, Any], t: Translator) -> dict[str, str]:
    """Return the texts of problems by `block_id` (slack-platform.md §1.5).

    A problem that belongs to no visible field is shown at the first one. A field shows its first problem only. A
    malformed view has no field at which anything could be shown.
    """
    inputs = _inputs(view.get("blocks"))
    errors: dict[str, str] = {}
    for problem in problems if inputs else ():
        block = str(problem.field) if problem.field in inputs else inputs[0]
        errors.setdefault(block, t.refusal(problem.refusal))
    return errors
