"""What one transaction sees of cases and people. Each is read once, however much is made of it."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.reading.read_models import CaseCard, CaseTitle, HistoryLine, card_of, line_of
from bot.casework.steps import load
from bot.casework.steps.accounts import account_of
from bot.workflow.context import CaseContext, Center, PersonContext
from bot.workflow.decide import is_permitted
from bot.workflow.reading_levels import Level
from bot.workflow.reading_rights import level_of, reads_center
from bot.workflow.situation import Situation
from storage import cases, people
from storage.cases import NamedCase
from storage.involved import Involved, involved
from storage.tables import Case
from storage.vocabulary import Step


class Snapshot:
    """Cases and people as a transaction sees them that only reads. `now` is aware UTC.

    `expected` are people who are probably asked for. The first question reads what is known of all of them.
    """

    def __init__(self, session: Session, company: CompanySettings, now: datetime, expected: Iterable[str] = ()) -> None:
        self.session = session
        self.company = company
        self.now = now
        self._expected = frozenset(expected)
        self._accounts: dict[str, people.Account | None] = {}
        self._cases: dict[int, SeenCase | None] = {}

    @cached_property
    def center(self) -> Center:
        """Who holds each role today."""
        return load.center(self.session, self.company, self.now)

    def account(self, person: str) -> people.Account | None:
        """Return what is stored of a person's account; None if nothing is."""
        if person not in self._accounts:
            wanted = (self._expected | {person}) - self._accounts.keys()
            found = people.accounts(self.session, wanted)
            self._accounts |= {one: found.get(one) for one in wanted}
        return self._accounts[person]

    def person(self, person: str) -> PersonContext:
        """Return a person with the roles held today, and how they belong to us."""
        account = account_of(self.session, person, self.account(person), self.company, self.now)
        return load.person_in(self.center, account)

    def find(self, case_id: int) -> "SeenCase | None":
        """Return a case; None if it does not exist."""
        if case_id not in self._cases:
            found = cases.find_named(self.session, case_id)
            self._cases[case_id] = SeenCase(self, found) if found else None
        return self._cases[case_id]

    def case(self, case_id: int) -> "SeenCase":
        """Return a case. Raises `KeyError` if it does not exist."""
        found = self.find(case_id)
        if found is None:
            raise KeyError(case_id)
        return found


class SeenCase:
    """A case as a snapshot sees it, for any number of readers."""

    def __init__(self, snapshot: Snapshot, found: NamedCase) -> None:
        self._snapshot = snapshot
        self._found = found
        self._session = snapshot.session
        self._lines: dict[int, HistoryLine] = {}

    @property
    def row(self) -> Case:
        """The case as it is stored."""
        return self._found.row

    @cached_property
    def card(self) -> CaseCard:
        """The case in its present state, at the level `center`."""
        snapshot, who = self._snapshot, self._involved
        card = card_of(self._session, self.row, self._found.names, who.places, snapshot.company.policy, snapshot.now)
        if card.last is not None:
            self._lines[card.last.seq] = card.last
        return card

    @cached_property
    def context(self) -> CaseContext:
        """The case as the rules see it."""
        return load.seen(self._session, self.row, self._found.product, self._involved, self._snapshot.company)

    @cached_property
    def _involved(self) -> Involved:
        case_id = load.id_of(self.row)
        return involved(self._session, [case_id])[case_id]

    @property
    def title(self) -> CaseTitle:
        """The number and the summary of the case."""
        return CaseTitle(f"F-{self.row.id}", self.row.summary)

    def line(self, seq: int) -> HistoryLine:
        """Return an entry of the history, at the level `center`."""
        if seq not in self._lines:
            self._lines[seq] = line_of(self._session, cases.entry(self._session, load.id_of(self.row), seq))
        return self._lines[seq]

    def handed_over_after(self, seq: int) -> HistoryLine | None:
        """Return the newest step after `seq` that passed the case on; None without one."""
        later = cases.handed_over_after(self._session, self.row, seq)
        return line_of(self._session, later) if later else None

    def situation(self, person: str) -> Situation:
        """Return everything that the rules may consider when this person acts on the case now."""
        return self._seen_by(self._snapshot.person(person))

    def _seen_by(self, person: PersonContext) -> Situation:
        snapshot = self._snapshot
        return Situation(self.context, person, snapshot.now, snapshot.company.policy, snapshot.center)

    @property
    def is_free(self) -> bool:
        """Whether somebody may take the case now (process.md rule 2.1)."""
        return any(is_permitted(Step.TAKE, self._seen_by(one)) for one in self._snapshot.center.people().values())

    def level(self, reader: PersonContext) -> Level:
        """Return the reader's level. Their part in the case is read only if it counts."""
        return Level.CENTER if reads_center(reader) else level_of(self.context, reader)
