"""Values of parametrized tests that only `make test-long` tries."""

from collections.abc import Container, Iterable
from typing import Any

import pytest


def long(*values: Any) -> Any:
    """A set of values for `parametrize` that `make test` leaves to `make test-long`."""
    return pytest.param(*values, marks=pytest.mark.long)


def long_unless(quick: Container[Any], values: Iterable[Any]) -> list[Any]:
    """The values for `parametrize` of one name. `make test` tries those that `quick` contains."""
    return [value if value in quick else long(value) for value in values]
