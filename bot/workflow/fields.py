"""THE TABLE OF FIELDS: what each step's form asks, of what kind, when it is shown and when required.

Modals, validation, documents and `docs/process.md` are derived from this table (process.md §4).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from bot.workflow.conditions import Answers, Condition, Fact, both, unless, unless_given, when
from bot.workflow.field import (
    Field,
    FieldKind,
    Form,
    Lookup,
    choice,
    line,
    lookup,
    moment,
    optional,
    personal,
    required_when,
    shown_when,
    text,
    visible,
)
from bot.workflow.membership import people_named
from bot.workflow.reading_levels import Visibility
from bot.workflow.severity import PROMISED, asks_deadline, bases_for, raises_severity, settled_bases
from storage import vocabulary as v
from storage.vocabulary import Basis, Kind, Severity, Source, Step, YesNo


class Score(StrEnum):
    """The customer's score; 5 is best."""

    FIVE = "5"
    FOUR = "4"
    THREE = "3"
    TWO = "2"
    ONE = "1"


REASON = text("reason")
EVIDENCE = text("evidence")
HOURS = Field("effort_hours", FieldKind.HOURS)
(SCORE,) = visible(Visibility.REPLY, optional(choice("score", Score)))
SYMPTOM_KIND = choice("symptom_kind", v.SymptomKind)

_PROMISE = when("deadline_basis", *PROMISED)
AGREEMENT = (
    personal(line("deadline_contact")),
    moment("deadline_agreed_at", past=True),
    text("deadline_evidence"),
)


def _deadline(offers: Callable[[Answers], tuple[str, ...]], shown: Condition) -> tuple[Field, ...]:
    """Return the fields of a deadline: its basis and, where the basis is a promise, the time and the agreement."""
    basis = shown_when(choice("deadline_basis", Basis, steers=True), shown)
    at = replace(moment("deadline_at", future=True), explained=True)
    promise = tuple(shown_when(field, both(shown, _PROMISE)) for field in (at, *AGREEMENT))
    return (replace(basis, offers=offers, explained=True), *promise)


def _filled_places(answers: Answers) -> tuple[str, ...]:
    return tuple(answers.get(Fact.PLACES, ()))


def _held_by_several(answers: Answers) -> bool:
    return answers.get("place") in answers.get(Fact.SHARED_PLACES, ())


def _module_is_open(answers: Answers) -> bool:
    """Whether a fault record names no module, or the module of another product (rule 2.2)."""
    recorded = answers.get(Fact.MODULE_OF)
    return recorded is not None and answers.get("product") != recorded


_FAULT = when(Fact.KIND, Kind.FAULT)
_REQUIREMENT = when(Fact.KIND, Kind.REQUIREMENT)
_EVIDENCE_UNLESS_CUSTOMER = shown_when(EVIDENCE, unless(Fact.AS_CUSTOMER, YesNo.YES))
#: What the followers read who belong to another customer or to none, instead of the answer or the reply (rule 2.3).
_REPLY_FOLLOWERS = replace(
    shown_when(text("reply_followers"), when(Fact.FOREIGN_FOLLOWERS, YesNo.YES)),
    filed=False,
)
_RELEASED = when("result", v.ReleaseResult.RELEASED)
_IF_VERY_SEVERE = when("severity", Severity.VERY_SEVERE)

_TEST: Form = (
    line("build"),
    Field("cases", FieldKind.TEST_CASES),
    text("regression"),
    text("environment"),
    HOURS,
)


def _told(customer: Condition, product: Field) -> Form:
    """Return what a report tells and a correction can change. A customer is required under this condition."""
    return (
        required_when(lookup("customer", Lookup.CUSTOMER), customer),
        personal(line("contact")),
        personal(line("contact_way")),
        product,
        lookup("version", Lookup.VERSION),
        line("summary"),
        text("description"),
        moment("found_at", past=True),
    )


_PRODUCT = lookup("product", Lookup.PRODUCT)

