"""What ended cases count is kept, and worked out anew once one of them goes on."""

from sqlmodel import col, func, select, update

from bot.casework.office import Office
from storage import cases
from storage.database import Database
from storage.statistics import Side, settle
from storage.tables import Case, Fact
from storage.vocabulary import State, Step
from tests.casework.asked import Seen, on
from tests.casework.conftest import Hand
from tests.casework.doing import Doing
from tests.team import CHEN, DESK


def settled(doing: Doing, limit: int = 100) -> int:
    with doing.database.write() as session:
        return settle(session, limit)


def facts(doing: Doing) -> dict[int, int]:
    """How many facts are kept of each case that says it is settled."""
    kept = select(func.count()).select_from(Fact).where(Fact.case_id == Case.id).scalar_subquery()
    with doing.database.read() as session:
        found = session.exec(select(Case.id, kept).where(col(Case.settled)).order_by(col(Case.id)))
        return {case: number for case, number in found if case}


def lists(seen: Seen) -> list[list[int]]:
    """The cases behind every number."""
    return [seen.cases(one, side) for one in seen.measures for side in Side]


def ended(doing: Doing, hand: Hand) -> int:
    """A fault closed in November."""
    on(hand, 1)
    case = doing.fault(State.REPLYING)
    on(hand, 4)
    doing.onward(case, State.CLOSED)
    on(hand, 20)
    return case


def test_statistics_are_the_same_before_and_after(doing: Doing, hand: Hand) -> None:
    closed = ended(doing, hand)
    withdrawn, still_open = doing.fault(State.ANALYSIS), doing.fault(State.TESTING)
    doing.take(Step.WITHDRAW, CHEN, withdrawn, reason="Mistake", evidence="Mail")
    on(hand, 25)
    before = Seen(doing, "2026-11")
    listed = lists(before)
    assert settled(doing) == 2
    assert settled(doing) == 0
    assert sorted(facts(doing)) == [closed, withdrawn]
    assert still_open not in facts(doing)
    assert facts(doing)[closed] > facts(doing)[withdrawn] > 0
    after = Seen(doing, "2026-11")
    assert after.measures == before.measures
    assert lists(after) == listed


def test_statistics_come_from_what_is_kept(doing: Doing, hand: Hand) -> None:
    """Else all other tests here would prove nothing."""
    ended(doing, hand)
    settled(doing)
    with doing.database.write() as session:
        session.exec(update(Fact).values(amount=7.0))
    assert Seen(doing, "2026-11")("M7", name="mean").value == 7
    alone = Seen(doing, "2026-11-01")("M6", State.REPLYING)
    assert alone.value == 15 * 3600, "that day did not see the end of the case: from its history"


def test_a_case_that_goes_on_is_worked_out_anew(doing: Doing, hand: Hand) -> None:
    case = ended(doing, hand)
    settled(doing)
    first = facts(doing)[case]
    doing.take(Step.REOPEN, CHEN, case, reason="It came back")
    with doing.database.read() as session:
        assert session.exec(select(Fact)).all() == []
    assert facts(doing) == {}
    assert settled(doing) == 0, "it is open"
    hand.move(minutes=1)
    assert Seen(doing, "2026-11").numbers("M13") == (1, 1)
    on(hand, 28)
    doing.onward(case, State.CLOSED)
    on(hand, 29)
    november = Seen(doing, "2026-11")
    assert settled(doing) == 1
    assert facts(doing)[case] > first, "it has more stays and another analysis now"
    assert Seen(doing, "2026-11").measures == november.measures


def test_any_step_on_an_ended_case_unsettles_it_until_the_next_time(doing: Doing, hand: Hand) -> None:
    case = ended(doing, hand)
    settled(doing)
    before = facts(doing)
    doing.take(Step.COMMENT, CHEN, case, text="Thank you")
    assert facts(doing) == {}
    settled(doing)
    assert facts(doing) == before


def test_few_are_settled_at_once_the_oldest_first(doing: Doing) -> None:
    first, *_others = [doing.fault(State.CLOSED) for _ in range(3)]
    assert settled(doing, 1) == 1
    assert list(facts(doing)) == [first]
    assert settled(doing, 5) == 2


def test_a_case_that_somebody_works_on_is_left_for_later(postgresql_url: str, hand: Hand) -> None:
    database = Database(postgresql_url)
    doing = Doing(database, Office(DESK), hand)
    doing.seed()
    busy, free = doing.fault(State.CLOSED), doing.fault(State.CLOSED)
    with database.write() as session:
        assert cases.hold(session, busy)
        assert settled(doing) == 1, "without waiting for the other"
        assert list(facts(doing)) == [free]
    assert settled(doing) == 1
    database.close()
