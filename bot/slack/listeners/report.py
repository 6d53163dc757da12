"""Opens the report form (step `report`) and answers the searches of its selects and of those of other forms."""

import json
from typing import Any

from slack_bolt import Ack, App
from sqlmodel import Session

from bot.casework.reading import cases as case_reading
from bot.casework.steps.press import ButtonPress
from bot.slack.channel_membership import is_outside
from bot.slack.epoch_marks import carried
from bot.slack.identity import Reader
from bot.slack.listener_context import ListenerContext, ack_at_once, reporting_errors
from bot.slack.listeners.steps import one_of
from bot.slack.message_words import words_of
from bot.slack.prefill import as_typed, for_report, mentioned
from bot.slack.views.desk.offer import REPORT_WORDS
from bot.slack.views.escape import is_channel, tame
from bot.slack.views.forms.form import case_options, form, options, parse
from bot.workflow.field import MAX_TEXT_LENGTH, Lookup
from bot.workflow.fields import FORMS, field_of
from storage import cases, people, registers
from storage.tables import Customer, Module, Product, ProductVersion
from storage.vocabulary import Step

#: The most names offered at once. Slack takes 100 options; one is for the new name (slack-platform.md §1.5).
MAX_OFFERED = 99
_FOUND_AS_TYPED = sorted({f.code for form_ in FORMS.values() for f in form_ if f.register})


class ReportForm:
    """Listeners of both shortcuts and of the selects that search while a person types."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: App) -> None:
        """Register these listeners with the Bolt app."""
        app.global_shortcut("report")(ack=ack_at_once, lazy=[self.open])
        app.message_shortcut("report_from_message")(ack=ack_at_once, lazy=[self.open_from_message])
        app.action(REPORT_WORDS)(ack=ack_at_once, lazy=[self.open_from_offer])
        app.options(one_of(_FOUND_AS_TYPED))(self.offer)

    def open(self, body: dict[str, Any], reader: Reader) -> None:
        """Open the report form without a message behind it."""
        self.open_with(body, reader, "")

    def open_with(self, body: dict[str, Any], reader: Reader, words: str) -> None:
        """Open the report form with words that were typed after the command."""
        with reporting_errors(self._context, body, reader):
            self._open(body, reader, {}, self.as_typed(words))

    def open_from_message(self, body: dict[str, Any], reader: Reader) -> None:
        """Open the report form with the text of a message.

        The form carries the message's channel and thread, which become the case's origin. It says so where the bot is
        no member of that channel, because an answer could not be posted there.
        """
        with reporting_errors(self._context, body, reader):
            message = body["message"]
            ts, channel = message.get("thread_ts") or message["ts"], body["channel"]["id"]
            metadata: dict[str, Any] = {"origin": [channel, ts]}
            if is_channel(channel) and is_outside(self._context.client, channel):
                metadata["outside"] = channel
            self._open(body, reader, metadata, self.as_typed(words_of(message)))

    def open_from_offer(self, body: dict[str, Any], reader: Reader) -> None:
        """Open the report form with the words that the button of an offer carries."""
        with reporting_errors(self._context, body, reader):
            found = carried(body["actions"][0].get("value"))
            metadata: dict[str, Any] = {name: found[name] for name in ("origin", "cut") if name in found}
            self._open(body, reader, metadata, str(found.get("words") or ""))

    def as_typed(self, text: str) -> str:
        """Return the text of a message as its author saw it. Raises `Unavailable`."""
        with self._context.database.read() as session:
            names = people.names(session, mentioned(text))
        return as_typed(text, names)

    def _open(self, body: dict[str, Any], reader: Reader, metadata: dict[str, Any], description: str) -> None:
        cut = "cut" in metadata or len(tame(description)) > MAX_TEXT_LENGTH
        view = form(
            Step.REPORT,
            reader.t,
            facts={},
            answers=for_report(description, self._context.clock.now()),
            metadata=json.dumps({**metadata, "cut": True} if cut else metadata),
            card=None,
            suggests=not reader.is_outsider,
            cut=cut,
            outside=metadata.get("outside"),
        )
        self._context.client.views_open(trigger_id=body["trigger_id"], view=view)

    def offer(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Answer a select's search (slack-platform.md §1.5).

        The options are the names that contain the typed text and, if the settings allow new names, the text itself.
        For `merge_duplicate` they are cases. An error gives no options. Outsiders are not admitted here.
        """
        found: list[dict[str, Any]] = []
        with reporting_errors(self._context, body, reader):
            found = self._found(body, reader)
        ack(options=found)

    def _found(self, body: dict[str, Any], reader: Reader) -> list[dict[str, Any]]:
        view, typed = body["view"], tame(str(body.get("value") or ""))
        step = Step(view["callback_id"])
        register = field_of(step, body["action_id"]).register
        if register is Lookup.CASE:
            return self._cases(view, typed, reader.id)
        with self._context.database.read() as session:
            names = self._names(session, register, step, view, typed, reader.id)
            may_add = self._context.company.of(session).new_names
        return options(names, typed, reader.t, may_add=may_add)

    def _names(
        self, session: Session, register: Lookup | None, step: Step, view: dict[str, Any], typed: str, person: str
    ) -> list[str]:
        match register:
            case Lookup.CUSTOMER:
                return list(registers.names_like(session, Customer, typed, MAX_OFFERED))
            case Lookup.PRODUCT:
                return list(registers.names_like(session, Product, typed, MAX_OFFERED))
        part = ProductVersion if register is Lookup.VERSION else Module
        product = parse(step, view).get("product") or self._product(session, view, person)
        return list(registers.parts_like(session, part, product, typed, MAX_OFFERED))

    def _product(self, session: Session, view: dict[str, Any], person: str) -> str | None:
        """The product of the form's case, if the person may read it; None for a report, which has no case yet."""
        case_id, context = json.loads(view["private_metadata"] or "{}").get("case"), self._context
        if case_id is None:
            return None
        company, now = context.company.of(session), context.clock.now()
        return case_reading.show(session, case_id, person, company, now).card.product

    def _cases(self, view: dict[str, Any], typed: str, person: str) -> list[dict[str, Any]]:
        """Options for the master of a merge: cases of the same product (process.md rule 2.3)."""
        metadata = json.loads(view["private_metadata"] or "{}")
        this, context = metadata.get("case"), self._context
        press = ButtonPress(Step.MERGE_DUPLICATE, int(this), metadata.get("version"), person)
        with context.database.read() as session:
            case_reading.ready(session, press, context.company.of(session), context.clock.now())
            found = cases.similar(session, typed, this, MAX_OFFERED)
        return case_options([(f"F-{row.id}", row.summary) for row in found])
