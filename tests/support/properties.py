"""How many examples a property is tried with: few in `make test`, many in `make test-long`."""

_times = 1


def choose(times: int) -> None:
    """Let every property be tried with so many times its usual number of examples."""
    global _times
    _times = times


def examples(usual: int) -> int:
    """How many examples a property is tried with now, whose usual number is this."""
    return usual * _times
