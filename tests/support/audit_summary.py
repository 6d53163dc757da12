"""Says what `pip-audit` found, and what it could not look up: `python -m tests.support.audit_summary found.json`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def summary(found: Mapping[str, Any]) -> tuple[list[str], bool]:
    """Return lines about a report of `pip-audit` in JSON, and whether it names a vulnerability.

    A package that the index does not describe is skipped by `pip-audit`, which then says that nothing was found.
    """
    packages = found["dependencies"]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    lines = [
        f"{one['name']} {one['version']}: {hit['id']}, mended in {', '.join(hit['fix_versions']) or 'no version'}"
        for one in packages
        for hit in one.get("vulns", ())
    ]
    is_hit = bool(lines)
    if len(skipped) == len(packages):
        lines.append("No known vulnerability was looked up, because the index describes none of the packages.")
    else:
        lines.append(f"{len(packages) - len(skipped)} packages were looked up, {len(skipped)} could not be.")
        lines += [f"not looked up: {', '.join(skipped)}"] if skipped else []
    return lines, is_hit


if __name__ == "__main__":
    said, is_hit = summary(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    print(*said, sep="\n")
    sys.exit(int(is_hit))
