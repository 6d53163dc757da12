"""The signatures and the change history of a document."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.casework.reading.full_record import FullRecord, Record, TakenStep, Touched
from bot.documents.case.answers import NOTHING
from bot.documents.wording import Wording
from bot.workflow.fields import FORMS
from bot.workflow.people import ROLES_OF_PLACE
from bot.workflow.situation import Position, Who
from bot.workflow.steps import rows_of
from storage.vocabulary import ChangeType, Paper, PaperStatus, Place, Role, Source, Step


@dataclass(frozen=True, slots=True)
class Signature:
    """One line of the signatures: who took a step, in which role, when, and the hash of the content it applied to."""

    act: str
    name: str = NOTHING
    role: str = NOTHING
    at: str = NOTHING
    hash: str = NOTHING


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the change history. `letter` is A (added), M (modified) or D (void)."""

    version: str
    letter: str
    at: str
    name: str
    status: str
    what: str
    hash: str


# Signatures


def signatures(
    asked: tuple[tuple[Step, ...], ...], full_record: FullRecord, acts: tuple[TakenStep, ...], t: Wording
) -> Iterator[Signature]:
    """Yield a signature for each group of steps in `asked`; an empty one if no step of the group was taken.

    The newest act of a group counts. It must not be older than the newest act of the first group.
    """
    first = max((place for place, act in enumerate(acts) if act.line.step in asked[0]), default=len(acts))
    for steps in asked:
        act = next((act for act in reversed(acts[first:]) if act.line.step in steps), None)
        yield Signature(t.word(steps[0])) if act is None else _signature(act, full_record, t)


def _signature(act: TakenStep, full_record: FullRecord, t: Wording) -> Signature:
    record = _answered_for(act, full_record)
    return Signature(
        t.word(act.line.step),
        act.called(act.line.person),
        _role(act, record, full_record, t),
        t.moment(act.line.at),
        record.content_hash if record else NOTHING,
    )


def _answered_for(act: TakenStep, full_record: FullRecord) -> Record | None:
    """Return the version that a step wrote, or else the one that it signed or marked."""
    if act.wrote:
        return act.wrote[0]
    return next((_record_of(one, full_record) for one in act.touched), None)


def _record_of(touched: Touched, full_record: FullRecord) -> Record | None:
    versions = full_record.versions(touched.paper)
    return next((record for record in versions if record.version == touched.version), None)


def _role(act: TakenStep, record: Record | None, full_record: FullRecord, t: Wording) -> str:
    """Return the roles in which the act was done, as they were recorded.

    For an act of before roles were recorded, these are all that the table of steps allows.
    """
    if act.line.step is Step.SIGN_SHEET and record and record.signer_role:
        return _role_word(record.signer_role, t)
    who = dict.fromkeys(one for row in rows_of(act.line.step) for one in row.who)
    holding = [one for one in who if _holds(one, act, full_record)]
    return t.listed(_word(one, act, t) for one in holding)


def _word(who: Who, act: TakenStep, t: Wording) -> str:
    if isinstance(who, Role):
        return _role_word(next((role for role in act.roles or () if _role_of(role) is who), who), t)
    roles = ROLES_OF_PLACE.get(who, ()) if isinstance(who, Place) else ()
    return t.word(roles[0] if len(roles) == 1 else who)


def _role_word(recorded: str, t: Wording) -> str:
    """Return the word of a recorded role, such as `tester` or `tester:deputy`."""
    role, _colon, deputy = recorded.partition(":")
    return t("%(role)s (deputy)", role=Role(role)) if deputy else t.word(Role(role))


def _role_of(recorded: str) -> Role:
    return Role(recorded.partition(":")[0])


def _holds(who: Who, act: TakenStep, full_record: FullRecord) -> bool:
    """Whether the person of the act held this role, place or position according to the case and its history."""
    inside = act.line.person == full_record.card.reporter and full_record.card.source is Source.INTERNAL
    match who:
        case Place():
            return full_record.named(act.line.person, who, act)
        case Position():
            return who is Position.INSIDE_REPORTER and inside
        case Role() if act.roles is not None and who not in map(_role_of, act.roles):
            return False
    return not (inside and any(Position.INSIDE_REPORTER in row.who for row in rows_of(act.line.step)))


# The change history


def changes(
    papers: tuple[Paper, ...], full_record: FullRecord, acts: tuple[TakenStep, ...], t: Wording
) -> Iterator[Change]:
    """Yield a line for every version of these records, and for each version that became void.

    The last of `papers` is the document itself.
    """
    void: set[Touched] = set()
    for act in acts:
        for record in act.wrote:
            if record.paper in papers:
                yield _written(record, act, papers, full_record, t)
        for one in act.touched:
            voided = _record_of(one, full_record) if one.status is PaperStatus.VOID and one.paper in papers else None
            if voided is not None and one not in void:  # withdrawing the case marks its sheet void again
                void.add(one)
                yield _voided(voided, act, full_record, t)


def _written(record: Record, act: TakenStep, papers: tuple[Paper, ...], full_record: FullRecord, t: Wording) -> Change:
    before = next((one for one in full_record.versions(record.paper) if one.version == record.version - 1), None)
    said = t("First version") if before is None else _difference(before, record, act.line.step, t)
    kind = f"{t.word(record.paper)}: " if len(papers) > 1 else ""
    letter = ChangeType.ADDED if before is None else ChangeType.MODIFIED
    return _change(record, letter, act, f"{kind}{said}", full_record, t)


def _difference(before: Record, after: Record, step: Step, t: Wording) -> str:
    """Return the labels of the answers that differ between two versions."""
    codes = (field.code for field in FORMS[step] if after.content.get(field.code) != before.content.get(field.code))
    return t.listed(t.field(step, code) for code in codes) or t("Nothing but the version")


def _voided(record: Record, act: TakenStep, full_record: FullRecord, t: Wording) -> Change:
    reason = act.answers.get("reason")
    said = t.word(act.line.step) + (f": {reason}" if reason else "")
    return _change(record, ChangeType.DELETED, act, said, full_record, t)


def _change(
    record: Record, letter: ChangeType, act: TakenStep, what: str, full_record: FullRecord, t: Wording
) -> Change:
    return Change(
        str(record.version),
        letter.value,
        t.moment(act.line.at),
        act.called(act.line.person),
        t.word(record.status),
        what,
        record.content_hash,
    )
