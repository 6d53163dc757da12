"""Cases on a database of the test's own, at a time that the test sets."""

from tests.support.case_fixtures import builder, clock

__all__ = ["builder", "clock"]
