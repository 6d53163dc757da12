"""Cases by the doing, for their documents to be read."""

from tests.casework.conftest import doing, hand

__all__ = ["doing", "hand"]
