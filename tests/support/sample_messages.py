"""Every kind of message and view that `bot.slack` makes, by name, with any text typed into it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

from bot.casework.leavers import Leaver, LeftCase
from bot.casework.reading.cases import CaseForPerson, Listing, ListLine
from bot.casework.reading.file_cards import FileCard
from bot.casework.reading.redaction import readable_card
from bot.casework.records.findings import Finding, FindingKind
from bot.casework.records.verify import Verification
from bot.casework.statistics.measures import FIGURES, Measure, StatisticsQuery
from bot.casework.statistics.periods import Period
from bot.casework.statistics.query import UnclearQuery, UnclearReason
from bot.casework.steps.followers import MergeNews
from bot.i18n.translator import Translator
from bot.slack.check_result import CheckedPart, CheckResult, Outcome
from bot.slack.views.case.card import card
from bot.slack.views.case.card_left import card_left
from bot.slack.views.case.discussion import discussion
from bot.slack.views.case.files import sent_file, sent_file_lost, thread_files
from bot.slack.views.case.full_record import reading
from bot.slack.views.case.merging import duplicate_comment, follower_message
from bot.slack.views.case.not_reached import not_reached
from bot.slack.views.case.reminder import help_wanted, help_without_manager, reminder
from bot.slack.views.case.rerouted import REASONS, rerouted
from bot.slack.views.case.task import settled, task
from bot.slack.views.case.thread import customer_message, notice, story
from bot.slack.views.case.vacant import vacant
from bot.slack.views.case.verification import verification
from bot.slack.views.desk.help import (
    case_missing,
    did_you_mean,
    help_message,
    not_understood,
    states_unknown,
    words_unknown,
)
from bot.slack.views.desk.home import home
from bot.slack.views.desk.leavers import left, reassign_form, reassigned
from bot.slack.views.desk.lists import listing, nothing, vacant_cases
from bot.slack.views.desk.offer import offer, with_offer
from bot.slack.views.desk.statistics import Number, cases_behind, numbers, overview, unclear
from bot.slack.views.desk.vacant_role import VACANT, vacant_role
from bot.slack.views.examples import example_forms
from bot.slack.views.forms.form import form
from bot.slack.views.message import Message
from bot.slack.views.operators.checkpoint import checkpoint, key_lost
from bot.slack.views.operators.dead_letter import dead_letter, undelivered
from bot.slack.views.operators.doctor import doctor
from bot.slack.views.operators.events_lost import events_lost
from bot.slack.views.operators.no_desk import no_desk
from bot.slack.views.refusal import refused
from bot.workflow import refusals as no
from bot.workflow.field import FieldKind
from bot.workflow.fields import FORMS
from bot.workflow.reading_levels import Level
from bot.workflow.refusal import People, Problem, Remedy
from storage import vocabulary as v
from storage.statistics import Side
from storage.vocabulary import Step
from tests.support.sample_cases import CROWD, NOW, a_card, a_line, a_new_card, a_reminder, answer, facts

MODIFIER = "U0CHEN"
#: Everybody whom the samples mention on purpose.
NAMED = frozenset({"U0CHEN", "U0SUN", *CROWD})


def messages(text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    """Every message that is posted."""
    yield from _of_states(text, t)
    yield from _of_steps(text, t)
    yield from _of_rules(text, t)
    yield from _of_merging(text, t)
    full, lines = a_card(text), [_list_line(text)] * 60
    yield "new card", card(a_new_card(), t, list(Step), personal=True)
    yield "help wanted", help_wanted(full, "U0CHEN", t)
    yield "help without a manager", help_without_manager("F-12", t)
    yield "listing", listing(text, Listing(tuple(lines), 7), t)
    yield "nothing", nothing(text, t, "list all")
    yield "help", help_message(t, v.Role)
    yield "no role", help_message(t, ())
    yield "not understood", not_understood(text, ["list", "help", text], t)
    yield "refused", refused(Problem(no.NoSuchCase(text)), t)
    yield "moved on", refused(Problem(no.MovedOnBy(v.State.CLOSED, Step.CONFIRM_FIX, text, NOW)), t)
    holders = Problem(no.TakenAlready(People(("U0CHEN", "U0SUN"))), remedy=Remedy(Step.REASSIGN, 7, 1))
    yield "taken", refused(holders, t)
    for reason in REASONS:
        yield f"rerouted, {reason}", rerouted(full, reason, t)
    yield "help for outsiders", help_message(t, (), outsider=True)
    yield "to be confirmed", card(replace(full, unconfirmed=("customer", "product", "version")), t)
    yield from _of_leavers(text, t)
    yield from _of_conversation(text, t)
    for role in VACANT:
        yield f"nobody is {role}", vacant_role(role, t)
    yield "no desk", no_desk(t)
    yield "vacant cases", vacant_cases(Listing(tuple(lines), 7), t)
    yield "vacant", vacant(CaseForPerson(full, tuple(Step), {}, Level.CENTER), t)
    yield "events lost", events_lost(NOW, t)
    yield "files", thread_files(full, a_line(Step.COMMENT, text), a_files(text), t)
    yield "sent file lost", sent_file_lost(full, a_files(text)[0], t)
    yield "sent file", sent_file(full, a_files(text)[0], t)
    yield "checkpoint", checkpoint(f"checkpoint 164 · root {'0' * 64} · unsigned", t)
    yield "lost key", key_lost(text, text, t)
    yield "doctor", doctor(a_diagnosis(text), t)
    yield "dead letter", dead_letter("F-12", text, text, text, t)
    for target in ("U0CHEN", "C0GENERAL", text):
        yield f"undelivered, {target[:9]}", undelivered(full, target, card(full, t), t)
        line = a_line(Step.REPLY_CUSTOMER, text)
        yield f"not reached, {target[:9]}", not_reached(full, line, target, "not_in_channel", t)
    yield "card left", card_left(full, "C0GENERAL", "", t)
    findings = tuple(Finding(kind, text) for kind in FindingKind) * 10
    yield "verified", verification(Verification("F-12", 9, 4, ()), t)
    yield "tampered with", verification(Verification("F-12", 9, 4, findings), t)
    yield from _of_statistics(text, t)


def _of_states(text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    for state in v.State:
        full = a_card(text, state=state)
        yield f"shared card, {state}", card(full, t)
        yield f"personal card, {state}", card(full, t, list(Step), personal=True)
        yield f"task, {state}", task(full, t, list(Step))
        sent_back = a_line(Step.REJECT_FIX, text, to_state=state)
        yield f"task sent back, {state}", task(full, t, list(Step), sent_back)


def _of_steps(text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    for step in Step:
        full, line = a_card(text), a_line(step, text)
        yield f"story, {step}", story(full, [line], t)
        yield f"notice, {step}", notice(full, line, t)
        yield f"settled, {step}", settled(full, line, t)
        yield f"notice to the owner, {step}", notice(full, line, t, line.data.get("dev_owner"))
        yield f"customer, {step}", customer_message(full, line, t)
    for step in (Step.CALL_DISCUSSION, Step.CLOSE_DISCUSSION):
        yield f"discussion, {step}", discussion(a_card(text), a_line(step, text), t)


def _of_rules(text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    for rule in v.Rule:
        told = a_reminder(rule)
        known = replace(told, acknowledged_by="U0CHEN", acknowledged_at=NOW)
        yield f"reminder, {rule}", reminder(a_card(text), told, t, steps=tuple(v.Step))
        yield f"acknowledged, {rule}", reminder(a_card(text), known, t, steps=(), now=NOW)


def _of_merging(text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    full, line = a_card(text), a_line(Step.COMMENT, text)
    for news, state, in_thread in product(MergeNews, v.State, (False, True)):
        said = {"news": news, "state": state, "words": text}
        yield f"follower, {news}, {state}, {in_thread}", follower_message(full, said, t, in_thread=in_thread)
    for steps, personal in (((), False), ((), True), ((Step.UNDO_MERGE,), True)):
        yield f"on a duplicate, {steps}, {personal}", duplicate_comment(full, line, t, steps, personal=personal)


def _of_leavers(text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    for may_reassign in (False, True):
        yield f"left, {may_reassign}", left(a_leaver(text, may_reassign=may_reassign), t)
    done, refused = [("F-12", "testers")] * 60, [("F-123456", "technicians", text)] * 60
    yield "reassigned", reassigned({"leaver": "U0CHEN", "to": "U0SUN", "done": done, "refused": refused}, t)
    yield "all reassigned", reassigned({"leaver": "U0CHEN", "to": "U0SUN", "done": done[:1], "refused": []}, t)


def _of_conversation(text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    hint, origin = did_you_mean(["list", "help", text], t), ("C0GENERAL", "1.000001")
    yield "offer", offer(text, hint, t, origin)
    yield "offer without words", offer("", "", t)
    for words in ("", text):
        yield f"no number, {bool(words)}", case_missing("verify", words, t)
        yield f"words unknown, {bool(words)}", words_unknown("admin", words, ["admin outbox", "admin doctor"], t)
    yield "no state", with_offer(states_unknown("list", text, t), text, t, origin)


def a_leaver(text: str, *, may_reassign: bool = True, count: int = 60) -> Leaver:
    """Somebody who left all places of many cases."""
    return Leaver("U0CHEN", tuple(LeftCase(12, text, tuple(v.Place)) for _case in range(count)), may_reassign)


def a_diagnosis(text: str) -> list[CheckedPart]:
    """Parts of which everything was found, and one in order."""
    results = tuple(CheckResult(outcome, text, text if outcome is not Outcome.OK else "") for outcome in Outcome)
    return [
        *(CheckedPart("token", "Token", results * 2) for _part in range(17)),
        CheckedPart("clock", "Clock", results[-1:]),
    ]


def a_files(text: str) -> list[FileCard]:
    """The files of a report: one with a copy, one that is being fetched, and one without a copy for each reason."""
    lost = [FileCard(12, 1, f"F{why}", text, reason=why) for why in v.NotKept]
    return [FileCard(12, 1, "F1", text, 3_200_000, "0" * 64), FileCard(12, 1, "F2", text), *lost]


def _of_statistics(text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    """The statistics messages at their longest: every number is large and every name is typed text."""
    period = Period(NOW.date(), NOW.date(), NOW, NOW + timedelta(days=1))
    asked = StatisticsQuery(period, text[:200], text[:200])
    modules = (*(f"{text[:200]} / {text[:190]}{number}" for number in range(40)), None)
    measures = [
        Measure(figure.code, figure.name, part, figure.unit, 98765.4, 123456, 123456, 0.98765)
        for figure in FIGURES
        for part in (modules if figure.parts is None else figure.parts or (None,))
    ]
    carried = {"first": "2026-11-22", "last": "2026-11-22", "customer": 2**31 - 1, "product": 2**31 - 1}
    yield "statistics", overview(asked, measures, carried, t, NOW)
    yield (
        "statistics of nothing",
        overview(StatisticsQuery(period), [replace(m, n=0, numerator=0) for m in measures], {}, t, NOW),
    )
    lines = [_list_line(text)] * 20
    for code in ("M6", "M8", "M19"):
        figure = [one for one in measures if one.code == code]
        chosen = next(numbers(figure))
        yield f"cases of {code}", cases_behind(chosen, figure, lines, (20, 123456), carried, t)
    yield "no cases", cases_behind(Number(measures[0], Side.NUMERATOR), measures[:1], (), (0, 0), carried, t)
    for why in UnclearReason:
        yield f"unclear, {why}", unclear(UnclearQuery(why, text, (text[:200],) * 12), t)


def _list_line(text: str) -> ListLine:
    return ListLine(12, 7, v.State.ANALYSIS, text[:140], v.Severity.SEVERE, NOW, True, is_free=True)


def views(text: str, t: Translator) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every view that opens with content."""
    for count in (0, 60):
        yield f"reassign all, {count}", reassign_form(a_leaver(text, count=count), t)
    cases = Listing(tuple([_list_line(text)] * 40), 7)
    yield "home", home(cases, cases, t, VACANT)
    yield "reading", reading(a_card(text), (), t)
    yield "reading with files", reading(a_card(text), (), t, a_files(text))
    yield "reading from outside", reading(readable_card(a_card(text), Level.REPORTER), (), t)
    known = facts(v.Kind.FAULT, v.Severity.GENERAL)
    cut = form(Step.REPORT, t, facts=known, answers={}, metadata="{}", card=None, cut=True, outside="C0GENERAL")
    yield "report of a cut text", cut
    for step in Step:
        for filled in fillings(step, text):
            view = form(step, t, facts=known, answers=filled, metadata="{}", card=a_card(text))
            yield f"form, {step}, filled", view


def empty_views(t: Translator) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every view that opens empty: every form for every kind and severity of case."""
    yield "reading a new case", reading(a_new_card(), (), t)
    yield from ((f"form, {example.name}", example.content) for example in example_forms(t))


def fillings(step: Step, text: str) -> Iterator[dict[str, Any]]:
    """Answers to a form for every option of the fields that steer it."""
    whole = {field.code: _raw(answer(field, text), field.kind is FieldKind.TEST_CASES, text) for field in FORMS[step]}
    yield whole
    for field in FORMS[step]:
        if field.steers and field.options:
            yield from ({**whole, field.code: option.value} for option in field.options)


def _raw(value: Any, cases: bool, text: str) -> Any:
    return text if cases else value


def texts_of(block: Any) -> Iterator[str]:
    """Every string anywhere in a payload."""
    if isinstance(block, Mapping):
        for value in block.values():
            yield from texts_of(value)
    elif isinstance(block, list):
        for value in block:
            yield from texts_of(value)
    elif isinstance(block, str):
        yield block
