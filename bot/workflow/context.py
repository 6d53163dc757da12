"""The case, the person and the company's settings as rules see them: frozen, without database or Slack."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.workflow.calendar import AROUND_THE_CLOCK, WorkingCalendar
from bot.workflow.membership import Membership
from bot.workflow.targets import DEFAULT_TARGETS, Target
from storage.vocabulary import Basis, Kind, Place, Role, Severity, Source, State, Urgency


@dataclass(frozen=True, slots=True)
class PersonContext:
    """A person and the roles held at this moment. `acting` are roles held only as a deputy for some dates (R4)."""

    id: str
    roles: frozenset[Role] = frozenset()
    acting: frozenset[Role] = frozenset()
    membership: Membership = Membership.OURS


@dataclass(frozen=True, slots=True)
class Round:
    """One round of modification and test: the build, its modifier, and whether its test passed."""

    build: str | None = None
    modifier: str | None = None
    passed: bool = False


@dataclass(frozen=True, slots=True)
class CaseContext:
    """A case as one transaction sees it. Persons are Slack user ids; moments are aware UTC.

    `version` counts the changes that make an older button stale; comments and discussions do not increase it.
    `deadline_at` is the deadline in force, agreed at `deadline_since`; `deadline_when_resolved` is the one that was in
    force at `resolved_at`.
    `default_days` are the working days of a default deadline, where the product or the company sets one.
    """

    id: int
    version: int
    state: State
    source: Source
    reporter: str
    reported_at: datetime
    product: str
    module: str | None = None
    kind: Kind | None = None
    has_customer: bool = True
    suspected_urgency: Urgency | None = None
    severity: Severity | None = None
    deadline_at: datetime | None = None
    first_deadline_at: datetime | None = None
    deadline_basis: Basis | None = None
    deadline_since: datetime | None = None
    deadline_when_resolved: datetime | None = None
    default_days: int | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    places: dict[Place, frozenset[str]] = field(default_factory=dict)
    sheet_drafter: str | None = None
    sheet_drafters: frozenset[str] = frozenset()
    round: Round = Round()
    on_hold: bool = False
    hold_since: datetime | None = None
    in_discussion: bool = False
    negotiating: bool = False
    report_published: bool = False
    moved_count: int = 0
    fixed_version: str | None = None
    answer_round: int = 0
    test_round: int = 0
    reopen_count: int = 0
    earlier_state: State | None = None
    unanswered_reminders: int = 0
    waiting_since: datetime | None = None
    #: The number of the entry whose words for the customer could not be delivered.
    undelivered: int | None = None
    #: Whether words for the customer are neither delivered nor given up yet.
    words_under_way: bool = False
    has_duplicates: bool = False
    #: Whether a case of another customer, or of none, was merged into this one.
    foreign_followers: bool = False
    #: The reporters of the cases merged into this one.
    followers: frozenset[str] = frozenset()
    #: Everybody who has or had a place on the case, or is named on it by an answer.
    assigned: frozenset[str] = frozenset()
    #: Those who hold a place or reported the case, and whose account is deactivated.
    gone: frozenset[str] = frozenset()
    #: The people of the customer.
    customers: frozenset[str] = frozenset()

    @property
    def number(self) -> str:
        """The case number that people see."""
        return f"F-{self.id}"

    def at(self, place: Place) -> frozenset[str]:
        """Return who holds `place` on this case."""
        return self.places.get(place, frozenset())

    @property
    def analysts(self) -> frozenset[str]:
        """The testers and technicians named on the case (process.md §1)."""
        return self.at(Place.TESTERS) | self.at(Place.TECHNICIANS)

    @property
    def named(self) -> frozenset[str]:
        """Everybody who holds a place on the case."""
        return frozenset().union(*self.places.values())

    @property
    def assignees(self) -> frozenset[str]:
        """Everybody who holds a place that gives rights (process.md rule 2.1)."""
        return frozenset().union(*(people for place, people in self.places.items() if place is not Place.TRIAGER))

    @property
    def triager(self) -> frozenset[str]:
        """Whoever has taken the case for triage, without those who left."""
        return self.at(Place.TRIAGER) - self.gone


@dataclass(frozen=True, slots=True)
class Center:
    """The holders of each role at this moment. `acting` are those of them who hold it only as a deputy (R4).

    All of them are active and ours.
    """

    holders: dict[Role, frozenset[str]] = field(default_factory=dict)
    acting: dict[Role, frozenset[str]] = field(default_factory=dict)

    def people(self) -> dict[str, PersonContext]:
        """Return everybody who holds a role, with the roles held."""
        own: dict[str, set[Role]] = defaultdict(set)
        acting: dict[str, set[Role]] = defaultdict(set)
        for role, people in self.holders.items():
            deputies = self.acting.get(role, frozenset())
            for person in people:
                (acting if person in deputies else own)[person].add(role)
        return {
            person: PersonContext(person, frozenset(own[person]), frozenset(acting[person]))
            for person in {*own, *acting}
        }

    def holds(self, person: str, role: Role) -> bool:
        """Return whether a person holds a role."""
        return person in self.holders.get(role, frozenset())

    def first_held(self, roles: Iterable[Role]) -> Role | None:
        """Return the first of these roles that somebody holds; None if nobody holds any."""
        return next((role for role in roles if self.holders.get(role)), None)

    def has_only(self, person: str) -> bool:
        """Return whether nobody but `person` holds any role of the process: a one-person center (R1)."""
        process = (Role.CENTER_MANAGER, Role.SERVICE_MANAGER, Role.TECHNICIAN, Role.TESTER)
        return frozenset().union(*(self.holders.get(role, frozenset()) for role in process)) == {person}


@dataclass(frozen=True, slots=True)
class Policy:
    """The company's settings that the rules depend on.

    Targets, the reminders of an unanswered reply and default deadlines are working time; everything else is elapsed
    time. With `repeat_severe` None, the reminder comes on each working day.
    """

    reopen_within: timedelta = timedelta(days=30)
    unanswered_reminders: int = 3
    unanswered_within: timedelta = timedelta(days=7)
    hold_stops_clock: bool = False
    shares_very_severe: tuple[int, ...] = (50, 80, 100)
    shares_severe: tuple[int, ...] = (80, 100)
    shares_default: tuple[int, ...] = (100,)
    repeat_very_severe: timedelta = timedelta(hours=1)
    repeat_severe: timedelta | None = None
    acknowledge_within: timedelta = timedelta(minutes=15)
    #: A state without a target reminds nobody.
    targets: Mapping[State, Target] = field(default_factory=lambda: DEFAULT_TARGETS)
    urgent_triage: timedelta = timedelta(minutes=15)
    negotiation_reminder: timedelta = timedelta(days=1)
    calendar: WorkingCalendar = AROUND_THE_CLOCK
