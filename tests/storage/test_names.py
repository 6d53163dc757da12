"""Names are the same if people cannot tell them apart, and a name that shows nothing is none."""

from collections.abc import Iterator

import pytest
from sqlmodel import Session, select

from storage import registers
from storage.database import Database
from storage.tables import Customer, Module, Product
from storage.vocabulary import comparable, is_visible, is_whole


@pytest.fixture
def database(fresh_url: str) -> Iterator[Database]:
    opened = Database(fresh_url)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "other",
    [
        "HUADONG telecom",
        "Ｈｕａｄｏｎｇ Telecom",
        " Huadong\u3000 Telecom ",
        "Hua\u200bdong Telecom",
        "Huadong\u00ad Telecom\ufe0f",
    ],
)
def test_what_looks_the_same_is_one_name(database: Database, other: str) -> None:
    with database.write() as session:
        first = registers.customer(session, "Huadong Telecom")
        assert registers.customer(session, other).id == first.id
        assert registers.find_customer(session, other) == first
        product = registers.product(session, "Huadong Telecom")
        assert registers.product(session, other).id == product.id
        registers.keep_part(session, Module, product.id or 0, "Huadong Telecom")
        registers.keep_part(session, Module, product.id or 0, other)
        assert registers.knows_part(session, Module, product.id or 0, other)
        assert [len(session.exec(select(table)).all()) for table in (Customer, Product, Module)] == [1, 1, 1]


def test_a_name_that_was_added_in_the_same_transaction_is_found(database: Database) -> None:
    with database.write() as session:
        assert registers.find_customer(session, "NANLING") is None
        registers.customer(session, "Nanling")
        found = registers.find_customer(session, "NANLING")
        assert found is not None
        assert found.name == "Nanling"


def kept_before(session: Session, *names: str) -> list[int]:
    """Customers of these names, as an earlier version registered them. Returns their ids."""
    rows = [Customer(name=name) for name in names]
    session.add_all(rows)
    session.flush()
    return [row.id or 0 for row in rows]


def test_equal_names_of_before_stay_two_and_are_listed(database: Database) -> None:
    with database.write() as session:
        older, newer, _other = kept_before(session, "Nanling", "NANLING", "Binhai")
    with database.read() as session:
        for spelling, meant in (("Nanling", older), ("NANLING", newer), ("nanling", older)):
            found = registers.find_customer(session, spelling)
            assert found is not None
            assert found.id == meant
        assert registers.alike(session) == {"customers": [(older, newer)]}


@pytest.mark.parametrize(
    "text", ["", " \n\t", "\u200b", "\u2060\u00ad", "\u3164", "\u2800", "\ufe0f\u200d", "\u202e", "\x07", "\U000e0041"]
)
def test_what_shows_nothing_is_not_visible(text: str) -> None:
    assert not is_visible(text)


@pytest.mark.parametrize("text", ["a", "华", "👩‍💻", "-", "é", "\u200bx", "🏳️‍🌈"])
def test_everything_else_is_visible(text: str) -> None:
    assert is_visible(text)
    assert comparable(text)


def test_half_an_emoji_is_not_whole() -> None:
    assert is_whole("👩‍💻 x")
    assert not is_whole("x \ud83d")
