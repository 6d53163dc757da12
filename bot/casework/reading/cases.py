"""What people look at: a case with the steps they may take, and lists of cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.reading.read_models import CaseCard, HistoryLine, card_of, line_of
from bot.casework.reading.redaction import readable_card, readable_comments
from bot.casework.reading.snapshot import Snapshot
from bot.casework.steps import load
from bot.casework.steps.press import ButtonPress, check_allowed
from bot.casework.steps.waits import addressees_of
from bot.workflow import refusals as no
from bot.workflow.context import CaseContext, PersonContext, Policy
from bot.workflow.decide import available, is_permitted
from bot.workflow.lateness import overdue
from bot.workflow.membership import Membership
from bot.workflow.reading_levels import Level, Visibility, may_see
from bot.workflow.reading_rights import level_of, reads_center
from bot.workflow.refusal import Problem, Refused
from bot.workflow.situation import Situation, facts
from bot.workflow.waiting import is_vacant, missing_roles
from storage import audit, case_lists, cases, waits
from storage.tables import Case, CaseAssigned, CasePlace
from storage.vocabulary import CENTER_ROLES, OPEN_STATES, Bucket, Role, Severity, State, Step

#: The most lines that a list shows.
PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class CaseForPerson:
    """A case as its reader may read it, the steps that they may take now, and the length of its history."""

    card: CaseCard
    steps: tuple[Step, ...]
    facts: Mapping[str, Any]
    level: Level
    entries: int = 0


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """What an administrator reads of a case: number, state, whether nobody may act, and the roles it then lacks."""

    number: str
    state: State
    is_vacant: bool
    missing: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class ListLine:
    """One case in a list. If it `is_free`, its reader may take it (process.md rule 2.1)."""

    id: int
    version: int
    state: State
    summary: str
    severity: Severity | None
    deadline_at: datetime | None
    overdue: bool
    is_free: bool = False

    @property
    def number(self) -> str:
        """The case number that people see."""
        return f"F-{self.id}"


@dataclass(frozen=True, slots=True)
class Listing:
    """The first lines of a list, and how many more there are; with `is_least` there may be still more."""

    lines: tuple[ListLine, ...]
    more: int
    is_least: bool = False


def show(session: Session, case_id: int, person: str, company: CompanySettings, now: datetime) -> CaseForPerson:
    """Return the case as this person may read it. Raises `Refused`, for administrators as well."""
    shown = show_or_status(session, case_id, person, company, now)
    if isinstance(shown, CaseStatus):
        raise Refused(Problem(no.AdminsReadNoContent()))
    return shown


def show_or_status(
    session: Session, case_id: int, person: str, company: CompanySettings, now: datetime
) -> CaseForPerson | CaseStatus:
    """Return the case as this person may read it: for an administrator its status alone (process.md §6 R8).

    Raises `Refused`. A case that the person may not see is refused like one that does not exist.
    """
    return shown_in(Snapshot(session, company, now), case_id, person)


def shown_in(snapshot: Snapshot, case_id: int, person: str) -> CaseForPerson | CaseStatus:
    """Return the same as `show_or_status`, from what a transaction may have read already."""
    case = snapshot.find(case_id)
    situation = case.situation(person) if case else None
    if case is None or situation is None or not may_see(situation.level):
        raise Refused(Problem(no.NoSuchCase(f"F-{case_id}")))
    if not situation.level.may_read(Visibility.REPORT):
        return _status(snapshot.session, case.row, situation.case)
    return _shown(case.card, situation, available(situation), case.row.audit_count)


def _status(session: Session, row: Case, case: CaseContext) -> CaseStatus:
    vacant = is_vacant(addressees_of(session, [case.id]).get(case.id, ()))
    return CaseStatus(case.number, row.state, vacant, missing_roles(case) if vacant else ())


def level_to_verify(session: Session, case_id: int, person: str, company: CompanySettings, now: datetime) -> Level:
    """Return the person's reading level for a case. Raises `Refused` as `show` does.

    Whoever reads for the center reads every case, so one whose row is damaged can still be verified.
    """
    if reads_center(load.person_context(session, person, company, now)):
        return Level.CENTER
    return show(session, case_id, person, company, now).level


def comments(session: Session, shown: CaseForPerson, person: str) -> tuple[HistoryLine, ...]:
    """Return the comments on a shown case that the person may read, oldest first."""
    entries = audit.entries_of(session, shown.card.id, Step.COMMENT)
    return readable_comments((line_of(session, entry) for entry in entries), person, shown.level)


def ready(session: Session, press: ButtonPress, company: CompanySettings, now: datetime) -> CaseForPerson:
    """Return the case for a step that this person is about to fill in. Raises `Refused` before anything is typed."""
    row, situation = check_allowed(session, press, company, now)
    names, places = cases.names(session, row), situation.case.places
    card = card_of(session, row, names, places, company.policy, now)
    return _shown(card, situation, (press.step,), row.audit_count)


def _shown(card: CaseCard, situation: Situation, steps: tuple[Step, ...], entries: int) -> CaseForPerson:
    level = situation.level
    return CaseForPerson(readable_card(card, level), steps, facts(situation), level, entries)


def listed(session: Session, states: frozenset[State], person: str, company: CompanySettings, now: datetime) -> Listing:
    """Return the cases in these states: all of them at the level `center`, otherwise those that involve the person."""
    reader = load.person_context(session, person, company, now)
    if reads_center(reader):
        rows = case_lists.newest(session, states, PAGE_SIZE)
        return _listing(rows, case_lists.count(session, states), company, now)
    return _involving(session, reader, CaseAssigned, states, company, now)


def mine(
    session: Session,
    person: str,
    company: CompanySettings,
    now: datetime,
    states: frozenset[State] = OPEN_STATES,
) -> Listing:
    """Return the cases in these states that the person reported or has a place on."""
    reader = load.person_context(session, person, company, now)
    return _involving(session, reader, CasePlace, states, company, now)


def _involving(
    session: Session,
    reader: PersonContext,
    part: type[CasePlace] | type[CaseAssigned],
    states: frozenset[State],
    company: CompanySettings,
    now: datetime,
) -> Listing:
    """Return the cases in these states that the reader reported or, as one of ours, has this part in."""
    own = part if reader.membership is Membership.OURS else None
    rows = case_lists.newest_of(session, reader.id, own, states, PAGE_SIZE)
    internal = None if reads_center(reader) else frozenset[int]()
    if own and internal is not None:
        internal = case_lists.with_part(session, reader.id, own, [load.id_of(row) for row in rows])
    return _listing(rows, case_lists.count_of(session, reader.id, own, states), company, now, internal)


def _listing(
    rows: Sequence[Case], found: int, company: CompanySettings, now: datetime, internal: frozenset[int] | None = None
) -> Listing:
    lines = lines_of(rows, company.policy, now, internal)
    return Listing(lines, found - len(lines), is_least=found == case_lists.MAX_COUNTED)


def queue(session: Session, person: str, company: CompanySettings, now: datetime) -> Listing:
    """Return the open cases that wait for this person: the soonest due first, then the longest waiting.

    Administrators read number and state of those that nobody may take further.
    """
    return _waiting(session, person, None, company, now)


def vacant_cases(session: Session, person: str, company: CompanySettings, now: datetime) -> Listing:
    """Return the open cases that nobody may take further, for a person who can appoint somebody."""
    return _waiting(session, person, Bucket.VACANT, company, now)


def _waiting(session: Session, person: str, bucket: Bucket | None, company: CompanySettings, now: datetime) -> Listing:
    reader = load.person_context(session, person, company, now)
    roles = (reader.roles | reader.acting) if reader.membership is Membership.OURS else frozenset()
    found = waits.waiting(session, person, roles, PAGE_SIZE, bucket)
    stored = {load.id_of(row): row for row in cases.several(session, (one.case_id for one in found))}
    levels = _levels(session, [stored[one.case_id] for one in found], reader, company)
    rows = [stored[one.case_id] for one in found if may_see(levels[one.case_id])]
    internal = frozenset(number for number, level in levels.items() if level.may_read(Visibility.INTERNAL))
    content = frozenset(number for number, level in levels.items() if level.may_read(Visibility.REPORT))
    free = _free(session, rows, reader, company, now)
    lines = lines_of(rows, company.policy, now, internal, content, free)
    counted = waits.count(session, person, roles)
    return Listing(lines, (counted[bucket] if bucket else counted.total()) - len(lines))


def _free(
    session: Session, rows: Sequence[Case], reader: PersonContext, company: CompanySettings, now: datetime
) -> frozenset[int]:
    """Return those of these cases that the reader may take (process.md rule 2.1)."""
    if not CENTER_ROLES.intersection(reader.roles | reader.acting):
        return frozenset()
    center = load.center(session, company, now)
    seen = (Situation(case, reader, now, company.policy, center) for case in load.case_contexts(session, rows, company))
    return frozenset(one.case.id for one in seen if is_permitted(Step.TAKE, one))


def _levels(
    session: Session, rows: Sequence[Case], reader: PersonContext, company: CompanySettings
) -> dict[int, Level]:
    """Return the reader's level for each of these cases, which are loaded only if the reader's part in them counts."""
    if reads_center(reader):
        return dict.fromkeys(map(load.id_of, rows), Level.CENTER)
    return {case.id: level_of(case, reader) for case in load.case_contexts(session, rows, company)}


def lines_of(
    rows: Sequence[Case],
    policy: Policy,
    now: datetime,
    internal: frozenset[int] | None = None,
    content: frozenset[int] | None = None,
    free: frozenset[int] = frozenset(),
) -> tuple[ListLine, ...]:
    """Return cases as lines of a list. `now` is aware UTC.

    `internal` are the cases whose severity the reader may read, `content` those whose report; None stands for all.
    `free` are those that the reader may take.
    """
    return tuple(
        ListLine(
            load.id_of(row),
            row.version,
            row.state,
            row.summary if content is None or row.id in content else "",
            row.severity if internal is None or row.id in internal else None,
            row.deadline_at if content is None or row.id in content else None,
            (content is None or row.id in content) and overdue(row, policy, now),
            row.id in free,
        )
        for row in rows
    )
