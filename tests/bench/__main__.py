"""Measures the speed and the memory of the bot and of bare listeners on the same server: `make bench`.

Only the ratios count, because machines differ and are noisy.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from slack_sdk import WebClient

from bot.clock import Clock
from bot.sandbox.api.server import StandIn
from bot.sandbox.workspace.demo import demo_workspace
from bot.sandbox.workspace.workspace import Workspace
from storage import migrations
from storage.database import Database
from tests.bench import (
    case_size,
    documents,
    lists,
    page,
    proofs,
    record_table,
    reminders,
    steps,
    submissions,
    tls,
    waits,
)
from tests.bench import statistics as yearly
from tests.bench.bot_process import environment, processor_seconds, resident, running
from tests.bench.load_generator import Figures, load, press
from tests.bench.sent_reminders import Post, prepare
from tests.support.free_ports import free_port
from tests.support.processes import inherited

ONE_BY_ONE, TOGETHER, CLIENTS = 300, 3000, 32
#: Seconds between two presses of one person, so that the bot is still sending the messages of the previous press.
PAUSE_SECONDS = 0.05
REPORTS = 9


def main() -> None:
    """Run all measurements and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        ack, insert, ours = bench.listener("ack"), bench.listener("insert"), bench.bot()
        _table(ack, insert, ours)
        with tls.private_root() as (certificate, environ):
            for latency in (0.0, 0.15):
                bench.first_message(latency)
                bench.first_message(latency, certificate, environ)
    submissions.measure()
    tls.measure()
    page.measure()
    steps.measure()
    reminders.measure()
    waits.measure()
    documents.measure()
    record_table.measure(("xlsx",))
    lists.measure()
    yearly.measure()
    proofs.measure()
    case_size.measure()


class Bench:
    """The measurements of one run, whose files are in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def listener(self, kind: str) -> tuple[Figures, Figures]:
        """Measure a bare listener with one client and with many."""
        port, secret = free_port(), "bench-secret"
        url = f"sqlite:///{self._folder / kind}.db"
        command = [sys.executable, "-m", "tests.bench.bare_listeners", kind, url, str(port), secret]
        with running(command, inherited(), port):
            return _pressed(port, secret, _bodies([{"case": 1}] * (ONE_BY_ONE + TOGETHER)))

    def bot(self) -> tuple[Figures, Figures]:
        """Measure `faultdesk run` while people acknowledge reminders, then its memory and the time until it was
        healthy.
        """
        workspace = demo_workspace()
        with StandIn(workspace):
            url, port = f"sqlite:///{self._folder / 'faultdesk.db'}", free_port()
            bodies = _bodies(self._prepared(url, _poster(workspace)))
            started = time.perf_counter()
            with running(["faultdesk", "run"], environment(workspace, url, port), port) as process:
                healthy = time.perf_counter() - started
                figures = _pressed(port, workspace.signing_secret, bodies)
                print(f"faultdesk run: healthy after {healthy:.2f} s (≤ 2), {resident(process.pid):.0f} MiB (≤ 130)")
        return figures

    def _prepared(self, url: str, post: Post) -> list[dict[str, int]]:
        database = Database(url)
        migrations.upgrade(database.engine)
        with database.write() as session:
            values = prepare(session, ONE_BY_ONE + TOGETHER, Clock().now(), post)
        database.close()
        return values

    def first_message(
        self, latency: float, certificate: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        """Measure the time from a submitted report to its card, with `latency` seconds for each call to Slack.

        With a `certificate` Slack speaks TLS; the bot trusts it by `environ`.
        """
        workspace, scheme = demo_workspace(), "TLS" if certificate else "HTTP"
        with StandIn(workspace, certificate=certificate) as standin:
            url, port = f"sqlite:///{self._folder / f'first-{scheme}-{latency}.db'}", free_port()
            settings = {**environment(workspace, url, port), **(environ or {})}
            with running(["faultdesk", "run"], settings, port) as process:
                standin.connect(bot_url=f"http://127.0.0.1:{port}/slack/events")
                time.sleep(1)  # people have been loaded from Slack
                before = processor_seconds(process.pid)
                shown = [_visible_after(standin, latency) for _ in range(REPORTS)]
                processor = processor_seconds(process.pid) - before
        submitted, answered = (statistics.median(times) * 1000 for times in zip(*shown, strict=True))
        print(
            f"first message over {scheme} at {latency * 1000:.0f} ms per call: {submitted:.0f} ms after the "
            f"submission, {answered:.0f} ms after its answer (≤ {latency * 1000 + 15:.0f}); "
            f"{1000 * processor / REPORTS:.0f} ms of processor time for each report"
        )


def _poster(workspace: Workspace) -> Post:
    client = WebClient(token=workspace.bot_token, base_url=f"{workspace.base_url}/api/")
    channel = str(client.conversations_open(users="U0WU")["channel"]["id"])
    return lambda: (channel, str(client.chat_postMessage(channel=channel, text="A reminder")["ts"]))


def _visible_after(standin: StandIn, latency: float) -> tuple[float, float]:
    """Return the seconds until the case appears in the channel, from the submission and from its answer."""
    workspace, person = standin.workspace, standin.person("U0CHEN")
    person.command("/fault")
    person.opened("report")
    person.fill(**submissions.REPORT)
    time.sleep(1.2)  # Slack takes one message a second in a channel
    workspace.failures.slow(latency)
    before = len(workspace.history("C0DESK"))
    started = time.perf_counter()
    assert person.submit().closed
    answered = time.perf_counter()
    workspace.wait_until(lambda: len(workspace.history("C0DESK")) > before, 10)
    visible = time.perf_counter()
    workspace.failures.clear()
    return visible - started, visible - answered


def _pressed(port: int, secret: str, bodies: Sequence[str]) -> tuple[Figures, Figures]:
    return load(port, secret, bodies[:ONE_BY_ONE], 1, PAUSE_SECONDS), load(port, secret, bodies[ONE_BY_ONE:], CLIENTS)


def _bodies(values: Sequence[dict[str, int]]) -> list[str]:
    return [press("acknowledge", "U0WU", value, f"{number}.1.a") for number, value in enumerate(values)]


def _table(*rows: tuple[Figures, Figures]) -> None:
    print(f"{'':28}{'median':>9}{'p99':>9}{'32 clients':>12}")
    for name, (single, many) in zip(("ack only", "INSERT+COMMIT", "acknowledge"), rows, strict=True):
        print(f"{name:28}{single.median * 1000:7.2f}ms{single.p99 * 1000:7.2f}ms{many.rate:10.0f}/s")
    _ack, insert, ours = rows
    print(f"acknowledged after {ours[0].median / insert[0].median:.2f} × INSERT+COMMIT (≤ 2)")
    print(f"{ours[1].rate / insert[1].rate:.2f} × its requests per second at {CLIENTS} clients (≥ 0.3)")


if __name__ == "__main__":
    main()
