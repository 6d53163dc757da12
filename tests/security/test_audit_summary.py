"""What `make audit` says of a report of `pip-audit`."""

from typing import Any

import pytest

from tests.support.audit_summary import summary

FINE: dict[str, Any] = {"name": "fine", "version": "1.0", "vulns": []}
HIT: dict[str, Any] = {"name": "hit", "version": "2.0", "vulns": [{"id": "CVE-2026-1", "fix_versions": ["2.1"]}]}
SKIPPED: dict[str, Any] = {"name": "skipped", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("packages", "said", "is_hit"),
    [
        ([FINE], ["1 packages were looked up, 0 could not be."], False),
        ([FINE, SKIPPED], ["1 packages were looked up, 1 could not be.", "not looked up: skipped"], False),
        ([SKIPPED], ["No known vulnerability was looked up, because the index describes none of the packages."], False),
        (
            [FINE, HIT],
            ["hit 2.0: CVE-2026-1, mended in 2.1", "2 packages were looked up, 0 could not be."],
            True,
        ),
    ],
)
def test_what_could_not_be_looked_up_is_no_good_news(
    packages: list[dict[str, Any]], said: list[str], is_hit: bool
) -> None:
    assert summary({"dependencies": packages}) == (said, is_hit)
