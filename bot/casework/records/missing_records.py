"""The records that an ended case should have, given its way through the process, but lacks (process.md §2, §4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.casework.reading.full_record import FullRecord, TakenStep
from storage.vocabulary import END_STATES, Kind, Paper, PaperStatus, State, Step, YesNo


class MissingRecord(StrEnum):
    """The records that can be missing."""

    SERVICE_REPORT = "service_report"
    VERDICT = "verdict"
    SIGNED_SHEET = "signed_sheet"
    ANALYSIS_REPORT = "analysis_report"
    FAULT_RECORD = "fault_record"
    DECISION = "decision"
    HANDLING_RECORD = "handling_record"
    MODIFICATION_RECORD = "modification_record"
    TEST_RECORD = "test_record"
    MANUAL_PART = "manual_part"
    RELEASE_NOTE = "release_note"
    REPLY = "reply"
    CONFIRMATION = "confirmation"
    #: The words of a step did not reach the customer.
    DELIVERY = "delivery"
    HISTORY = "history"


class GapReason(StrEnum):
    """Why a record is missing, as far as the history shows."""

    UNANSWERED = "unanswered"
    IMPORTED = "imported"
    TAMPERED = "tampered"
    REFUSED = "refused"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Gap:
    """One record that a case lacks."""

    case_id: int
    lack: MissingRecord
    why: GapReason


def gaps(case: FullRecord, *, as_written: bool = True) -> tuple[Gap, ...]:
    """Return the gaps of a case; none while it is open. `as_written`: whether its history and records verify."""
    broken = () if as_written else (Gap(case.card.id, MissingRecord.HISTORY, GapReason.TAMPERED),)
    return (*broken, *(_explained(case, lack) for lack in _lacking(case)), *_unreached(case))


def _unreached(case: FullRecord) -> Iterator[Gap]:
    if case.card.state in END_STATES and case.card.undelivered is not None:
        yield Gap(case.card.id, MissingRecord.DELIVERY, GapReason.REFUSED)


def _lacking(case: FullRecord) -> Iterator[MissingRecord]:
    match case.card.state, case.card.kind:
        case State.HANDED_OVER, _:
            yield from _unless(_signed(case, Paper.REQUIREMENT_SHEET), MissingRecord.SIGNED_SHEET)
        case State.CLOSED, Kind.QUESTION:
            yield from _unless(_has(case, Paper.SERVICE_REPORT), MissingRecord.SERVICE_REPORT)
            yield from _unless(_closing(case).line.step is Step.RECORD_VERDICT, MissingRecord.VERDICT)
        case State.CLOSED, _:
            yield from _of_fault(case)


def _of_fault(case: FullRecord) -> Iterator[MissingRecord]:
    yield from _unless(_signed(case, Paper.FAULT_SHEET), MissingRecord.SIGNED_SHEET)
    yield from _unless(_has(case, Paper.ANALYSIS_REPORT), MissingRecord.ANALYSIS_REPORT)
    yield from _unless(_has(case, Paper.FAULT_RECORD), MissingRecord.FAULT_RECORD)
    decision = case.newest(Paper.DECISION)
    if decision is None:
        yield MissingRecord.DECISION
    elif decision.content.get("modification_needed") == YesNo.YES:
        yield from _of_modification(case)
    else:
        yield from _unless(_has(case, Paper.HANDLING_RECORD), MissingRecord.HANDLING_RECORD)
    yield from _unless(_has(case, Paper.REPLY), MissingRecord.REPLY)
    yield from _unless(_closing(case).line.step is Step.CONFIRM_FIX, MissingRecord.CONFIRMATION)


def _of_modification(case: FullRecord) -> Iterator[MissingRecord]:
    yield from _unless(_has(case, Paper.MODIFICATION_RECORD), MissingRecord.MODIFICATION_RECORD)
    modified, passed = _last(case, Step.SUBMIT_MODIFICATION), _last(case, Step.PASS_TEST)
    yield from _unless(passed > modified, MissingRecord.TEST_RECORD)
    yield from _unless(_has(case, Paper.MANUAL_PART), MissingRecord.MANUAL_PART)
    yield from _unless(_has(case, Paper.RELEASE_NOTE), MissingRecord.RELEASE_NOTE)


def _unless(there: bool, lack: MissingRecord) -> Iterator[MissingRecord]:
    if not there:
        yield lack


def _has(case: FullRecord, paper: Paper) -> bool:
    """Return whether there is a record that is not void."""
    newest = case.newest(paper)
    return newest is not None and newest.status not in (PaperStatus.VOID, PaperStatus.RECLASSIFIED)


def _signed(case: FullRecord, paper: Paper) -> bool:
    newest = case.newest(paper)
    return newest is not None and newest.status is PaperStatus.SIGNED


def _closing(case: FullRecord) -> TakenStep:
    """Return the step that closed the case most recently."""
    moved = (act for act in reversed(case.acts) if act.line.from_state is not act.line.to_state)
    return next(moved, case.acts[-1])


def _last(case: FullRecord, step: Step) -> int:
    """Return the history number of the newest entry of a step; 0 if it was never taken."""
    return max((act.line.seq for act in case.acts if act.line.step is step), default=0)


def _explained(case: FullRecord, lack: MissingRecord) -> Gap:
    if case.acts[0].line.data.get("imported"):
        return Gap(case.card.id, lack, GapReason.IMPORTED)
    if _closing(case).line.step is Step.CLOSE_UNANSWERED and lack in (
        MissingRecord.VERDICT,
        MissingRecord.CONFIRMATION,
    ):
        return Gap(case.card.id, lack, GapReason.UNANSWERED)
    return Gap(case.card.id, lack, GapReason.UNTOLD)
