"""The alert rules in docs/monitoring are right, and name metrics that the bot has."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.raw_requests import send
from tests.support.team import Team

MONITORING = Path(__file__).parents[2] / "docs" / "monitoring"
RULES = (MONITORING / "alerts.yml").read_text("utf-8")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
@pytest.mark.parametrize("command", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts-test.yml")], ids=str)
def test_promtool_accepts_the_rules(command: tuple[str, ...]) -> None:
    done = subprocess.run(["promtool", *command], cwd=MONITORING, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_metric_of_the_rules_is_one_of_the_bot(team: Team) -> None:
    text = send(team, "", method="GET", path="/metrics").text
    known = {name for name, _kind in re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE)}
    known |= {f"{name}_bucket" for name in known}
    assert set(re.findall(r"\bfaultdesk_\w+", RULES)) <= known


def test_every_alert_is_tried_when_it_comes_and_when_it_does_not() -> None:
    tests = (MONITORING / "alerts-test.yml").read_text("utf-8")
    alerts = set(re.findall(r"alert: (\w+)", RULES))
    assert set(re.findall(r"alertname: (\w+)\n +exp_alerts:\n", tests)) == alerts
    assert set(re.findall(r"alertname: (\w+)\}", tests)) == alerts


def test_every_alert_is_explained() -> None:
    page = (MONITORING / "README.md").read_text("utf-8")
    alerts = re.findall(r"alert: (\w+)", RULES)
    assert re.findall(r"^\| `(Faultdesk\w+)` \|", page, re.MULTILINE) == alerts
