"""The listener of `/fault`. It puts most answers into the acknowledgement, which needs no call to Slack."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App

from bot.casework.reading import cases
from bot.casework.reading.cases import Listing
from bot.casework.records.verify import verify
from bot.casework.records.verify_files import verify_files
from bot.casework.steps import load
from bot.casework.steps.perform import Request, perform
from bot.i18n.translator import LOCALES, translator
from bot.slack.command_words import (
    DOCTOR_WORDS,
    OUTBOX_WORDS,
    ParsedCommand,
    Verb,
    nearest_words,
    parse_command,
    parse_filters,
)
from bot.slack.identity import Reader
from bot.slack.listener_context import ListenerContext, problems_of, reporting_errors
from bot.slack.listeners.doctor import checked
from bot.slack.listeners.export import Exports
from bot.slack.listeners.not_understood import NotUnderstood
from bot.slack.listeners.outbox import Outbox
from bot.slack.listeners.report import ReportForm
from bot.slack.listeners.statistics import Statistics
from bot.slack.manifest import COMMAND
from bot.slack.views.case.card import personal_card
from bot.slack.views.case.verification import verification
from bot.slack.views.desk.help import case_missing, help_message, not_understood, states_unknown, words_unknown
from bot.slack.views.desk.lists import listing
from bot.slack.views.message import Message
from bot.slack.views.refusal import refused
from bot.workflow import refusals as no
from bot.workflow.reading_levels import Visibility
from bot.workflow.refusal import Problem, Refused
from storage.vocabulary import State, Step


class Command:
    """The listener of `/fault`."""

    def __init__(
        self, context: ListenerContext, reporting: ReportForm, outbox: Outbox, exports: Exports, statistics: Statistics
    ) -> None:
        self._context = context
        self._outbox = outbox
        self._reporting = reporting
        self._answers: dict[Verb, Callable[[ParsedCommand, Reader], Message]] = {
            Verb.SHOW: self._show,
            Verb.LIST: self._list,
            Verb.MINE: self._mine,
            Verb.QUEUE: self._queue,
            Verb.STATS: statistics.answer,
            Verb.EXPORT: exports.answer,
            Verb.VERIFY: self._verify,
            Verb.TAKE: self._take,
            Verb.ADMIN: self._admin,
            Verb.HELP: self._help,
        }

    def register(self, app: App) -> None:
        """Register these listeners with the Bolt app."""
        app.command(COMMAND)(ack=self.answer, lazy=[self.open_form, self.answer_later])

    def answer(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Answer every action but the report form and those that take long at once, for the asker alone."""
        asked = replace(parse_command(body.get("text") or ""), delivery=f"command:{body.get('trigger_id')}")
        if asked.verb is Verb.NEW or asked.is_answered_later:
            ack()
            return
        try:
            message = self._said(asked, reader)
        except Exception as error:  # noqa: BLE001 - last resort: every error is shown as a text or a reference
            message = refused(problems_of(error, self._context.health)[0], reader.t)
        ack(**self._context.epoch_marks.marked({"text": message.text, "blocks": message.blocks}))

    def open_form(self, body: dict[str, Any], reader: Reader) -> None:
        """Open the report form for `/fault` alone and `/fault new`, with the words after it."""
        asked = parse_command(body.get("text") or "")
        if asked.verb is Verb.NEW:
            self._reporting.open_with(body, reader, asked.rest)

    def answer_later(self, body: dict[str, Any], reader: Reader) -> None:
        """Answer after the acknowledgement what can take longer than three seconds."""
        asked = parse_command(body.get("text") or "")
        if asked.is_answered_later:
            with reporting_errors(self._context, body, reader):
                self._context.responder.respond(body["response_url"], self._said(asked, reader))

    def _said(self, asked: ParsedCommand, reader: Reader) -> Message:
        try:
            return self.answer_to(asked, reader)
        except NotUnderstood as unclear:
            return unclear.message

    def answer_to(self, asked: ParsedCommand, reader: Reader) -> Message:
        """Return the answer to any command but `new`. Raises `NotUnderstood`, and `Refused` as the command does."""
        return self._answers.get(asked.verb, self._unknown)(asked, reader)

    def _show(self, asked: ParsedCommand, reader: Reader) -> Message:
        if asked.case_id is None:
            raise NotUnderstood(case_missing(Verb.SHOW, asked.rest, reader.t))
        context = self._context
        with context.database.read() as session:
            shown = cases.show_or_status(
                session, asked.case_id, reader.id, context.company.of(session), context.clock.now()
            )
        return personal_card(shown, reader.t)

    def _take(self, asked: ParsedCommand, reader: Reader) -> Message:
        """Take the case and show it (process.md rule 2.1)."""
        if asked.case_id is None:
            raise NotUnderstood(case_missing(Verb.TAKE, asked.rest, reader.t))
        context, request = self._context, Request(Step.TAKE, asked.case_id, reader.id, {}, asked.delivery)
        with context.database.write() as session:
            perform(session, request, context.company.of(session), context.clock.now())
        return self._show(asked, reader)

    def _list(self, asked: ParsedCommand, reader: Reader) -> Message:
        states, context = _states(asked, reader), self._context
        with context.database.read() as session:
            found = cases.listed(session, states, reader.id, context.company.of(session), context.clock.now())
        return _listing(reader.t("Cases"), found, reader, _wider(Verb.LIST, states))

    def _mine(self, asked: ParsedCommand, reader: Reader) -> Message:
        states, context = _states(asked, reader), self._context
        with context.database.read() as session:
            found = cases.mine(session, reader.id, context.company.of(session), context.clock.now(), states)
        return _listing(reader.t("My cases"), found, reader, _wider(Verb.MINE, states))

    def _queue(self, asked: ParsedCommand, reader: Reader) -> Message:
        if asked.rest:
            raise NotUnderstood(words_unknown(Verb.QUEUE, asked.rest, [Verb.QUEUE, Verb.LIST], reader.t))
        context = self._context
        with context.database.read() as session:
            found = cases.queue(session, reader.id, context.company.of(session), context.clock.now())
        return _listing(reader.t("Waiting for you"), found, reader, Verb.MINE)

    def _verify(self, asked: ParsedCommand, reader: Reader) -> Message:
        if asked.case_id is None:
            raise NotUnderstood(case_missing(Verb.VERIFY, asked.rest, reader.t))
        context = self._context
        with context.database.read() as session:
            level = cases.level_to_verify(
                session, asked.case_id, reader.id, context.company.of(session), context.clock.now()
            )
            try:
                found = verify(session, asked.case_id)
            except KeyError:
                raise Refused(Problem(no.NoSuchCase(f"F-{asked.case_id}"))) from None
            of_files = (finding for _case, finding in verify_files(session, context.contents, [asked.case_id]))
            found = replace(found, findings=(*found.findings, *of_files))
        return verification(found, reader.t, details=level.may_read(Visibility.INTERNAL))

    def _admin(self, asked: ParsedCommand, reader: Reader) -> Message:
        word = asked.rest.casefold()
        if word in OUTBOX_WORDS:
            return self._outbox.overview(reader)
        if word in DOCTOR_WORDS:
            return checked(self._context, reader)
        raise NotUnderstood(words_unknown(Verb.ADMIN, asked.rest, ["admin outbox", "admin doctor"], reader.t))

    def _help(self, _asked: ParsedCommand, reader: Reader) -> Message:
        context = self._context
        with context.database.read() as session:
            person = load.person_context(session, reader.id, context.company.of(session), context.clock.now())
        return help_message(reader.t, person.roles | person.acting, outsider=reader.is_outsider)

    def _unknown(self, asked: ParsedCommand, reader: Reader) -> Message:
        raise NotUnderstood(not_understood(asked.rest, nearest_words(asked.rest), reader.t))


def _states(asked: ParsedCommand, reader: Reader) -> frozenset[State]:
    """Return the states that the words of a list name. Raises `NotUnderstood`."""
    states = parse_filters(asked.rest, state_names())
    if states is None:
        raise NotUnderstood(states_unknown(asked.verb, asked.rest, reader.t))
    return states


def state_names() -> dict[str, State]:
    """The names of the states in both languages."""
    translators = [translator(locale, None) for locale in LOCALES]
    return {t.word(state): state for t in translators for state in State}


def _wider(verb: Verb, states: frozenset[State]) -> str:
    """Return the command that lists cases in all states; nothing if this one does."""
    return "" if states == frozenset(State) else f"{verb} all"


def _listing(title: str, found: Listing, reader: Reader, wider: str) -> Message:
    return listing(title, found, reader.t, wider)
