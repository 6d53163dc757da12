"""The structure of each document: its chapters and parts, and the steps that fill them (process.md §4).

The fields of a part are not listed here. They are those of the forms of the part's steps (`bot.workflow.fields`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.i18n.translator import _
from bot.workflow.conditions import Fact
from bot.workflow.field import Field
from bot.workflow.fields import FORMS, asked
from bot.workflow.steps import rows_of
from storage.vocabulary import Kind, Paper, Step, YesNo


def _every(_code: str) -> bool:
    return True


def _is_rating(code: str) -> bool:
    """Whether the field is about the severity or its deadline, which the product fault record holds."""
    return code.startswith(("severity", "deadline_"))


def _is_analysis(code: str) -> bool:
    return not _is_rating(code)


@dataclass(frozen=True, slots=True)
class Part:
    """A table of labelled answers, filled from the newest act of its steps.

    `code` is its name in templates. `facts` are the codes of facts that the history adds. `kind` narrows the fields to
    those asked for a case of this kind, and `only` to the codes that it accepts. With `record`, the values come from
    the version of this record that the act wrote, which also holds earlier answers that are still valid. The rows of
    `inside` are drawn only for readers who work on the case.
    """

    code: str
    heading: str
    steps: tuple[Step, ...]
    facts: tuple[str, ...] = ("by", "at")
    kind: Kind | None = None
    only: Callable[[str], bool] = _every
    record: Paper | None = None
    inside: tuple[str, ...] = ()

    def fields(self) -> Iterator[tuple[Step, Field]]:
        """Yield the fields of the forms of its steps, each code once, with the first step that asks it."""
        known: dict[str, Any] = {Fact.KIND: self.kind, Fact.ALONE: YesNo.YES}

        def wanted(field: Field) -> bool:
            return field.filed and self.only(field.code) and (self.kind is None or field.shown(known))

        yield from asked(self.steps, wanted).values()

    @property
    def papers(self) -> frozenset[Paper]:
        """The records that its steps write."""
        return frozenset(paper for step in self.steps for row in rows_of(step) for paper in row.papers)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of a document: a single part or, with an `item`, a sequence of rounds.

    A round begins with a step of the first part. `item` is the name of a round in the template's loop, and `heading`
    is the heading of a round, with its number.
    """

    code: str
    parts: tuple[Part, ...]
    item: str | None = None
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """The structure of a document.

    `signatures` are the groups of steps that are signed for at the end. `history` are the records whose versions the
    change history lists. `internal` documents are never shown to the customer. `pictures` are the steps whose pictures
    are at the end.
    """

    chapters: tuple[Chapter, ...]
    signatures: tuple[tuple[Step, ...], ...]
    history: tuple[Paper, ...]
    internal: bool = False
    pictures: tuple[Step, ...] = ()


def _one(part: Part) -> Chapter:
    return Chapter(part.code, (part,))


def _is_reported(code: str) -> bool:
    """Whether the field is one of the report, which corrections change."""
    return any(field.code == code for field in FORMS[Step.REPORT])


