"""Measures how soon a submitted form is answered, beside a floor: a bare listener that writes one row and posts once.

python -m tests.bench.submissions

The floor runs on SQLite. What the bot queues is posted meanwhile, at the pace that Slack allows.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import update

from bot.casework.company_settings import CompanySettings
from bot.clock import Clock
from bot.sandbox import Person
from bot.sandbox.api.server import StandIn
from bot.sandbox.workspace.demo import demo_workspace
from storage import migrations
from storage.database import Database
from storage.tables import Outgoing
from storage.vocabulary import OutboxState, Step
from tests.bench.bot_process import environment, resident, running
from tests.bench.each_database import on_each
from tests.bench.load_generator import Figures, load
from tests.support.answers import CHEN, MEASURED, Answers
from tests.support.case_builder import CaseBuilder
from tests.support.free_ports import free_port
from tests.support.processes import inherited
from tests.support.team import DESK

ONE_BY_ONE, TOGETHER, CLIENTS = 150, 1000, 16
#: Seconds between two submissions of one person.
PAUSE_SECONDS = 0.05
#: The submissions with which a process begins, which are not measured: what is used once is loaded then.
FIRST = 20
REPORT: Answers = {
    "customer": "Nanling",
    "contact": "Gao Feng",
    "contact_way": "mail",
    "product": "Billing",
    "version": "V3.2",
    "summary": "It hangs",
    "description": "It hangs every night",
}
_numbers = count()


def measure() -> None:
    """Print the times of four forms on each database, and their ratios to the floor."""
    floor = _floor()
    print(f"floor: answered after {_ms(floor[0].median)}, {floor[1].rate:.0f}/s with {CLIENTS} clients")
    on_each("submissions", "submissions", partial(_measure, floor=floor))


def _floor() -> tuple[Figures, Figures]:
    with tempfile.TemporaryDirectory() as folder, StandIn(demo_workspace()) as standin:
        port, workspace = free_port(), standin.workspace
        with _bot(standin, f"sqlite:///{Path(folder) / 'faultdesk'}.db"):
            form = _submitted_report(standin)
        url, slack = f"sqlite:///{Path(folder) / 'floor'}.db", f"{workspace.base_url}/api/"
        secret = workspace.signing_secret
        command = [sys.executable, "-m", "tests.bench.bare_listeners", "floor", url, str(port), secret, slack]
        with running([*command, workspace.bot_token], inherited(), port):
            load(port, secret, [_body(form)] * FIRST, 1)
            single = load(port, secret, [_body(form)] * ONE_BY_ONE, 1, PAUSE_SECONDS)
            return single, load(port, secret, [_body(form)] * TOGETHER, CLIENTS)


def _measure(url: str, kind: str, floor: tuple[Figures, Figures]) -> None:
    cases = _prepared(url)
    with StandIn(demo_workspace()) as standin, _bot(standin, url) as (port, pid):
        press = partial(load, port, standin.workspace.signing_secret)
        report = _submitted_report(standin)
        press([_body(report) for _ in range(FIRST)], 1)
        single = {Step.REPORT: press([_body(report) for _ in range(ONE_BY_ONE)], 1, PAUSE_SECONDS)}
        for step, numbers in cases.items():
            form = _submitted(standin, step, numbers[0])
            press([_body(form, case) for case in numbers[1:FIRST]], 1)
            single[step] = press([_body(form, case) for case in numbers[FIRST:]], 1, PAUSE_SECONDS)
        together = press([_body(report) for _ in range(TOGETHER)], CLIENTS)
        memory = resident(pid)
    for step, figures in single.items():
        ratio = figures.median / floor[0].median
        print(f"{step} on {kind}: answered after {_ms(figures.median)}, {ratio:.2f} × the floor (≤ {_aim(step, kind)})")
    print(
        f"{CLIENTS} clients on {kind}: {together.rate:.0f} reports/s, {together.rate / floor[1].rate:.2f} × the floor "
        f"(≥ {0.45 if kind == 'SQLite' else 0.25}); p99 {together.p99 / together.median:.2f} × the median (≤ 1.5); "
        f"{memory:.0f} MiB after {TOGETHER} reports (≤ 110)"
    )


def _aim(step: Step, kind: str) -> float:
    return (1.6 if kind == "SQLite" else 2.2) if step is Step.REPORT else 2.2


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _prepared(url: str) -> dict[Step, list[int]]:
    """Write the cases of each step, whose messages count as sent."""
    database = Database(url)
    migrations.upgrade(database.engine)
    builder = CaseBuilder(database, CompanySettings(DESK), Clock().now)
    builder.seed()
    with builder.at_once():
        found = {
            step: [builder.fault(state) for _ in range(FIRST + ONE_BY_ONE)]
            for step, (_who, state, _) in MEASURED.items()
        }
    with database.write() as session:
        session.connection().execute(update(Outgoing).values(state=OutboxState.SENT))
    database.close()
    return found


@contextmanager
def _bot(standin: StandIn, url: str) -> Iterator[tuple[int, int]]:
    port = free_port()
    with running(["faultdesk", "run"], environment(standin.workspace, url, port), port) as process:
        standin.connect(bot_url=f"http://127.0.0.1:{port}/slack/events")
        yield port, process.pid


def _submitted_report(standin: StandIn) -> dict[str, Any]:
    """Report a problem as a person does, and return what Slack sent."""
    person = standin.person(CHEN)
    person.command("/fault")
    return _sent(standin, person, Step.REPORT, REPORT)


def _submitted(standin: StandIn, step: Step, case: int) -> dict[str, Any]:
    """Take a step as a person does, and return what Slack sent."""
    who, _state, answers = MEASURED[step]
    person = standin.person(who)
    person.command(f"/fault F-{case}")
    person.press(step)
    return _sent(standin, person, step, answers)


def _sent(standin: StandIn, person: Person, step: Step, answers: Answers) -> dict[str, Any]:
    person.opened(step)
    person.fill(**answers)
    assert person.submit().closed
    return standin.workspace.log.requests("view_submission")[-1].request


def _body(form: dict[str, Any], case: int | None = None) -> str:
    """The same form of another view, and of another case."""
    view = {**form["view"], "id": f"V{next(_numbers):010}"}
    if case is not None:
        view["private_metadata"] = json.dumps({**json.loads(view["private_metadata"]), "case": case})
    return urlencode({"payload": json.dumps({**form, "view": view})})


if __name__ == "__main__":
    measure()
