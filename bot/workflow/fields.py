"""THE TABLE OF FIELDS: what each step's form asks, of what kind, when it is shown and when required.

Modals, validation, documents and `docs/process.md` are all derived from this table (process.md §4).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto

from bot.workflow.conditions import Answers, Condition, Fact, always, both, never, unless, when
from storage import vocabulary as v
from storage.vocabulary import SEVERITY_ORDER, Basis, Kind, Severity, Source, Step, YesNo

#: The longest text that a Slack input accepts (slack-platform.md §2.2).
LONGEST = 3000
#: The longest one-line text; it also fits an option's value and a section's field.
LINE = 140


class FieldKind(Enum):
    """How a field is asked and what its clean value is."""

    LINE = auto()  # str, one line
    TEXT = auto()  # str, several lines
    CHOICE = auto()  # str, one of `options`
    PERSON = auto()  # str, a Slack user id
    PEOPLE = auto()  # tuple of Slack user ids
    MOMENT = auto()  # aware datetime, UTC
    HOURS = auto()  # float, > 0
    LOOKUP = auto()  # str, a name found as one types or a new one
    FILES = auto()  # tuple of {id, name}
    TEST_CASES = auto()  # tuple of {title, expected, actual, passed}, one a line


class Lookup(StrEnum):
    """The register in which a LOOKUP field searches."""

    CUSTOMER = "customer"
    PRODUCT = "product"
    VERSION = "version"
    MODULE = "module"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Field:
    """One question of one form.

    `longest` is in characters. `offers` narrows `options` by the answers so far. `steers` says that other
    questions depend on this one, so the form is drawn anew when it is answered.
    """

    code: str
    kind: FieldKind
    options: type[StrEnum] | None = None
    register: Lookup | None = None
    longest: int = LONGEST
    shown: Condition = always
    required: Condition = always
    offers: Callable[[Answers], tuple[str, ...]] | None = None
    steers: bool = False
    past: bool = False

    def options_for(self, answers: Answers) -> tuple[str, ...]:
        """The codes on offer, in order, given the answers so far."""
        if self.offers is not None:
            return self.offers(answers)
        return tuple(self.options) if self.options is not None else ()


class Score(StrEnum):
    """The customer's mark, 5 the best."""

    FIVE = "5"
    FOUR = "4"
    THREE = "3"
    TWO = "2"
    ONE = "1"


def _line(code: str, longest: int = LINE) -> Field:
    return Field(code, FieldKind.LINE, longest=longest)


def _text(code: str) -> Field:
    return Field(code, FieldKind.TEXT)


def _choice(code: str, options: type[StrEnum], *, steers: bool = False) -> Field:
    return Field(code, FieldKind.CHOICE, options, steers=steers)


def _lookup(code: str, register: Lookup) -> Field:
    return Field(code, FieldKind.LOOKUP, register=register, longest=LINE)


def _moment(code: str, *, past: bool = False) -> Field:
    return Field(code, FieldKind.MOMENT, past=past)


def optional(field: Field) -> Field:
    return replace(field, required=never)


def shown_when(field: Field, condition: Condition) -> Field:
    """The field asked (and, if it was required, required) only under `condition`."""
    return replace(field, shown=condition, required=both(condition, field.required))


def required_when(field: Field, condition: Condition) -> Field:
    return replace(field, required=condition)


REASON = _text("reason")
EVIDENCE = _text("evidence")
HOURS = Field("effort_hours", FieldKind.HOURS)
SCORE = optional(_choice("score", Score))
SYMPTOM_KIND = _choice("symptom_kind", v.SymptomKind)

#: The bases under which somebody named a time.
PROMISED = (Basis.CUSTOMER_STIPULATED, Basis.NEGOTIATED, Basis.INTERNAL)


def bases_for(answers: Answers) -> tuple[str, ...]:
    """The ways of setting a deadline that the answered severity admits (process.md §3.1-3 and §3.10)."""
    nobody_to_ask = (Basis.INTERNAL,) if answers.get(Fact.HAS_CUSTOMER) == YesNo.NO else ()
    match answers.get("severity"):
        case Severity.VERY_SEVERE:
            return (*nobody_to_ask, Basis.CUSTOMER_STIPULATED)
        case Severity.SEVERE:
            return (*nobody_to_ask, Basis.NEGOTIATED, Basis.NEGOTIATING)
        case Severity.GENERAL:
            return (
                (Basis.NONE, Basis.DEFAULT) if answers.get(Fact.HAS_DEFAULT) == YesNo.YES else (Basis.NONE,)
            )
    return ()


def _settled_bases(answers: Answers) -> tuple[str, ...]:
    """As `bases_for`, once the report is published: a deadline can no longer be left under negotiation."""
    return tuple(basis for basis in bases_for(answers) if basis != Basis.NEGOTIATING)