FORMS: dict[Step, Form] = {
    Step.REPORT: visible(
        Visibility.REPORT,
        choice("source", Source, steers=True),
        *_told(when("source", Source.CUSTOMER), _PRODUCT),
        choice("channel", v.Channel),
        optional(choice("suspected_urgency", v.Urgency)),
        optional(Field("attachments", FieldKind.FILES)),
    ),
    Step.TAKE: (),
    Step.TRIAGE: (
        choice("is_requirement", YesNo, steers=True),
        shown_when(text("new_business"), when("is_requirement", YesNo.YES)),
        shown_when(choice("is_fault", YesNo, steers=True), when("is_requirement", YesNo.NO)),
        shown_when(SYMPTOM_KIND, both(when("is_requirement", YesNo.NO), when("is_fault", YesNo.YES))),
    ),
    Step.ANSWER: (
        *visible(Visibility.REPLY, text("answer"), choice("category", v.Category)),
        optional(Field("consulted", FieldKind.PERSON)),
        HOURS,
        _REPLY_FOLLOWERS,
    ),
    Step.RECORD_VERDICT: (
        *visible(
            Visibility.REPLY,
            choice("satisfied", YesNo, steers=True),
            shown_when(text("dissatisfied_reason"), when("satisfied", YesNo.NO)),
        ),
        _EVIDENCE_UNLESS_CUSTOMER,
        SCORE,
    ),
    Step.RECLASSIFY: (REASON,),
    Step.DRAFT_SHEET: (
        shown_when(SYMPTOM_KIND, _FAULT),
        shown_when(text("symptom"), _FAULT),
        shown_when(text("impact"), _FAULT),
        shown_when(optional(text("environment")), _FAULT),
        shown_when(optional(text("steps")), _FAULT),
        shown_when(text("new_business"), _REQUIREMENT),
        shown_when(text("current_gap"), _REQUIREMENT),
        shown_when(optional(text("value")), _REQUIREMENT),
        shown_when(optional(moment("wanted_by")), _REQUIREMENT),
        shown_when(optional(line("contract_ref")), _REQUIREMENT),
    ),
    Step.SIGN_SHEET: (
        shown_when(Field("testers", FieldKind.PEOPLE), _FAULT),
        shown_when(Field("technicians", FieldKind.PEOPLE), _FAULT),
        shown_when(Field("dev_owner", FieldKind.PERSON), _REQUIREMENT),
        shown_when(line("dev_ref"), _REQUIREMENT),
        shown_when(REASON, when(Fact.ALONE, YesNo.YES)),
    ),
    Step.RETURN_SHEET: (REASON,),
    Step.REJECT_SHEET: (REASON,),
    Step.CALL_DISCUSSION: (Field("invitees", FieldKind.PEOPLE), text("question")),
    Step.CLOSE_DISCUSSION: (text("outcome"),),
    Step.PUBLISH_ANALYSIS: (
        Field("analysts", FieldKind.PEOPLE),
        choice("reproduced", v.Reproduced),
        text("direct_cause"),
        required_when(text("root_cause"), _IF_VERY_SEVERE),
        choice("cause_class", v.CauseClass),
        lookup("module", Lookup.MODULE),
        line("versions"),
        *visible(Visibility.OTHER_CUSTOMERS, optional(line("other_customers"))),
        optional(text("workaround")),
        text("measure"),
        choice("modification_proposed", YesNo),
        required_when(text("prevention"), _IF_VERY_SEVERE),
        HOURS,
        choice("severity", Severity, steers=True),
        text("severity_reason"),
        *_deadline(bases_for, asks_deadline),
    ),
    Step.CHANGE_SEVERITY: (
        choice("severity", Severity, steers=True),
        REASON,
        *_deadline(settled_bases, raises_severity),
    ),
    Step.CHANGE_DEADLINE: (moment("deadline_at", future=True), REASON, *AGREEMENT),
    Step.DECIDE_MODIFICATION: (
        choice("modification_needed", YesNo, steers=True),
        shown_when(Field("modifier", FieldKind.PERSON), when("modification_needed", YesNo.YES)),
        shown_when(line("target_version"), when("modification_needed", YesNo.YES)),
        shown_when(choice("handling_kind", v.HandlingKind), when("modification_needed", YesNo.NO)),
        shown_when(Field("owner", FieldKind.PERSON), when("modification_needed", YesNo.NO)),
    ),
    Step.REANALYZE: (REASON,),
    Step.COMPLETE_HANDLING: (text("result"), Field("verified_by", FieldKind.PERSON)),
    Step.SUBMIT_MODIFICATION: (
        text("change"),
        text("modules"),
        line("build"),
        optional(text("risk")),
        text("self_check"),
        HOURS,
    ),
    Step.PASS_TEST: _TEST,
    Step.FAIL_TEST: (*_TEST, text("actual"), text("fail_reason"), choice("next", v.AfterFailure)),
    Step.UPDATE_MANUAL: (
        *visible(
            Visibility.MANUAL,
            choice("needed", YesNo, steers=True),
            shown_when(line("chapter"), when("needed", YesNo.YES)),
            shown_when(choice("change_type", v.ChangeType), when("needed", YesNo.YES)),
            shown_when(optional(text("before")), when("needed", YesNo.YES)),
            shown_when(text("after"), when("needed", YesNo.YES)),
            shown_when(line("product_version"), when("needed", YesNo.YES)),
        ),
        shown_when(optional(Field("reviewed_by", FieldKind.PERSON)), when("needed", YesNo.YES)),
        *visible(Visibility.MANUAL, shown_when(text("no_reason"), when("needed", YesNo.NO))),
    ),
    Step.RECORD_RELEASE: (
        choice("result", v.ReleaseResult, steers=True),
        required_when(lookup("version", Lookup.VERSION), _RELEASED),
        required_when(moment("released_at", past=True), _RELEASED),
        required_when(line("where"), _RELEASED),
        required_when(text("rollback_plan"), _RELEASED),
        shown_when(REASON, when("result", v.ReleaseResult.ROLLED_BACK)),
    ),
    Step.REPLY_CUSTOMER: (*visible(Visibility.REPLY, text("reply")), _REPLY_FOLLOWERS),
    Step.CONFIRM_FIX: (_EVIDENCE_UNLESS_CUSTOMER, SCORE),
    Step.REJECT_FIX: (REASON, _EVIDENCE_UNLESS_CUSTOMER),
    Step.CLOSE_UNANSWERED: (),
    Step.REOPEN: (REASON,),
    Step.MERGE_DUPLICATE: visible(Visibility.OTHER_CUSTOMERS, lookup("master", Lookup.CASE), REASON),
    Step.UNDO_MERGE: visible(Visibility.OTHER_CUSTOMERS, REASON),
    Step.WITHDRAW: (REASON, shown_when(EVIDENCE, unless(Fact.AS_REPORTER, YesNo.YES))),
    Step.HOLD: (choice("kind", v.HoldKind), REASON, moment("until", future=True)),
    Step.RESUME: (),
    Step.REASSIGN: (
        replace(choice("place", v.Place, steers=True), offers=_filled_places),
        shown_when(optional(Field("from_person", FieldKind.PERSON, former=True)), _held_by_several),
        required_when(Field("person", FieldKind.PERSON), unless_given("from_person")),
    ),
    Step.CORRECT: (
        *visible(Visibility.REPORT, *_told(when(Fact.SOURCE, Source.CUSTOMER), replace(_PRODUCT, steers=True))),
        shown_when(optional(lookup("module", Lookup.MODULE)), _module_is_open),
        REASON,
    ),
    Step.COMMENT: visible(
        Visibility.OWN_WORDS,
        required_when(text("text"), lambda answers: not answers.get("files")),
        optional(Field("files", FieldKind.FILES)),
    ),
}


#: The codes of all fields whose answers are personal.
PERSONAL_FIELDS: frozenset[str] = frozenset(field.code for form in FORMS.values() for field in form if field.personal)


def before(code: str) -> str:
    """Return the code under which the history keeps what an answer replaced."""
    return f"before_{code}"


def field_of(step: Step, code: str) -> Field:
    """Return the field `code` of the form of `step`. Raises `KeyError` if the form does not have it."""
    for field in FORMS[step]:
        if field.code == code:
            return field
    raise KeyError(f"{step} does not ask {code}")


def asked(
    steps: Iterable[Step], wanted: Callable[[Field], bool] = lambda _field: True
) -> dict[str, tuple[Step, Field]]:
    """Return the wanted fields of these steps' forms by code, each with the first step that asks for it."""
    found: dict[str, tuple[Step, Field]] = {}
    for step in steps:
        for field in FORMS[step]:
            if wanted(field):
                found.setdefault(field.code, (step, field))
    return found


def everybody_named(step: Step, answers: Mapping[str, Any]) -> frozenset[str]:
    """Return everybody whom the answers of this step name in a field for people. `answers` may be unclean."""
    return frozenset(person for _field, named in people_named(FORMS[step], answers) for person in named)
