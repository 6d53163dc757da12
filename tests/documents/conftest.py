"""Fixtures that build the cases whose documents are read."""

from tests.casework.conftest import doing, hand

__all__ = ["doing", "hand"]