def raises_severity(answers: Answers) -> bool:
    """True when the answered severity is graver than the case's; lowering keeps the promised deadline (§3.4)."""
    new, old = answers.get("severity"), answers.get(Fact.SEVERITY)
    if not new or not old:
        return False
    return SEVERITY_ORDER.index(Severity(new)) > SEVERITY_ORDER.index(Severity(old))


_PROMISE = when("deadline_basis", *PROMISED)
AGREEMENT = (
    _line("deadline_contact"),
    _moment("deadline_agreed_at", past=True),
    _text("deadline_evidence"),
)


def _deadline(offers: Callable[[Answers], tuple[str, ...]], shown: Condition) -> tuple[Field, ...]:
    """The questions of a deadline: its basis, and the promise behind it where the basis is one."""
    basis = shown_when(_choice("deadline_basis", Basis, steers=True), shown)
    promise = tuple(
        shown_when(field, both(shown, _PROMISE)) for field in (_moment("deadline_at"), *AGREEMENT)
    )
    return (replace(basis, offers=offers), *promise)


def _filled_places(answers: Answers) -> tuple[str, ...]:
    return tuple(answers.get(Fact.PLACES, ()))


Form = tuple[Field, ...]

_FAULT = when(Fact.KIND, Kind.FAULT)
_REQUIREMENT = when(Fact.KIND, Kind.REQUIREMENT)
_EVIDENCE_UNLESS_CUSTOMER = shown_when(EVIDENCE, unless(Fact.AS_CUSTOMER, YesNo.YES))
_RELEASED = when("result", v.ReleaseResult.RELEASED)
_IF_VERY_SEVERE = when("severity", Severity.VERY_SEVERE)

_TEST: Form = (
    _line("build"),
    Field("cases", FieldKind.TEST_CASES),
    _text("regression"),
    _text("environment"),
    HOURS,
)

