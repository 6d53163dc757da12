"""The jumps of a machine's clock that everything that waits must survive."""

from datetime import timedelta

SPANS = {
    **{"a second": timedelta(seconds=1), "a minute": timedelta(minutes=1), "an hour": timedelta(hours=1)},
    "a day": timedelta(days=1),
}
#: A machine without a battery starts in 1970, and a time server corrects it later.
FROM_1970 = timedelta(days=56 * 365)
JUMPS = {
    **{f"{name} back": -span for name, span in SPANS.items()},
    **{f"{name} ahead": span for name, span in SPANS.items()},
    **{"a year ahead": timedelta(days=365), "from 1970": FROM_1970, "to 1970": -FROM_1970},
}
