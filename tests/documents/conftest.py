"""Fixtures that build the cases whose documents are read."""

from tests.casework.conftest import builder, clock

__all__ = ["builder", "clock"]
