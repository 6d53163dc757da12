"""What a person needs to see to take a step: the records that it is decided on, and why a case came back."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.casework.reading.read_models import CaseCard, HistoryLine, PaperCard
from bot.i18n.translator import Translator
from bot.slack.views.escape import Block, dotted, escape, mention, moment
from bot.slack.views.message import section
from bot.slack.views.rich_text import Entry, answers, entry
from bot.workflow.fields import FORMS
from bot.workflow.paper_fields import ANSWERS
from bot.workflow.steps import rows_of
from storage.vocabulary import SHEETS, Paper, PaperStatus, Step

#: The records that a step's form and task show, each with the codes of its answers shown; no codes means all.
Shown = tuple[tuple[Paper, tuple[str, ...]], ...]
_ALL: tuple[str, ...] = ()
_SHEET: Shown = ((Paper.FAULT_SHEET, _ALL), (Paper.REQUIREMENT_SHEET, _ALL))
_BUILT: Shown = ((Paper.MODIFICATION_RECORD, _ALL),)
_REPLIED: Shown = ((Paper.REPLY, _ALL),)
_DECIDED: Shown = (
    (Paper.DECISION, _ALL),
    (Paper.ANALYSIS_REPORT, ("direct_cause", "root_cause", "measure", "module", "versions")),
)
EVIDENCE: dict[Step, Shown] = {
    Step.ANSWER: ((Paper.SERVICE_REPORT, ("answer", "dissatisfied_reason", "score")),),
    Step.RECORD_VERDICT: ((Paper.SERVICE_REPORT, ("answer", "category")),),
    Step.CLOSE_UNANSWERED: _REPLIED,
    Step.DRAFT_SHEET: ((Paper.RETURN_NOTE, _ALL),),
    Step.SIGN_SHEET: _SHEET,
    Step.RETURN_SHEET: _SHEET,
    Step.REJECT_SHEET: _SHEET,
    Step.CLOSE_DISCUSSION: ((Paper.MINUTES, ("question", "invitees")),),
    Step.PUBLISH_ANALYSIS: (
        (Paper.TEST_RECORD, ("actual", "fail_reason")),
        (Paper.FAULT_SHEET, _ALL),
        (Paper.MINUTES, ("outcome",)),
    ),
    Step.CHANGE_SEVERITY: ((Paper.FAULT_RECORD, ("severity", "severity_reason", "deadline_evidence")),),
    Step.CHANGE_DEADLINE: ((Paper.FAULT_RECORD, ("deadline_contact", "deadline_agreed_at", "deadline_evidence")),),
    Step.DECIDE_MODIFICATION: ((Paper.ANALYSIS_REPORT, _ALL),),
    Step.REANALYZE: ((Paper.ANALYSIS_REPORT, ("direct_cause", "measure")),),
    Step.COMPLETE_HANDLING: _DECIDED,
    Step.SUBMIT_MODIFICATION: (
        (Paper.TEST_RECORD, ("actual", "fail_reason", "cases")),
        (Paper.RELEASE_NOTE, ("reason",)),
        *_DECIDED,
    ),
    Step.PASS_TEST: _BUILT,
    Step.FAIL_TEST: _BUILT,
    Step.UPDATE_MANUAL: ((Paper.MODIFICATION_RECORD, ("change", "modules", "build")),),
    Step.RECORD_RELEASE: (
        (Paper.MODIFICATION_RECORD, ("build", "risk")),
        (Paper.TEST_RECORD, ("build", "regression", "environment")),
        (Paper.MANUAL_PART, ("chapter", "change_type", "no_reason")),
    ),
    Step.REPLY_CUSTOMER: (
        (Paper.ANALYSIS_REPORT, ("direct_cause", "measure")),
        (Paper.HANDLING_RECORD, ("result",)),
        (Paper.RELEASE_NOTE, ("version", "released_at", "where")),
        (Paper.MANUAL_PART, ("chapter", "change_type", "after", "no_reason")),
    ),
    Step.CONFIRM_FIX: _REPLIED,
    Step.REJECT_FIX: _REPLIED,
}
_WITHDRAWN_PAPERS = (PaperStatus.VOID, PaperStatus.RECLASSIFIED)
#: Codes of the answers that say why a case went back.
_REASONS = ("reason", "dissatisfied_reason", "fail_reason")


def evidence(card: CaseCard, step: Step, t: Translator, limit: int) -> Iterator[Block]:
    """Yield the blocks of the records that `step` is decided on. Long answers are cut to `limit` characters."""
    for paper, codes in EVIDENCE.get(step, ()):
        found = card.paper(paper)
        if found is not None and _speaks(card, found):
            yield from paper_blocks(found, t, limit, codes)


def _speaks(card: CaseCard, paper: PaperCard) -> bool:
    """Whether a record still counts.

    Void and reclassified records do not, of two sheets only the newer does, and a return note does until the next
    draft.
    """
    if paper.paper in SHEETS:
        return paper is card.sheet and paper.status not in _WITHDRAWN_PAPERS
    if paper.paper is Paper.RETURN_NOTE:
        return card.sheet is not None and card.sheet.status is PaperStatus.RETURNED
    return paper.status not in _WITHDRAWN_PAPERS


def paper_blocks(paper: PaperCard, t: Translator, limit: int, codes: tuple[str, ...] = ()) -> Iterator[Block]:
    """Yield a record's heading and its answers, or only those of `codes`. Yields nothing if it has none of them.

    Long answers are cut to `limit` characters.
    """
    shown = {code: value for code, value in paper.content.items() if not codes or code in codes}
    body = answers(content(paper.paper, shown, t, limit))
    if body is not None:
        yield section(heading(paper, t))
        yield body


def content(paper: Paper, shown: Mapping[str, Any], t: Translator, limit: int) -> Iterator[Entry]:
    """Yield the answers of a record in the order of the forms that asked for them."""
    for code, (step, field) in ANSWERS[paper].items():
        if shown.get(code) not in (None, "", [], ()):
            yield entry(step, field, shown[code], t, limit)


def heading(paper: PaperCard, t: Translator) -> str:
    """Return a record's name, version, status, author and time; for a sheet also signature and start of the hash."""
    number = paper.content.get("round")
    return dotted(
        f"*{escape(t.word(paper.paper))}*",
        t("round %(round)s", round=number) if isinstance(number, int) else "",
        t("version %(version)s", version=paper.version) if paper.paper in SHEETS or paper.version > 1 else "",
        escape(t.word(paper.status)) if paper.status is not PaperStatus.RECORDED else "",
        t("by %(who)s", who=mention(paper.author)) if paper.author else "",
        moment(paper.created_at, t),
        _signed(paper, t),
        t("content %(hash)s", hash=f"`{escape(paper.content_hash[:12])}`") if paper.paper in SHEETS else "",
    )


def _signed(paper: PaperCard, t: Translator) -> str:
    if paper.signer is None or paper.signed_at is None:
        return ""
    return t("signed by %(who)s", who=mention(paper.signer)) + f" {moment(paper.signed_at, t)}"


def reason(card: CaseCard, line: HistoryLine, t: Translator, limit: int) -> Block | None:
    """Build the reason why the step `line` brought the case into its state.

    None if it did not move the case, gave no reason, or wrote a record, which contains the reason.
    """
    moved = line.from_state is not None and line.from_state is not line.to_state is card.state
    if not moved or any(row.papers for row in rows_of(line.step)):
        return None
    form = (field for field in FORMS[line.step] if field.code in _REASONS and line.data.get(field.code))
    return answers(entry(line.step, field, line.data[field.code], t, limit) for field in form)