FORMS: dict[Step, Form] = {
    Step.REPORT: (
        _choice("source", Source, steers=True),
        required_when(_lookup("customer", Lookup.CUSTOMER), when("source", Source.CUSTOMER)),
        _line("contact"),
        _line("contact_way"),
        _lookup("product", Lookup.PRODUCT),
        _lookup("version", Lookup.VERSION),
        _line("summary"),
        _text("description"),
        _moment("found_at", past=True),
        _choice("channel", v.Channel),
        optional(_choice("suspected_urgency", v.Urgency)),
        optional(Field("attachments", FieldKind.FILES)),
    ),
    Step.TRIAGE: (
        _choice("is_requirement", YesNo, steers=True),
        shown_when(_text("new_business"), when("is_requirement", YesNo.YES)),
        shown_when(_choice("is_fault", YesNo, steers=True), when("is_requirement", YesNo.NO)),
        shown_when(SYMPTOM_KIND, both(when("is_requirement", YesNo.NO), when("is_fault", YesNo.YES))),
    ),
    Step.ANSWER: (
        _text("answer"),
        _choice("category", v.Category),
        optional(Field("consulted", FieldKind.PERSON)),
        HOURS,
    ),
    Step.RECORD_VERDICT: (
        _choice("satisfied", YesNo, steers=True),
        shown_when(_text("dissatisfied_reason"), when("satisfied", YesNo.NO)),
        _EVIDENCE_UNLESS_CUSTOMER,
        SCORE,
    ),
    Step.RECLASSIFY: (REASON,),
    Step.DRAFT_SHEET: (
        shown_when(SYMPTOM_KIND, _FAULT),
        shown_when(_text("symptom"), _FAULT),
        shown_when(_text("impact"), _FAULT),
        shown_when(optional(_text("environment")), _FAULT),
        shown_when(optional(_text("steps")), _FAULT),
        shown_when(_text("new_business"), _REQUIREMENT),
        shown_when(_text("current_gap"), _REQUIREMENT),
        shown_when(optional(_text("value")), _REQUIREMENT),
        shown_when(optional(_moment("wanted_by")), _REQUIREMENT),
        shown_when(optional(_line("contract_ref")), _REQUIREMENT),
    ),
    Step.SIGN_SHEET: (
        shown_when(Field("testers", FieldKind.PEOPLE), _FAULT),
        shown_when(Field("technicians", FieldKind.PEOPLE), _FAULT),
        shown_when(Field("dev_owner", FieldKind.PERSON), _REQUIREMENT),
        shown_when(_line("dev_ref"), _REQUIREMENT),
        shown_when(REASON, when(Fact.ALONE, YesNo.YES)),
    ),
    Step.RETURN_SHEET: (REASON,),
    Step.REJECT_SHEET: (REASON,),
    Step.CALL_DISCUSSION: (Field("invitees", FieldKind.PEOPLE), _text("question")),
    Step.CLOSE_DISCUSSION: (_text("outcome"),),
    Step.PUBLISH_ANALYSIS: (
        Field("analysts", FieldKind.PEOPLE),
        _choice("reproduced", v.Reproduced),
        _text("direct_cause"),
        required_when(_text("root_cause"), _IF_VERY_SEVERE),
        _choice("cause_class", v.CauseClass),
        _lookup("module", Lookup.MODULE),
        _line("versions"),
        optional(_line("other_customers")),
        optional(_text("workaround")),
        _text("measure"),
        _choice("modification_proposed", YesNo),
        required_when(_text("prevention"), _IF_VERY_SEVERE),
        HOURS,
        _choice("severity", Severity, steers=True),
        _text("severity_reason"),
        *_deadline(bases_for, when("severity", *Severity)),
    ),
    Step.CHANGE_SEVERITY: (
        _choice("severity", Severity, steers=True),
        REASON,
        *_deadline(_settled_bases, raises_severity),
    ),
    Step.CHANGE_DEADLINE: (_moment("deadline_at"), REASON, *AGREEMENT),
    Step.DECIDE_MODIFICATION: (
        _choice("modification_needed", YesNo, steers=True),
        shown_when(Field("modifier", FieldKind.PERSON), when("modification_needed", YesNo.YES)),
        shown_when(_line("target_version"), when("modification_needed", YesNo.YES)),
        shown_when(_choice("handling_kind", v.HandlingKind), when("modification_needed", YesNo.NO)),
        shown_when(Field("owner", FieldKind.PERSON), when("modification_needed", YesNo.NO)),
    ),
    Step.REANALYZE: (REASON,),
    Step.COMPLETE_HANDLING: (_text("result"), Field("verified_by", FieldKind.PERSON)),
    Step.SUBMIT_MODIFICATION: (
        _text("change"),
        _text("modules"),
        _line("build"),
        optional(_text("risk")),
        _text("self_check"),
        HOURS,
    ),
    Step.PASS_TEST: _TEST,
    Step.FAIL_TEST: (*_TEST, _text("actual"), _text("fail_reason"), _choice("next", v.AfterFailure)),
    Step.UPDATE_MANUAL: (
        _choice("needed", YesNo, steers=True),
        shown_when(_line("chapter"), when("needed", YesNo.YES)),
        shown_when(_choice("change_type", v.ChangeType), when("needed", YesNo.YES)),
        shown_when(optional(_text("before")), when("needed", YesNo.YES)),
        shown_when(_text("after"), when("needed", YesNo.YES)),
        shown_when(_line("product_version"), when("needed", YesNo.YES)),
        shown_when(optional(Field("reviewed_by", FieldKind.PERSON)), when("needed", YesNo.YES)),
        shown_when(_text("no_reason"), when("needed", YesNo.NO)),
    ),
    Step.RECORD_RELEASE: (
        _choice("result", v.ReleaseResult, steers=True),
        required_when(_lookup("version", Lookup.VERSION), _RELEASED),
        required_when(_moment("released_at", past=True), _RELEASED),
        required_when(_line("where"), _RELEASED),
        required_when(_text("rollback_plan"), _RELEASED),
        shown_when(REASON, when("result", v.ReleaseResult.ROLLED_BACK)),
    ),
    Step.REPLY_CUSTOMER: (_text("reply"),),
    Step.CONFIRM_FIX: (_EVIDENCE_UNLESS_CUSTOMER, SCORE),
    Step.REJECT_FIX: (REASON, _EVIDENCE_UNLESS_CUSTOMER),
    Step.CLOSE_UNANSWERED: (),
    Step.REOPEN: (REASON,),
    Step.MERGE_DUPLICATE: (_lookup("master", Lookup.CASE), REASON),
    Step.UNDO_MERGE: (REASON,),
    Step.WITHDRAW: (REASON, shown_when(EVIDENCE, unless(Fact.AS_REPORTER, YesNo.YES))),
    Step.HOLD: (_choice("kind", v.HoldKind), REASON, _moment("until")),
    Step.RESUME: (),
    Step.REASSIGN: (
        replace(_choice("place", v.Place), offers=_filled_places),
        Field("person", FieldKind.PERSON),
    ),
    Step.COMMENT: (
        required_when(_text("text"), lambda answers: not answers.get("files")),
        optional(Field("files", FieldKind.FILES)),
    ),
}


def field_of(step: Step, code: str) -> Field:
    """The field `code` of the form of `step`; KeyError if the form does not ask it."""
    for field in FORMS[step]:
        if field.code == code:
            return field
    raise KeyError(f"{step} does not ask {code}")
