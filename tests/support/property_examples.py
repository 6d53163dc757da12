"""The number of examples of property tests: few in `make test`, many in `make test-long`."""

_times = 1


def choose(times: int) -> None:
    """Multiply the number of examples of every property test by this factor."""
    global _times
    _times = times


def examples(usual: int) -> int:
    """The number of examples of a property test whose usual number is `usual`."""
    return usual * _times