CASE = _one(
    Part(
        "case",
        _("Case"),
        (Step.REPORT, Step.CORRECT),
        ("reported_by", "reported_at"),
        only=_is_reported,
        record=Paper.CASE,
    )
)
_RETURNS = Chapter(
    "returns", (Part("note", _("Return note"), (Step.RETURN_SHEET,)),), "returned", _("Return %(number)s")
)
_ANSWERS = Chapter(
    "rounds",
    (
        Part("answer", _("Answer"), (Step.ANSWER,), inside=("consulted", "effort_hours")),
        Part(
            "verdict",
            _("Customer's verdict"),
            (Step.RECORD_VERDICT, Step.CLOSE_UNANSWERED),
            ("act", "outcome", "by", "at"),
            inside=("evidence",),
        ),
    ),
    "round",
    _("Round %(number)s"),
)
_HANDLING = Chapter(
    "courses",
    (
        Part("decision", _("Decision on modification"), (Step.DECIDE_MODIFICATION,)),
        Part("handling", _("Handling without modification"), (Step.COMPLETE_HANDLING,)),
        Part("release", _("Release"), (Step.RECORD_RELEASE,)),
        Part("reply", _("Reply to the customer"), (Step.REPLY_CUSTOMER,)),
        Part(
            "opinion",
            _("Customer's opinion"),
            (Step.CONFIRM_FIX, Step.REJECT_FIX, Step.CLOSE_UNANSWERED),
            ("act", "outcome", "by", "at"),
        ),
    ),
    "course",
    _("Handling %(number)s"),
)
_TESTS = Chapter(
    "rounds",
    (
        Part("modification", _("Modification record"), (Step.SUBMIT_MODIFICATION,)),
        Part(
            "test",
            _("Test record"),
            (Step.PASS_TEST, Step.FAIL_TEST),
            ("round", "conclusion", "by", "at"),
        ),
    ),
    "round",
    _("Round %(number)s"),
)
_DISCUSSIONS = Chapter(
    "discussions",
    (
        Part("minutes", _("Minutes of the discussion"), (Step.CALL_DISCUSSION,)),
        Part("end", _("Outcome"), (Step.CLOSE_DISCUSSION,)),
    ),
    "discussion",
    _("Discussion %(number)s"),
)
_MANUAL = Chapter(
    "changes", (Part("manual", _("Change of the manual"), (Step.UPDATE_MANUAL,)),), "change", _("Change %(number)s")
)

#: The service report is for the customer and shows only what was reported; the others show everything.
_ALL_PICTURES = (Step.REPORT, Step.COMMENT)


def _sheet(kind: Kind, paper: Paper, code: str, heading: str, *more: Chapter) -> Outline:
    """Return the structure of a task sheet: the draft, the signature, the returns, and the chapters in `more`."""
    drafted = Part(code, heading, (Step.DRAFT_SHEET,), kind=kind)
    signed = Part("signing", _("Signature"), (Step.SIGN_SHEET,), kind=kind)
    chapters = (CASE, _one(drafted), _one(signed), _RETURNS, *more)
    pictures = _ALL_PICTURES if kind is Kind.FAULT else ()
    return Outline(chapters, ((Step.DRAFT_SHEET,), (Step.SIGN_SHEET,)), (paper,), pictures=pictures)


OUTLINES: dict[Paper, Outline] = {
    Paper.SERVICE_REPORT: Outline(
        (CASE, _ANSWERS),
        ((Step.ANSWER,), (Step.RECORD_VERDICT, Step.CLOSE_UNANSWERED)),
        (Paper.SERVICE_REPORT,),
        pictures=(Step.REPORT,),
    ),
    Paper.FAULT_SHEET: _sheet(
        Kind.FAULT,
        Paper.FAULT_SHEET,
        "fault",
        _("Fault"),
        _HANDLING,
        _one(Part("counts", _("Counts"), (), ("return_count", "reopen_count"))),
    ),
    Paper.REQUIREMENT_SHEET: _sheet(
        Kind.REQUIREMENT, Paper.REQUIREMENT_SHEET, "requirement", _("Customized requirement")
    ),
    Paper.ANALYSIS_REPORT: Outline(
        (
            CASE,
            _one(Part("analysis", _("Analysis"), (Step.PUBLISH_ANALYSIS,), only=_is_analysis)),
            _one(
                Part(
                    "rating",
                    _("Severity and deadline"),
                    (Step.PUBLISH_ANALYSIS, Step.CHANGE_SEVERITY, Step.CHANGE_DEADLINE),
                    only=_is_rating,
                    record=Paper.FAULT_RECORD,
                )
            ),
            _DISCUSSIONS,
        ),
        ((Step.PUBLISH_ANALYSIS,),),
        (Paper.ANALYSIS_REPORT,),
        internal=True,
        pictures=_ALL_PICTURES,
    ),
    Paper.TEST_RECORD: Outline(
        (CASE, _TESTS),
        ((Step.SUBMIT_MODIFICATION,), (Step.PASS_TEST, Step.FAIL_TEST)),
        (Paper.MODIFICATION_RECORD, Paper.TEST_RECORD),
    ),
    Paper.MANUAL_PART: Outline((CASE, _MANUAL), ((Step.UPDATE_MANUAL,),), (Paper.MANUAL_PART,)),
}
